// Wire's core-crypto (OpenMLS as wasm) as a peer: the language of README.md on standard input and output. GPL-3: it stays in this
// process of its own and in node_modules, and is never linked or shipped.
import { loadCoreCrypto } from './core_crypto.mjs';
import { fromHex, serve, toHex } from './language.mjs';

const C = await loadCoreCrypto();
const DAY_SECONDS = 24 * 60 * 60;

// Its ClientId reads "user:device@domain", which is also the identity in the leaf.
function clientId(identity) {
  const [, user, device, domain] = /^(.*):(.*)@(.*)$/.exec(identity);
  return new C.ClientId(new C.Uuid(user), C.DeviceId.fromHexString(device), domain);
}
const conversation = (group) => new C.ConversationId(fromHex(group));

class Device {
  static async make(identity) {
    const device = new Device();
    device.core = C.CoreCrypto.new(await C.Database.inMemory());
    const id = clientId(identity);
    await device.core.transaction(async (context) => {
      await context.mlsInit(id, device);
      device.credential = await context.addCredential(
        C.Credential.basic(C.CipherSuite.Mls128Dhkemx25519Chacha20poly1305Sha256Ed25519, id));
    });
    return device;
  }

  // The transport that it asks for: here, whether a commit wins.
  async sendCommitBundle(bundle) {
    this.bundle = bundle;
    if (!this.accepted) throw new C.MlsTransportError.MessageRejected({ reason: 'another commit won' });
  }
  async prepareForTransport() { return new Uint8Array(); }

  // What `work` handed to the transport.
  async commit(accepted, work) {
    this.accepted = accepted;
    this.bundle = undefined;
    try {
      await this.core.transaction(work);
    } catch (error) {
      if (accepted || this.bundle === undefined) throw error;
    }
    const { commit, groupInfo, welcome } = this.bundle;
    return { commit: toHex(commit), group_info: toHex(groupInfo.payload), ...(welcome && { welcome: welcomeMessage(welcome) }) };
  }
}
const welcomeMessage = (welcome) => toHex(welcome.serialize());

const devices = new Map();
const run = ({ device }, work) => devices.get(device).core.transaction(work);
// It takes KeyPackages and GroupInfos without the frame of an MLSMessage.
const FRAMES = { keyPackage: '00010005', groupInfo: '00010004' };
function unframed(kind, message) {
  if (!message.startsWith(FRAMES[kind])) throw new Error(`not framed as ${kind}`);
  return fromHex(message.slice(FRAMES[kind].length));
}

await serve({
  device: async ({ device }) => { devices.set(device, await Device.make(device)); return {}; },
  key_package: async (request) => {
    const made = await run(request, (context) => context.generateKeyPackage(devices.get(request.device).credential, DAY_SECONDS));
    return { key_package: FRAMES.keyPackage + toHex(made.serialize()) };
  },
  create: async (request) => {
    await run(request, (context) => context.createConversation(conversation(request.group), devices.get(request.device).credential));
    return {};
  },

  // One kind of change a commit; proposals that wait go along.
  commit: async (request) => {
    const id = conversation(request.group);
    return devices.get(request.device).commit(request.accepted ?? true, (context) => {
      if (request.adds?.length) return context.addClientsToConversation(id, request.adds.map((hex) => new C.KeyPackage(unframed('keyPackage', hex))));
      if (request.removes?.length) return context.removeClientsFromConversation(id, request.removes.map(clientId));
      if (request.references) return context.commitPendingProposals(id);
      return context.updateKeyingMaterial(id);
    });
  },

  handle: async (request) => {
    const id = conversation(request.group);
    const { tag, inner } = await run(request, (context) => context.decryptMessage(id, fromHex(request.message)));
    if (tag === 'Text') return { kind: 'application', text: toHex(inner.plaintext) };
    if (tag === 'Proposal') return { kind: 'proposal' };
    return { kind: 'commit', active: inner.isActive };
  },

  join: async (request) => {
    const id = await run(request, (context) => context.processWelcomeMessage(new C.Welcome(fromHex(request.welcome))));
    return { group: toHex(id.copyBytes()) };
  },
  join_externally: async (request) => devices.get(request.device).commit(true, (context) =>
    context.joinByExternalCommit(new C.GroupInfo(unframed('groupInfo', request.group_info)), devices.get(request.device).credential)),

  encrypt: async (request) => {
    const id = conversation(request.group);
    return { message: toHex(await run(request, (context) => context.encryptMessage(id, fromHex(request.text)))) };
  },

  // It has no epoch authenticator to show, and one exporter: label "exporter", no context.
  facts: async (request) => {
    const { core } = devices.get(request.device);
    const id = conversation(request.group);
    const members = (await core.getClientIds(id)).map((member) => Buffer.from(member.copyBytes()).toString());
    const exporters = [];
    for (const { label, context, length } of request.exporters ?? []) {
      const known = label === 'exporter' && context === '';
      exporters.push(known ? toHex((await core.exportSecretKey(id, length)).copyBytes()) : null);
    }
    return { epoch: Number(await core.conversationEpoch(id)), members, exporters };
  },

  forget: async (request) => {
    const id = conversation(request.group);
    if (await devices.get(request.device).core.conversationExists(id)) await run(request, (context) => context.wipeConversation(id));
    return {};
  },
});
