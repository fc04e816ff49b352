// A random life of one room. Every step is something that the implementations in it can do; what happened is in room.log.
import { Room } from './room.mjs';

const MAX_MEMBERS = 9;
const MIN_MEMBERS = 2;

// `devices`: [[kind, count]...]; the rest of a script's devices wait outside.
export async function play(random, steps, devices, makeDevice, extensions) {
  const all = [];
  for (const [kind, count] of devices) for (let i = 0; i < count; ++i) all.push(await makeDevice(kind));
  const creator = random.pick(all);
  const room = await Room.create(random, creator, extensions ? { context_extensions: extensions } : {});
  const script = new Script(random, room, all.filter((device) => device !== creator));
  try {
    await script.grow();
    for (let i = 0; i < steps; ++i) await script.step();
    await room.chat();
  } catch (error) {
    error.message += `\nwhat happened:\n${room.log.join('\n')}`;
    throw error;
  }
  return room;
}

class Script {
  constructor(random, room, outside) { Object.assign(this, { random, room, outside, creator: room.members[0] }); }

  everybody(ability) { return this.room.members.every(({ can }) => can[ability]); }
  takeOutside(count, withPsks = false) {
    const able = this.outside.filter(({ can }) => can.psks || !withPsks);
    const taken = this.random.some(able, Math.min(count, MAX_MEMBERS - this.room.members.length));
    this.outside = this.outside.filter((device) => !taken.includes(device));
    return taken;
  }

  // Whom `by` may remove. With ts-mls about the creator stays, so that the left half of the tree is never empty (README.md).
  removable(by) {
    const withTsMls = [...this.room.members, ...this.outside].some(({ kind }) => kind === 'ts_mls');
    return this.room.others(by).filter((member) => !withTsMls || member !== this.creator);
  }

  // Half of those outside come in at once, so that every script has a tree with depth.
  async grow() {
    await this.commit(this.room.members[0], { adds: this.takeOutside(Math.ceil(this.outside.length / 2)) });
  }

  async step() {
    const { random, room } = this;
    const steps = [[3, this.addByValue], [3, this.update], [3, this.byReference], [2, this.chat], [1, this.race]];
    if (room.members.length > MIN_MEMBERS) steps.push([2, this.removeByValue]);
    if (this.everybody('psks')) steps.push([2, this.psk], [1, this.resumption]);
    if (this.everybody('external')) steps.push([2, this.joinExternally], [1, this.resync]);
    if (this.extendable() && room.members.some(({ can }) => can.context)) steps.push([1, this.changeContext]);
    const weighted = steps.flatMap(([weight, step]) => Array(weight).fill(step));
    await random.pick(weighted).call(this);
  }

  // How a committer sends: details that not everybody can choose.
  manner(by, pathNeeded = true) {
    return {
      ...(!pathNeeded && by.can.pathless && this.random.chance(50) && { with_path: false }),
      ...(this.everybody('seals') && this.random.chance(30) && { sealed: true }),
    };
  }

  // A commit, with a message of the epoch before that arrives late.
  async commit(by, fields = {}, staying = this.room.others(by)) {
    const { random, room } = this;
    const quiet = room.proposals.length > 0; // a Commit comes before application data then (RFC 9420 section 12.4)
    if (!quiet && staying.length > 0 && random.chance(40)) room.late = await room.encrypt(random.pick(staying));
    await room.commit(by, fields);
    this.outside.push(...room.turnedAway.splice(0));
  }
  async leave(devices) {
    for (const device of devices) {
      await this.room.ask(device, 'forget');
      this.outside.push(device);
    }
  }

  async addByValue() {
    const adds = this.takeOutside(1 + this.random.below(2));
    if (adds.length === 0) return;
    const by = this.random.pick(this.room.members);
    await this.commit(by, { adds, ...this.manner(by, false) });
  }
  async update() {
    const by = this.random.pick(this.room.members);
    await this.commit(by, this.manner(by));
  }
  async removeByValue() {
    const { random, room } = this;
    const by = random.pick(room.members);
    const removes = random.some(this.removable(by), Math.min(1 + random.below(2), room.members.length - MIN_MEMBERS));
    if (removes.length === 0) return;
    await this.commit(by, { removes, ...this.manner(by) }, room.others(by).filter((member) => !removes.includes(member)));
    await this.leave(removes);
  }

