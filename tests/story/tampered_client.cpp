#include "tests/story/tampered_client.h"

#include <chrono>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/native/local_store.h"
#include "client-sdk/src/own_records.h"
#include "client-sdk/src/room_records.h"
#include "crypto/identity/chain.h"
#include "crypto/identity/invite.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::story {
namespace {

using sdk::InviteRecord;

Timestamp now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// Certifies the redeemer's key with the coach's own: that much a coach's device can.
std::optional<InviteRecord> accepted_alone(const sdk::SelfRecord& self, InviteRecord invite, const sdk::PurposeRecord& purpose) {
  auto seed = SigningKey::Seed::from_bytes(self.account_seed.bytes());
  const auto proof = identity::decode_redeem_proof(invite.proof);
  auto chain = identity::decode_chain(self.chain);
  if (!seed.ok() || !proof.ok() || !chain.ok()) return std::nullopt;
  identity::Certificate certificate;
  certificate.organisation = chain->certificates.back().organisation;
  certificate.subject = purpose.account;
  certificate.subject_key = proof->account_key;
  certificate.role = identity::Role::third_party;
  certificate.channel = purpose.channel;
  certificate.not_before = now();
  certificate.not_after = purpose.until;
  auto issued = identity::issue_certificate(SigningKey(std::move(seed).value()), certificate);
  if (!issued.ok()) return std::nullopt;
  chain->certificates.push_back(std::move(issued).value());
  invite.chain = identity::encode_chain({chain->certificates, proof->account_key, proof->device_list});
  invite.channel = purpose.channel;
  invite.state = InviteRecord::State::accepted;
  invite.todo = InviteRecord::Todo::accept;
  return invite;
}

}  // namespace

bool want_a_ghost(const std::filesystem::path& data_dir) {
  SystemRng rng;
  auto directory = sdk::DataDir::open(data_dir, sdk::OpenMode::existing, rng);
  if (!directory.ok()) return false;
  auto store = sdk::LocalStore::open(*directory);
  if (!store.ok()) return false;
  const auto snapshot = store->load();
  if (!snapshot.ok() || snapshot->count(sdk::keys::kSelf) == 0) return false;
  const auto self = sdk::SelfRecord::decode(snapshot->at(sdk::keys::kSelf).bytes());
  if (!self.ok()) return false;
  for (const auto& [key, value] : *snapshot) {
    if (key.rfind(sdk::keys::kInvitePrefix, 0) != 0) continue;
    auto invite = InviteRecord::decode(value.bytes());
    if (!invite.ok()) continue;
    const auto of = snapshot->find(sdk::keys::purpose(invite->id));
    if (of == snapshot->end() || invite->state == InviteRecord::State::accepted) continue;
    const auto purpose = sdk::PurposeRecord::decode(of->second.bytes());
    if (!purpose.ok()) continue;
    const auto accepted = accepted_alone(*self, std::move(invite).value(), *purpose);
    if (!accepted) continue;
    sdk::WishRecord wish;
    wish.number = 1;
    wish.kind = sdk::WishRecord::Kind::add_invited;
    wish.account = purpose->account;
    wish.invite = accepted->id;
    std::vector<sdk::Change> changes;
    changes.push_back({key, accepted->encode()});
    changes.push_back({sdk::keys::wish(purpose->channel, wish.number), wish.encode()});
    return store->commit(changes).ok();
  }
  return false;
}

}  // namespace steiger::story
