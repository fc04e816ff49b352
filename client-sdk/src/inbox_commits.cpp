// Commits, our own and others': what the rules of rooms say of them (S1, S8-S10, S13), and what they change here.
#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/inbox.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"

namespace steiger::sdk {

Result<void> Inbox::own_commit(Channel& channel, const Envelope& envelope) {
  const LinkRecord& link = envelope.link;
  if (!channel.pending || channel.pending->record.id != link.message) return kEchoDiffers;
  STEIGER_CHECK(engine_.outbox.take_echo(channel.record.id, link.message, link.payload_hash, link.tag).ok()
                    ? Result<void>()
                    : Result<void>(kEchoDiffers));
  const InviteId invite = channel.pending->record.invite;
  STEIGER_TRY(const membership::Roster before, roster(channel, channel.group->tree(), {}));
  const std::uint64_t epoch = channel.group->epoch();
  // The merge (RFC 9420 section 14): the next epoch replaces this one, PSKs and the pending commit go (S5).
  STEIGER_TRY(mls::Group next, std::move(channel.pending->commit).merge(*channel.group));
  std::vector<identity::DeviceIdentity> silent;
  for (const auto& [number, wish] : channel.wishes) {
    if (wish.committed && wish.silent) silent.push_back({wish.account, wish.device});
  }
  const bool handover = std::any_of(channel.wishes.begin(), channel.wishes.end(), [](const auto& entry) {
    return entry.second.committed && entry.second.kind == WishRecord::Kind::handover;
  });
  STEIGER_TRY(const membership::Roster after, roster(channel, next.tree(), own_certificates(channel)));
  channel.group.emplace(std::move(next));
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  enter(channel, before, after, membership::difference(before, after, handover), silent, epoch, envelope);
  engine_.changes.on_merged(channel);
  engine_.invites.on_merged(channel, invite);
  return {};
}

// Certificates of accounts that our own commits add, whose leaves have none yet.
std::vector<identity::Certificate> Inbox::own_certificates(const Channel& channel) const {
  std::vector<identity::Certificate> out;
  const auto take = [&](ByteView bytes) {
    const auto chain = identity::decode_chain(bytes);
    if (chain.ok()) out.insert(out.end(), chain->certificates.begin(), chain->certificates.end());
  };
  for (const auto& [id, invite] : engine_.state.invites) {
    if (invite.channel == channel.record.id) take(invite.chain);
  }
  for (const auto& [number, wish] : channel.wishes) {
    for (const Bytes& chain : wish.package_chains) take(chain);
  }
  return out;
}

Result<membership::Roster> Inbox::roster(const Channel& channel, const mls::RatchetTree& tree,
                                         const std::vector<identity::Certificate>& more) const {
  std::vector<identity::Certificate> helpful = known_certificates(engine_.state, channel);
  helpful.insert(helpful.end(), more.begin(), more.end());
  return membership::read_roster(tree, helpful, engine_.standing.trust(), membership::certified_for(channel.binding));
}

// The group has its next epoch: what follows for members, people and PSKs.
void Inbox::enter(Channel& channel, const membership::Roster& before, const membership::Roster& after,
                  const membership::Judgement& judgement, const std::vector<identity::DeviceIdentity>& silent,
                  std::uint64_t epoch, const Envelope& envelope) {
  take_roster(channel, before, after, silent, epoch);
  History::on_roster(channel, judgement.joined, judgement.left, envelope.seq);
  add_notices(channel, judgement, envelope.seq, envelope.link.accepted);
  engine_.generations.on_roster(channel);
  channel.record.psks.clear();  // S5: all delete them after the merge
  channel.announce = true;
  Engine::group_changed(channel);
  Engine::room_changed(channel);
  engine_.devices.on_roster(channel);
  engine_.third_parties.on_roster(channel);
  engine_.handover.on_roster(channel);
  engine_.api.notices_changed(channel, envelope.seq);
}

Result<void> Inbox::commit(Channel& channel, const Envelope& envelope) {
  const mls::PskSources psks{[&](ByteView id) -> std::optional<SecretBytes> {
                               for (const PskRecord& psk : channel.record.psks) {
                                 if (equal(psk.id, id)) return psk.psk.clone();
                               }
                               return std::nullopt;
                             },
                             [&](ByteView group_id, std::uint64_t of) { return carried_psk(channel, group_id, of); }};
  auto result = channel.group->handle_commit(envelope.payload, psks);
  if (!result.ok()) return cannot_process(channel, envelope, result.error());
  const std::uint64_t epoch = channel.group->epoch();
  const mls::RatchetTree& tree = result->tree_without_us ? *result->tree_without_us : result->next.tree();
  STEIGER_TRY(const CheckedCommit checked,
              check_commit(channel, envelope, *result, result->authenticated_data, channel.group->tree(), tree, epoch));
  if (result->tree_without_us) {
    take_roster(channel, checked.before, checked.after, checked.header.silent, epoch);
    removed(channel, envelope.seq, envelope.link.accepted);
    return {};
  }
  channel.group.emplace(std::move(result->next));
  enter(channel, checked.before, checked.after, checked.judgement, checked.header.silent, epoch, envelope);
  engine_.devices.greet(channel, checked.judgement);
  return {};
}

Result<Inbox::CheckedCommit> Inbox::check_commit(Channel& channel, const Envelope& envelope, const mls::CommitFacts& facts,
                                                 ByteView authenticated_data, const mls::RatchetTree& tree_before,
                                                 const mls::RatchetTree& tree_after, std::uint64_t epoch) {
  const auto header = identity::decode_handshake_header(authenticated_data);
  if (!header.ok()) return kCommitRefused;
  // Who comes back in by itself may have stopped before this device joined (S9).
  const bool before_us = facts.external && header->processed.seq < channel.record.base_seq;
  if (!before_us) STEIGER_CHECK(check_mention(channel, header->processed, envelope.seq));
  auto before = roster(channel, tree_before, {});
  if (!before.ok()) return kCommitRefused;
  std::vector<identity::Certificate> more = header->certificates;
  for (const identity::IdentityChain& chain : header->newer_chains) {
    more.insert(more.end(), chain.certificates.begin(), chain.certificates.end());
  }
  auto after = roster(channel, tree_after, more);
  if (!after.ok()) return kCommitRefused;
  STEIGER_CHECK(check_committer(facts, *before, *after, envelope.link));
  const membership::Trust trust = engine_.standing.trust();
  const auto former = former_of(channel);
  // The time of acceptance is the gateway's word: it does not go back behind what came before, to make a grant or certificate valid again.
  Timestamp when = envelope.link.accepted;
  if (const auto last = channel.links.find(channel.record.processed); last != channel.links.end()) {
    when = std::max(when, last->second.accepted);
  }
  // Nor so far ahead that a certificate or a silence ends before its time: no further than any word of the gateway's about time.
  when = std::min(when, engine_.now + kMaxClockOffset);
  // S13: only the gateway knows who is silent everywhere; here everybody heard who was not.
  for (const identity::DeviceIdentity& device : header->silent) {
    if (spoke_since(channel, device, when - kSilence)) return refuse(membership::kRemovalNotAllowed).error();
  }
  const auto known = known_of(channel);
  const Hash group = sha256(channel.group->group_id());
  auto judgement = membership::judge(
      {channel.binding, *before, *after, facts, *header, group, epoch, when, trust, former, channel.room.carried_over, known});
  if (!judgement.ok()) return refuse(judgement.error()).error();
  return CheckedCommit{std::move(before).value(), std::move(after).value(), *header, std::move(judgement).value()};
}

// S8: the gateway let pass what the rules forbid. The rule's own name is the alarm's cause.
Result<void> Inbox::refuse(const Error& rule) {
  refused_rule_ = rule;
  return kCommitRefused;
}

// Who committed is who the gateway says sent it.
Result<void> Inbox::check_committer(const mls::CommitFacts& facts, const membership::Roster& before,
                                    const membership::Roster& after, const LinkRecord& link) const {
  const membership::Seat* committer = membership::find_leaf(facts.external ? after : before, facts.committer);
  if (committer == nullptr || committer->who != identity::DeviceIdentity{link.account, link.device}) return kSenderMismatch;
  return {};
}

// S12: a removed device has everything up to its removal; then its keys go. What it showed stays readable.
void Inbox::removed(Channel& channel, std::uint64_t seq, Timestamp when) {
  const identity::DeviceIdentity self{engine_.state.self.account, engine_.state.self.device};
  add_notice(channel,
             {seq, static_cast<std::uint8_t>(api::NoticeKind::removed), self.account, self.device, {}, Role::none, when});
  channel.room.ended = true;
  channel.group.reset();
  channel.out_of_step.reset();
  engine_.journal.erase(keys::step(channel.record.id));
  channel.opening.reset();
  engine_.journal.erase(keys::opening(channel.record.id));
  channel.carried.reset();
  engine_.journal.erase(keys::carried(channel.record.id));
  channel.record.psks.clear();
  if (channel.pending) {
    channel.pending.reset();
    engine_.journal.erase(keys::pending(channel.record.id));
  }
  for (const auto& [number, wish] : channel.wishes) engine_.journal.erase(keys::wish(channel.record.id, number));
  channel.wishes.clear();
  engine_.outbox.on_removed(channel.record.id);
  engine_.questions.withdraw_all(channel.record.id);
  engine_.third_parties.on_roster(channel);
  channel.announce = true;
  Engine::group_changed(channel);
  Engine::room_changed(channel);
  engine_.api.notices_changed(channel, seq);
}

}  // namespace steiger::sdk
