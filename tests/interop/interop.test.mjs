// Ours, ts-mls and core-crypto in one group. A run that fails prints its seed: STEIGER_INTEROP_SEED=n plays it again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Device, Peer } from './peers.mjs';
import { Random } from './random.mjs';
import { play } from './script.mjs';

const FIRST_SEED = Number(process.env.STEIGER_INTEROP_SEED ?? 1);
const SEEDS = Number(process.env.STEIGER_INTEROP_SEEDS ?? (process.env.STEIGER_INTEROP_SEED ? 1 : 4));
const STEPS = Number(process.env.STEIGER_INTEROP_STEPS ?? 15);

// The foreign processes serve all scripts; one that a script brought down is started anew for the next.
const peers = new Map();
function foreign(kind) {
  if (!peers.has(kind) || peers.get(kind).ended) peers.set(kind, new Peer(kind, 0));
  return peers.get(kind);
}
after(() => { for (const peer of peers.values()) peer.end(); });

// One process of ours per script, seeded, so that our side of it repeats exactly.
async function withSeed(seed, work) {
  const random = new Random(seed);
  const ours = new Peer('ours', seed);
  try {
    return await work(random, (kind) => Device.make(kind === 'ours' ? ours : foreign(kind), random.identity()));
  } catch (error) {
    error.message = `seed ${seed}: ${error.message}`;
    throw error;
  } finally {
    ours.end();
  }
}

const COMPANIES = {
  'all three': [['ours', 3], ['ts_mls', 3], ['core_crypto', 3]],
  // PSKs, sealed handshakes and GroupContext extensions, which core-crypto's interface does not offer
  'ours and ts-mls': [['ours', 4], ['ts_mls', 4]],
  // external commits, which ts-mls gets wrong
  'ours and core-crypto': [['ours', 4], ['core_crypto', 4]],
};
for (const [company, devices] of Object.entries(COMPANIES)) {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; ++seed) {
    test(`random script, ${company}, seed ${seed}`, () => withSeed(seed, async (random, makeDevice) => {
      const room = await play(random, STEPS, devices, makeDevice);
      assert.ok(room.epoch > STEPS / 3, room.log.join('\n'));
    }));
  }
}
