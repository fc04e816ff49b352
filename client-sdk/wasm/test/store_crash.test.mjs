// The browser's store under power loss at random instants: what was reported as written is there, whole and once; what was under
// way is there or not, never in part.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EncryptedStore, Store } from '../../../build/web/test/store.mjs';
import { Files, randomFrom } from './memory_files.mjs';

const STORIES = Number(process.env.STEIGER_CRASH_STORIES ?? 400);
const seed = Number(process.env.STEIGER_SEED ?? Math.floor(Math.random() * 2 ** 32));

const bytes = (text) => new TextEncoder().encode(text);
const text = (content) => new TextDecoder().decode(content);
class Crash extends Error {}

// A history of batches '1;' '2;' ...; a snapshot is their text in one. The head holds the number of the last.
const collector = () => {
  let collected = '';
  return { loadBatch: (stored) => { collected += text(stored); }, dump: () => { const out = collected; collected = ''; return bytes(out); } };
};
const state = (head, batches) => ({ number: Number(text(head)), history: batches.map(text).join('') });
const upTo = (number) => Array.from({ length: number }, (_, i) => `${i + 1};`).join('');

test(`power loss at any instant (STEIGER_SEED=${seed})`, async () => {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  let crashes = 0, compactions = 0, undecided = 0;
  for (let story = 0; story < STORIES; ++story) {
    const random = randomFrom(seed + story);
    let files = new Files();
    let written = 0, last = 0; // reported as written; highest ever asked for
    for (let life = 0; life < 4; ++life) {
      let steps = random(60);
      files.disk.before = (what) => {
        if (--steps < 0) throw new Crash(); // from then on: dead is dead
        if (what === 'write' && random(40) === 0) throw new Error('io');
      };
      try {
        const { store: opened, head, batches } = await EncryptedStore.open(files.heads, files.histories, key, bytes('0'));
        const now = state(head, batches);
        assert.ok(now.number >= written && now.number <= last, `story ${story}: ${now.number} of ${written}..${last}`);
        if (now.number > written) ++undecided;
        assert.equal(now.history, upTo(now.number), `story ${story}, life ${life}`);
        written = last = now.number;
        const store = new Store(opened, collector());
        if (opened.wantsCompaction) await store.compact(head).then(() => ++compactions, () => undefined);
        while (steps >= 0) {
          const number = written + 1; // one that failed comes again, as the core does it
          last = Math.max(last, number);
          const done = await store.commit({ head: bytes(`${number}`), history: bytes(`${number};`), forgets: random(6) === 0 }).then(() => true, () => false);
          if (done) written = number;
        }
      } catch (error) {
        if (error instanceof assert.AssertionError || error.name === 'store_corrupt') {
          throw new Error(`STEIGER_SEED=${seed} story ${story} life ${life}: ${error.message}`, { cause: error });
        }
      }
      ++crashes;
      files = files.afterCrash(random);
    }
    files.disk.before = () => undefined;
    const { head, batches } = await EncryptedStore.open(files.heads, files.histories, key, bytes('0'));
    const now = state(head, batches);
    assert.ok(now.number >= written && now.number <= last, `STEIGER_SEED=${seed} story ${story}: ${now.number} of ${written}..${last}`);
  }
  // The stories did go where it hurts: in 400 of them, some 600 compactions and 17 batches that were on disk but not yet reported.
  // Seeds differ (7 to 29 of these), so only none at all is a broken test.
  assert.ok(crashes === 4 * STORIES && compactions > 0 && undecided > 0, `${crashes} ${compactions} ${undecided}`);
});
