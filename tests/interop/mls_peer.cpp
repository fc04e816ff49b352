// mls_peer [SEED]: our MLS (crypto/mls) as a peer in a test with foreign implementations. One JSON request per line on standard
// input, one answer per line on standard output; README.md has the language. Test-only: secrets travel in the clear, and time and
// randomness come from the driver.
#include <sodium.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using Json = nlohmann::json;

// The driver broke the language: a mistake in the test, never an outcome of it.
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Bytes bytes_of(const Json& hex) {
  auto bytes = from_hex(hex.get_ref<const std::string&>());
  if (!bytes.ok()) throw BadRequest("not hexadecimal");
  return std::move(bytes).value();
}
Bytes bytes_at(const Json& request, const char* name) {
  return bytes_of(request.at(name));
}
// An optional list; empty when it is not there.
Json list_at(const Json& request, const char* name) {
  return request.value(name, Json::array());
}

struct Device {
  std::string identity;
  SigningKey key;
  KeyPackageOptions options;
  Timestamp now;
  std::vector<NewKeyPackage> packages = {};
  std::map<Bytes, Bytes> psks = {};
  std::map<Bytes, Group> groups = {};

  [[nodiscard]] PskLookup lookup() const {
    return [this](ByteView id) -> std::optional<SecretBytes> {
      const auto found = psks.find(to_bytes(id));
      if (found == psks.end()) return std::nullopt;
      return SecretBytes::copy_of(found->second);
    };
  }
  Group& group(const Json& request) {
    const auto found = groups.find(bytes_at(request, "group"));
    if (found == groups.end()) throw BadRequest(identity + " is not in that group");
    return found->second;
  }
  // Every state goes through its stored form, so that a run is also a test of that.
  Result<void> keep(const Group& group) {
    STEIGER_TRY(Group stored, Group::deserialize(group.serialize().bytes()));
    groups.insert_or_assign(to_bytes(group.group_id()), std::move(stored));
    return {};
  }
};

LeafIndex leaf_of(const Group& group, const std::string& identity) {
  for (std::uint32_t i = 0; i < group.tree().leaf_count(); ++i) {
    const LeafNode* leaf = group.member({i});
    if (leaf != nullptr && as_text(leaf->credential.identity) == identity) return {i};
  }
  throw BadRequest(identity + " is not a member");
}

Extensions extensions_of(const Json& list) {
  Extensions out;
  for (const Json& item : list) out.push_back({item.at("type").get<std::uint16_t>(), bytes_at(item, "data")});
  return out;
}

// The waiting proposals that this device may commit: all but its own Updates (RFC 9420 section 12.2).
std::vector<ProposalRef> waiting_proposals(const Group& group) {
  std::vector<ProposalRef> out;
  for (const StoredProposal& stored : group.proposals()) {
    const bool own = stored.sender == Sender{SenderType::member, group.own_leaf().value};
    if (!own || stored.proposal.type() != ProposalType::update) out.push_back(stored.reference);
  }
  return out;
}

class Peer {
 public:
  explicit Peer(std::uint64_t seed) : rng_(seed) {}

  Result<Json> answer(const Json& request) {
    const std::string op = request.at("op").get<std::string>();
    if (op == "device") return new_device(request);
    if (op == "decodes") return Json{{"decodes", decodes(bytes_at(request, "message"))}};
    const auto found = devices_.find(request.at("device").get<std::string>());
    if (found == devices_.end()) throw BadRequest("no such device");
    using Handler = Result<Json> (Peer::*)(Device&, const Json&);
    static const std::map<std::string, Handler> kHandlers = {{"key_package", &Peer::key_package},
                                                             {"psk", &Peer::psk},
                                                             {"create", &Peer::create},
                                                             {"commit", &Peer::commit},
                                                             {"propose", &Peer::propose},
                                                             {"handle", &Peer::handle},
                                                             {"join", &Peer::join},
                                                             {"join_externally", &Peer::join_externally},
                                                             {"encrypt", &Peer::encrypt},
                                                             {"facts", &Peer::facts},
                                                             {"group_info", &Peer::group_info},
                                                             {"forget", &Peer::forget}};
    const auto handler = kHandlers.find(op);
    if (handler == kHandlers.end()) throw BadRequest("no such operation: " + op);
    return (this->*handler->second)(found->second, request);
  }

 private:
  Result<Json> new_device(const Json& request) {
    const auto identity = request.at("device").get<std::string>();
    const Timestamp now{request.at("now_ms").get<std::int64_t>()};
    KeyPackageOptions options = test::options_for(identity);
    // core-crypto requires members of its groups to understand both types of credentials (required_capabilities).
    options.capabilities.credentials = {static_cast<std::uint16_t>(CredentialType::basic),
                                        static_cast<std::uint16_t>(CredentialType::x509)};
    constexpr std::uint64_t kDay = 24ull * 60 * 60;
    const auto seconds = static_cast<std::uint64_t>(now.ms / 1000);
    options.lifetime = {seconds - kDay, seconds + kDay};
    devices_.insert_or_assign(identity, Device{identity, SigningKey::generate(rng_), std::move(options), now});
    return Json::object();
  }

