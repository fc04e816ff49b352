// The TypeScript face of the SDK: requests as promises, everything else as events. The types are generated from
// client-sdk/schema/client_api.fbs.
import * as flatbuffers from 'flatbuffers';
import * as api from 'api';

import type { FromWorker, ToWorker } from './messages';

export { api };

const FILE_IDENTIFIER = 'STA1'; // of client_api.fbs; the core refuses anything else

export type Answer = NonNullable<api.EventT['body']>;
type Body = NonNullable<api.RequestT['body']>;

// The core refused a request: `name` is stable, and a key of the message catalogue.
export class RequestFailed extends Error {
  constructor(override readonly name: string, readonly retryable: boolean) {
    super(name);
  }
}

export interface Listener {
  event(body: Answer): void; // asked for or not
  elsewhere(): void;
  opening(): void;
  fatal(name: string, detail: string): void;
}

const bodyTypes: readonly [new (...args: never[]) => Body, api.RequestBody][] = [
  [api.PrepareStaffT, api.RequestBody.PrepareStaff], [api.InstallCertificateT, api.RequestBody.InstallCertificate],
  [api.MakeInviteT, api.RequestBody.MakeInvite], [api.ConfirmInviteT, api.RequestBody.ConfirmInvite],
  [api.RefuseInviteT, api.RequestBody.RefuseInvite], [api.CancelInviteT, api.RequestBody.CancelInvite],
  [api.ListInvitesT, api.RequestBody.ListInvites], [api.JoinT, api.RequestBody.Join], [api.SendTextT, api.RequestBody.SendText],
  [api.MarkReadT, api.RequestBody.MarkRead], [api.ListChannelsT, api.RequestBody.ListChannels],
  [api.ListMessagesT, api.RequestBody.ListMessages], [api.ChangeSettingsT, api.RequestBody.ChangeSettings],
  [api.GetStatusT, api.RequestBody.GetStatus],
];

export function encodeRequest(id: bigint, body: Body): Uint8Array {
  const found = bodyTypes.find(([type]) => body instanceof type);
  if (!found) throw new TypeError('not a request of the client API');
  const builder = new flatbuffers.Builder(256);
  builder.finish(new api.RequestT(id, found[1], body).pack(builder), FILE_IDENTIFIER);
  return builder.asUint8Array();
}

// Null when the bytes hold a kind of a later version.
export function decodeEvent(bytes: Uint8Array): { request: bigint; body: Answer } | null {
  const event = api.Event.getRootAsEvent(new flatbuffers.ByteBuffer(bytes)).unpack();
  return event.body === null ? null : { request: event.request, body: event.body };
}

export class SteigerClient {
  private next = 1n;
  private readonly waiting = new Map<bigint, { resolve(answer: Answer): void; reject(error: RequestFailed): void }>();

  constructor(private readonly worker: Worker, private readonly listener: Listener) {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
    worker.onerror = (event) => listener.fatal('internal', event.message);
  }

  // Resolves with the answer of the same id, rejects with RequestFailed.
  request(body: Body): Promise<Answer> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.say({ kind: 'request', request: encodeRequest(id, body) });
    });
  }

  // Erases this device's store; offered only when it cannot be read. Resolves when the page may be loaded again.
  forget(): Promise<void> {
    return new Promise((resolve) => {
      this.forgotten = resolve;
      this.say({ kind: 'forget' });
    });
  }
  private forgotten: () => void = () => undefined;

  private say(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private hear(message: FromWorker): void {
    switch (message.kind) {
      case 'opening': this.listener.opening(); break;
      case 'elsewhere': this.listener.elsewhere(); break;
      case 'fatal': this.listener.fatal(message.name, message.detail); break;
      case 'forgotten': this.forgotten(); break;
      case 'event': this.dispatch(decodeEvent(message.event)); break;
    }
  }

  private dispatch(event: { request: bigint; body: Answer } | null): void {
    if (!event) return;
    const asked = this.waiting.get(event.request);
    if (asked) {
      this.waiting.delete(event.request);
      if (event.body instanceof api.FailedT) asked.reject(new RequestFailed(text(event.body.name), event.body.retryable));
      else asked.resolve(event.body);
    }
    this.listener.event(event.body);
  }
}

// FlatBuffers strings may come as bytes or be absent.
export function text(value: string | Uint8Array | null): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : new TextDecoder().decode(value);
}

export function hex(bytes: readonly number[] | Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
