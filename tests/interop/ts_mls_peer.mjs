// ts-mls as a peer: the language of README.md on standard input and output.
import {
  acceptAll, createApplicationMessage, createCommit, createGroup, createProposal, decodeMlsMessage, encodeMlsMessage,
  generateKeyPackageWithKey, getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, makePskIndex, mlsExporter,
  nobleCryptoProvider, processPrivateMessage, processPublicMessage,
} from 'ts-mls';

import { Misuse, fromHex, serve, toHex } from './language.mjs';

const SUITE = 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519';
const suite = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE), nobleCryptoProvider);
const DAY = 24n * 60n * 60n;
// The extension types of our leaves and groups (README.md).
const EXTENSIONS = [0xf5a1, 0xf5a2];

const text = (bytes) => Buffer.from(bytes).toString();
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

function decodeAs(hex, wireformat, field) {
  const bytes = fromHex(hex);
  const decoded = decodeMlsMessage(bytes, 0);
  if (!decoded || decoded[1] !== bytes.length) throw new Error('does not decode');
  if (decoded[0].wireformat !== wireformat) throw new Error(`is a ${decoded[0].wireformat}`);
  return decoded[0][field];
}
const encodeAs = (wireformat, field, value) => toHex(encodeMlsMessage({ version: 'mls10', wireformat, [field]: value }));

function leafOf(state, identity) {
  for (let leaf = 0; 2 * leaf < state.ratchetTree.length; ++leaf) {
    const node = state.ratchetTree[2 * leaf];
    if (node && text(node.leaf.credential.identity) === identity) return leaf;
  }
  throw new Misuse(`${identity} is not a member`);
}

const externalPsk = (id) => ({
  proposalType: 'psk',
  psk: { preSharedKeyId: { psktype: 'external', pskId: fromHex(id), pskNonce: suite.rng.randomBytes(suite.kdf.size) } },
});
const resumptionPsk = (state, epoch) => ({
  proposalType: 'psk',
  psk: { preSharedKeyId: { psktype: 'resumption', usage: 'application', pskGroupId: state.groupContext.groupId, pskEpoch: BigInt(epoch),
                           pskNonce: suite.rng.randomBytes(suite.kdf.size) } },
});
const add = (hex) => ({ proposalType: 'add', add: { keyPackage: decodeAs(hex, 'mls_key_package', 'keyPackage') } });
const remove = (state, identity) => ({ proposalType: 'remove', remove: { removed: leafOf(state, identity) } });
const contextExtensions = (list) => ({
  proposalType: 'group_context_extensions',
  groupContextExtensions: { extensions: list.map(({ type, data }) => ({ extensionType: type, extensionData: fromHex(data) })) },
});

class Device {
  static async make(identity, nowMs) {
    const device = new Device();
    device.identity = identity;
    device.now = BigInt(Math.floor(nowMs / 1000));
    device.keyPair = await suite.signature.keygen();
    device.packages = [];
    device.psks = {};
    device.groups = new Map();
    return device;
  }

  async newPackage() {
    const made = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: Buffer.from(this.identity) },
      { versions: ['mls10'], ciphersuites: [SUITE], extensions: EXTENSIONS, proposals: [], credentials: ['basic', 'x509'] },
      { notBefore: this.now - DAY, notAfter: this.now + DAY }, [], this.keyPair, suite);
    this.packages.push(made);
    return made;
  }
  pskIndex(state) { return makePskIndex(state, this.psks); }
}

async function join(device, welcome) {
  let last = new Error('no key package');
  for (const { publicPackage, privatePackage } of device.packages) {
    try {
      return await joinGroup(welcome, publicPackage, privatePackage, device.pskIndex(undefined), suite);
    } catch (error) { last = error; }
  }
  throw last;
}

const devices = new Map();
function state({ device, group }) {
  const found = devices.get(device)?.groups.get(group);
  if (!found) throw new Misuse(`${device} is not in ${group}`);
  return found;
}
const keep = ({ device, group }, next) => devices.get(device).groups.set(group, next);

