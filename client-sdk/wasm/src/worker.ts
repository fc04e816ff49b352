// The dedicated worker of a tab. One of them owns this device: the core, its store and its connection. A Web Lock decides which, and
// it is free again the moment its tab is gone, however it went; the others pass on what their pages ask (tabs.ts).
import { WasmCore, CoreError } from './core';
import { DeviceFiles } from './device_files';
import { Driver } from './driver';
import { EncryptedStore } from './encrypted_store';
import { StoreCorrupt } from './files';
import { forgetStoreKey, storeKey } from './keys';
import type { FromWorker, ToWorker } from './messages';
import { Store } from './store';
import { Follower, Owner, TABS_CHANNEL } from './tabs';

declare const self: DedicatedWorkerGlobalScope;

const LOCK = 'steiger-device';

const say = (message: FromWorker): void => self.postMessage(message);
const tabs = new BroadcastChannel(TABS_CHANNEL);
const post = (message: unknown): void => tabs.postMessage(message);

let role: Follower | Owner | null = null; // null: the lock was not answered yet
let files: DeviceFiles | null = null;
let driver: Driver | null = null;

async function open(owner: Owner): Promise<void> {
  const wasm = await (await fetch(new URL('steiger_core.wasm', self.location.href))).arrayBuffer();
  const core = await WasmCore.load(wasm);
  files = await DeviceFiles.open();
  const { key, fresh } = await storeKey();
  if (fresh && !files.empty) throw new StoreCorrupt('files without their key');
  const { store: stored, head, batches } = await EncryptedStore.open(files.heads, files.histories, key, core.dump(true));
  const store = new Store(stored, core);
  if (stored.wantsCompaction) await store.compact(head).catch((error) => console.warn('steiger: not compacted', error));
  for (const batch of [...batches, head]) {
    core.loadBatch(batch);
    batch.fill(0);
  }
  core.open();
  driver = new Driver(core, store, (event) => owner.event(event), (error) => fail(owner, error));
  owner.ready((request) => driver?.request(request));
  driver.start();
}

function fail(owner: Owner, error: unknown): void {
  const known = error instanceof StoreCorrupt || error instanceof CoreError;
  owner.fatal(known ? error.name : 'internal', known ? error.message : String(error));
}

async function own(): Promise<void> {
  if (role instanceof Follower) role.stop();
  const owner = new Owner(post, say, () => void forget(owner).catch((error) => fail(owner, error)));
  role = owner;
  say({ kind: 'opening' });
  await open(owner).catch((error) => fail(owner, error));
  await new Promise<void>(() => undefined); // the lock is held as long as this worker lives
}

async function forget(owner: Owner): Promise<void> {
  driver?.stop();
  files?.close();
  files = null;
  await DeviceFiles.remove();
  await forgetStoreKey();
  owner.forgotten();
}

tabs.onmessage = ({ data }: MessageEvent<unknown>) => role?.hear(data);

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'request') role?.request(data.request);
  else if (role instanceof Owner) void forget(role).catch((error) => role instanceof Owner && fail(role, error));
  else role?.forget();
};

void (async () => {
  await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? own() : undefined));
  role = new Follower(post, say);
  role.start();
  await navigator.locks.request(LOCK, own);
})().catch((error: unknown) => say({ kind: 'fatal', name: 'internal', detail: String(error) }));
