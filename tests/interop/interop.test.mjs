// Ours, ts-mls and core-crypto in one group. A run that fails prints its seed: STEIGER_INTEROP_SEED=n plays it again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { play } from './script.mjs';
import { endForeign, HANGS, withSeed } from './world.mjs';

const FIRST_SEED = Number(process.env.STEIGER_INTEROP_SEED ?? 1);
const SEEDS = Number(process.env.STEIGER_INTEROP_SEEDS ?? (process.env.STEIGER_INTEROP_SEED ? 1 : 4));
const STEPS = Number(process.env.STEIGER_INTEROP_STEPS ?? 15);

after(endForeign);

const COMPANIES = {
  'all three': [['ours', 3], ['ts_mls', 3], ['core_crypto', 3]],
  // PSKs, sealed handshakes and GroupContext extensions, which core-crypto's interface does not offer
  'ours and ts-mls': [['ours', 4], ['ts_mls', 4]],
  // external commits, which ts-mls gets wrong
  'ours and core-crypto': [['ours', 4], ['core_crypto', 4]],
};
for (const [company, devices] of Object.entries(COMPANIES)) {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; ++seed) {
    test(`random script, ${company}, seed ${seed}`, { timeout: HANGS }, () => withSeed(seed, async (random, makeDevice) => {
      const room = await play(random, STEPS, devices, makeDevice);
      assert.ok(room.epoch > STEPS / 3, room.log.join('\n'));
    }));
  }
}
