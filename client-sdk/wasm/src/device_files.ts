// The files of the device's store in the origin's private file system.
import { StoreCorrupt, type Slots } from './files';

const FOLDER = 'steiger';
const HEADS = ['head-a', 'head-b'] as const, HISTORIES = ['history-a', 'history-b'] as const;
// A tab that was killed may hold its handles a moment longer than its lock.
const HANDLE_TRIES = 100, HANDLE_WAIT_MS = 50;

export class DeviceFiles {
  private constructor(private readonly handles: readonly FileSystemSyncAccessHandle[], readonly heads: Slots, readonly histories: Slots) {}

  static async open(): Promise<DeviceFiles> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for await (const name of folder.keys()) {
      // Of a version before the first release, which this one does not read.
      if (![...HEADS, ...HISTORIES].some((known) => known === name)) throw new StoreCorrupt(`unknown file ${name}`);
    }
    const handles: FileSystemSyncAccessHandle[] = [];
    try {
      for (const name of [...HEADS, ...HISTORIES]) handles.push(await openOne(folder, name));
    } catch (error) {
      for (const handle of handles) handle.close();
      throw error;
    }
    const [headA, headB, historyA, historyB] = handles as [FileSystemSyncAccessHandle, FileSystemSyncAccessHandle,
                                                           FileSystemSyncAccessHandle, FileSystemSyncAccessHandle];
    return new DeviceFiles(handles, [headA, headB], [historyA, historyB]);
  }

  get empty(): boolean {
    return this.handles.every((handle) => handle.getSize() === 0);
  }
  // Open files cannot be removed.
  close(): void {
    for (const handle of this.handles) handle.close();
  }

  static async remove(): Promise<void> {
    const root = await navigator.storage.getDirectory();
    try {
      await root.removeEntry(FOLDER, { recursive: true });
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
    }
  }
}

async function openOne(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemSyncAccessHandle> {
  const file = await folder.getFileHandle(name, { create: true });
  for (let tries = 1; ; ++tries) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (tries === HANDLE_TRIES || !(error instanceof DOMException && error.name === 'NoModificationAllowedError')) throw error;
      await new Promise((resolve) => setTimeout(resolve, HANDLE_WAIT_MS));
    }
  }
}
