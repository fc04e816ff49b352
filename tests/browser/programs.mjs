// The real gateway and the real command line, for the story in the browser.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = new URL('../../', import.meta.url).pathname;
const BIN = process.env.STEIGER_BIN ?? join(ROOT, 'build/release/bin');
const SITE = join(ROOT, 'build/web/site');

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

// An organisation, its gateway with the page, and one coach.
export class World {
  static async make(coachName) {
    const world = new World();
    world.dir = mkdtempSync(join(tmpdir(), 'steiger-story-'));
    world.port = await freePort();
    world.pageUrl = `http://127.0.0.1:${world.port}/`;
    const organisation = join(world.dir, 'organisation');
    run('steiger', ['organisation', 'create', organisation, '--name', 'Werkplein']);
    run('steiger-gateway', ['init', join(world.dir, 'gateway'), '--organisation', join(organisation, 'organisation.pub'),
                            '--listen', `127.0.0.1:${world.port}`, '--web', SITE]);
    await world.startGateway();
    world.steiger(['coach', 'create', '--name', coachName, '--gateway', `ws://127.0.0.1:${world.port}`, '--organisation', organisation]);
    return world;
  }

  async startGateway() {
    this.gateway = spawn(join(BIN, 'steiger-gateway'), ['--config', join(this.dir, 'gateway', 'gateway.toml')],
                         { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: this.gateway.stdout })) {
      if (JSON.parse(line).event === 'listening') {
        this.gateway.stdout.resume(); // nobody reads the log any more: it must not block on a full pipe
        return;
      }
    }
    throw new Error('the gateway did not start');
  }
  async killGateway() {
    const ended = new Promise((resolve) => this.gateway.once('exit', resolve));
    this.gateway.kill('SIGKILL');
    await ended;
  }

  // `steiger ARGUMENTS` on the coach's device; its JSON lines. Throws unless it ends well.
  steiger(args, input = '') {
    return this.steigerAt('coach', args, input);
  }
  steigerAt(device, args, input = '') {
    const out = run('steiger', [...args, '--json', '--data', join(this.dir, device)], input);
    return out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  // The same while the test goes on; resolves with its exit code.
  startAt(device, args, input) {
    const child = spawn(join(BIN, 'steiger'), [...args, '--json', '--data', join(this.dir, device)], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(input);
    return new Promise((resolve) => child.once('exit', resolve));
  }

  // A QR invite: its link, and the end of the command, which comes when somebody joined.
  async invite(label) {
    const child = spawn(join(BIN, 'steiger'), ['invite', '--qr', '--label', label, '--page', this.pageUrl, '--json', '--data',
                                               join(this.dir, 'coach')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const joined = new Promise((resolve) => child.once('exit', resolve));
    const lines = createInterface({ input: child.stdout });
    const link = await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const { body_type, body } = JSON.parse(line);
        if (body_type === 'Invite' && body.url) resolve(body.url);
      });
      joined.then((code) => reject(new Error(`steiger invite ended with ${code}`)));
    });
    return { link, joined };
  }

  // [{text, seq, mine}] as the coach's device shows it.
  history() {
    return this.steiger(['history']).flatMap(({ body_type, body }) =>
      body_type === 'MessageList' ? body.messages ?? [] : body_type === 'Message' ? [body] : []);
  }

  end() {
    this.gateway?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function run(program, args, input = '') {
  const done = spawnSync(join(BIN, program), args, { input, encoding: 'utf8', timeout: 120_000 });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${done.status ?? done.error}: ${done.stderr}`);
  return done.stdout;
}
