#include "tests/property/lies_fixture.h"

#include "client-sdk/src/alarms.h"

namespace steiger::sdk::testing {
namespace {

ChannelId nth_room(const SimDevice& device, std::size_t room) {
  for (const auto& [key, value] : device.disk) {
    if (key.rfind(keys::kChannelPrefix, 0) != 0) continue;
    if (room-- == 0) return ChannelRecord::decode(value.bytes()).value().id;
  }
  std::abort();
}

SigningKey key_of(const SecretBytes& seed) {
  return SigningKey(SigningKey::Seed::from_bytes(seed.bytes()).value());
}

}  // namespace

Hand::Hand(const SimDevice& device, std::size_t room)
    : self(SelfRecord::decode(device.disk.at(keys::kSelf).bytes()).value()),
      record(ChannelRecord::decode(device.disk.at(keys::channel(nth_room(device, room))).bytes()).value()),
      group(mls::Group::deserialize(device.disk.at(keys::group(record.id)).bytes()).value()),
      account_key(key_of(self.account_seed)),
      leaf_key(key_of(self.leaf_seed)) {}

mls::LeafIndex Hand::leaf_of(const AccountId& account) const {
  for (const mls::LeafIndex index : group.tree().members()) {
    if (identity::decode_credential(group.member(index)->credential.identity)->account == account) return index;
  }
  std::abort();
}

Stranger LyingRooms::stranger(identity::Role role, const Hand* certifier, std::optional<ChannelId> only,
                              std::optional<AccountId> as) {
  Stranger out{{}, SigningKey::generate(world.rng), SigningKey::generate(world.rng), {}};
  out.self.account = as ? *as : AccountId::random(world.rng);
  out.self.device = DeviceId::random(world.rng);
  const auto list = identity::sign_device_list(out.account_key, out.self.account, 1,
                                               {{out.self.device, out.leaf_key.verify_key(), world.scheduler.now}})
                        .value();
  identity::Certificate certificate;
  certificate.organisation = world.organisation.facts.id;
  certificate.subject = out.self.account;
  certificate.subject_key = out.account_key.verify_key();
  certificate.role = role;
  certificate.channel = only;
  certificate.not_before = world.scheduler.now;
  certificate.not_after = world.scheduler.now + std::chrono::hours(24 * 30);
  if (certifier != nullptr) out.certificates = identity::decode_chain(certifier->self.chain)->certificates;
  certificate =
      identity::issue_certificate(certifier != nullptr ? certifier->account_key : world.organisation.root, certificate).value();
  out.certificates.push_back(certificate);
  out.self.chain = identity::encode_chain({out.certificates, out.account_key.verify_key(), list});
  return out;
}

identity::Grant LyingRooms::grant(const Hand& by, const AccountId& account, identity::Role role,
                                  const std::optional<ChannelId>& room) {
  identity::Grant grant;
  grant.organisation = world.organisation.facts.id;
  grant.channel = room ? *room : by.record.id;
  grant.group = sha256(by.group.group_id());
  grant.epoch = by.group.epoch();
  grant.account = account;
  grant.role = role;
  grant.issued = world.scheduler.now;
  grant.expires = world.scheduler.now + std::chrono::hours(24 * 7);
  if (role == identity::Role::third_party) grant.until = world.scheduler.now + std::chrono::hours(24 * 30);
  grant.by = by.self.account;
  return identity::sign_grant(by.account_key, grant).value();
}

Bytes LyingRooms::deliver(const SimDevice& to, const std::vector<Forged>& envelopes, std::size_t room) {
  const Hand knows(to, room);
  const SigningKey key = liar().honest.head_key();
  auto batch = std::make_unique<wire::ChannelBatchT>();
  batch->channel = gateway::wire_pointer(knows.record.id);
  batch->first_seq = knows.record.processed + 1;
  batch->previous = gateway::wire_pointer(knows.record.head);
  Hash head = knows.record.head;
  std::uint64_t seq = knows.record.processed;
  for (const Forged& each : envelopes) {
    const Timestamp accepted = each.accepted == Timestamp{} ? world.scheduler.now : each.accepted;
    const MessageId id = each.id == MessageId() ? MessageId::random(world.rng) : each.id;
    const Hash hash = each.payload_hash ? *each.payload_hash : sha256(each.payload);
    head = log::chain_next(head, {knows.record.id, ++seq, hash, each.from.account, each.from.device, id, each.tag, accepted});
    auto envelope = std::make_unique<wire::EnvelopeT>();
    envelope->id = gateway::wire_pointer(id);
    envelope->kind = each.kind;
    envelope->epoch = knows.group.epoch();
    envelope->account = gateway::wire_pointer(each.from.account);
    envelope->device = gateway::wire_pointer(each.from.device);
    envelope->tag = gateway::wire_pointer(each.tag);
    envelope->accepted_ms = accepted.ms;
    envelope->payload = each.payload;
    if (each.payload.empty()) envelope->payload_hash = gateway::wire_pointer(hash);
    batch->envelopes.push_back(std::move(envelope));
  }
  batch->head_signature = gateway::wire_pointer(log::sign_head(key, world.organisation.facts.id, knows.record.id, seq, head));
  wire::DeliverT out;
  out.batches.push_back(std::move(batch));
  return gateway::encode_frame(0, std::move(out));
}

mls::PendingCommit LyingRooms::commit(Hand& by, mls::CommitOptions options, const identity::HandshakeHeader& header) {
  options.authenticated_data = identity::encode_handshake_header(header);
  options.now = world.scheduler.now;
  return by.group.commit(world.rng, options).value();
}

void LyingRooms::expect_stopped(SimDevice& device, const Error& alarm, const Error* rule) {
  EXPECT_THAT(causes(device), ::testing::ElementsAre(std::string(alarm.name) + ": " + (rule == nullptr ? "" : rule->name)))
      << device.name;
  ASSERT_FALSE(device.channels().empty());
  EXPECT_TRUE(device.channels().front().stopped) << device.name;
  EXPECT_EQ(device.channels().front().stop, alarm_kind(alarm));
  api::SendTextT body;
  body.channel = device.channels().front().id;
  body.text = "hoort u mij?";
  const auto* failed = world.ask_until_answered(device, body).body.AsFailed();
  ASSERT_NE(failed, nullptr) << device.name << " goes on talking";
  EXPECT_EQ(failed->name, kChannelStopped.name);
}

// In the room that both are in; one of them may have others.
void LyingRooms::expect_talking(SimDevice& a, SimDevice& b) {
  const auto of_b = b.channels();
  for (const auto& room : a.channels()) {
    const bool shared = std::any_of(of_b.begin(), of_b.end(), [&](const auto& other) { return other.id == room.id; });
    if (!shared) continue;
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      api::SendTextT body;
      body.channel = room.id;
      body.text = "nog steeds " + std::to_string(said_++);
      from->ask(body);
      const auto heard = [&, to = to] {
        const auto shown = to->messages(room.id);
        return std::any_of(shown.begin(), shown.end(), [&](const auto& m) { return m.seq != 0 && m.text == body.text; });
      };
      EXPECT_TRUE(until(heard)) << to->name;
    }
    return;
  }
  ADD_FAILURE() << a.name << " and " << b.name << " share no room";
}

}  // namespace steiger::sdk::testing
