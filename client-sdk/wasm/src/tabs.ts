// Several tabs, one device (design section 6): OPFS handles exist only in a dedicated worker, so the worker of one tab holds a Web
// Lock and owns the device; the workers of the others pass everything on to it over a BroadcastChannel. When the owner's tab is gone
// the lock goes to another, and every page asks again what had no answer.
//
// Every message says the version of this protocol. Tabs of another version of the page are told apart by it and never half
// understood; whatever is no message at all is passed over. Only pages of this origin can speak here (S25 says what that is worth).
import type { FromWorker } from './messages';

export const TABS_CHANNEL = 'steiger-device';
const PROTOCOL = 1;
// What one tab may hand to another. Requests are bounded by the core (kMaxRequestBytes); this only keeps nonsense away from it.
const MAX_BYTES = 1024 * 1024;
const MAX_TEXT = 1000;
// An owner that says nothing for so long is asleep (a phone freezes tabs in the background) or opening a large store.
export const PATIENCE_MS = 3000;

type ToOwner = { kind: 'hello' } | { kind: 'request'; request: Uint8Array } | { kind: 'forget' };
type FromOwner = { kind: 'owner' } | { kind: 'event'; event: Uint8Array } | { kind: 'fatal'; name: string; detail: string } | { kind: 'forgotten' };
export type TabMessage = ToOwner | FromOwner;

type Post = (message: unknown) => void;
type Say = (message: FromWorker) => void;

const post = (channel: Post, message: TabMessage): void => channel({ protocol: PROTOCOL, ...message });

// Null: no message. 'other version': one that this version must not try to read.
export function readTabMessage(data: unknown): TabMessage | 'other version' | null {
  if (typeof data !== 'object' || data === null) return null;
  const message = data as Record<string, unknown>;
  if (typeof message['protocol'] !== 'number') return null;
  if (message['protocol'] !== PROTOCOL) return 'other version';
  const bytes = (field: string): Uint8Array | null => {
    const value = message[field];
    return value instanceof Uint8Array && value.length <= MAX_BYTES ? value : null;
  };
  switch (message['kind']) {
    case 'hello': case 'forget': case 'owner': case 'forgotten': return { kind: message['kind'] };
    case 'request': { const request = bytes('request'); return request && { kind: 'request', request }; }
    case 'event': { const event = bytes('event'); return event && { kind: 'event', event }; }
    case 'fatal': {
      const { name, detail } = message;
      if (typeof name !== 'string' || typeof detail !== 'string' || name.length + detail.length > MAX_TEXT) return null;
      return { kind: 'fatal', name, detail };
    }
    default: return null;
  }
}

// A worker without the lock.
export class Follower {
  private connected = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly channel: Post, private readonly say: Say) {}

  start(): void {
    this.hello();
  }
  request(request: Uint8Array): void {
    if (!this.connected) return;
    post(this.channel, { kind: 'request', request });
    this.wait();
  }
  forget(): void {
    post(this.channel, { kind: 'forget' });
    if (this.connected) this.say({ kind: 'elsewhere' }); // an owner whose store works erases it only for its own page
  }
  hear(data: unknown): void {
    const message = readTabMessage(data);
    if (message === null) return;
    if (message === 'other version') {
      // Maybe the owner. hello() goes on asking: once that tab is gone, another may answer.
      if (!this.connected) this.say({ kind: 'elsewhere' });
      return;
    }
    switch (message.kind) {
      case 'owner':
        this.alive();
        this.connected = true;
        this.say({ kind: 'connected' });
        break;
      case 'event':
        if (!this.connected) break;
        this.alive();
        this.say(message);
        break;
      case 'fatal':
        this.alive();
        this.connected = false;
        this.say(message);
        break;
      case 'forgotten': this.say(message); break;
      case 'hello': case 'request': case 'forget': break; // for the owner
    }
  }
  stop(): void {
    this.alive();
    this.connected = false;
  }

  private hello(): void {
    post(this.channel, { kind: 'hello' });
    this.wait();
  }
  private wait(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.connected = false;
      this.say({ kind: 'elsewhere' });
      this.hello();
    }, PATIENCE_MS);
  }
  private alive(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

// The worker with the lock. Everything goes to its own page and to the other tabs alike.
export class Owner {
  private state: FromOwner | null = null; // what a newcomer is answered; null: still opening
  private handle: ((request: Uint8Array) => void) | null = null;

  constructor(private readonly channel: Post, private readonly say: Say, private readonly forget: () => void) {}

  ready(handle: (request: Uint8Array) => void): void {
    this.handle = handle;
    this.state = { kind: 'owner' };
    this.say({ kind: 'connected' });
    post(this.channel, this.state);
  }
  event(event: Uint8Array): void {
    post(this.channel, { kind: 'event', event });
    this.say({ kind: 'event', event });
  }
  fatal(name: string, detail: string): void {
    this.handle = null;
    this.tell({ kind: 'fatal', name, detail: detail.slice(0, MAX_TEXT - name.length) });
  }
  forgotten(): void {
    this.tell({ kind: 'forgotten' });
  }
  // Of the owner's own page.
  request(request: Uint8Array): void {
    this.handle?.(request);
  }
  hear(data: unknown): void {
    const message = readTabMessage(data);
    if (message === null) return;
    // A tab of another version learns from the number in the answer that it cannot talk to this one.
    if (message === 'other version' || message.kind === 'hello') {
      if (this.state) post(this.channel, message === 'other version' ? { kind: 'owner' } : this.state);
    } else if (message.kind === 'request') {
      this.handle?.(message.request);
    } else if (message.kind === 'forget') {
      if (!this.handle) this.forget(); // never a store that works
    }
  }

  private tell(message: Extract<FromOwner, { kind: 'fatal' | 'forgotten' }>): void {
    this.state = message;
    post(this.channel, message);
    this.say(message);
  }
}