  Result<Json> key_package(Device& device, const Json&) {
    device.packages.push_back(make_key_package(rng_, device.key, device.options));
    return Json{{"key_package", to_hex(encode_key_package_message(device.packages.back().key_package))}};
  }

  Result<Json> psk(Device& device, const Json& request) {
    device.psks[bytes_at(request, "psk_id")] = bytes_at(request, "psk");
    return Json::object();
  }

  Result<Json> create(Device& device, const Json& request) {
    STEIGER_TRY(const Group group, Group::create(rng_, {bytes_at(request, "group"), device.key.clone(), device.options,
                                                        extensions_of(list_at(request, "context_extensions"))}));
    STEIGER_CHECK(device.keep(group));
    return Json::object();
  }

  Result<Json> commit(Device& device, const Json& request) {
    Group& group = device.group(request);
    CommitOptions options;
    options.now = device.now;
    options.references = waiting_proposals(group);
    options.psk_sources = device.lookup();
    options.with_path = request.value("with_path", true);
    for (const Json& package : list_at(request, "adds")) {
      STEIGER_TRY(VerifiedKeyPackage decoded, VerifiedKeyPackage::decode(bytes_of(package)));
      options.adds.push_back(std::move(decoded));
    }
    for (const Json& identity : list_at(request, "removes")) options.removes.push_back(leaf_of(group, identity));
    for (const Json& id : list_at(request, "psks")) {
      options.psks.push_back({bytes_of(id), SecretBytes::copy_of(device.psks.at(bytes_of(id)))});
    }
    for (const Json& epoch : list_at(request, "resumptions")) {
      STEIGER_TRY(ResumptionUse use, group.resumption_psk(ResumptionUsage::application, epoch.get<std::uint64_t>()));
      options.resumptions.push_back(std::move(use));
    }
    if (request.contains("context_extensions")) options.context_extensions = extensions_of(request["context_extensions"]);
    std::optional<HandshakeKey> sealing;
    if (request.value("sealed", false)) {
      STEIGER_TRY(sealing, group.take_handshake_key());
      STEIGER_CHECK(device.keep(group));
      options.sealed_with = &*sealing;
    }
    STEIGER_TRY(const PendingCommit made, group.commit(rng_, options));
    STEIGER_TRY(PendingCommit pending, PendingCommit::deserialize(made.serialize().bytes()));
    Json out = bundle(pending);
    if (request.value("accepted", true)) {
      STEIGER_TRY(const Group next, std::move(pending).merge(group));
      STEIGER_CHECK(device.keep(next));
    }
    return out;
  }

  Result<Json> propose(Device& device, const Json& request) {
    Group& group = device.group(request);
    const auto kind = request.at("kind").get<std::string>();
    const bool sealed = request.value("sealed", false);
    if (kind == "update") {
      STEIGER_TRY(const Bytes message, group.propose_update(rng_, std::nullopt, {}, sealed));
      STEIGER_CHECK(device.keep(group));
      return Json{{"message", to_hex(message)}};
    }
    Proposal proposal;
    if (kind == "add") {
      STEIGER_TRY(KeyPackage decoded, decode_key_package(bytes_at(request, "key_package")));
      proposal.body = Add{std::move(decoded)};
    } else if (kind == "remove") {
      proposal.body = Remove{leaf_of(group, request.at("identity").get<std::string>())};
    } else if (kind == "psk") {
      proposal = propose_psk(rng_, bytes_at(request, "psk_id"));
    } else {
      throw BadRequest("no such proposal: " + kind);
    }
    STEIGER_TRY(const Bytes message, group.propose(rng_, proposal, {}, sealed));
    STEIGER_CHECK(device.keep(group));
    return Json{{"message", to_hex(message)}};
  }

  // Whatever a gateway would deliver: the kind is in the framing, which is not secret (RFC 9420 section 6).
  Result<Json> handle(Device& device, const Json& request) {
    const Bytes wire = bytes_at(request, "message");
    Group& group = device.group(request);
    STEIGER_TRY(const MlsMessage message, decode<MlsMessage>(wire));
    ContentType content = ContentType::application;
    if (const auto* open = std::get_if<PublicMessage>(&message.body)) {
      content = open->content.type();
    } else if (const auto* sealed = std::get_if<PrivateMessage>(&message.body)) {
      content = sealed->content_type;
    }
    switch (content) {
      case ContentType::application: {
        STEIGER_TRY(const ReceivedMessage received, group.decrypt(wire));
        STEIGER_CHECK(device.keep(group));
        return Json{{"kind", "application"}, {"text", to_hex(received.plaintext.bytes())}};
      }
      case ContentType::proposal: {
        STEIGER_TRY(const ReceivedProposal received, group.handle_proposal(wire));
        STEIGER_CHECK(device.keep(group));
        return Json{{"kind", "proposal"}, {"type", static_cast<int>(received.proposal.proposal.type())}};
      }
      case ContentType::commit: {
        STEIGER_TRY(const CommitResult result, group.handle_commit(wire, device.lookup()));
        STEIGER_CHECK(device.keep(result.next));
        return Json{{"kind", "commit"}, {"active", result.next.end() == GroupEnd::none}};
      }
    }
    throw BadRequest("a kind of content that does not exist");
  }

