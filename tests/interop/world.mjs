// Processes and devices for the tests.
import { Device, Peer } from './peers.mjs';
import { Random } from './random.mjs';

// No test takes this long, even on a machine that is busy with other things.
export const HANGS = 300_000;

const peers = new Map();
// The foreign processes serve all scripts; one that a script brought down is started anew for the next.
export function foreign(kind) {
  if (!peers.has(kind) || peers.get(kind).ended) peers.set(kind, new Peer(kind, 0));
  return peers.get(kind);
}
export function endForeign() { for (const peer of peers.values()) peer.end(); }

// One process of ours per script, seeded, so that our side of it repeats exactly.
export async function withSeed(seed, work) {
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
