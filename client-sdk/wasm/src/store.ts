// The store as the driver sees it: batches one after another, compaction between two of them.
import type { DriverStore } from './driver';
import type { Batch, EncryptedStore } from './encrypted_store';

// What is needed of the core: it knows how batches make a snapshot.
export interface Collector {
  loadBatch(batch: Uint8Array): void;
  dump(keep: boolean): Uint8Array;
}

export class Store implements DriverStore {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly files: EncryptedStore, private readonly core: Collector) {}

  // On disk when it resolves. A compaction that follows is no part of it: neither waited for nor a reason to fail.
  commit(batch: Batch): Promise<void> {
    const done = this.after(() => this.files.commit(batch));
    void this.after(async () => {
      try {
        if (this.files.wantsCompaction && await settled(done)) await this.compact(batch.head);
      } catch (error) {
        console.warn('steiger: the store could not be compacted; later again', error);
      } finally {
        batch.head.fill(0);
        batch.history.fill(0);
      }
    });
    return done;
  }

  // `head` as it is on disk.
  async compact(head: Uint8Array): Promise<void> {
    this.core.dump(false); // nothing of an earlier try
    for (const stored of await this.files.readHistory()) {
      this.core.loadBatch(stored);
      stored.fill(0);
    }
    const snapshot = this.core.dump(false);
    await this.files.compact(head, snapshot);
    snapshot.fill(0);
  }

  private after<T>(work: () => Promise<T>): Promise<T> {
    const next = this.last.then(work, work);
    this.last = next.catch(() => undefined);
    return next;
  }
}

const settled = (promise: Promise<unknown>): Promise<boolean> => promise.then(() => true, () => false);
