// What must not be accepted by anybody: changed, repeated, from another epoch or group. After every refusal the genuine thing is
// still accepted, so that the refusal left the state whole.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Room } from './room.mjs';
import { endForeign, HANGS, withSeed } from './world.mjs';

const SEED = Number(process.env.STEIGER_INTEROP_SEED ?? 1);
const FLIPS = Number(process.env.STEIGER_INTEROP_FLIPS ?? 6);
const KINDS = ['ours', 'ts_mls', 'core_crypto'];
// Longer than anybody keeps: ours 1 past epoch, core-crypto 3, ts-mls 4.
const FORGOTTEN_AFTER = 6;

after(endForeign);

// Version, wire format, group id with its length, epoch. core-crypto keeps a message of a later epoch for when it gets there, so
// its epoch is left alone there; `epoch to come` below is about that.
const headerLength = (room) => 2 + 2 + 1 + room.group.length / 2 + 8;

// One bit of `hex` changed. For core-crypto only where the message still decodes by the letter, which `ours` tells: it reads past a
// wrong length inside a vector, writes it right again before it checks the signature, and so accepts the same content written badly.
async function flipped(random, hex, reader, ours, from = 0) {
  for (;;) {
    const bytes = Buffer.from(hex, 'hex');
    const at = from + random.below(bytes.length - from);
    const bit = random.below(8);
    bytes[at] ^= 1 << bit;
    const changed = bytes.toString('hex');
    if (reader.kind !== 'core_crypto' || (await ours.ask('decodes', { message: changed })).decodes) {
      return { hex: changed, where: `bit ${bit} of byte ${at} of ${bytes.length} flipped` };
    }
  }
}
async function refusesFlips(random, room, reader, message, what) {
  for (let i = 0; i < FLIPS; ++i) {
    const from = reader.kind === 'core_crypto' ? headerLength(room) : 0;
    const { hex, where } = await flipped(random, message, reader, one(room, 'ours'), from);
    await reader.refuses('handle', { group: room.group, message: hex }, `${what} with ${where}`);
  }
}
const refuses = (room, reader, message, what) => reader.refuses('handle', { group: room.group, message }, what);

// Two of each, all in the group.
async function fullRoom(random, makeDevice) {
  const devices = [];
  for (const kind of [...KINDS, ...KINDS]) devices.push(await makeDevice(kind));
  const room = await Room.create(random, devices[0]);
  await room.commit(devices[0], { adds: devices.slice(1) });
  return room;
}
const one = (room, kind) => room.members.find((member) => member.kind === kind);
const scenario = (name, work) => test(`${name}, seed ${SEED}`, { timeout: HANGS }, () => withSeed(SEED, work));

for (const kind of KINDS) {
  scenario(`message of ${kind}: flipped bits and replays are refused`, async (random, makeDevice) => {
    const room = await fullRoom(random, makeDevice);
    const sent = await room.encrypt(one(room, kind));
    for (const reader of room.others(sent.by)) {
      await refusesFlips(random, room, reader, sent.message, `a message of ${kind}`);
      await room.read(sent, [reader]);
      await refuses(room, reader, sent.message, 'a replayed message');
    }
    await room.check();
    await room.chat();
  });

  scenario(`commit of ${kind}: flipped bits and replays are refused`, async (random, makeDevice) => {
    const room = await fullRoom(random, makeDevice);
    const by = one(room, kind);
    const bundle = await room.ask(by, 'commit', {});
    for (const reader of room.others(by)) await refusesFlips(random, room, reader, bundle.commit, `a commit of ${kind}`);
    await room.deliver(by, bundle);
    for (const reader of room.others(by)) await refuses(room, reader, bundle.commit, 'a replayed commit');
    await room.check();
    await room.chat();
  });
}

for (const kind of ['ours', 'ts_mls']) {
  scenario(`proposal of ${kind}: flipped bits are refused, a late one too`, async (random, makeDevice) => {
    const room = await fullRoom(random, makeDevice);
    const by = one(room, kind);
    const target = room.members.at(-1);
    const { message } = await room.ask(by, 'propose', { kind: 'remove', identity: target.identity });
    for (const reader of room.others(by)) {
      await refusesFlips(random, room, reader, message, `a proposal of ${kind}`);
      assert.equal((await room.ask(reader, 'handle', { message })).kind, 'proposal');
    }
    room.proposals.push({ by, kind: 'remove', target });
    await room.commit(one(room, 'ours'));
    for (const reader of room.others(by)) await refuses(room, reader, message, 'a proposal of the epoch before');
    await room.chat();
  });
}

