#include "client-sdk/src/members.h"

#include <algorithm>
#include <set>

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/limits.h"

namespace steiger::sdk {
namespace {

using api::NoticeKind;

const MemberRecord* find_member(const std::vector<MemberRecord>& members, const AccountId& account) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.account == account; });
  return found == members.end() ? nullptr : &*found;
}

const FormerRecord* find_former(const RoomRecord& room, const AccountId& account) {
  const auto found = std::find_if(room.former.rbegin(), room.former.rend(), [&](const auto& f) { return f.account == account; });
  return found == room.former.rend() ? nullptr : &*found;
}

// At the bound a device of somebody who is in goes first, unless it may come back by itself (S13): nobody's way back depends on it, and
// own devices that come and go push nobody else out. Then the oldest.
void remember_former(RoomRecord& room, FormerRecord former, const membership::Roster& present) {
  auto& all = room.former;
  std::erase_if(all, [&](const FormerRecord& f) { return f.account == former.account && f.device == former.device; });
  all.push_back(std::move(former));
  if (all.size() <= kMaxFormer) return;
  const auto of_no_use = std::find_if(all.begin(), all.end(), [&](const FormerRecord& f) {
    return !f.silent && membership::find_account(present, f.account) != nullptr;
  });
  all.erase(of_no_use == all.end() ? all.begin() : of_no_use);
}

// At the bound goes the oldest chain of somebody who is here, or of whom a later one is kept: as what somebody left, who may come back, is
// needed longest (membership::Known).
void make_room_for_chain(std::vector<Bytes>& kept, const std::vector<MemberRecord>& now) {
  if (kept.size() <= kMaxEarlierChains) return;
  std::set<AccountId> later;
  for (const MemberRecord& member : now) later.insert(member.account);
  auto goes = kept.begin();
  for (auto at = kept.end(); at != kept.begin();) {
    const auto chain = identity::decode_chain(*--at);
    if (!chain.ok() || !later.insert(chain->device_list.account).second) goes = at;
  }
  kept.erase(goes);
}

// S16: what was said under a chain stays provable when its account has another one, or is gone.
void remember_chains(Channel& channel, const std::vector<MemberRecord>& now) {
  for (const MemberRecord& was : channel.record.members) {
    const MemberRecord* is = find_member(now, was.account);
    if (was.chain.empty() || (is != nullptr && is->chain == was.chain)) continue;
    std::vector<Bytes>& kept = channel.room.earlier_chains;
    std::erase(kept, was.chain);
    kept.push_back(was.chain);
    make_room_for_chain(kept, now);
  }
}

}  // namespace

Role api_role(identity::Role role) {
  if (role == identity::Role::coach) return Role::coach;
  if (role == identity::Role::jongere) return Role::jongere;
  return Role::other;
}

std::vector<identity::Certificate> known_certificates(const State& state, const Channel& channel) {
  std::vector<identity::Certificate> out;
  for (const MemberRecord& member : channel.record.members) {
    const auto chain = identity::decode_chain(member.chain);
    if (chain.ok()) out.insert(out.end(), chain->certificates.begin(), chain->certificates.end());
  }
  for (const Bytes& bytes : channel.room.older_certificates) {
    if (auto certificate = identity::decode_certificate(bytes); certificate.ok()) out.push_back(std::move(certificate).value());
  }
  if (state.chain) out.insert(out.end(), state.chain->certificates.begin(), state.chain->certificates.end());
  return out;
}

