// The figures of `steiger-bench mls` for two implementations that others wrote, in the same units: operations per second on one
// core, 256 bytes of content, a group of two. One line of JSON. Each library is measured in a process of its own.
//
//   node bench.mjs [ROUNDS [SECONDS]]
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const CONTENT = new Uint8Array(256).fill('x'.charCodeAt(0));
const DAY_SECONDS = 24 * 60 * 60;

// Calls `work(await prepare())` until `work` has taken so long; its calls per second. What `prepare` costs does not count.
async function perSecond(seconds, work, prepare = async () => undefined) {
  let done = 0;
  let spent = 0;
  while (spent < seconds * 1e3) {
    const input = await prepare();
    const start = performance.now();
    done += (await work(input)) ?? 1;
    spent += performance.now() - start;
  }
  return done / (spent / 1e3);
}

async function measureTsMls(seconds) {
  const M = await import('ts-mls');
  const suiteName = 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519';
  const suite = await M.getCiphersuiteImpl(M.getCiphersuiteFromName(suiteName), M.nobleCryptoProvider);
  const capabilities = { versions: ['mls10'], ciphersuites: [suiteName], extensions: [], proposals: [], credentials: ['basic'] };
  const now = BigInt(Math.floor(Date.now() / 1000));
  const lifetime = { notBefore: now - 3600n, notAfter: now + BigInt(DAY_SECONDS) };
  const device = (name) =>
    M.generateKeyPackage({ credentialType: 'basic', identity: Buffer.from(name) }, capabilities, lifetime, [], suite);
  const [first, second] = [await device('first'), await device('second')];
  const createAndAdd = async () => {
    const state = await M.createGroup(randomBytes(16), first.publicPackage, first.privatePackage, [], suite);
    return M.createCommit({ state, cipherSuite: suite }, {
      wireAsPublicMessage: true, ratchetTreeExtension: true,
      extraProposals: [{ proposalType: 'add', add: { keyPackage: second.publicPackage } }] });
  };
  const made = await createAndAdd();
  const join = () => M.joinGroup(made.welcome, second.publicPackage, second.privatePackage, M.emptyPskIndex, suite);
  let [sender, receiver] = [made.newState, await join()];
  return {
    encrypt_decrypt: await perSecond(seconds, async () => {
      const sent = await M.createApplicationMessage(sender, CONTENT, suite);
      sender = sent.newState;
      receiver = (await M.processPrivateMessage(receiver, sent.privateMessage, M.emptyPskIndex, suite)).newState;
    }),
    create_add_commit: await perSecond(seconds, async () => { await createAndAdd(); }),
    join: await perSecond(seconds, async () => { await join(); }),
  };
}

async function measureCoreCrypto(seconds) {
  const { loadCoreCrypto } = await import('./core_crypto.mjs');
  const C = await loadCoreCrypto();
  let bundle;
  const transport = { sendCommitBundle: async (sent) => { bundle = sent; }, prepareForTransport: async () => new Uint8Array() };
  const device = async (number) => {
    const core = C.CoreCrypto.new(await C.Database.inMemory());
    const id = new C.ClientId(new C.Uuid('00000000-0000-4000-8000-000000000000'), new C.DeviceId(number), 'example.org');
    const credential = await core.transaction(async (context) => {
      await context.mlsInit(id, transport);
      return context.addCredential(C.Credential.basic(C.CipherSuite.Mls128Dhkemx25519Chacha20poly1305Sha256Ed25519, id));
    });
    return { core, credential };
  };
  const [first, second] = [await device(1n), await device(2n)];
  const keyPackage = () => second.core.transaction((context) => context.generateKeyPackage(second.credential, DAY_SECONDS));
  const createAndAdd = async (added) => {
    const group = new C.ConversationId(randomBytes(16));
    await first.core.transaction(async (context) => {
      await context.createConversation(group, first.credential);
      await context.addClientsToConversation(group, [added]);
    });
    return { group, welcome: bundle.welcome };
  };
  const join = ({ welcome }) => second.core.transaction((context) => context.processWelcomeMessage(welcome));
  const forget = (group) => Promise.all([first, second].map(({ core }) => core.transaction(async (context) => {
    if (await context.conversationExists(group)) await context.wipeConversation(group);
  })));
  const room = await createAndAdd(await keyPackage());
  await join(room);
  // A transaction is its unit of storing; as many messages in one as a device sees after a day.
  const MESSAGES = 50;
  const figures = {
    encrypt_decrypt: await perSecond(seconds, async () => {
      const sent = [];
      await first.core.transaction(async (context) => {
        for (let i = 0; i < MESSAGES; ++i) sent.push(await context.encryptMessage(room.group, CONTENT));
      });
      await second.core.transaction(async (context) => {
        for (const message of sent) await context.decryptMessage(room.group, message);
      });
      return MESSAGES;
    }),
  };
  const added = await keyPackage();
  let last;
  const forgetLast = async () => { if (last) await forget(last); };
  figures.create_add_commit = await perSecond(seconds, async () => { last = (await createAndAdd(added)).group; }, forgetLast);
  figures.join = await perSecond(seconds, async (invited) => { await join(invited); last = invited.group; }, async () => {
    await forgetLast();
    return createAndAdd(await keyPackage());
  });
  return figures;
}

const MEASURES = { ts_mls: measureTsMls, core_crypto: measureCoreCrypto };
const VERSIONS = { ts_mls: 'ts-mls 1.6.4, noble', core_crypto: '@wireapp/core-crypto 10.3.0, wasm' };

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rounded = (value) => Number(value.toPrecision(3));

const [, , first, second] = process.argv;
if (MEASURES[first]) {
  console.log(JSON.stringify(await MEASURES[first](Number(second))));
  process.exit(0);
}
const rounds = Number(first ?? 3);
const seconds = Number(second ?? 1);
const out = { bench: 'mls_others', what: 'one core; group of two; 256 bytes of content', rounds, seconds_per_measurement: seconds };
for (const kind of Object.keys(MEASURES)) {
  const all = [];
  for (let i = 0; i < rounds; ++i) {
    const args = ['--no-warnings', fileURLToPath(import.meta.url), kind, String(seconds)];
    all.push(JSON.parse(execFileSync(process.execPath, args, { cwd: new URL('.', import.meta.url), encoding: 'utf8' })));
  }
  out[kind] = { version: VERSIONS[kind] };
  for (const name of Object.keys(all[0])) {
    const values = all.map((round) => rounded(round[name]));
    out[kind][`${name}_per_second`] = { median: median(values), all: values };
  }
}
console.log(JSON.stringify(out));