for (const [committer, joiner] of [['ours', 'ts_mls'], ['ours', 'core_crypto'], ['ts_mls', 'ours'], ['core_crypto', 'ours']]) {
  scenario(`welcome of ${committer} to ${joiner}: flipped bits are refused, another's too`, async (random, makeDevice) => {
    const [by, newcomer, stranger] = [await makeDevice(committer), await makeDevice(joiner), await makeDevice(joiner)];
    const room = await Room.create(random, by);
    const bundle = await room.ask(by, 'commit', { adds: [await newcomer.keyPackage()] });
    for (let i = 0; i < FLIPS; ++i) {
      const { hex, where } = await flipped(random, bundle.welcome, newcomer, by);
      await newcomer.refuses('join', { welcome: hex }, `a welcome with ${where}`);
    }
    await stranger.keyPackage();
    await stranger.refuses('join', { welcome: bundle.welcome }, "somebody else's welcome");
    await room.deliver(by, bundle, [newcomer]);
    await room.chat();
  });

  scenario(`key package of ${joiner}: flipped bits are refused by ${committer}`, async (random, makeDevice) => {
    const [by, newcomer] = [await makeDevice(committer), await makeDevice(joiner)];
    const room = await Room.create(random, by);
    const genuine = await newcomer.keyPackage();
    for (let i = 0; i < FLIPS; ++i) {
      const { hex, where } = await flipped(random, genuine, by, newcomer);
      await by.refuses('commit', { group: room.group, adds: [hex] }, `a key package with ${where}`);
    }
    await room.commit(by, { adds: [newcomer] });
    await room.chat();
  });
}

for (const [inside, outside] of [['ours', 'core_crypto'], ['core_crypto', 'ours'], ['ours', 'ours']]) {
  scenario(`external join of ${outside} by ${inside}: flipped bits in GroupInfo and commit are refused`, async (random, makeDevice) => {
    const [by, newcomer] = [await makeDevice(inside), await makeDevice(outside)];
    const room = await Room.create(random, by);
    const { group_info } = await room.commit(by, { adds: [await makeDevice(inside), await makeDevice('ours')] });
    for (let i = 0; i < FLIPS; ++i) {
      const { hex, where } = await flipped(random, group_info, newcomer, one(room, 'ours'));
      await newcomer.refuses('join_externally', { group_info: hex }, `a GroupInfo with ${where}`);
    }
    const bundle = await room.ask(newcomer, 'join_externally', { group_info });
    for (const reader of room.members) await refusesFlips(random, room, reader, bundle.commit, 'an external commit');
    room.members.push(newcomer);
    await room.deliver(newcomer, bundle);
    for (const reader of room.others(newcomer)) await refuses(room, reader, bundle.commit, 'a replayed external commit');
    await room.chat();
  });
}

scenario('messages of forgotten epochs, of an epoch to come and of another group are refused', async (random, makeDevice) => {
  const room = await fullRoom(random, makeDevice);
  const old = [];
  for (const kind of KINDS) old.push(await room.encrypt(one(room, kind)));
  for (let i = 0; i < FORGOTTEN_AFTER; ++i) await room.commit(random.pick(room.members));
  for (const { by, message } of old) for (const reader of room.others(by)) await refuses(room, reader, message, 'an old message');

  const other = await Room.create(random, room.members[0]);
  await other.commit(room.members[0], { adds: room.members.slice(1) });
  for (const kind of KINDS) {
    const { by, message } = await other.encrypt(one(other, kind));
    for (const reader of room.others(by)) await refuses(room, reader, message, 'a message of another group');
  }

  const ahead = room.members[0];
  await room.ask(ahead, 'commit', {});
  const { message } = await room.encrypt(ahead);
  for (const reader of room.others(ahead)) await refuses(room, reader, message, 'a message of an epoch that it has not reached');
});

scenario('who is removed reads nothing more', async (random, makeDevice) => {
  for (const kind of KINDS) {
    const room = await fullRoom(random, makeDevice);
    const removed = one(room, kind);
    await room.commit(random.pick(room.others(removed)), { removes: [removed] });
    const { message } = await room.encrypt(room.members[0]);
    await refuses(room, removed, message, 'a message after its removal');
  }
});

// RFC 9420 section 12.4: who saw a proposal commits before it sends application data.
scenario('nobody sends application data while a proposal waits', async (random, makeDevice) => {
  const room = await fullRoom(random, makeDevice);
  const target = room.members.at(-1);
  await room.propose(one(room, 'ours'), 'remove', { target });
  for (const member of room.members) await member.refuses('encrypt', { group: room.group, text: '00' }, 'a message before the commit');
  await room.commit(one(room, 'ts_mls'));
  await room.chat();
});
