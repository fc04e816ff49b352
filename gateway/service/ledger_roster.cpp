// Who may change a room, by the rules that clients check too (crypto/membership), and what time alone brings: silence, expiry (S13).
#include <algorithm>
#include <array>
#include <set>

#include "crypto/membership/rules.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {
namespace {

constexpr std::int64_t kMillisecondsPerDay = 24 * 60 * 60 * 1000;

bool names(const std::vector<identity::DeviceIdentity>& list, const identity::DeviceIdentity& device) {
  return std::find(list.begin(), list.end(), device) != list.end();
}

void add_certificate(std::vector<identity::Certificate>& all, const identity::Certificate& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

std::vector<identity::Certificate> decode_certificates(ByteView bytes) {
  std::vector<identity::Certificate> out;
  Reader in(bytes);
  while (!in.done().ok()) {
    auto certificate = identity::read_certificate(in);
    if (!certificate.ok()) break;
    out.push_back(std::move(*certificate));
  }
  return out;
}

// The chain in a leaf as it stands there; nullopt: none.
std::optional<identity::IdentityChain> chain_in(const mls::LeafNode& leaf) {
  const Bytes* extension = mls::find_extension(leaf.extensions, identity::kIdentityExtension);
  if (extension == nullptr) return std::nullopt;
  auto chain = identity::decode_chain(*extension);
  if (!chain.ok()) return std::nullopt;
  return std::move(*chain);
}

}  // namespace

Bytes encode_certificates(const std::vector<identity::Certificate>& certificates) {
  Writer out;
  for (const identity::Certificate& each : certificates) identity::write_certificate(out, each);
  return std::move(out).take();
}

Result<std::vector<identity::Certificate>> Ledger::known_certificates(const mls::RatchetTree& tree, ByteView stored,
                                                                      std::vector<identity::Certificate> given) {
  // The first that fits counts: what this gateway verified itself.
  const std::array<std::vector<identity::Certificate>, 2> sources = {decode_certificates(stored), std::move(given)};
  std::vector<identity::Certificate> out;
  for (const mls::LeafIndex index : tree.members()) {
    const auto chain = chain_in(*tree.leaf(index));
    if (!chain || !chain->certificates.empty()) continue;
    const auto account = store_.account(chain->device_list.account);
    if (!account.ok()) return account.error();
    for (const auto& source : sources) {
      for (const identity::Certificate& each : identity::complete_chain(*chain, source).certificates) add_certificate(out, each);
    }
    if (!*account) continue;
    const auto registered = identity::decode_chain((*account)->chain);
    if (!registered.ok()) return kStoreCorrupt;
    for (const identity::Certificate& each : identity::complete_chain(*chain, registered->certificates).certificates) {
      add_certificate(out, each);
    }
  }
  return out;
}

// As they are registered: no certificate stretches a third party's time there but by an invite (stretches).
Result<std::vector<membership::Known>> Ledger::known_of(const std::vector<membership::Former>& former,
                                                        const std::vector<AccountId>& carried_over) {
  std::set<AccountId> accounts(carried_over.begin(), carried_over.end());
  for (const membership::Former& was : former) accounts.insert(was.who.account);
  std::vector<membership::Known> out;
  for (const AccountId& account : accounts) {
    STEIGER_TRY(const auto registered, store_.account(account));
    if (!registered) continue;
    const auto chain = identity::decode_chain(registered->chain);
    if (!chain.ok() || chain->certificates.empty()) return kStoreCorrupt;
    out.push_back(membership::known_by(*chain));
  }
  return out;
}

Result<Ledger::Ruling> Ledger::rule_on(Channel& channel, const mls::PublicGroup& group, const mls::CheckedBundle& bundle) {
  const auto header = identity::decode_handshake_header(bundle.authenticated_data);
  if (!header.ok()) return Ruling{Verdict::refuse(kBadBundle)};
  const auto binding = binding_of(group, channel.row.channel);
  if (!binding) return kStoreCorrupt;
  STEIGER_TRY(const membership::Trust* trusted, trust());
  STEIGER_TRY(const Bytes stored, store_.certificates(channel.row.number));
  STEIGER_TRY(const auto known_before, known_certificates(group.tree(), stored, {}));
  STEIGER_TRY(const auto known_after, known_certificates(bundle.next.tree(), stored, header->certificates));
  auto before = membership::read_roster(group.tree(), known_before, *trusted, membership::certified_for(*binding));
  if (!before.ok()) return Ruling{Verdict::forbid(before.error())};
  const auto after = membership::read_roster(bundle.next.tree(), known_after, *trusted, membership::certified_for(*binding));
  if (!after.ok()) return Ruling{Verdict::forbid(after.error())};

  std::vector<membership::Former> former;
  STEIGER_TRY(const auto former_rows, store_.former(channel.row.number));
  for (const FormerRow& row : former_rows) {
    former.push_back({{row.account, row.device}, row.account_key, row.removed_in, row.silent});
  }
  STEIGER_TRY(const auto carried_over, store_.carried_over(channel.row.number));
  STEIGER_TRY(const auto as_known, known_of(former, carried_over));
  const auto judged = membership::judge({*binding, *before, *after, bundle, *header, sha256(channel.row.group_id),
                                         channel.row.epoch, now_, *trusted, former, carried_over, as_known});
  if (!judged.ok()) return Ruling{Verdict::forbid(judged.error())};
  // S13: what only the gateway knows, and members are told in the header.
  for (const identity::DeviceIdentity& each : header->silent) {
    STEIGER_TRY(const bool silent, is_silent(each.device));
    const bool removed = names(judged->gone_devices, each);
    if (!silent || !removed) return Ruling{Verdict::forbid(membership::kRemovalNotAllowed)};
  }
  for (const identity::DeviceIdentity& each : header->returned) {
    const bool known = std::any_of(former.begin(), former.end(), [&](const auto& was) { return was.who == each && was.silent; });
    if (!known || membership::find_device(*after, each) == nullptr) return Ruling{Verdict::forbid(membership::kForeignDevice)};
  }
  return Ruling{Verdict::accept(), std::move(*before), judged->resync, header->silent, encode_certificates(known_after)};
}

void Ledger::let_out(Channel& channel, const mls::CheckedBundle& bundle, const Ruling& ruling, std::uint64_t commit_seq,
                     GroupChange& change) {
  for (const mls::RemovedMember& removed : bundle.removed) {
    const membership::Seat* seat = membership::find_leaf(ruling.before, removed.leaf);
    const Member* stay = channel.find(seat->who.device);
    if (stay == nullptr) continue;  // commit() refuses it by the count
    MemberRow row = stay->row;
    row.removed_seq = commit_seq;
    row.nacked_seq = 0;
    change.changed.push_back(row);
    change.freed.push_back(row.device);
    change.removed.push_back(
        {row.device, row.account, seat->account_key, channel.row.epoch, commit_seq, names(ruling.silent, seat->who)});
  }
}

// ---------------------------------------------------------------- who is heard of (S13)

DayNumber Ledger::today() const {
  return now_.ms / kMillisecondsPerDay;
}

void Ledger::saw(Device& device) {
  if (device.seen == today()) return;
  device.seen = today();
  seen_.push_back({device.row.device, today()});
}

Result<bool> Ledger::is_silent(const DeviceId& device) {
  STEIGER_TRY(const auto day, store_.last_seen(device));
  return day && *day < today() - kSilenceDays;
}

Result<bool> Ledger::may_return(const Channel& channel, const AccountId& account) {
  STEIGER_TRY(const auto carried_over, store_.carried_over(channel.row.number));
  if (std::find(carried_over.begin(), carried_over.end(), account) != carried_over.end()) return true;
  STEIGER_TRY(const auto former, store_.former(channel.row.number));
  return std::any_of(former.begin(), former.end(), [&](const FormerRow& row) { return row.silent && row.account == account; });
}

Result<std::vector<RosterTaskRow>> Ledger::tasks_for(const DeviceId& device) {
  STEIGER_TRY(auto tasks, store_.roster_tasks(device, today() - kSilenceDays));
  std::vector<RosterTaskRow> out;
  for (RosterTaskRow& task : tasks) {
    if (task.kind == RosterTaskKind::add_back) {  // S13: it uploads fresh KeyPackages first
      STEIGER_TRY(const auto package, store_.next_key_package(task.device, now_));
      if (!package) continue;
    }
    out.push_back(std::move(task));
  }
  return out;
}

Result<void> Ledger::on(const Command& command, AskTasksCommand&) {
  if (stream_of(command) == nullptr) return {};
  answer(command, TasksFound{});
  deferred_.push_back({{command.session, command.request, AskTasksCommand{}}, result_.answers.size() - 1});
  return {};
}

// Reads what is on disk: what this batch has not written yet is looked at by the next sweep.
Result<void> Ledger::on(const Command&, SweepCommand&) {
  STEIGER_CHECK(store_.watch_unseen(today()));
  for (const auto& [id, session] : live_) {
    STEIGER_TRY(Device * known, device(id));
    if (known != nullptr) saw(*known);
  }
  STEIGER_CHECK(expire_messages());
  STEIGER_CHECK(end_stays());
  STEIGER_TRY(const auto channels, store_.channels_with_tasks(today() - kSilenceDays));
  result_.with_tasks.insert(result_.with_tasks.end(), channels.begin(), channels.end());
  return {};
}

// S13: application ciphertext that nobody fetched in time goes; handshakes stay for who still has to follow them.
Result<void> Ledger::expire_messages() {
  STEIGER_TRY(const auto channels, store_.channels_overdue(now_ - kMessageLife));
  for (const ChannelId& id : channels) {
    STEIGER_TRY(Channel * overdue, channel(id));
    if (overdue == nullptr) return kStoreCorrupt;
    ChannelRow& row = overdue->row;
    std::vector<UndeliveredRow> undelivered;
    std::uint64_t up_to = std::max(row.dropped_seq, row.expired_seq);
    const auto is_missing = [&](const MessageRow& message) {
      return std::any_of(overdue->members.begin(), overdue->members.end(), [&](const Member& member) {
        const MemberRow& stay = member.row;
        return !member.gone && stay.device != message.device && stay.acknowledged_seq < message.seq &&
               stay.joined_seq < message.seq && (stay.in_roster() || message.seq < stay.removed_seq);
      });
    };
    for (bool more = true; more;) {
      STEIGER_TRY(const auto messages, store_.messages(row.number, up_to + 1, {.with_payload = false}));
      more = !messages.empty();
      for (const MessageRow& message : messages) {
        more = message.accepted <= now_ - kMessageLife;
        if (!more) break;
        up_to = message.seq;
        if (message.kind != MessageKind::application || !is_missing(message)) continue;
        undelivered.push_back({message.device, id, message.seq, message.id, {}});
      }
    }
    row.expired_seq = up_to;
    STEIGER_CHECK(store_.expire(row.number, up_to, undelivered,
                                event("messages.expired", {{"channel", id.text()}, {"up_to", std::to_string(up_to)}})));
    for (const UndeliveredRow& each : undelivered) {
      if (live_.count(each.device) == 0) continue;
      result_.undelivered.push_back(each);
      STEIGER_CHECK(store_.told_undelivered(each.device, now_, now_ - kUndeliveredRepeat));
    }
  }
  return {};
}

// Nobody comes any more for what these were to fetch before their removal.
Result<void> Ledger::end_stays() {
  STEIGER_TRY(const auto stays, store_.stays_overdue(now_ - kMessageLife));
  for (const auto& [id, row] : stays) {
    STEIGER_TRY(Channel * found, channel(id));
    if (found == nullptr) return kStoreCorrupt;
    for (Member& member : found->members) {
      if (!member.is(row.device) || member.row.joined_seq != row.joined_seq) continue;
      member.gone = true;
      found->positions_dirty = true;
      touch(*found);
    }
  }
  return {};
}

}  // namespace steiger::gateway
