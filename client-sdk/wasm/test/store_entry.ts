// What store.test.mjs and store_crash.test.mjs look at, in one bundle.
export { EncryptedStore } from '../src/encrypted_store';
export { StoreCorrupt } from '../src/files';
export { Store } from '../src/store';
