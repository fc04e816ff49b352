// The local store of a browser: an append-only file of encrypted batches in two slots (design section 4, S21).
//
//   file   := header record*
//   header := "STGRLOG1" generation:u64 file id:16          (big-endian)
//   record := size:u32 nonce:12 AES-256-GCM(batch)          additional data: header, record number:u64
//
// Record 0 is the whole store at the moment the file was begun. A batch counts when its record was written and flushed; a record
// cut off at the end was never reported as written and is dropped when the file is opened. Anything else that does not decrypt is
// damage, which is said and never repaired by forgetting. The additional data ties every record to its file and its place, so
// that records cannot be moved, repeated or taken from an older file.
//
// Compaction writes the next generation into the other slot, flushes, and only then empties the old one: at every instant at
// least one slot holds everything. Not safe for concurrent calls: the core has one batch under way at a time.

// The part of FileSystemSyncAccessHandle that is used; tests have one in memory.
export interface SyncFile {
  getSize(): number;
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
}

export class StoreCorrupt extends Error {
  override readonly name = 'store_corrupt';
}

const MAGIC = new TextEncoder().encode('STGRLOG1');
const HEADER_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const RECORD_OVERHEAD = 4 + NONCE_BYTES;
// One record: a larger one is not read. A batch holds at most one gateway frame's worth of changes, a snapshot the whole store.
const MAX_RECORD_BYTES = 512 * 1024 * 1024;
// Compact when the file is this much larger than its snapshot was: rewriting then costs less than it saves at the next start.
const COMPACT_FACTOR = 4;
const COMPACT_MIN_BYTES = 4 * 1024 * 1024;

interface Opened {
  header: Uint8Array;
  generation: bigint;
  batches: Uint8Array[];
  end: number;
  snapshotBytes: number;
}

export class EncryptedLog {
  private constructor(
    private readonly slots: readonly [SyncFile, SyncFile],
    private readonly key: CryptoKey,
    private current: 0 | 1,
    private header: Uint8Array,
    private generation: bigint,
    private records: bigint,
    private end: number,
    private snapshotBytes: number,
  ) {}

  // Opens what the slots hold, or begins with `empty` (an encoded empty store). Gives the batches to apply, oldest first.
  static async open(slots: readonly [SyncFile, SyncFile], key: CryptoKey,
                    empty: Uint8Array): Promise<{ log: EncryptedLog; batches: Uint8Array[] }> {
    const headers = slots.map(readHeader);
    const order = ([0, 1] as const).filter((slot) => headers[slot]).sort((a, b) => (headers[a]!.generation < headers[b]!.generation ? 1 : -1));
    for (const slot of order) {
      const opened = await readAll(slots[slot], key, headers[slot]!);
      if (!opened) continue; // its snapshot was never finished: the other slot still holds everything
      const log = new EncryptedLog(slots, key, slot, opened.header, opened.generation, BigInt(opened.batches.length), opened.end,
                                   opened.snapshotBytes);
      if (slots[slot].getSize() > opened.end) cut(slots[slot], opened.end);
      log.emptyOther();
      return { log, batches: opened.batches };
    }
    // Nothing readable. That is a fresh store only if no finished first record can be there: it is the first thing ever flushed.
    if (slots.some(hasWholeRecord)) throw new StoreCorrupt('no slot decrypts');
    const log = new EncryptedLog(slots, key, 1, new Uint8Array(0), 0n, 0n, 0, 0);
    await log.rewrite(empty);
    return { log, batches: [empty] };
  }

  // On disk when it resolves. Rejects when the file could not be written; the file then ends where it did before.
  async append(batch: Uint8Array): Promise<void> {
    const record = await seal(this.key, this.header, this.records, batch);
    const file = this.slots[this.current];
    try {
      writeAll(file, record, this.end);
      file.flush();
    } catch (error) {
      cut(file, this.end);
      throw error;
    }
    this.end += record.length;
    this.records += 1n;
  }

  get wantsCompaction(): boolean {
    return this.end > COMPACT_MIN_BYTES && this.end > COMPACT_FACTOR * this.snapshotBytes;
  }

  // Everything in the current file again, for a compaction.
  async readBack(): Promise<Uint8Array[]> {
    const file = this.slots[this.current];
    const opened = await readAll(file, this.key, { header: this.header, generation: this.generation });
    if (!opened || opened.end !== this.end) throw new StoreCorrupt('the file changed under us');
    return opened.batches;
  }

