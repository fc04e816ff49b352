// What page.test.mjs looks at, in one bundle.
import * as flatbuffers from 'flatbuffers';
import * as generated from 'api';

export { decodeEvent, encodeRequest } from '../src/client';
export { decodeEffects } from '../src/effects';
export { Conversation } from '../../apps/web/conversation';
export { memberLine, noticeLine, questionLines } from '../../apps/web/people';
export { catalogues, currentLanguage, keyFor, say, setLanguage } from '../../apps/web/texts';
export { Follower, Owner, PATIENCE_MS, readTabMessage } from '../src/tabs';
export { SteigerClient } from '../src/client';
export const api = { ...generated, ByteBuffer: flatbuffers.ByteBuffer, Builder: flatbuffers.Builder };
