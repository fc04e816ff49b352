// The asking side of the language in README.md: one process per implementation, many devices in each.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const HERE = new URL('.', import.meta.url).pathname;
const BIN = process.env.STEIGER_INTEROP_BIN ?? join(HERE, '../../build/release/bin');

// What an implementation can do beside the common part of the language. The limits of ts-mls 1.6.4 are bugs of it: it decodes
// external_senders and external_pub without their length.
export const ABILITIES = {
  ours: { proposes: ['add', 'remove', 'update', 'psk'], psks: true, external: true, pathless: true, seals: true, authenticator: true },
  ts_mls: { proposes: ['add', 'remove', 'psk'], psks: true, external: false, pathless: false, seals: true, authenticator: true },
  core_crypto: { proposes: [], psks: false, external: true, pathless: false, seals: false, authenticator: false },
};
const COMMANDS = {
  ours: (seed) => [join(BIN, 'mls_peer'), [String(seed)]],
  ts_mls: () => [process.execPath, ['--no-warnings', join(HERE, 'ts_mls_peer.mjs')]],
  core_crypto: () => [process.execPath, ['--no-warnings', join(HERE, 'core_crypto_peer.mjs')]],
};

export class Refused extends Error {
  constructor(who, op, reason) {
    super(`${who} refused ${op}: ${reason}`);
    this.reason = reason;
  }
}

export class Peer {
  constructor(kind, seed) {
    const [program, args] = COMMANDS[kind](seed);
    this.kind = kind;
    this.waiting = new Map();
    this.asked = 0;
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: HERE });
    this.child.stdin.on('error', () => {}); // told by 'exit'
    const fail = (why) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${kind} ${why}`));
      this.waiting.clear();
      this.ended = why;
    };
    this.child.on('error', (error) => fail(`did not start: ${error.message}`));
    this.child.on('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      this.waiting.get(answer.id).resolve(answer);
      this.waiting.delete(answer.id);
    });
  }

  ask(request) {
    if (this.ended) return Promise.reject(new Error(`${this.kind} ${this.ended}`));
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }
  end() { this.child.stdin.end(); }
}

// One device of one implementation.
export class Device {
  static async make(peer, identity) {
    const device = new Device();
    Object.assign(device, { peer, identity, kind: peer.kind, can: ABILITIES[peer.kind] });
    await device.ask('device', { now_ms: Date.now() });
    return device;
  }
  get name() { return `${this.kind} ${this.identity.slice(0, 4)}`; }

  // The result, or Refused.
  async ask(op, fields = {}) {
    const answer = await this.peer.ask({ op, device: this.identity, ...fields });
    if (answer.refused !== undefined) throw new Refused(this.name, op, answer.refused);
    return answer.ok;
  }
  // It must refuse, and says why.
  async refuses(op, fields, what) {
    const answer = await this.peer.ask({ op, device: this.identity, ...fields });
    assert.notEqual(answer.refused, undefined, `${this.name} accepted ${what}: ${JSON.stringify(answer.ok)}`);
    return answer.refused;
  }
  async keyPackage() { return (await this.ask('key_package')).key_package; }
}