  Result<Json> join(Device& device, const Json& request) {
    STEIGER_TRY(const Welcome welcome, decode_message<Welcome>(bytes_at(request, "welcome")));
    Error last = kNotForUs;
    for (const NewKeyPackage& package : device.packages) {
      auto joined = Group::join(welcome, package.key_package, package.secrets, device.key, device.lookup());
      if (joined.ok()) {
        STEIGER_CHECK(device.keep(joined->group));
        return Json{{"group", to_hex(joined->group.group_id())}};
      }
      if (!(joined.error() == kNotForUs)) last = joined.error();
    }
    return last;
  }

  Result<Json> join_externally(Device& device, const Json& request) {
    ExternalJoinOptions options{device.key.clone(), device.options, std::nullopt};
    const Bytes info = bytes_at(request, "group_info");
    if (request.value("resync", false)) options.removes = leaf_of(device.group(request), device.identity);
    STEIGER_TRY(const PendingCommit pending, Group::join_externally(rng_, info, std::move(options)));
    STEIGER_CHECK(device.keep(pending.next));
    return bundle(pending);
  }

  Result<Json> encrypt(Device& device, const Json& request) {
    Group& group = device.group(request);
    STEIGER_TRY(const Bytes message, group.encrypt(rng_, {}, bytes_at(request, "text")));
    STEIGER_CHECK(device.keep(group));
    return Json{{"message", to_hex(message)}};
  }

  // What all members of an epoch have in common.
  Result<Json> facts(Device& device, const Json& request) {
    const Group& group = device.group(request);
    Json members = Json::array();
    for (std::uint32_t i = 0; i < group.tree().leaf_count(); ++i) {
      if (const LeafNode* leaf = group.member({i})) members.push_back(as_text(leaf->credential.identity));
    }
    Json out = {{"epoch", group.epoch()}, {"members", members}, {"epoch_authenticator", to_hex(group.epoch_authenticator())}};
    for (const Json& wanted : list_at(request, "exporters")) {
      STEIGER_TRY(const SecretBytes secret,
                  group.export_secret(wanted.at("label").get_ref<const std::string&>(), bytes_at(wanted, "context"),
                                      wanted.at("length").get<std::size_t>()));
      out["exporters"].push_back(to_hex(secret.bytes()));
    }
    return out;
  }

  Result<Json> group_info(Device& device, const Json& request) {
    STEIGER_TRY(const Bytes info, device.group(request).group_info({}));
    return Json{{"group_info", to_hex(info)}};
  }

  Result<Json> forget(Device& device, const Json& request) {
    device.groups.erase(bytes_at(request, "group"));
    return Json::object();
  }

  // Whether a message is written as RFC 9420 says, down to the lengths inside. What it says may still be wrong.
  static bool decodes(ByteView wire) {
    const auto message = decode<MlsMessage>(wire);
    if (!message.ok()) return false;
    const auto* info = std::get_if<GroupInfo>(&message.value().body);
    const Bytes* tree = info == nullptr ? nullptr : find_extension(info->extensions, ExtensionType::ratchet_tree);
    return tree == nullptr || decode<RatchetTree>(*tree).ok();
  }

  static Json bundle(const PendingCommit& pending) {
    Json out = {{"commit", to_hex(pending.commit)}, {"group_info", to_hex(pending.group_info)}};
    if (pending.welcome) out["welcome"] = to_hex(*pending.welcome);
    return out;
  }

  test::SeededRng rng_;
  std::map<std::string, Device> devices_;
};

}  // namespace
}  // namespace steiger::mls

int main(int argc, char** argv) {
  if (sodium_init() < 0) return EXIT_FAILURE;
  try {
    steiger::mls::Peer peer(argc > 1 ? std::stoull(argv[1]) : 0);
    std::string line;
    while (std::getline(std::cin, line)) {
      const auto request = nlohmann::json::parse(line);
      auto answered = peer.answer(request);
      nlohmann::json answer = {{"id", request.at("id")}};
      if (answered.ok()) {
        answer["ok"] = std::move(answered).value();
      } else {
        answer["refused"] = answered.error().name;
      }
      std::cout << answer.dump() << std::endl;
    }
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "mls_peer: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
