// The local store of a browser: a small head that is written anew with every batch, and a history that is appended to (parts.h
// says what lies where and why; design section 4, S21).
//
//   head file    := magic:8 number:u64  record                       (big-endian; record: files.ts; context: magic and number)
//   its content  := history generation:u64 records:u64 end:u64  batch  (the whole head, batch.h)
//
// A batch counts from the moment that its head is on disk. Its changes of the history are written and flushed before that; the head
// names how much of the history counts. The head goes into the slot that the last one does not use, and then the last one is
// emptied: at every instant one head is whole, and what a batch erased stands in no file that is still there. Erased means: cut off
// and flushed. What flash memory keeps of it beneath the file system no page can say (S21).
//
// Compaction begins a new history file with a snapshot: at every open, after a batch that erases from the history, and when the file
// has grown. It is no part of a batch: when it fails, the batch stands and it is tried again later.
//
// Not safe for concurrent calls: whoever uses it lets one call end before the next.
import { StoreCorrupt, cut, other, seal, tryCut, unseal, writeAll, type Slots, type SyncFile } from './files';
import { History, NOTHING, type Position } from './history';

const MAGIC = new TextEncoder().encode('STGRHED1');
const NUMBER_AT = MAGIC.length;
const HEADER_BYTES = 16;
const POSITION_BYTES = 24;
// Compact when the history is this much larger than it was right after the last time: rewriting then costs less than it saves at
// the next start.
const COMPACT_FACTOR = 4;
const COMPACT_MIN_BYTES = 4 * 1024 * 1024;
// After a failed compaction (a disk without room for a second copy) so many batches go by before the next try.
const COMPACT_RETRY_BATCHES = 32;

export interface Batch {
  head: Uint8Array; // all of it
  history: Uint8Array; // what is appended; no bytes: nothing
  forgets: boolean; // erases something from the history
}

interface Head {
  slot: 0 | 1;
  number: bigint;
  position: Position;
  content: Uint8Array;
}

export class EncryptedStore {
  private uncertain = false; // the slot for the next head may hold one of a batch that was reported as failed
  private mustCompact = false;
  private retryIn = 0;
  private compactEnd: number;

  private constructor(private readonly heads: Slots, private readonly key: CryptoKey, private readonly history: History,
                      private slot: 0 | 1, private number: bigint, private position: Position) {
    this.compactEnd = position.end;
  }

  // Opens what the files hold, or begins with `empty` (an encoded empty store). Gives the batches to apply, oldest first; the head
  // is the last of them. Throws StoreCorrupt, and then nothing was changed.
  static async open(heads: Slots, histories: Slots, key: CryptoKey,
                    empty: Uint8Array): Promise<{ store: EncryptedStore; head: Uint8Array; batches: Uint8Array[] }> {
    const found = (await Promise.all([readHead(heads, 0, key), readHead(heads, 1, key)])).filter((head) => head !== null);
    const newest = found.sort((a, b) => (a.number < b.number ? 1 : -1))[0];
    if (!newest) {
      // Only the very first head can be missing after a crash, and nothing is written to the history before it.
      if (!heads.every(neverFinished) || histories.some((file) => file.getSize() > 0)) throw new StoreCorrupt('no head decrypts');
      for (const file of heads) cut(file, 0);
      const { history } = await History.open(histories, key, NOTHING);
      const store = new EncryptedStore(heads, key, history, 1, 0n, NOTHING);
      await store.writeHead(empty, NOTHING);
      return { store, head: empty, batches: [] };
    }
    const { history, batches } = await History.open(histories, key, newest.position);
    const store = new EncryptedStore(heads, key, history, newest.slot, newest.number, newest.position);
    cut(heads[other(newest.slot)], 0);
    history.dropRest(newest.position);
    store.mustCompact = batches.length > 1;
    return { store, head: newest.content, batches };
  }

