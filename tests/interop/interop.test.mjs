// Ours, ts-mls and core-crypto in one group. A run that fails prints its seed: STEIGER_INTEROP_SEED=n plays it again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Room } from './room.mjs';
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

// The root then has one child with members and is not on anybody's filtered direct path (RFC 9420 section 4.1.2). Random scripts come
// here seldom, and never with ts-mls, which counts the root all the same.
for (const staying of [[4, 5], [4, 7], [1, 4]]) {
  test(`only leaves ${staying.join(' and ')} of eight stay`, { timeout: HANGS }, () => withSeed(FIRST_SEED, async (random, makeDevice) => {
    for (const kinds of [['ours', 'core_crypto'], ['core_crypto', 'ours']]) {
      for (const committer of [0, 1]) {
        const devices = [];
        for (let i = 0; i < 8; ++i) devices.push(await makeDevice(kinds[staying.indexOf(i)] ?? 'ours'));
        const room = await Room.create(random, devices[0]);
        await room.commit(devices[0], { adds: devices.slice(1) });
        for (const device of devices) await room.commit(device);
        const by = devices[staying[committer]];
        await room.commit(by, { removes: devices.filter((_, i) => !staying.includes(i)) });
        for (const member of room.members) await room.commit(member);
        await room.chat();
      }
    }
  }));
}
