// The dedicated worker that owns this device: the core, its store and its connection. OPFS sync handles exist only here. One tab
// at a time: a Web Lock decides, and it is free again the moment its tab is gone, however it went.
import { WasmCore, CoreError } from './core';
import { Driver } from './driver';
import { EncryptedStore } from './encrypted_store';
import { StoreCorrupt, type Slots, type SyncFile } from './files';
import { forgetStoreKey, storeKey } from './keys';
import type { FromWorker, ToWorker } from './messages';
import { Store } from './store';

declare const self: DedicatedWorkerGlobalScope;

const LOCK = 'steiger-device';
const FOLDER = 'steiger';
const HEADS = ['head-a', 'head-b'] as const, HISTORIES = ['history-a', 'history-b'] as const;

const say = (message: FromWorker): void => self.postMessage(message);

async function openFiles(): Promise<{ heads: Slots; histories: Slots }> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  for await (const name of folder.keys()) {
    // Of a version before the first release, which this one does not read.
    if (![...HEADS, ...HISTORIES].some((known) => known === name)) throw new StoreCorrupt(`unknown file ${name}`);
  }
  const open = async (name: string): Promise<SyncFile> => (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  return { heads: [await open(HEADS[0]), await open(HEADS[1])], histories: [await open(HISTORIES[0]), await open(HISTORIES[1])] };
}

async function run(): Promise<Driver> {
  const wasm = await (await fetch(new URL('steiger_core.wasm', self.location.href))).arrayBuffer();
  const core = await WasmCore.load(wasm);
  const { heads, histories } = await openFiles();
  const { key, fresh } = await storeKey();
  if (fresh && [...heads, ...histories].some((file) => file.getSize() > 0)) throw new StoreCorrupt('files without their key');
  const { store: files, head, batches } = await EncryptedStore.open(heads, histories, key, core.dump(true));
  const store = new Store(files, core);
  if (files.wantsCompaction) await store.compact(head).catch((error) => console.warn('steiger: not compacted', error));
  for (const batch of [...batches, head]) {
    core.loadBatch(batch);
    batch.fill(0);
  }
  core.open();
  const driver = new Driver(core, store, (event) => say({ kind: 'event', event }), fail);
  driver.start();
  return driver;
}

function fail(error: unknown): void {
  const known = error instanceof StoreCorrupt || error instanceof CoreError;
  say({ kind: 'fatal', name: known ? error.name : 'internal', detail: known ? '' : String(error) });
}

// Takes the lock for as long as this worker lives; tells when another tab has it first.
async function whenAlone(work: () => Promise<void>): Promise<void> {
  const forever = async (): Promise<void> => {
    await work();
    await new Promise<void>(() => undefined);
  };
  const free = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return false;
    await forever();
    return true;
  });
  if (!free) {
    say({ kind: 'elsewhere' });
    await navigator.locks.request(LOCK, forever);
  }
}

let driver: Driver | null = null;
const early: Uint8Array[] = []; // requests from before the store was open; the page sends a handful

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'forget') {
    void forget();
  } else if (driver) {
    driver.request(data.request);
  } else {
    early.push(data.request);
  }
};

// Only offered when the store cannot be read: what it held is lost, and the page can begin again.
async function forget(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(FOLDER, { recursive: true }).catch(() => undefined);
  await forgetStoreKey();
  say({ kind: 'forgotten' });
}

whenAlone(async () => {
  try {
    say({ kind: 'opening' });
    driver = await run();
    for (const request of early.splice(0)) driver.request(request);
  } catch (error) {
    fail(error);
  }
}).catch(fail);