  // Begins the next generation with `snapshot` as its whole content.
  async rewrite(snapshot: Uint8Array): Promise<void> {
    const slot = this.current === 0 ? 1 : 0;
    const generation = this.generation + 1n;
    const header = newHeader(generation);
    const record = await seal(this.key, header, 0n, snapshot);
    const file = this.slots[slot];
    file.truncate(0);
    writeAll(file, header, 0);
    writeAll(file, record, HEADER_BYTES);
    file.flush();
    this.current = slot;
    this.generation = generation;
    this.header = header;
    this.records = 1n;
    this.end = HEADER_BYTES + record.length;
    this.snapshotBytes = this.end;
    this.emptyOther();
  }

  // Before the first append of a new generation, so that an older file can never pass for the newest.
  private emptyOther(): void {
    const other = this.slots[this.current === 0 ? 1 : 0];
    if (other.getSize() > 0) cut(other, 0);
  }
}

function readHeader(file: SyncFile): { header: Uint8Array; generation: bigint } | null {
  const header = new Uint8Array(HEADER_BYTES);
  if (file.getSize() < HEADER_BYTES || file.read(header, { at: 0 }) !== HEADER_BYTES) return null;
  if (!MAGIC.every((byte, i) => header[i] === byte)) return null;
  return { header, generation: new DataView(header.buffer).getBigUint64(MAGIC.length) };
}

function newHeader(generation: bigint): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  new DataView(header.buffer).setBigUint64(MAGIC.length, generation);
  crypto.getRandomValues(header.subarray(MAGIC.length + 8));
  return header;
}

function recordSize(file: SyncFile, at: number): number | null {
  const size = new Uint8Array(4);
  if (file.read(size, { at }) !== 4) return null;
  return new DataView(size.buffer).getUint32(0);
}

function hasWholeRecord(file: SyncFile): boolean {
  const size = recordSize(file, HEADER_BYTES);
  return size !== null && file.getSize() >= HEADER_BYTES + RECORD_OVERHEAD + size && size >= TAG_BYTES;
}

// Null when record 0 is not whole or does not decrypt. Throws when a later one that is followed by more does not decrypt.
async function readAll(file: SyncFile, key: CryptoKey,
                       { header, generation }: { header: Uint8Array; generation: bigint }): Promise<Opened | null> {
  const total = file.getSize();
  const batches: Uint8Array[] = [];
  let at = HEADER_BYTES;
  let snapshotBytes = 0;
  while (at < total) {
    const size = recordSize(file, at);
    const next = size === null ? total + 1 : at + RECORD_OVERHEAD + size;
    let batch: Uint8Array | null = null;
    if (size !== null && size >= TAG_BYTES && size <= MAX_RECORD_BYTES && next <= total) {
      const record = new Uint8Array(NONCE_BYTES + size);
      if (file.read(record, { at: at + 4 }) === record.length) batch = await unseal(key, header, BigInt(batches.length), record);
    }
    if (!batch) {
      if (batches.length === 0) return null;
      if (next < total) throw new StoreCorrupt(`record ${batches.length} does not decrypt`);
      break; // the torn end of a batch that was never reported as written
    }
    batches.push(batch);
    at = next;
    if (batches.length === 1) snapshotBytes = at;
  }
  return batches.length === 0 ? null : { header, generation, batches, end: at, snapshotBytes };
}

function additionalData(header: Uint8Array, record: bigint): Uint8Array {
  const data = new Uint8Array(HEADER_BYTES + 8);
  data.set(header);
  new DataView(data.buffer).setBigUint64(HEADER_BYTES, record);
  return data;
}

async function seal(key: CryptoKey, header: Uint8Array, record: bigint, batch: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: additionalData(header, record) as BufferSource }, key, batch as BufferSource));
  const out = new Uint8Array(RECORD_OVERHEAD + sealed.length);
  new DataView(out.buffer).setUint32(0, sealed.length);
  out.set(nonce, 4);
  out.set(sealed, RECORD_OVERHEAD);
  return out;
}

async function unseal(key: CryptoKey, header: Uint8Array, record: bigint, bytes: Uint8Array): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, NONCE_BYTES) as BufferSource,
        additionalData: additionalData(header, record) as BufferSource },
      key, bytes.subarray(NONCE_BYTES) as BufferSource));
  } catch {
    return null;
  }
}

function writeAll(file: SyncFile, bytes: Uint8Array, at: number): void {
  // A short write is how some browsers report a full disk.
  if (file.write(bytes, { at }) !== bytes.length) throw new Error('local_storage');
}

function cut(file: SyncFile, size: number): void {
  file.truncate(size);
  file.flush();
}
