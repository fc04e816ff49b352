// The dedicated worker that owns this device: the core, its store and its connection. OPFS sync handles exist only here. One tab
// at a time: a Web Lock decides, and it is free again the moment its tab is gone, however it went.
import { WasmCore, CoreError } from './core';
import { Driver } from './driver';
import { EncryptedLog, StoreCorrupt, type SyncFile } from './encrypted_log';
import { forgetStoreKey, storeKey } from './keys';
import type { FromWorker, ToWorker } from './messages';

declare const self: DedicatedWorkerGlobalScope;

const LOCK = 'steiger-device';
const FOLDER = 'steiger';
const SLOTS = ['store-a', 'store-b'] as const;

const say = (message: FromWorker): void => self.postMessage(message);

async function openFiles(): Promise<[SyncFile, SyncFile]> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const open = async (name: string): Promise<SyncFile> => (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  return [await open(SLOTS[0]), await open(SLOTS[1])];
}

// The store as the driver sees it; compaction happens between two batches.
class Store {
  constructor(private readonly log: EncryptedLog, private readonly core: WasmCore) {}
  async append(batch: Uint8Array): Promise<void> {
    await this.log.append(batch);
    if (this.log.wantsCompaction) {
      for (const stored of await this.log.readBack()) this.core.loadBatch(stored);
      await this.log.rewrite(this.core.dump(false));
    }
  }
}

async function run(): Promise<Driver> {
  const wasm = await (await fetch(new URL('steiger_core.wasm', self.location.href))).arrayBuffer();
  const core = await WasmCore.load(wasm);
  const files = await openFiles();
  const { key, fresh } = await storeKey();
  if (fresh && files.some((file) => file.getSize() > 0)) throw new StoreCorrupt('files without their key');
  const { log, batches } = await EncryptedLog.open(files, key, core.dump(true));
  for (const batch of batches) core.loadBatch(batch);
  if (log.wantsCompaction) await log.rewrite(core.dump(true));
  core.open();
  const driver = new Driver(core, new Store(log, core), (event) => say({ kind: 'event', event }), fail);
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