  // Up to three proposals, no two about the same leaf, then a commit by somebody who may.
  async byReference() {
    const { random, room } = this;
    const proposers = room.members.filter(({ can }) => can.proposes.length > 0);
    const sealed = this.everybody('seals') && random.chance(30) ? { sealed: true } : {};
    let touched = [];
    for (let i = 1 + random.below(3); i > 0 && proposers.length > 0; --i) {
      const by = random.pick(proposers);
      const kind = random.pick(by.can.proposes);
      if (kind === 'add') {
        const [target] = this.takeOutside(1, room.proposals.some((proposal) => proposal.kind === 'psk'));
        if (target) await room.propose(by, kind, { target, ...sealed });
      } else if (kind === 'psk') {
        const all = room.proposals.every(({ target }) => target?.can.psks ?? true);
        if (all && this.everybody('psks')) await room.propose(by, kind, { psk_id: await this.sharePsk(room.members), ...sealed });
      } else {
        const target = kind === 'update' ? by : random.pick(this.removable(by));
        const left = room.members.length - room.proposals.filter((proposal) => proposal.kind === 'remove').length;
        // Two of the group must stay out of it: one to commit and one to follow.
        if (!target || touched.includes(target) || left <= MIN_MEMBERS || touched.length + MIN_MEMBERS >= room.members.length) continue;
        touched.push(target);
        await room.propose(by, kind, { ...(kind === 'remove' && { target }), ...sealed });
      }
    }
    // Newcomers must have the PSK of the commit that adds them.
    const removed = room.proposals.filter(({ kind }) => kind === 'remove').map(({ target }) => target);
    const added = room.proposals.filter(({ kind }) => kind === 'add').map(({ target }) => target);
    for (const device of added.filter(({ can }) => can.psks)) for (const psk of this.psks ?? []) await device.ask('psk', psk);
    const by = random.pick(room.committers());
    await this.commit(by, this.manner(by), room.others(by).filter((member) => !removed.includes(member)));
    await this.leave(removed);
  }

  // A new external PSK at all of `devices`; its id.
  async sharePsk(devices) {
    const psk = { psk_id: this.random.hex(8), psk: this.random.hex(this.random.pick([16, 32, 64])) };
    (this.psks ??= []).push(psk);
    for (const device of devices) await device.ask('psk', psk);
    return psk.psk_id;
  }
  async psk() {
    const adds = this.takeOutside(this.random.below(2), true);
    const by = this.random.pick(this.room.members);
    const psks = [];
    for (let i = 1 + this.random.below(2); i > 0; --i) psks.push(await this.sharePsk([...this.room.members, ...adds]));
    await this.commit(by, { adds, psks, ...this.manner(by, false) });
  }
  // A PSK of an earlier epoch, when all have seen it. ts-mls keeps four.
  async resumption() {
    const { random, room } = this;
    const since = Math.max(...room.members.map((member) => room.joined.get(member)), room.epoch - 3);
    const by = random.pick(room.members);
    await this.commit(by, { resumptions: [since + random.below(room.epoch - since + 1)], ...this.manner(by, false) });
  }

  // Only our implementations and ts-mls list the extension type in their leaves.
  extendable() { return this.everybody('psks') && this.outside.every(({ can }) => can.psks); }
  async changeContext() {
    const by = this.random.pick(this.room.members.filter(({ can }) => can.context));
    await this.commit(by, { context_extensions: [{ type: 0xf5a2, data: this.random.hex(8) }], ...this.manner(by) });
  }

  // Two commit in one epoch: the gateway takes the first, the other is dropped and follows.
  async race() {
    const { random, room } = this;
    const loser = random.pick(room.members);
    room.note(`${loser.name} loses a race`);
    await room.ask(loser, 'commit', { accepted: false, adds: [], removes: [] });
    await this.commit(random.pick(room.others(loser)));
    await room.commit(loser);
  }

  // The GroupInfo of a member of ours, or the one that came with the last commit.
  async groupInfo() {
    const { random, room } = this;
    const ours = room.members.filter(({ kind }) => kind === 'ours');
    if (ours.length > 0 && random.chance(50)) return (await room.ask(random.pick(ours), 'group_info')).group_info;
    return (await room.commit(random.pick(room.members))).group_info;
  }
  async joinExternally() {
    const { random, room } = this;
    const able = this.outside.filter(({ can }) => can.external);
    if (able.length === 0 || room.members.length >= MAX_MEMBERS) return;
    const newcomer = random.pick(able);
    this.outside = this.outside.filter((device) => device !== newcomer);
    const group_info = await this.groupInfo();
    room.note(`${newcomer.name} joins externally`);
    await this.external(newcomer, { group_info }, [newcomer]);
  }
  // A device that lost its place comes back and removes its old leaf in the same commit (S9).
  async resync() {
    const { random, room } = this;
    const lost = random.pick(room.members);
    if (lost.kind !== 'ours' || room.members.length < 2) return;
    const group_info = await this.groupInfo();
    room.note(`${lost.name} resyncs`);
    await this.external(lost, { group_info, resync: true }, []);
  }
  async external(by, fields, entering) {
    const { room } = this;
    const bundle = await room.ask(by, 'join_externally', fields);
    for (const device of entering) room.members.push(device);
    room.joined.set(by, room.epoch + 1);
    await room.deliver(by, bundle);
    await room.chat();
  }

  async chat() { await this.room.chat(); }
}
