// What the page shows and says, without a browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Conversation, api, decodeEffects, decodeEvent, encodeRequest, nl, say } from '../../../build/web/test/page.mjs';

const folder = new URL('../../apps/web/', import.meta.url);

test('every text that the page asks for exists', () => {
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const app = readFileSync(new URL('app.ts', folder), 'utf8');
  const keys = [...html.matchAll(/data-text="([^"]+)"/g), ...app.matchAll(/say\('([a-z0-9.-]+)'\)/g)].map(([, key]) => key);
  assert.ok(keys.length > 15);
  assert.deepEqual(keys.filter((key) => !(key in nl)), []);
  for (const state of ['waiting', 'accepted', 'delivered', 'read', 'failed']) assert.ok(`state.${state}` in nl, state);
});

test('sentences are short (A2: at most 15 words)', () => {
  for (const [key, text] of Object.entries(nl)) {
    for (const sentence of text.split(/(?<=[.?!])\s/)) assert.ok(sentence.split(/\s+/).length <= 15, `${key}: ${sentence}`);
  }
});

test('an unknown error says its name', () => {
  assert.match(say('error.something_new'), /something_new/);
  assert.match(say('alarm.something_new'), /something_new/);
});

function message(id, seq, state = api.MessageState.received, createdMs = 0n) {
  return new api.MessageT([id], [9], BigInt(seq), [1], 'Noor', false, `text ${id}`, createdMs, 0n, state, false);
}

test('messages stand at their place in the channel, waiting ones at the end, each once', () => {
  const conversation = new Conversation();
  const waiting = api.MessageState.waiting;
  for (const each of [message(5, 0, waiting, 20n), message(4, 0, waiting, 10n), message(2, 2), message(1, 1), message(2, 2)]) {
    conversation.put(each);
  }
  assert.deepEqual(conversation.ordered.map(({ id }) => id), ['01', '02', '04', '05']);
  assert.equal(conversation.put(message(4, 3, api.MessageState.accepted, 10n)), true);
  assert.equal(conversation.put(message(4, 3, api.MessageState.accepted, 10n)), false);
  assert.deepEqual(conversation.ordered.map(({ id }) => id), ['01', '02', '04', '05']);
  assert.equal(conversation.ordered[2].state, api.MessageState.accepted);
});

test('requests and events cross the schema', () => {
  const bytes = encodeRequest(7n, new api.JoinT('link', 'Sam', 'ws://x/'));
  assert.equal(new TextDecoder().decode(bytes.subarray(4, 8)), 'STA1'); // the core refuses a request without it
  const request = api.Request.getRootAsRequest(new api.ByteBuffer(bytes)).unpack();
  assert.equal(request.id, 7n);
  assert.deepEqual(request.body, new api.JoinT('link', 'Sam', 'ws://x/'));
  const builder = new api.Builder();
  builder.finish(new api.EventT(7n, api.EventBody.Done, new api.DoneT()).pack(builder));
  assert.deepEqual(decodeEvent(builder.asUint8Array()), { request: 7n, body: new api.DoneT() });
});

test('effects are read as effects.h writes them (the same bytes as in batch_test.cpp)', () => {
  const hex = '010700000077733a2f2f782f' + '02' + '0302000000aabb' + '040700000000000000' + '0600000001016b010176' + '0c00000001096d6573736167652f6300' + '01' +
    '050807060504030201' + '0601000000cc';
  const effects = decodeEffects(Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16)));
  assert.deepEqual(effects, [
    { kind: 'connect', url: 'ws://x/' }, { kind: 'disconnect' }, { kind: 'send', frame: Uint8Array.of(0xaa, 0xbb) },
    { kind: 'commit', token: 7, head: Uint8Array.of(1, 1, 0x6b, 1, 1, 0x76),
      history: Uint8Array.of(1, 9, ...new TextEncoder().encode('message/c'), 0), forgets: true }, { kind: 'timer', at: Number(0x0102030405060708n) },
    { kind: 'event', event: Uint8Array.of(0xcc) },
  ]);
});
