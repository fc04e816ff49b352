#include "tests/story/tampered_client.h"

#include <chrono>

#include "client-sdk/src/keys.h"
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

std::optional<Tampered> open_tampered(const std::filesystem::path& data_dir) {
  SystemRng rng;
  auto directory = sdk::DataDir::open(data_dir, sdk::OpenMode::existing, rng);
  if (!directory.ok()) return std::nullopt;
  auto store = sdk::LocalStore::open(*directory);
  if (!store.ok()) return std::nullopt;
  auto snapshot = store->load();
  if (!snapshot.ok() || snapshot->count(sdk::keys::kSelf) == 0) return std::nullopt;
  auto self = sdk::SelfRecord::decode(snapshot->at(sdk::keys::kSelf).bytes());
  if (!self.ok()) return std::nullopt;
  std::optional<InviteRecord> newest;
  sdk::PurposeRecord what_for;
  for (const auto& [key, value] : *snapshot) {
    if (key.rfind(sdk::keys::kInvitePrefix, 0) != 0) continue;
    auto invite = InviteRecord::decode(value.bytes());
    if (!invite.ok() || invite->proof.empty() || (newest && invite->expires < newest->expires)) continue;
    const auto of = snapshot->find(sdk::keys::purpose(invite->id));
    if (of == snapshot->end()) continue;
    auto purpose = sdk::PurposeRecord::decode(of->second.bytes());
    if (!purpose.ok() || purpose->purpose != static_cast<std::uint8_t>(identity::InvitePurpose::third_party)) continue;
    newest = std::move(invite).value();
    what_for = std::move(purpose).value();
  }
  if (!newest) return std::nullopt;
  if (newest->state != InviteRecord::State::accepted) newest = accepted_alone(*self, std::move(*newest), what_for);
  if (!newest) return std::nullopt;
  return Tampered{std::move(store).value(), std::move(snapshot).value(), std::move(self).value(), std::move(*newest),
                  std::move(what_for)};
}

bool want_a_ghost(const std::filesystem::path& data_dir) {
  auto device = open_tampered(data_dir);
  if (!device) return false;
  sdk::WishRecord wish;
  wish.number = 1;
  wish.kind = sdk::WishRecord::Kind::add_invited;
  wish.account = device->purpose.account;
  wish.invite = device->accepted.id;
  std::vector<sdk::Change> changes;
  changes.push_back({sdk::keys::invite(device->accepted.id), device->accepted.encode()});
  changes.push_back({sdk::keys::wish(device->purpose.channel, wish.number), wish.encode()});
  return device->store.commit(changes).ok();
}

}  // namespace steiger::story