await serve({
  device: async ({ device, now_ms }) => { devices.set(device, await Device.make(device, now_ms)); return {}; },
  key_package: async ({ device }) =>
    ({ key_package: encodeAs('mls_key_package', 'keyPackage', (await devices.get(device).newPackage()).publicPackage) }),
  psk: async ({ device, psk_id, psk }) => { devices.get(device).psks[base64(fromHex(psk_id))] = fromHex(psk); return {}; },

  create: async (request) => {
    const { publicPackage, privatePackage } = await devices.get(request.device).newPackage();
    const extensions = contextExtensions(request.context_extensions ?? []).groupContextExtensions.extensions;
    keep(request, await createGroup(fromHex(request.group), publicPackage, privatePackage, extensions, suite));
    return {};
  },

  commit: async (request) => {
    const before = state(request);
    const extraProposals = [
      ...(request.context_extensions ? [contextExtensions(request.context_extensions)] : []),
      ...(request.removes ?? []).map((identity) => remove(before, identity)),
      ...(request.adds ?? []).map(add),
      ...(request.psks ?? []).map(externalPsk),
      ...(request.resumptions ?? []).map((epoch) => resumptionPsk(before, epoch)),
    ];
    const made = await createCommit(
      { state: before, cipherSuite: suite, pskIndex: devices.get(request.device).pskIndex(before) },
      { wireAsPublicMessage: !request.sealed, ratchetTreeExtension: true, extraProposals });
    if (request.accepted ?? true) keep(request, made.newState);
    return { commit: toHex(encodeMlsMessage(made.commit)),
             ...(made.welcome && { welcome: encodeAs('mls_welcome', 'welcome', made.welcome) }) };
  },

  propose: async (request) => {
    const before = state(request);
    const proposal = { add: () => add(request.key_package), remove: () => remove(before, request.identity),
                       psk: () => externalPsk(request.psk_id) }[request.kind]();
    const { newState, message } = await createProposal(before, !request.sealed, proposal, suite);
    keep(request, newState);
    return { message: toHex(encodeMlsMessage(message)) };
  },

  handle: async (request) => {
    const bytes = fromHex(request.message);
    const decoded = decodeMlsMessage(bytes, 0);
    if (!decoded || decoded[1] !== bytes.length) throw new Error('does not decode');
    const message = decoded[0];
    const before = state(request);
    const psks = devices.get(request.device).pskIndex(before);
    let kind = 'proposal';
    const note = (incoming) => { kind = incoming.kind; return acceptAll(incoming); };
    if (message.wireformat === 'mls_public_message') {
      keep(request, (await processPublicMessage(before, message.publicMessage, psks, suite, note)).newState);
    } else if (message.wireformat === 'mls_private_message') {
      const result = await processPrivateMessage(before, message.privateMessage, psks, suite, note);
      keep(request, result.newState);
      if (result.kind === 'applicationMessage') return { kind: 'application', text: toHex(result.message) };
    } else {
      throw new Error(`is a ${message.wireformat}`);
    }
    return kind === 'proposal' ? { kind } : { kind, active: state(request).groupActiveState.kind === 'active' };
  },

  join: async ({ device, welcome }) => {
    const joined = await join(devices.get(device), decodeAs(welcome, 'mls_welcome', 'welcome'));
    const group = toHex(joined.groupContext.groupId);
    keep({ device, group }, joined);
    return { group };
  },

  encrypt: async (request) => {
    const { newState, privateMessage } = await createApplicationMessage(state(request), fromHex(request.text), suite);
    keep(request, newState);
    return { message: encodeAs('mls_private_message', 'privateMessage', privateMessage) };
  },

  facts: async (request) => {
    const { groupContext, keySchedule, ratchetTree } = state(request);
    const exporters = [];
    for (const { label, context, length } of request.exporters ?? []) {
      exporters.push(toHex(await mlsExporter(keySchedule.exporterSecret, label, fromHex(context), length, suite)));
    }
    return { epoch: Number(groupContext.epoch), epoch_authenticator: toHex(keySchedule.epochAuthenticator), exporters,
             members: ratchetTree.filter((node) => node?.nodeType === 'leaf').map((node) => text(node.leaf.credential.identity)) };
  },

  forget: async ({ device, group }) => { devices.get(device).groups.delete(group); return {}; },
});
