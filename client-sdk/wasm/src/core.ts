// The C++ core as JavaScript sees it: the calls of bridge.cpp, and the events it takes.
import createSteigerCore from 'steiger_core';

import { decodeEffects, type Effect } from './effects';

export type { Effect };

// The numbers of EventKind in bridge.cpp.
const CONNECTED = 1, DISCONNECTED = 2, FRAME = 3, COMMITTED = 4, COMMIT_FAILED = 5, TIMER = 6, REQUEST = 7;

export type CoreEvent =
  | { kind: 'connected' | 'disconnected' | 'text_frame' | 'timer' }
  | { kind: 'frame' | 'request'; bytes: Uint8Array }
  | { kind: 'committed' | 'commit_failed'; token: number };

export interface Module {
  HEAPU8: Uint8Array;
  UTF8ToString(pointer: number): string;
  _steiger_alloc(size: number): number;
  _steiger_output(): number;
  _steiger_output_size(): number;
  _steiger_error_name(): number;
  _steiger_load(data: number, size: number): number;
  _steiger_dump(keep: number): void;
  _steiger_open(): number;
  _steiger_start(now: number): void;
  _steiger_handle(now: number, kind: number, token: number, data: number, size: number): void;
}

// An error of the core, by its stable name (store_corrupt, store_format, ...).
export class CoreError extends Error {
  constructor(override readonly name: string) {
    super(name);
  }
}

export class WasmCore {
  private constructor(private readonly module: Module) {}

  static async load(wasm: ArrayBuffer): Promise<WasmCore> {
    return new WasmCore(await createSteigerCore({ wasmBinary: wasm }) as Module);
  }

  // Collects a stored batch, before open() or for dump().
  loadBatch(batch: Uint8Array): void {
    this.check(this.module._steiger_load(...this.hand(batch)));
  }
  // What was collected, as one batch. Unless `keep`, it is forgotten.
  dump(keep: boolean): Uint8Array {
    this.module._steiger_dump(keep ? 1 : 0);
    return this.output();
  }
  open(): void {
    this.check(this.module._steiger_open());
  }
  start(now: number): Effect[] {
    this.module._steiger_start(now);
    return this.effects();
  }
  handle(now: number, event: CoreEvent): Effect[] {
    const bytes = 'bytes' in event ? event.bytes : new Uint8Array(0);
    const [data, size] = this.hand(bytes);
    this.module._steiger_handle(now, kindNumber(event), tokenNumber(event), data, size);
    return this.effects();
  }

  private hand(bytes: Uint8Array): [number, number] {
    const pointer = this.module._steiger_alloc(bytes.length);
    if (pointer === 0) throw new CoreError('out_of_memory');
    this.module.HEAPU8.set(bytes, pointer); // after the allocation: it may have replaced HEAPU8
    return [pointer, bytes.length];
  }
  private effects(): Effect[] {
    const bytes = this.output();
    const effects = decodeEffects(bytes);
    bytes.fill(0); // it held a batch of the store
    return effects;
  }
  private output(): Uint8Array {
    const start = this.module._steiger_output();
    return this.module.HEAPU8.slice(start, start + this.module._steiger_output_size());
  }
  private check(code: number): void {
    if (code !== 0) throw new CoreError(this.module.UTF8ToString(this.module._steiger_error_name()));
  }
}

function kindNumber(event: CoreEvent): number {
  switch (event.kind) {
    case 'connected': return CONNECTED;
    case 'disconnected': case 'text_frame': return DISCONNECTED;
    case 'frame': return FRAME;
    case 'committed': return COMMITTED;
    case 'commit_failed': return COMMIT_FAILED;
    case 'timer': return TIMER;
    case 'request': return REQUEST;
  }
}

function tokenNumber(event: CoreEvent): number {
  if ('token' in event) return event.token;
  return event.kind === 'text_frame' ? 1 : 0;
}
