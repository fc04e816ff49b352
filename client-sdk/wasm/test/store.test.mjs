// The browser's store: what is committed comes back, what is erased is gone, damage is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EncryptedStore, Store, StoreCorrupt } from '../../../build/web/test/store.mjs';
import { Files, MemoryFile } from './memory_files.mjs';

const newKey = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
const bytes = (text) => new TextEncoder().encode(text);
const text = (content) => new TextDecoder().decode(content);
const EMPTY = bytes('empty');
const batch = (head, history = '', forgets = false) => ({ head: bytes(head), history: bytes(history), forgets });

const open = (files, key) => EncryptedStore.open(files.heads, files.histories, key, EMPTY);
// 'head|first record|second record'
async function found(files, key) {
  const { head, batches } = await open(files, key);
  return [head, ...batches].map(text).join('|');
}
const holds = (file, part) => Buffer.from(file.content).includes(Buffer.from(part));

test('what was committed comes back in order, over several openings', async () => {
  const key = await newKey(), files = new Files();
  let { store } = await open(files, key);
  assert.equal(await found(files.copy(), key), 'empty');
  await store.commit(batch('head 1', 'one;'));
  await store.commit(batch('head 2'));
  await store.commit(batch('head 3', 'two;'));
  assert.equal(await found(files.copy(), key), 'head 3|one;|two;');
  ({ store } = await open(files, key));
  await store.commit(batch('head 4', 'three;'));
  assert.deepEqual((await store.readHistory()).map(text), ['one;', 'two;', 'three;']);
  await store.compact(bytes('head 4'), bytes('one;two;three;'));
  await store.commit(batch('head 5', 'four;'));
  assert.equal(await found(files, key), 'head 5|one;two;three;|four;');
});

// Law 10. The head that held a secret is encrypted with a key that is still there: it must stand in no file any more.
test('what a batch erased stands in no file when the batch is reported', async () => {
  const key = await newKey(), files = new Files();
  const { store } = await open(files, key);
  await store.commit(batch('head with the secret'));
  const sealed = files.heads.filter((file) => file.getSize() > 0).map((file) => file.content.slice(-30)); // ciphertext and tag
  assert.ok(sealed.length > 0 && sealed.every((part) => files.all.some((file) => holds(file, part))), 'control');
  await store.commit(batch('head without'));
  for (const file of files.all) assert.ok(!sealed.some((part) => holds(file, part)) && file.pending.length === 0);
});

test('a batch that erases from the history asks for a compaction, and so does every opening with something to drop', async () => {
  const key = await newKey(), files = new Files();
  let { store } = await open(files, key);
  await store.commit(batch('head 1', 'one;'));
  assert.equal(store.wantsCompaction, false);
  const sealed = files.histories.find((file) => file.getSize() > 0).content.slice(-20);
  await store.commit(batch('head 2', 'not one;', true));
  assert.equal(store.wantsCompaction, true);
  ({ store } = await open(files.copy(), key));
  assert.equal(store.wantsCompaction, true, 'two records');
  ({ store } = await open(files, key));
  await store.compact(bytes('head 2'), bytes('all;'));
  assert.equal(store.wantsCompaction, false);
  for (const file of files.all) assert.ok(!holds(file, sealed));
  ({ store } = await open(files, key));
  assert.equal(store.wantsCompaction, false);
});

// Its own snapshot is the text of the batches one after another.
const collector = () => {
  let collected = '';
  return { loadBatch: (stored) => { collected += text(stored); }, dump: () => { const out = collected; collected = ''; return bytes(out); } };
};

test('a compaction that fails is not a batch that failed, and is tried again', async () => {
  const key = await newKey(), files = new Files();
  const store = new Store((await open(files, key)).store, collector());
  let refuse = false, refused = 0;
  const inUse = files.histories[0];
  files.disk.before = (what, file) => {
    // The other file of the history has no room.
    if (refuse && what === 'write' && file === files.histories.find((each) => each !== inUse)) { ++refused; throw new Error('full'); }
  };
  await store.commit(batch('head 0', 'zero;'));
  assert.ok(inUse.getSize() > 0);
  refuse = true;
  await store.commit(batch('head 1', 'one;', true));
  await store.commit(batch('head 2', 'two;'));
  assert.equal(refused, 1, 'it was tried once, not at every batch');
  assert.equal(await found(files.copy(), key), 'head 2|zero;|one;|two;');
  refuse = false;
  for (let i = 3; i < 50; ++i) await store.commit(batch(`head ${i}`, `${i};`));
  await store.commit(batch('last', 'last;')); // after the compaction
  const { batches } = await open(files.copy(), key);
  assert.ok(text(batches[0]).startsWith('zero;one;two;3;'), 'it was tried again, and nothing was lost');
  assert.equal(batches.map(text).join(''), `zero;one;two;${Array.from({ length: 47 }, (_, i) => `${i + 3};`).join('')}last;`);
});

