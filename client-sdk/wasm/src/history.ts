// The history part of the store: a file of encrypted batches that is appended to, in two slots.
//
//   file   := magic:8 generation:u64 file id:16  record*         (big-endian; record: files.ts)
//   a record's context := the file's header, its number:u64
//
// The context ties every record to its file and its place, so that records cannot be moved, repeated or taken from an older file.
// How much of a file counts stands in the head (encrypted_store.ts) and nowhere else: what lies behind that was never reported as
// written and is cut off, whatever it looks like; what lies before it and does not decrypt is damage.
import { StoreCorrupt, cut, other, seal, unseal, writeAll, type Slots, type SyncFile } from './files';

const MAGIC = new TextEncoder().encode('STGRHIS1');
const GENERATION_AT = MAGIC.length;
const HEADER_BYTES = 32;

// How much of which file counts. Generation 0: there is no file yet.
export interface Position {
  readonly generation: bigint;
  readonly records: bigint;
  readonly end: number;
}
export const NOTHING: Position = { generation: 0n, records: 0n, end: 0 };

export class History {
  private before: { current: 0 | 1; header: Uint8Array }; // when the last begin() began

  private constructor(private readonly slots: Slots, private readonly key: CryptoKey, private current: 0 | 1,
                      private header: Uint8Array) {
    this.before = { current, header };
  }

  // The file of this position and its batches, oldest first. Throws StoreCorrupt.
  static async open(slots: Slots, key: CryptoKey, position: Position): Promise<{ history: History; batches: Uint8Array[] }> {
    if (position.generation === 0n) return { history: new History(slots, key, 1, new Uint8Array(0)), batches: [] };
    for (const slot of [0, 1] as const) {
      const header = readHeader(slots[slot]);
      if (!header || generationOf(header) !== position.generation) continue;
      const history = new History(slots, key, slot, header);
      return { history, batches: await history.read(position) };
    }
    throw new StoreCorrupt('the history is missing');
  }

  // Throws StoreCorrupt when a record that counts cannot be read.
  async read(position: Position): Promise<Uint8Array[]> {
    const batches: Uint8Array[] = [];
    let at = HEADER_BYTES;
    for (let number = 0n; number < position.records; ++number) {
      const record = await unseal(this.slots[this.current], at, this.key, context(this.header, number));
      if (!record) throw new StoreCorrupt(`record ${number} does not decrypt`);
      batches.push(record.content);
      at = record.end;
    }
    if (at !== position.end) throw new StoreCorrupt('the history ends elsewhere');
    return batches;
  }

  // On disk when it resolves; counts from the moment that a head with the returned position does.
  async append(position: Position, batch: Uint8Array): Promise<Position> {
    if (position.generation === 0n) return this.begin(position, batch);
    const record = await seal(this.key, context(this.header, position.records), batch);
    const file = this.slots[this.current];
    writeAll(file, record, position.end);
    file.flush();
    return { ...position, records: position.records + 1n, end: position.end + record.length };
  }

  // A new file in the other slot that holds only this. The present one stays until dropOthers().
  async begin(position: Position, batch: Uint8Array): Promise<Position> {
    this.before = { current: this.current, header: this.header };
    const generation = position.generation + 1n;
    const header = newHeader(generation);
    const record = await seal(this.key, context(header, 0n), batch);
    const file = this.slots[other(this.current)];
    file.truncate(0);
    writeAll(file, header, 0);
    writeAll(file, record, HEADER_BYTES);
    file.flush();
    this.header = header;
    this.current = other(this.current);
    return { generation, records: 1n, end: HEADER_BYTES + record.length };
  }

  // Back to the file of before begin(), when that failed or its head could not be written.
  undoBegin(): void {
    this.current = this.before.current;
    this.header = this.before.header;
  }

  // Erases everything that does not count at this position. Throws when the disk does not take it.
  dropRest(position: Position): void {
    if (position.generation !== 0n) cut(this.slots[this.current], position.end);
    else cut(this.slots[this.current], 0);
    cut(this.slots[other(this.current)], 0);
  }
}

function readHeader(file: SyncFile): Uint8Array | null {
  const header = new Uint8Array(HEADER_BYTES);
  if (file.read(header, { at: 0 }) !== HEADER_BYTES) return null;
  return MAGIC.every((byte, i) => header[i] === byte) ? header : null;
}

function generationOf(header: Uint8Array): bigint {
  return new DataView(header.buffer).getBigUint64(GENERATION_AT);
}

function newHeader(generation: bigint): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  new DataView(header.buffer).setBigUint64(GENERATION_AT, generation);
  crypto.getRandomValues(header.subarray(GENERATION_AT + 8));
  return header;
}

function context(header: Uint8Array, record: bigint): Uint8Array {
  const data = new Uint8Array(HEADER_BYTES + 8);
  data.set(header);
  new DataView(data.buffer).setBigUint64(HEADER_BYTES, record);
  return data;
}
