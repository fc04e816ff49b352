// The key of the local store. A random data key encrypts the files; it lies in IndexedDB, wrapped by a key that WebCrypto does not
// let any script read.
// What this gives: the store's files alone are worth nothing; no script, ours included, can carry the key away; and forgetting the
// key's entry makes the files unreadable at once.
// What it does not: Chromium keeps such a key inside its IndexedDB files as it is, not under a password or the system's key store.
// Whoever copies the whole browser profile (or a backup of it) can read the store; against that only the disk encryption of the
// device helps. Nor is it protection from somebody who can run this origin's code (S25), or certain deletion on flash (S21).

const DATABASE = 'steiger';
const STORE = 'keys';
const ENTRY = 'store-key-1';

interface Entry {
  wrapping: CryptoKey;
  iv: Uint8Array;
  wrapped: ArrayBuffer;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function database(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

const STORE_ALGORITHM = { name: 'AES-GCM', length: 256 };

// The data key, made at first use. `fresh` tells that it was: a store file that is already there cannot be read with it.
export async function storeKey(): Promise<{ key: CryptoKey; fresh: boolean }> {
  const db = await database();
  try {
    const found = await settled<Entry | undefined>(db.transaction(STORE).objectStore(STORE).get(ENTRY));
    if (found) return { key: await unwrap(found), fresh: false };
    const wrapping = await crypto.subtle.generateKey(STORE_ALGORITHM, false, ['wrapKey', 'unwrapKey']);
    const data = await crypto.subtle.generateKey(STORE_ALGORITHM, true, ['encrypt', 'decrypt']);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const wrapped = await crypto.subtle.wrapKey('raw', data, wrapping, { name: 'AES-GCM', iv });
    const entry: Entry = { wrapping, iv, wrapped };
    // Strict: the key must be on disk before the first record that needs it.
    const transaction = db.transaction(STORE, 'readwrite', { durability: 'strict' });
    transaction.objectStore(STORE).add(entry, ENTRY);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return { key: await unwrap(entry), fresh: true };
  } finally {
    db.close();
  }
}

function unwrap(entry: Entry): Promise<CryptoKey> {
  return crypto.subtle.unwrapKey('raw', entry.wrapped, entry.wrapping, { name: 'AES-GCM', iv: entry.iv as BufferSource },
                                 STORE_ALGORITHM, false, ['encrypt', 'decrypt']);
}

// Forgets the key, and with it everything that it encrypts.
export async function forgetStoreKey(): Promise<void> {
  await settled(indexedDB.deleteDatabase(DATABASE));
}
