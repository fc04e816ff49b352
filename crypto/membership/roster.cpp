#include "crypto/membership/roster.h"

#include <algorithm>

#include "crypto/membership/errors.h"

namespace steiger::membership {

Result<Seat> read_seat(mls::LeafIndex index, const mls::LeafNode& leaf, const std::vector<identity::Certificate>& helpful,
                       const Trust& trust, const ChannelId& channel) {
  const Bytes* extension = mls::find_extension(leaf.extensions, identity::kIdentityExtension);
  if (extension == nullptr || leaf.credential.type != mls::CredentialType::basic) return identity::kNotCertified;
  STEIGER_TRY(auto chain, identity::decode_chain(*extension));
  chain = identity::complete_chain(std::move(chain), helpful);
  if (chain.certificates.empty()) return identity::kNotCertified;
  const Timestamp certified_from = chain.certificates.back().not_before;
  STEIGER_TRY(const auto verified, identity::verify_chain_under(chain, trust.roots, trust.organisation, certified_from));
  if (!channel.is_none()) STEIGER_CHECK(verified.check_channel(channel));
  STEIGER_TRY(const VerifyKey leaf_key, leaf.verify_key());
  STEIGER_TRY(const auto who, identity::check_leaf(verified.devices, leaf.credential.identity, leaf_key));
  return Seat{
      index,           who, verified.account_key, verified.role, certified_from, verified.certified_until, verified.certified_by,
      std::move(chain)};
}

Result<Roster> read_roster(const mls::RatchetTree& tree, const std::vector<identity::Certificate>& helpful, const Trust& trust,
                           const ChannelId& channel) {
  Roster out;
  for (const mls::LeafIndex index : tree.members()) {
    STEIGER_TRY(Seat seat, read_seat(index, *tree.leaf(index), helpful, trust, channel));
    if (find_device(out, seat.who) != nullptr) return kDeviceTwice;
    out.push_back(std::move(seat));
  }
  return out;
}

namespace {

template <class Test>
const Seat* find_seat(const Roster& roster, Test&& test) {
  const auto found = std::find_if(roster.begin(), roster.end(), test);
  return found == roster.end() ? nullptr : &*found;
}

}  // namespace

const Seat* find_leaf(const Roster& roster, mls::LeafIndex leaf) {
  return find_seat(roster, [&](const Seat& seat) { return seat.leaf == leaf; });
}

const Seat* find_device(const Roster& roster, const identity::DeviceIdentity& device) {
  return find_seat(roster, [&](const Seat& seat) { return seat.who == device; });
}

const Seat* find_account(const Roster& roster, const AccountId& account) {
  const Seat* newest = nullptr;
  for (const Seat& seat : roster) {
    if (seat.who.account != account) continue;
    if (newest == nullptr || seat.certified_from > newest->certified_from) newest = &seat;
  }
  return newest;
}

const Seat* find_role(const Roster& roster, identity::Role role) {
  return find_seat(roster, [&](const Seat& seat) { return seat.role == role; });
}

std::vector<AccountId> accounts_of(const Roster& roster) {
  std::vector<AccountId> out;
  for (const Seat& seat : roster) {
    if (std::find(out.begin(), out.end(), seat.who.account) == out.end()) out.push_back(seat.who.account);
  }
  return out;
}

}  // namespace steiger::membership