void take_roster(Channel& channel, const membership::Roster& before, const membership::Roster& after,
                 const std::vector<identity::DeviceIdentity>& silent, std::uint64_t epoch) {
  std::vector<MemberRecord> members;
  for (const AccountId& account : membership::accounts_of(after)) {
    const membership::Seat& seat = *membership::find_account(after, account);
    MemberRecord member;
    if (const MemberRecord* known = find_member(channel.record.members, account)) {
      member = *known;
    } else if (const FormerRecord* was = find_former(channel.room, account)) {
      member.name = was->name;
    }
    member.account = account;
    member.role = api_role(seat.role);
    member.chain = identity::encode_chain(seat.chain);
    members.push_back(std::move(member));
  }
  for (const membership::Seat& seat : before) {
    if (membership::find_device(after, seat.who) != nullptr) continue;
    FormerRecord former{seat.who.account, seat.who.device, {}, epoch, false, api_role(seat.role), {}};
    std::copy_n(seat.account_key.bytes().begin(), former.account_key.size(), former.account_key.begin());
    former.silent = std::find(silent.begin(), silent.end(), seat.who) != silent.end();
    if (const MemberRecord* known = find_member(channel.record.members, seat.who.account)) former.name = known->name;
    remember_former(channel.room, std::move(former), after);
  }
  channel.room.older_certificates.clear();
  for (const membership::Seat& seat : after) {
    if (membership::find_account(after, seat.who.account)->account_key == seat.account_key) continue;
    for (const identity::Certificate& each : seat.chain.certificates) {
      channel.room.older_certificates.push_back(identity::encode_certificate(each));
    }
  }
  std::erase_if(channel.room.former, [&](const FormerRecord& f) {
    return membership::find_device(after, {f.account, f.device}) != nullptr;
  });
  remember_chains(channel, members);
  channel.record.members = std::move(members);
}

std::vector<membership::Former> former_of(const Channel& channel) {
  std::vector<membership::Former> out;
  for (const FormerRecord& f : channel.room.former) {
    out.push_back({{f.account, f.device}, VerifyKey(f.account_key), f.removed_in, f.silent});
  }
  return out;
}

std::vector<membership::Known> known_of(const Channel& channel) {
  std::vector<membership::Known> out;
  const auto add = [&](const Bytes& bytes) {
    const auto chain = identity::decode_chain(bytes);
    if (chain.ok() && !chain->certificates.empty()) out.push_back(membership::known_by(*chain));
  };
  for (const Bytes& bytes : channel.room.earlier_chains) add(bytes);
  for (const MemberRecord& member : channel.record.members) add(member.chain);  // who is to come along into the next generation
  return out;
}

bool spoke_since(const Channel& channel, const identity::DeviceIdentity& device, Timestamp since) {
  return std::any_of(channel.links.rbegin(), channel.links.rend(), [&](const auto& entry) {
    const LinkRecord& link = entry.second;
    return link.account == device.account && link.device == device.device && link.accepted > since;
  });
}

void add_notice(Channel& channel, NoticeRecord notice) {
  if (const MemberRecord* member = channel.member(notice.account)) {
    notice.name = member->name;
    notice.role = member->role;
  } else if (const FormerRecord* was = find_former(channel.room, notice.account)) {
    notice.name = was->name;
    notice.role = was->role;
  }
  channel.room.notices.push_back(std::move(notice));
  if (channel.room.notices.size() > kMaxNotices) channel.room.notices.erase(channel.room.notices.begin());
}

std::size_t add_notices(Channel& channel, const membership::Judgement& judgement, std::uint64_t seq, Timestamp when) {
  std::size_t added = 0;
  const auto add = [&](NoticeKind kind, const AccountId& account, const DeviceId& device = {}) {
    add_notice(channel, {seq, static_cast<std::uint8_t>(kind), account, device, {}, Role::none, when});
    ++added;
  };
  for (const AccountId& account : judgement.joined) add(judgement.handover ? NoticeKind::handover : NoticeKind::joined, account);
  for (const AccountId& account : judgement.left) add(NoticeKind::left, account);
  for (const AccountId& account : judgement.new_keys) add(NoticeKind::new_key, account);
  for (const auto& device : judgement.new_devices) add(NoticeKind::new_device, device.account, device.device);
  const auto whole_account_left = [&](const AccountId& account) {
    return std::find(judgement.left.begin(), judgement.left.end(), account) != judgement.left.end();
  };
  for (const auto& device : judgement.gone_devices) {
    if (!whole_account_left(device.account)) add(NoticeKind::gone_device, device.account, device.device);
  }
  return added;
}

}  // namespace steiger::sdk
