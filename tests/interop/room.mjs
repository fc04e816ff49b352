// One MLS group with members of several implementations, and the gateway between them: it delivers every accepted commit to all.
import assert from 'node:assert/strict';

// core-crypto can show the first one only. The second is long and has a context; its length is no multiple of the hash's.
const EXPORTERS = [{ label: 'exporter', context: '', length: 32 }, { label: 'nudge', context: '00ff', length: 77 }];

// Bugs of ts-mls 1.6.4 that random scripts walk into (README.md). Everybody else goes on; what it cannot do is left out.
//   It refuses a tree in which a node below lists an unmerged leaf and a node above, renewed since, does not. RFC 9420 section 12.4.3.1
//   asks that of the nodes between, not of those above.
const REFUSES_GOOD_TREES = 'non-blank intermediate node must list leaf node in its unmerged_leaves';
//   It does not see that a commit removes it when an Add of the same commit takes its leaf.
const missesItsRemoval = (member, added) => member.kind === 'ts_mls' && added.length > 0;

const sorted = (list) => [...list].sort();

export class Room {
  static async create(random, creator, fields = {}) {
    const room = new Room();
    Object.assign(room, { random, group: random.hex(16), members: [creator], proposals: [], epoch: 0, log: [], joined: new Map(),
                          stranded: [], turnedAway: [] });
    room.joined.set(creator, 0);
    await room.ask(creator, 'create', fields);
    room.note(`created by ${creator.name}`);
    await room.check();
    return room;
  }

  note(line) { this.log.push(`epoch ${this.epoch}: ${line}`); }
  ask(device, op, fields = {}) { return device.ask(op, { group: this.group, ...fields }); }
  others(device) { return this.members.filter((member) => member !== device); }
  // Who can commit what waits: nobody its own Update, nor its own removal (RFC 9420 section 12.2).
  committers() {
    return this.members.filter((member) => !this.proposals.some(({ kind, by, target }) =>
      (kind === 'update' && by === member) || (kind === 'remove' && target === member)));
  }

  // Epoch, members, exporters and epoch authenticator are the same at all who can show them.
  async check() {
    const all = await Promise.all(this.members.map((member) => this.ask(member, 'facts', { exporters: EXPORTERS })));
    const shown = (read) => all.map(read).map((value, i) => [this.members[i].name, value]).filter(([, value]) => value != null);
    for (const [name, read] of [['epoch', (facts) => facts.epoch], ['members', (facts) => sorted(facts.members).join(' ')],
                                ['epoch authenticator', (facts) => facts.epoch_authenticator],
                                ...EXPORTERS.map(({ label }, i) => [`exporter ${label}`, (facts) => facts.exporters[i]])]) {
      const values = new Set(shown(read).map(([, value]) => value));
      assert.ok(values.size <= 1, `${name} differs after ${this.log.at(-1)}: ${JSON.stringify(shown(read), null, 1)}`);
    }
    assert.equal(all[0].epoch, this.epoch);
    assert.deepEqual(sorted(all[0].members), sorted([...this.members, ...this.stranded].map(({ identity }) => identity)));
  }

  // `by` commits `fields` and what waits; everybody follows, the added join. `adds`, `removes`: devices.
  async commit(by, { adds = [], removes = [], ...fields } = {}) {
    const added = [...adds, ...this.proposals.filter(({ kind }) => kind === 'add').map(({ target }) => target)];
    const removed = [...removes, ...this.proposals.filter(({ kind }) => kind === 'remove').map(({ target }) => target)];
    const what = [...this.proposals.map(({ kind }) => `${kind} by reference`), ...adds.map(({ kind }) => `add ${kind}`),
                  ...removes.map(({ kind }) => `remove ${kind}`), ...Object.keys(fields)];
    this.note(`${by.name} commits ${what.join(', ') || 'an update'}`);
    const bundle = await this.ask(by, 'commit', {
      references: this.proposals.length > 0, removes: removes.map(({ identity }) => identity),
      adds: await Promise.all(adds.map((device) => device.keyPackage())), ...fields,
    });
    await this.deliver(by, bundle, added, removed);
    return bundle;
  }

  // An accepted commit reaches the others, and then what was encrypted before it (`this.late`).
  async deliver(by, bundle, added = [], removed = []) {
    const before = this.members.filter((member) => !removed.includes(member));
    await Promise.all(this.others(by).map(async (member) => {
      if (removed.includes(member) && missesItsRemoval(member, added)) return;
      const { kind, active } = await this.ask(member, 'handle', { message: bundle.commit });
      assert.equal(kind, 'commit');
      assert.equal(active, !removed.includes(member), `${member.name} after ${this.log.at(-1)}`);
    }));
    assert.equal(bundle.welcome !== undefined, added.length > 0);
    this.stranded = (await Promise.all(added.map((device) => this.join(device, bundle.welcome)))).filter(Boolean);
    this.epoch += 1;
    this.proposals = [];
    this.members = [...before];
    this.enter(added.filter((device) => !this.stranded.includes(device)));
    await this.check();
    if (this.late) await this.read(this.late, before.filter((member) => member !== this.late.by));
    this.late = undefined;
    if (this.stranded.length > 0) {
      this.turnedAway.push(...this.stranded);
      const removes = this.stranded.splice(0);
      this.note(`ts-mls refuses a good tree; ${removes.length} out again`);
      await this.commit(by, { removes });
    }
  }
  // The device when it could not join for a reason that is known; any other refusal fails the script.
  async join(device, welcome) {
    try {
      assert.equal((await device.ask('join', { welcome })).group, this.group);
      return undefined;
    } catch (error) {
      if (device.kind !== 'ts_mls' || !error.reason?.includes(REFUSES_GOOD_TREES)) throw error;
      return device;
    }
  }
  enter(added) {
    this.members.push(...added);
    for (const device of added) this.joined.set(device, this.epoch);
  }

  // `by` proposes; everybody remembers it until the next commit. `target`: the device to add or remove.
  async propose(by, kind, { target, ...fields } = {}) {
    this.note(`${by.name} proposes ${kind} ${target?.name ?? ''}`);
    const { message } = await this.ask(by, 'propose', {
      kind, ...(kind === 'add' && { key_package: await target.keyPackage() }), ...(kind === 'remove' && { identity: target.identity }),
      ...fields,
    });
    for (const member of this.others(by)) assert.equal((await this.ask(member, 'handle', { message })).kind, 'proposal');
    this.proposals.push({ by, kind, target });
    return message;
  }

  async encrypt(by) {
    const text = this.random.hex(this.random.pick([0, 1, 20, 300, 5000]));
    return { by, text, message: (await this.ask(by, 'encrypt', { text })).message };
  }
  async read({ by, text, message }, readers = this.others(by)) {
    await Promise.all(readers.map(async (reader) => {
      const got = await this.ask(reader, 'handle', { message });
      assert.deepEqual([got.kind, got.text], ['application', text], `${reader.name} reads ${by.name} at ${this.log.at(-1)}`);
    }));
  }
  // Two messages of everybody to everybody, the second first.
  async chat() {
    for (const by of this.random.shuffled(this.members)) {
      const first = await this.encrypt(by);
      await this.read(await this.encrypt(by));
      await this.read(first);
    }
  }
}