  // On disk when it resolves. When it rejects nothing counts that it wrote, unless the very disk that failed kept it; then it
  // counts after the next opening (which client-sdk/src/ports.h allows for).
  async commit(batch: Batch): Promise<void> {
    this.settle();
    let position = this.position;
    try {
      if (batch.history.length > 0) position = await this.history.append(position, batch.history);
      await this.writeHead(batch.head, position);
    } catch (error) {
      if (this.position.generation === 0n) this.history.undoBegin();
      if (!this.uncertain) tryCutRest(this.history, this.position);
      throw error;
    }
    if (batch.forgets) this.mustCompact = true;
    if (this.retryIn > 0) --this.retryIn;
  }

  get wantsCompaction(): boolean {
    if (this.position.generation === 0n || this.retryIn > 0) return false;
    return this.mustCompact || (this.position.end > COMPACT_MIN_BYTES && this.position.end > COMPACT_FACTOR * this.compactEnd);
  }

  // The batches of the history, for a compaction.
  readHistory(): Promise<Uint8Array[]> {
    return this.history.read(this.position);
  }

  // Begins a new history file with `snapshot` as its whole content, under the head as it was last committed. Rejects when the disk
  // has no room for it; everything is as it was then.
  async compact(head: Uint8Array, snapshot: Uint8Array): Promise<void> {
    const before = this.position;
    this.retryIn = COMPACT_RETRY_BATCHES;
    this.settle();
    try {
      await this.writeHead(head, await this.history.begin(before, snapshot));
    } catch (error) {
      this.history.undoBegin();
      if (!this.uncertain) tryCutRest(this.history, before);
      throw error;
    }
    tryCutRest(this.history, this.position);
    this.mustCompact = false;
    this.retryIn = 0;
    this.compactEnd = this.position.end;
  }

  // What a failed write may have left must be gone before anything is written that it could be taken together with.
  private settle(): void {
    if (!this.uncertain) return;
    cut(this.heads[other(this.slot)], 0);
    this.uncertain = false;
  }

  private async writeHead(content: Uint8Array, position: Position): Promise<void> {
    const number = this.number + 1n, slot = other(this.slot), file = this.heads[slot];
    const header = headerOf(number);
    const plain = new Uint8Array(POSITION_BYTES + content.length);
    const view = new DataView(plain.buffer);
    view.setBigUint64(0, position.generation);
    view.setBigUint64(8, position.records);
    view.setBigUint64(16, BigInt(position.end));
    plain.set(content, POSITION_BYTES);
    const record = await seal(this.key, header, plain);
    plain.fill(0);
    try {
      file.truncate(0);
      writeAll(file, header, 0);
      writeAll(file, record, HEADER_BYTES);
      file.flush();
    } catch (error) {
      this.uncertain = !tryCut(file, 0);
      throw error;
    }
    const last = this.heads[this.slot];
    this.slot = slot;
    this.number = number;
    this.position = position;
    tryCut(last, 0); // the next head is written there in any case
  }
}

function tryCutRest(history: History, position: Position): void {
  try {
    history.dropRest(position);
  } catch {} // what does not count is written over, or cut at the next opening
}

function headerOf(number: bigint): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  new DataView(header.buffer).setBigUint64(NUMBER_AT, number);
  return header;
}

// Null when there is no whole head of this key in the slot.
async function readHead(slots: Slots, slot: 0 | 1, key: CryptoKey): Promise<Head | null> {
  const header = new Uint8Array(HEADER_BYTES);
  if (slots[slot].read(header, { at: 0 }) !== HEADER_BYTES) return null;
  const record = await unseal(slots[slot], HEADER_BYTES, key, header);
  if (!record || record.content.length < POSITION_BYTES) return null;
  const view = new DataView(record.content.buffer);
  const position = { generation: view.getBigUint64(0), records: view.getBigUint64(8), end: Number(view.getBigUint64(16)) };
  return { slot, number: new DataView(header.buffer).getBigUint64(NUMBER_AT), position, content: record.content.slice(POSITION_BYTES) };
}

// What a crash during the writing of the first head can leave: nothing, a beginning, zeros, or a part of head number 1.
function neverFinished(file: SyncFile): boolean {
  const header = new Uint8Array(HEADER_BYTES);
  if (file.getSize() < HEADER_BYTES || file.read(header, { at: 0 }) !== HEADER_BYTES) return true;
  return headerOf(1n).every((byte, i) => header[i] === 0 || header[i] === byte);
}
