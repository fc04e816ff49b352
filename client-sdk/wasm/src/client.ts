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
  event(body: Answer): void; // an answer to this page, or something that every page wants to know
  connected(): void; // requests are answered from now on; what was told before may have missed something
  opening(): void;
  elsewhere(): void;
  fatal(name: string, detail: string): void;
  forgotten(): void;
}

const bodyTypes: readonly [new (...args: never[]) => Body, api.RequestBody][] = [
  [api.PrepareStaffT, api.RequestBody.PrepareStaff], [api.InstallCertificateT, api.RequestBody.InstallCertificate],
  [api.MakeInviteT, api.RequestBody.MakeInvite], [api.ConfirmInviteT, api.RequestBody.ConfirmInvite],
  [api.RefuseInviteT, api.RequestBody.RefuseInvite], [api.CancelInviteT, api.RequestBody.CancelInvite],
  [api.ListInvitesT, api.RequestBody.ListInvites], [api.JoinT, api.RequestBody.Join], [api.SendTextT, api.RequestBody.SendText],
  [api.MarkReadT, api.RequestBody.MarkRead], [api.ListChannelsT, api.RequestBody.ListChannels],
  [api.ListMessagesT, api.RequestBody.ListMessages], [api.ChangeSettingsT, api.RequestBody.ChangeSettings],
  [api.GetStatusT, api.RequestBody.GetStatus], [api.ListDevicesT, api.RequestBody.ListDevices],
  [api.RemoveDeviceT, api.RequestBody.RemoveDevice], [api.RemoveMemberT, api.RequestBody.RemoveMember],
  [api.ListQuestionsT, api.RequestBody.ListQuestions], [api.AnswerQuestionT, api.RequestBody.AnswerQuestion],
  [api.ListNoticesT, api.RequestBody.ListNotices], [api.PublishStandingT, api.RequestBody.PublishStanding],
  [api.OfferHandoverT, api.RequestBody.OfferHandover], [api.DiscloseT, api.RequestBody.Disclose],
  [api.SendAgainT, api.RequestBody.SendAgain],
];

export function encodeRequest(id: bigint, body: Body): Uint8Array {
  const found = bodyTypes.find(([type]) => body instanceof type);
  if (!found) throw new TypeError('not a request of the client API');
  const builder = new flatbuffers.Builder(256);
  builder.finish(new api.RequestT(id, found[1], body).pack(builder), FILE_IDENTIFIER);
  return builder.asUint8Array();
}

// Null when the bytes hold a kind of a later version, or no event: they may come from another tab.
export function decodeEvent(bytes: Uint8Array): { request: bigint; body: Answer } | null {
  try {
    const event = api.Event.getRootAsEvent(new flatbuffers.ByteBuffer(bytes)).unpack();
    return event.body === null ? null : { request: event.request, body: event.body };
  } catch {
    return null;
  }
}

// A message's id, chosen here: asking again cannot make a second message of it.
export function newMessageId(): number[] {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)));
}

// Tabs share the worker that owns the device, so that ids must differ between them: a random half for the tab, then counted.
function firstRequestId(): bigint {
  return (BigInt(crypto.getRandomValues(new Uint32Array(1))[0]!) << 32n) | 1n;
}

// What a page wants to know although another tab asked for it: the change of a message, a conversation, its people or the device.
function isNews(body: Answer): boolean {
  return body instanceof api.MessageT || body instanceof api.ChannelT || body instanceof api.StatusT || body instanceof api.QuestionT ||
    body instanceof api.NoticeT;
}

interface Waiting {
  request: Uint8Array;
  resolve(answer: Answer): void;
  reject(error: RequestFailed): void;
}

export class SteigerClient {
  private next = firstRequestId();
  private readonly waiting = new Map<bigint, Waiting>();

  constructor(private readonly worker: Worker, private readonly listener: Listener) {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
    worker.onerror = (event) => listener.fatal('internal', event.message);
  }

  // Resolves with the answer of the same id, rejects with RequestFailed. Asked again whenever another tab took over the device
  // before it was answered: every request is safe to ask twice, SendText when it names its message.
  request(body: Body): Promise<Answer> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const request = encodeRequest(id, body);
      this.waiting.set(id, { request, resolve, reject });
      this.say({ kind: 'request', request });
    });
  }

  // Erases this device's store; offered when it cannot be read or nothing more can be written. forgotten() tells when.
  forget(): void {
    this.say({ kind: 'forget' });
  }

  private say(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private hear(message: FromWorker): void {
    switch (message.kind) {
      case 'opening': this.listener.opening(); break;
      case 'connected':
        for (const { request } of this.waiting.values()) this.say({ kind: 'request', request });
        this.listener.connected();
        break;
      case 'elsewhere': this.listener.elsewhere(); break;
      case 'fatal': this.listener.fatal(message.name, message.detail); break;
      case 'forgotten': this.listener.forgotten(); break;
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
    if (asked || event.request === 0n || isNews(event.body)) this.listener.event(event.body);
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