test('a full disk fails the batch and leaves the store as it was', async () => {
  for (const [name, room] of [['the history', 60], ['the head', 20]]) {
    const key = await newKey(), files = new Files();
    const { store } = await open(files, key);
    await store.commit(batch('head 1', 'one;'));
    files.disk.capacity = room;
    await assert.rejects(store.commit(batch('head 2', name === 'the history' ? 'two;' : '')), name);
    assert.equal(await found(files.copy(), key), 'head 1|one;');
    files.disk.capacity = Infinity;
    await store.commit(batch('head 3', 'three;'));
    assert.equal(await found(files, key), 'head 3|one;|three;');
  }
});

// The disk says that it failed but kept the head: that head must not be taken together with what is written later.
test('a flush that fails although it worked does not spoil what follows', async () => {
  const key = await newKey(), files = new Files();
  const { store } = await open(files, key);
  await store.commit(batch('head 1', 'one;'));
  let failing = true;
  files.disk.before = (what, file) => {
    if (!failing || !files.heads.includes(file) || file.getSize() === 0) return;
    if (what === 'flush' || (what === 'truncate' && file.pending.length > 0)) throw new Error('io');
  };
  await assert.rejects(store.commit(batch('head 2', 'the failed one;')));
  await assert.rejects(store.commit(batch('head 3', 'three;')), 'as long as the leftover cannot be removed nothing is written');
  assert.equal(await found(files.copy(), key), 'head 2|one;|the failed one;', 'allowed: the disk did keep it');
  failing = false;
  await store.commit(batch('head 4', 'four;'));
  assert.equal(await found(files, key), 'head 4|one;|four;');
});

test('a torn end is dropped, whatever it looks like', async () => {
  const key = await newKey(), files = new Files();
  const { store } = await open(files, key);
  await store.commit(batch('head 1', 'one;'));
  const used = files.histories.findIndex((file) => file.getSize() > 0);
  const whole = files.histories[used].content;
  for (const tail of [new Uint8Array(4096), Uint8Array.from({ length: 500 }, (_, i) => i), new Uint8Array(1), whole.slice(32)]) {
    const torn = files.copy();
    torn.histories[used] = new MemoryFile(torn.disk, Uint8Array.from([...whole, ...tail]));
    torn.heads[torn.heads.findIndex((file) => file.getSize() === 0)] = new MemoryFile(torn.disk, tail);
    assert.equal(await found(torn, key), 'head 1|one;');
    assert.equal(torn.histories[used].getSize(), whole.length);
  }
});

test('a first opening that was cut off anywhere begins anew', async () => {
  const key = await newKey(), files = new Files();
  await open(files, key);
  const used = files.heads.findIndex((file) => file.getSize() > 0), whole = files.heads[used].content;
  for (let size = 0; size < whole.length; ++size) {
    for (const content of [whole.slice(0, size), new Uint8Array(size)]) {
      const torn = new Files();
      torn.heads[used] = new MemoryFile(torn.disk, content);
      assert.equal(await found(torn, key), 'empty', `${size}`);
    }
  }
});

test('damage, another key and moved records are refused, and nothing is erased', async () => {
  const key = await newKey(), files = new Files();
  const { store } = await open(files, key);
  await store.commit(batch('head 1', 'one;'));
  await store.commit(batch('head 2', 'two;'));
  const history = files.histories.findIndex((file) => file.getSize() > 0), head = files.heads.findIndex((file) => file.getSize() > 0);
  const record = 4 + 12 + 4 + 16; // size, nonce, 'one;', tag

  const refused = async (change, withKey = key) => {
    const broken = files.copy();
    change(broken);
    const sizes = broken.all.map((file) => file.getSize());
    await assert.rejects(open(broken, withKey), StoreCorrupt);
    assert.deepEqual(broken.all.map((file) => file.getSize()), sizes);
  };
  const flip = (file, at) => { file.content = file.content.slice(); file.content[at] ^= 1; };
  await refused(() => undefined, await newKey());
  for (const at of [0, 8, 20, 32 + 5, 32 + record + 20]) await refused((broken) => flip(broken.histories[history], at));
  for (const at of [0, 15, 17, 40]) await refused((broken) => flip(broken.heads[head], at));
  await refused((broken) => {
    const content = broken.histories[history].content;
    broken.histories[history].content = Uint8Array.from([...content.slice(0, 32), ...content.slice(32 + record), ...content.slice(32, 32 + record)]);
  });
  await refused((broken) => { broken.histories[history].content = broken.histories[history].content.slice(0, -1); });
  await refused((broken) => { broken.histories[history] = new MemoryFile(); });
  await refused((broken) => { broken.heads[head] = new MemoryFile(); });
  await refused((broken) => { broken.heads[head] = new MemoryFile(undefined, new Uint8Array(200)); });
});

test('nothing readable stands in the files', async () => {
  const key = await newKey(), files = new Files();
  const { store } = await open(files, key);
  await store.commit(batch('STEIGER-PLANTED-HEAD', 'STEIGER-PLANTED-HISTORY'));
  for (const file of files.all) assert.ok(!holds(file, 'PLANTED'));
  assert.ok(holds({ content: bytes('STEIGER-PLANTED-HEAD') }, 'PLANTED')); // the look itself works
});
