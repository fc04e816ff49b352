#include "crypto/membership/rules.h"

#include <algorithm>

namespace steiger::membership {
namespace {

using identity::DeviceIdentity;
using identity::Role;
using identity::RoomKind;

bool contains(const std::vector<DeviceIdentity>& devices, const DeviceIdentity& device) {
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

// One commit being judged. Members answer one question each.
class Judge {
 public:
  explicit Judge(const Change& change) : change_(change), facts_(change.facts), header_(change.header) {}

  Result<Judgement> run() {
    // S8: what the room is bound to, its policy and external senders never change, and it is never moved elsewhere.
    if (facts_.reinit) return kReinitRefused;
    if (facts_.extensions_changed) return kContextChange;
    STEIGER_CHECK(check_room());
    if (facts_.external) {
      STEIGER_CHECK(resync());
      Judgement out = difference(change_.before, change_.after, false);
      out.resync = true;
      return out;
    }
    committer_ = find_leaf(change_.before, facts_.committer);
    if (committer_ == nullptr) return kIdentityChanged;
    STEIGER_CHECK(check_kept());
    if (header_.offer) STEIGER_CHECK(check_offer());
    for (const mls::RemovedMember& removed : facts_.removed) STEIGER_CHECK(check_removed(removed));
    for (const mls::AddedMember& added : facts_.added) STEIGER_CHECK(check_added(added));
    return difference(change_.before, change_.after, header_.offer.has_value());
  }

 private:
  [[nodiscard]] bool was_added(mls::LeafIndex leaf) const {
    return std::any_of(facts_.added.begin(), facts_.added.end(), [&](const auto& added) { return added.leaf == leaf; });
  }
  [[nodiscard]] bool was_removed(mls::LeafIndex leaf) const {
    return std::any_of(facts_.removed.begin(), facts_.removed.end(), [&](const auto& gone) { return gone.leaf == leaf; });
  }
  [[nodiscard]] bool in_room_before(const AccountId& account) const { return find_account(change_.before, account) != nullptr; }
  [[nodiscard]] bool committer_is(Role role) const { return committer_->role == role; }
  // The two people whom the room is for.
  [[nodiscard]] bool by_coach_or_jongere() const { return committer_is(Role::coach) || committer_is(Role::jongere); }

  // ---- the room as it is afterwards

  Result<void> check_room() const {
    const RoomKind room = change_.binding.room;
    for (const Seat& seat : change_.after) {
      if (seat.role == Role::agent && room != RoomKind::reminders) return kAgentNotAllowed;
      if (room == RoomKind::self && seat.who.account != change_.after.front().who.account) return kRoomKind;
      if (room == RoomKind::reminders && seat.role != Role::agent && seat.role != Role::jongere) return kRoomKind;
    }
    if (room == RoomKind::group || room == RoomKind::self) return {};
    std::vector<AccountId> jongeren;
    for (const AccountId& account : accounts_of(change_.after)) {
      if (find_account(change_.after, account)->role == Role::jongere) jongeren.push_back(account);
    }
    return jongeren.size() > 1 ? Result<void>(kRoomKind) : Result<void>();
  }

  // ---- identities

  // Does this identity count now? Asked of newcomers and of leaves that changed.
  Result<void> check_standing_now(const Seat& seat) const {
    STEIGER_CHECK(identity::check_valid_at(seat.chain.certificates.back(), change_.now));
    if (change_.trust.status) return identity::check_standing(*change_.trust.status, seat.chain, change_.now);
    return {};
  }
  // S1: with a stale list nobody new comes in.
  Result<void> check_list_fresh() const {
    if (change_.trust.status) return identity::check_status_fresh(*change_.trust.status, change_.now);
    return {};
  }

  // Leaves that stay: the same device of the same account in the same role; another account key only with a later certificate (S2).
  Result<void> check_kept() const {
    for (const Seat& seat : change_.after) {
      if (was_added(seat.leaf)) continue;
      const Seat* before = find_leaf(change_.before, seat.leaf);
      if (before == nullptr || was_removed(seat.leaf) || before->who != seat.who || before->role != seat.role)
        return kIdentityChanged;
      if (before->chain == seat.chain) continue;
      if (before->account_key != seat.account_key && seat.certified_from <= before->certified_from) return kNotNewer;
      if (before->account_key == seat.account_key && seat.chain.device_list.version < before->chain.device_list.version) {
        return identity::kDeviceListRollback;
      }
      STEIGER_CHECK(check_standing_now(seat));
      STEIGER_CHECK(check_end(seat));
    }
    return {};
  }
  [[nodiscard]] const Known* known_as(const AccountId& account) const {
    const auto found =
        std::find_if(change_.known.rbegin(), change_.known.rend(), [&](const Known& k) { return k.account == account; });
    return found == change_.known.rend() ? nullptr : &*found;
  }
  // S8: a third party's time is the one that the jongere agreed to. Another certificate does not stretch it; another yes does.
  Result<void> check_end(const Seat& seat) const {
    if (seat.role != Role::third_party || change_.binding.room == RoomKind::self || change_.binding.room == RoomKind::group)
      return {};
    Timestamp agreed;
    if (const Known* known = known_as(seat.who.account); known != nullptr && !in_room_before(seat.who.account)) {
      agreed = known->certified_until;
    }
    for (const Seat& before : change_.before) {
      if (before.who.account == seat.who.account) agreed = std::max(agreed, before.certified_until);
    }
    if (seat.certified_until <= agreed) return {};
    return granted(seat.who.account, seat.role, seat.certified_until).ok() ? Result<void>()
                                                                           : Result<void>(identity::kGrantOutlived);
  }

  // ---- S9

  Result<void> resync() const {
    if (!facts_.added.empty() || !facts_.updated.empty() || facts_.removed.size() != 1) return kBadResync;
    const Seat* before = find_leaf(change_.before, facts_.removed.front().leaf);
    const Seat* after = find_leaf(change_.after, facts_.committer);
    if (before == nullptr || after == nullptr || before->who != after->who || before->account_key != after->account_key) {
      return kBadResync;
    }
    if (before->role != after->role || change_.after.size() != change_.before.size()) return kBadResync;
    for (const Seat& seat : change_.after) {
      const Seat* same = find_leaf(change_.before, seat.leaf);
      if (seat.leaf != facts_.committer && (same == nullptr || same->who != seat.who || same->chain != seat.chain))
        return kBadResync;
    }
    STEIGER_CHECK(check_standing_now(*after));
    return check_end(*after);
  }

  // ---- S10

  Result<void> check_offer() const {
    const identity::HandoverOffer& offer = *header_.offer;
    const auto teamleider = std::find_if(header_.certificates.begin(), header_.certificates.end(), [&](const auto& certificate) {
      return certificate.subject == offer.by && certificate.role == Role::teamleider;
    });
    if (teamleider == header_.certificates.end()) return kBadHandover;
    STEIGER_CHECK(verify_teamleider(*teamleider));
    identity::VerifiedIdentity by;
    by.account = teamleider->subject;
    by.account_key = teamleider->subject_key;
    by.role = teamleider->role;
    STEIGER_CHECK(identity::verify_handover_offer(offer, by, change_.trust.organisation, change_.binding.channel, change_.now));
    // The jongere's device makes it; a three-way member may when the jongere agreed.
    if (!committer_is(Role::jongere) && !granted(offer.successor, Role::coach, {}).ok()) return kBadHandover;
    // All of the old coach goes, and the successor is there.
    if (find_account(change_.after, offer.leaving) != nullptr || !in_room_before(offer.leaving)) return kBadHandover;
    const Seat* successor = find_account(change_.after, offer.successor);
    if (successor == nullptr) return kBadHandover;
    return check_successor(*successor);
  }
  Result<void> check_successor(const Seat& seat) const {
    identity::VerifiedIdentity successor;
    successor.account = seat.who.account;
    successor.account_key = seat.account_key;
    successor.role = seat.role;
    return identity::check_successor(*header_.offer, successor);
  }
  Result<void> verify_teamleider(const identity::Certificate& certificate) const {
    if (certificate.organisation != change_.trust.organisation) return identity::kWrongOrganisation;
    const identity::IdentityChain chain{{certificate}, certificate.subject_key, {}};
    if (change_.trust.status) STEIGER_CHECK(identity::check_standing(*change_.trust.status, chain, change_.now));
    for (const identity::TrustedRoot& root : change_.trust.roots) {
      if (identity::key_hash(root.key) != certificate.issuer_key_hash) continue;
      if (root.until && certificate.not_before >= *root.until) return identity::kWrongIssuer;
      STEIGER_CHECK(identity::verify_certificate(certificate, root.key));
      return identity::check_valid_at(certificate, change_.now);
    }
    return identity::kWrongIssuer;
  }

  // ---- leaving

  Result<void> check_removed(const mls::RemovedMember& removed) const {
    const Seat* seat = find_leaf(change_.before, removed.leaf);
    if (seat == nullptr) return kRemovalNotAllowed;
    // Own devices; but a device that came back under a later key does not push out those of before: they may object (S2).
    const bool own = seat->who.account == committer_->who.account && committer_->certified_from <= seat->certified_from;
    const bool asked = removed.proposed_by.type == mls::SenderType::member && removed.proposed_by.index == removed.leaf.value;
    if (own || asked || no_longer_counts(*seat)) return {};
    if (contains(header_.silent, seat->who) && by_coach_or_jongere()) return {};  // S13; the gateway knows whether it is true
    if (change_.binding.room == RoomKind::group && committer_is(Role::coach)) return {};
    if (seat->role == Role::jongere) return kRemovalNotAllowed;  // law 7
    if (seat->role == Role::third_party || seat->role == Role::agent) {
      return by_coach_or_jongere() ? Result<void>() : Result<void>(kRemovalNotAllowed);
    }
    if (header_.offer && header_.offer->leaving == seat->who.account) return {};  // S10, checked above
    // Law 7: the jongere says who stays, as long as a coach does.
    if (committer_is(Role::jongere) && another_coach_stays(*seat)) return {};
    return kRemovalNotAllowed;
  }
  [[nodiscard]] bool another_coach_stays(const Seat& leaving) const {
    return std::any_of(change_.after.begin(), change_.after.end(), [&](const Seat& seat) {
      return seat.role == Role::coach && seat.who.account != leaving.who.account && in_room_before(seat.who.account);
    });
  }
  // Anybody may carry out what the organisation or the account itself has declared.
  [[nodiscard]] bool no_longer_counts(const Seat& seat) const {
    if (seat.certified_until <= change_.now) return true;  // a third party's time is over (S8), a certificate ran out (S1)
    if (change_.trust.status && !identity::check_standing(*change_.trust.status, seat.chain, change_.now).ok()) return true;
    for (const identity::IdentityChain& newer : header_.newer_chains) {
      if (supersedes(newer, seat)) return true;
    }
    // The account is here under a later key: a comeback (S2), by the hand of the coach who certified it.
    const Seat* newest = find_account(change_.after, seat.who.account);
    return newest != nullptr && newest->account_key != seat.account_key && newest->certified_from > seat.certified_from &&
           newest->certified_by == committer_->who.account;
  }
  // S2: a later chain of the same account that does not list this device any more.
  [[nodiscard]] bool supersedes(const identity::IdentityChain& newer, const Seat& seat) const {
    if (newer.device_list.account != seat.who.account || newer.device_list.find(seat.who.device) != nullptr) return false;
    const auto verified = identity::verify_chain_under(newer, change_.trust.roots, change_.trust.organisation, change_.now);
    if (!verified.ok() || verified->role != seat.role) return false;
    if (change_.trust.status && !identity::check_standing(*change_.trust.status, newer, change_.now).ok()) return false;  // S1
    if (newer.account_key == seat.account_key) return newer.device_list.version > seat.chain.device_list.version;
    return newer.certificates.back().not_before > seat.certified_from;
  }

  // ---- entering

  Result<void> check_added(const mls::AddedMember& added) const {
    const Seat* seat = find_leaf(change_.after, added.leaf);
    if (seat == nullptr) return kIdentityChanged;
    STEIGER_CHECK(check_standing_now(*seat));
    if (returns(*seat)) return check_end(*seat);
    if (in_room_before(seat->who.account)) {
      STEIGER_CHECK(another_device(*seat));
      return check_end(*seat);
    }
    STEIGER_CHECK(check_list_fresh());
    return another_account(*seat);
  }

  [[nodiscard]] const Former* former(const DeviceIdentity& device) const {
    const auto found =
        std::find_if(change_.former.begin(), change_.former.end(), [&](const Former& f) { return f.who == device; });
    return found == change_.former.end() ? nullptr : &*found;
  }
  // S13: the same account and device id, by the coach, the jongere or an own device.
  [[nodiscard]] bool returns(const Seat& seat) const {
    if (!contains(header_.returned, seat.who)) return false;
    const Former* was = former(seat.who);
    if (was == nullptr) {
      // Who came into the room after it was removed does not know it; the gateway does. Its account is here, and vouches for it.
      const Seat* account = find_account(change_.before, seat.who.account);
      return account != nullptr && account->account_key == seat.account_key && account->role == seat.role &&
             by_coach_or_jongere();
    }
    if (!was->silent || was->account_key != seat.account_key) return false;
    const Seat* account = find_account(change_.before, seat.who.account);
    const Known* known = known_as(seat.who.account);
    if (account != nullptr ? account->role != seat.role : known == nullptr || known->role != seat.role) return false;
    return by_coach_or_jongere() || committer_->who.account == seat.who.account;
  }

  // An account that is in the room already.
  Result<void> another_device(const Seat& seat) const {
    const Seat* known = find_account(change_.before, seat.who.account);
    if (known->role != seat.role) return kIdentityChanged;
    if (committer_->who.account == seat.who.account) {
      // Under the account's key, or under the new one that the committer goes over to with this commit.
      const Seat* hand = find_leaf(change_.after, facts_.committer);
      const bool same_key = known->account_key == seat.account_key || (hand != nullptr && hand->account_key == seat.account_key);
      return same_key ? Result<void>() : Result<void>(kNotNewer);
    }
    if (known->account_key == seat.account_key) return kForeignDevice;  // S8: only the account adds its devices
    return comeback(seat, known->certified_from);
  }
  // S2: the same pseudonym under a new key, by redeeming an invite of the coach who certified it.
  Result<void> comeback(const Seat& seat, Timestamp earlier) const {
    if (!committer_is(Role::coach) || seat.certified_by != committer_->who.account) return kForeignDevice;
    if (seat.certified_from <= earlier) return kNotNewer;
    STEIGER_CHECK(check_list_fresh());
    return redeemed(seat);
  }
  // S5: the invite's PSK went into the commit. That it is the right one, only the joiner can tell.
  Result<void> redeemed(const Seat& seat) const {
    STEIGER_CHECK(check_certifier_now(seat));
    const bool external = std::any_of(facts_.psks.begin(), facts_.psks.end(),
                                      [](const mls::PreSharedKeyId& psk) { return psk.type == mls::PskType::external; });
    return external ? Result<void>() : Result<void>(kNotRedeemed);
  }

  // S1: what a coach certified before leaving stays good where it is known. Here a key is new, and its certificate could have been dated
  // back: who certified it must be there now.
  Result<void> check_certifier_now(const Seat& seat) const {
    if (!change_.trust.status || !seat.certified_by) return {};
    const identity::StatusEntry* entry = change_.trust.status->find(seat.chain.certificates.front().subject_key);
    return entry != nullptr && entry->since <= change_.now ? Result<void>(identity::kIssuerEnded) : Result<void>();
  }

  // S11: of the generation before, in the same role, and under its key or a later one.
  [[nodiscard]] bool carried_over(const Seat& seat) const {
    const auto& carried = change_.carried_over;
    if (std::find(carried.begin(), carried.end(), seat.who.account) == carried.end()) return false;
    const Known* was = known_as(seat.who.account);
    return was != nullptr && was->role == seat.role &&
           (was->account_key == seat.account_key || was->certified_from < seat.certified_from);
  }

  // An account that is not in the room.
  Result<void> another_account(const Seat& seat) const {
    if (carried_over(seat)) {
      if (known_as(seat.who.account)->account_key != seat.account_key) STEIGER_CHECK(check_certifier_now(seat));
      return check_end(seat);
    }
    if (change_.binding.room == RoomKind::self) return kRoomKind;
    if (change_.binding.room == RoomKind::group) return committer_is(Role::coach) ? Result<void>() : Result<void>(kNoGrant);
    const bool was_here = std::any_of(change_.former.begin(), change_.former.end(),
                                      [&](const Former& f) { return f.who.account == seat.who.account; });
    if (was_here && seat.role == Role::jongere && find_role(change_.before, Role::jongere) == nullptr) {
      return comeback(seat, Timestamp{});
    }
    if (find_role(change_.before, Role::jongere) == nullptr) return open_room(seat);
    if (header_.offer && header_.offer->successor == seat.who.account) return check_successor(seat);  // S10, checked above
    STEIGER_CHECK(granted(seat.who.account, seat.role, seat.certified_until));
    // A third party has its key from an invite, whose secret is in the PSK; staff come by their certificate.
    return seat.role == Role::third_party ? redeemed(seat) : Result<void>();
  }
  // The first commit: somebody alone takes the jongere in.
  Result<void> open_room(const Seat& seat) const {
    if (seat.role != Role::jongere || accounts_of(change_.before).size() != 1) return kNoGrant;
    if (change_.binding.room == RoomKind::reminders) {
      return committer_is(Role::agent) ? granted_by(seat, committer_->who.account, Role::agent, {}) : Result<void>(kNoGrant);
    }
    if (!committer_is(Role::coach) || seat.certified_by != committer_->who.account) return kNoGrant;
    return redeemed(seat);
  }

  // S8: a grant by the room's jongere. `until`: when a third party's certificate ends.
  Result<void> granted(const AccountId& account, Role role, Timestamp until) const {
    const Seat* jongere = find_role(change_.before, Role::jongere);
    if (jongere == nullptr) return kNoGrant;
    return granted_by(*find_account(change_.before, jongere->who.account), account, role, until);
  }
  Result<void> granted_by(const Seat& jongere, const AccountId& account, Role role, Timestamp until) const {
    identity::GrantUse use{
        change_.trust.organisation, change_.binding.channel, change_.group, change_.epoch, account, role, change_.now, until, {}};
    for (const Former& was : change_.former) {
      if (was.who.account == account && !was.silent) use.removed_in = std::max(use.removed_in.value_or(0), was.removed_in);
    }
    for (const identity::Grant& grant : header_.grants) {
      if (grant.account == account) return identity::check_grant(grant, jongere.who.account, jongere.account_key, use);
    }
    return kNoGrant;
  }

  const Change& change_;
  const mls::CommitFacts& facts_;
  const identity::HandshakeHeader& header_;
  const Seat* committer_ = nullptr;
};

}  // namespace

Known known_by(const identity::IdentityChain& chain) {
  const identity::Certificate& own = chain.certificates.back();
  return {own.subject, chain.account_key, own.role, own.not_before, own.not_after};
}

Judgement difference(const Roster& before, const Roster& after, bool handover) {
  Judgement out;
  out.handover = handover;
  const auto accounts_before = accounts_of(before);
  const auto in = [](const std::vector<AccountId>& all, const AccountId& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  for (const AccountId& account : accounts_of(after)) {
    if (!in(accounts_before, account)) out.joined.push_back(account);
  }
  for (const AccountId& account : accounts_before) {
    const Seat* now = find_account(after, account);
    if (now == nullptr) {
      out.left.push_back(account);
    } else if (now->account_key != find_account(before, account)->account_key) {
      out.new_keys.push_back(account);
    }
  }
  for (const Seat& seat : after) {
    if (find_device(before, seat.who) == nullptr && in(accounts_before, seat.who.account)) out.new_devices.push_back(seat.who);
  }
  for (const Seat& seat : before) {
    if (find_device(after, seat.who) == nullptr) out.gone_devices.push_back(seat.who);
  }
  return out;
}

Result<Judgement> judge(const Change& change) {
  return Judge(change).run();
}

}  // namespace steiger::membership
