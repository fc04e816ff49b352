// Carries out the core's effects in a worker and reports back: the rules stand in client-sdk/src/ports.h.
import type { CoreEvent, Effect } from './core';
import type { Batch } from './encrypted_store';

export interface DriverCore {
  start(now: number): Effect[];
  handle(now: number, event: CoreEvent): Effect[];
}
export interface DriverStore {
  commit(batch: Batch): Promise<void>; // on disk when it resolves
}

const SUBPROTOCOL = 'steiger.v1';
const MAX_TIMEOUT_MS = 2 ** 31 - 1; // setTimeout fires at once beyond this

export class Driver {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private stopped = false;

  // `onEvent` gets the bytes of every steiger.api.Event; `onFatal` what the core can not know: that this driver broke.
  constructor(private readonly core: DriverCore, private readonly store: DriverStore,
              private readonly onEvent: (event: Uint8Array) => void, private readonly onFatal: (error: unknown) => void) {}

  start(): void {
    this.run(() => this.core.start(Date.now()));
  }
  // For good: the store is about to be erased.
  stop(): void {
    this.stopped = true;
    this.close();
  }
  request(bytes: Uint8Array): void {
    this.feed({ kind: 'request', bytes });
  }

  private feed(event: CoreEvent): void {
    this.run(() => this.core.handle(Date.now(), event));
  }

  // A trap in the core leaves memory that nothing may be built upon: stop, and let the page reload from disk.
  private run(step: () => Effect[]): void {
    if (this.stopped) return;
    try {
      for (const effect of step()) this.carryOut(effect);
    } catch (error) {
      this.stopped = true;
      this.close();
      this.onFatal(error);
    }
  }

  private carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'connect': this.connect(effect.url); break;
      case 'disconnect': this.close(); break;
      case 'send': this.socket?.send(effect.frame as BufferSource); break;
      case 'commit': this.commit(effect.token, effect); break;
      case 'timer': this.setTimer(effect.at); break;
      case 'event': this.onEvent(effect.event); break;
    }
  }

  private commit(token: number, batch: Batch): void {
    this.store.commit(batch).then(() => this.feed({ kind: 'committed', token }),
                                  () => this.feed({ kind: 'commit_failed', token }));
  }

  private connect(url: string): void {
    this.close();
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, SUBPROTOCOL);
    } catch {
      queueMicrotask(() => this.feed({ kind: 'disconnected' })); // never from inside carryOut: one call at a time
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    const current = (): boolean => this.socket === socket;
    socket.onopen = () => { if (current()) this.feed({ kind: 'connected' }); };
    socket.onmessage = ({ data }) => {
      if (!current()) return;
      if (data instanceof ArrayBuffer) {
        this.feed({ kind: 'frame', bytes: new Uint8Array(data) });
      } else {
        this.close();
        this.feed({ kind: 'text_frame' });
      }
    };
    socket.onclose = () => {
      if (!current()) return;
      this.socket = null;
      this.feed({ kind: 'disconnected' });
    };
  }

  private close(): void {
    const socket = this.socket;
    this.socket = null; // its late events are no longer ours
    socket?.close();
  }

  private setTimer(at: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const wait = at - Date.now();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (Date.now() < at) this.setTimer(at); else this.feed({ kind: 'timer' });
    }, Math.min(Math.max(wait, 0), MAX_TIMEOUT_MS));
  }
}
