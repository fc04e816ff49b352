// The browser's files in memory, as a disk that may fail or lose power sees them.

// What happens to all files of one device: `before` is asked before every operation that changes one, and may throw.
export class Disk {
  capacity = Infinity; // of each file
  before = () => undefined;
}

// A FileSystemSyncAccessHandle. What was written since the last flush may be lost, torn, or have become zeros at a crash.
export class MemoryFile {
  constructor(disk = new Disk(), content = new Uint8Array(0)) {
    this.disk = disk;
    this.content = content; // as the program sees it
    this.flushed = content; // what surely outlives a crash
    this.pending = []; // operations since then
  }
  getSize() { return this.content.length; }
  read(buffer, { at }) {
    const part = this.content.subarray(at, at + buffer.length);
    buffer.set(part);
    return part.length;
  }
  write(buffer, { at }) {
    this.disk.before('write', this);
    const bytes = buffer.slice(0, Math.max(0, Math.min(buffer.length, this.disk.capacity - at)));
    this.#apply({ at, bytes });
    return bytes.length;
  }
  truncate(size) {
    this.disk.before('truncate', this);
    this.#apply({ size });
  }
  flush() {
    this.disk.before('flush', this);
    this.flushed = this.content;
    this.pending = [];
  }
  #apply(operation) {
    this.content = applied(this.content, operation);
    this.pending.push(operation);
  }
  // What is found after a crash: each operation that was not flushed happened, did not, or happened in part.
  afterCrash(random, disk) {
    let content = this.flushed;
    for (const operation of this.pending) {
      const fate = random(5);
      if (fate === 0) continue;
      if (fate === 1 && operation.bytes) {
        content = applied(content, { at: operation.at, bytes: operation.bytes.slice(0, random(operation.bytes.length + 1)) });
      } else if (fate === 2 && operation.bytes) { // the length reached the disk, the bytes did not
        content = applied(content, { at: operation.at, bytes: new Uint8Array(operation.bytes.length) });
      } else {
        content = applied(content, operation);
      }
    }
    return new MemoryFile(disk, content);
  }
  copy() { return new MemoryFile(new Disk(), this.content.slice()); }
}

function applied(content, { at, bytes, size }) {
  if (bytes === undefined) {
    const out = new Uint8Array(size);
    out.set(content.subarray(0, size));
    return out;
  }
  const out = new Uint8Array(Math.max(content.length, at + bytes.length));
  out.set(content);
  out.set(bytes, at);
  return out;
}

export class Files {
  constructor(disk = new Disk()) {
    this.disk = disk;
    this.heads = [new MemoryFile(disk), new MemoryFile(disk)];
    this.histories = [new MemoryFile(disk), new MemoryFile(disk)];
  }
  get all() { return [...this.heads, ...this.histories]; }
  afterCrash(random) {
    const out = new Files(new Disk());
    out.heads = this.heads.map((file) => file.afterCrash(random, out.disk));
    out.histories = this.histories.map((file) => file.afterCrash(random, out.disk));
    return out;
  }
  copy() { return this.afterCrash(() => 4); }
}

// Numbers below `bound` from a seed: mulberry32.
export function randomFrom(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
