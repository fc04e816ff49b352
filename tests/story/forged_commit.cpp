#include "tests/story/forged_commit.h"

#include <chrono>

#include "client-sdk/src/keys.h"
#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/login.h"
#include "crypto/mls/group.h"
#include "crypto/primitives/system_rng.h"
#include "tests/story/tampered_client.h"
#include "tests/support/wire_device.h"

namespace steiger::story {
namespace {

namespace wire = gateway::wire;

Timestamp now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// Right by RFC 9420 and certified; only the grant is missing.
Result<wire::SubmitCommitT> ghost_commit(const Tampered& device) {
  SystemRng rng;
  const ChannelId channel = device.purpose.channel;
  STEIGER_TRY(const auto record, sdk::ChannelRecord::decode(device.snapshot.at(sdk::keys::channel(channel)).bytes()));
  STEIGER_TRY(const auto group, mls::Group::deserialize(device.snapshot.at(sdk::keys::group(channel)).bytes()));
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(device.accepted.proof));
  STEIGER_TRY(const auto ghost, identity::decode_chain(device.accepted.chain));
  const identity::ChainPosition position{record.processed, record.head};
  mls::CommitOptions options;
  STEIGER_TRY(auto package, mls::VerifiedKeyPackage::decode(proof.key_package));
  options.adds.push_back(std::move(package));
  options.authenticated_data = identity::encode_handshake_header({position, ghost.certificates});
  options.group_info_extensions.push_back({identity::kChainHeadExtension, identity::encode_chain_position(position)});
  options.now = now();
  STEIGER_TRY(const auto pending, group.commit(rng, options));
  wire::SubmitCommitT out;
  out.id = gateway::wire_pointer(MessageId::random(rng));
  out.channel = gateway::wire_pointer(channel);
  out.epoch = group.epoch();
  out.commit = pending.commit;
  out.welcome = *pending.welcome;
  out.group_info = pending.group_info;
  out.links_from = position.seq;
  return out;
}

wire::LoginT login_of(const Tampered& device, const std::string& origin, const wire::HelloReplyT& reply) {
  const auto organisation = identity::decode_organisation(device.self.organisation).value();
  ByteArray<32> nonce{};
  std::copy_n(reply.nonce->bytes()->data(), nonce.size(), nonce.begin());
  const SigningKey leaf_key(SigningKey::Seed::from_bytes(device.self.leaf_seed.bytes()).value());
  wire::LoginT login;
  login.account = gateway::wire_pointer(device.self.account);
  login.device = gateway::wire_pointer(device.self.device);
  login.signature = gateway::wire_pointer(
      identity::sign_login(leaf_key, {origin, organisation.id, nonce, device.self.account, device.self.device}));
  login.chain = device.self.chain;
  return login;
}

}  // namespace

std::string submit_a_ghost(const std::filesystem::path& data_dir, const std::string& gateway_url) {
  const auto device = open_tampered(data_dir);
  if (!device) return "(nobody has redeemed an invite to read along)";
  auto commit = ghost_commit(*device);
  if (!commit.ok()) return std::string("(no commit: ") + commit.error().name + ")";
  test::Pump pump;
  test::WireDevice line(pump);
  if (!line.connect(gateway_url)) return "(no connection)";
  const auto reply = line.hello();
  if (reply == nullptr) return "(no hello)";
  line.say(login_of(*device, "http" + gateway_url.substr(2), *reply), 2);
  const auto in = line.hear_next<wire::LoginReplyT>();
  if (in == nullptr) return "(no login)";
  commit->counter = in->accepted_counter + 1;
  line.say(std::move(commit).value(), 3);
  while (auto said = line.hear()) {
    if (const auto* rejected = said->body.AsRejected()) return rejected->problem->name;
    if (const auto* problem = said->body.AsProblem()) return problem->name;
    if (const auto* accepted = said->body.AsAccepted(); accepted != nullptr && accepted->counter > in->accepted_counter) {
      return "accepted";
    }
  }
  return "(the connection ended)";
}

}  // namespace steiger::story
