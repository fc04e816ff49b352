// What the parts of the encrypted store share: files as bytes, and sealing of one record.

// The part of FileSystemSyncAccessHandle that is used; tests have one in memory.
export interface SyncFile {
  getSize(): number;
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
}

export type Slots = readonly [SyncFile, SyncFile];

// Damage: said, never repaired by forgetting.
export class StoreCorrupt extends Error {
  override readonly name = 'store_corrupt';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SIZE_BYTES = 4;
// One record: a larger one is not read. A batch holds at most one gateway frame's worth of changes, a snapshot the whole history.
const MAX_RECORD_BYTES = 512 * 1024 * 1024;

// record := size:u32 nonce:12 AES-256-GCM(content), big-endian; `size` is that of the ciphertext with its tag.
export async function seal(key: CryptoKey, context: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: context as BufferSource }, key, content as BufferSource));
  const record = new Uint8Array(SIZE_BYTES + NONCE_BYTES + sealed.length);
  new DataView(record.buffer).setUint32(0, sealed.length);
  record.set(nonce, SIZE_BYTES);
  record.set(sealed, SIZE_BYTES + NONCE_BYTES);
  return record;
}

// The record at this place and where it ends; null when there is none whole, or it was not sealed with this key and context.
export async function unseal(file: SyncFile, at: number, key: CryptoKey,
                             context: Uint8Array): Promise<{ content: Uint8Array; end: number } | null> {
  const prefix = new Uint8Array(SIZE_BYTES);
  if (file.read(prefix, { at }) !== SIZE_BYTES) return null;
  const size = new DataView(prefix.buffer).getUint32(0);
  const end = at + SIZE_BYTES + NONCE_BYTES + size;
  if (size < TAG_BYTES || size > MAX_RECORD_BYTES || end > file.getSize()) return null;
  const record = new Uint8Array(NONCE_BYTES + size);
  if (file.read(record, { at: at + SIZE_BYTES }) !== record.length) return null;
  try {
    const content = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: record.subarray(0, NONCE_BYTES) as BufferSource, additionalData: context as BufferSource },
      key, record.subarray(NONCE_BYTES) as BufferSource);
    return { content: new Uint8Array(content), end };
  } catch {
    return null;
  }
}

export function writeAll(file: SyncFile, bytes: Uint8Array, at: number): void {
  // A short write is how some browsers report a full disk.
  if (file.write(bytes, { at }) !== bytes.length) throw new Error('local_storage');
}

// Cuts, on disk when it returns. Nothing to do is done without touching the disk.
export function cut(file: SyncFile, size: number): void {
  if (file.getSize() <= size) return;
  file.truncate(size);
  file.flush();
}

// The same where a failure does no harm now and is made good later.
export function tryCut(file: SyncFile, size: number): boolean {
  try {
    cut(file, size);
    return true;
  } catch {
    return false;
  }
}

export const other = (slot: 0 | 1): 0 | 1 => (slot === 0 ? 1 : 0);
