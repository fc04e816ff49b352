#include "client-sdk/src/third_parties.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/members.h"
#include "crypto/identity/grant.h"

namespace steiger::sdk {

using api::NoticeKind;

void ThirdParties::tell(Channel& channel, std::uint64_t seq, Timestamp when, NoticeKind kind, const AccountId& account,
                        const std::string& name) {
  NoticeRecord notice;
  notice.seq = seq;
  notice.kind = static_cast<std::uint8_t>(kind);
  notice.account = account;
  notice.name = name;
  notice.role = Role::other;
  notice.when = when;
  add_notice(channel, std::move(notice));
  Engine::room_changed(channel);
  engine_.api.notice_added(channel, channel.room.notices.back());
}

void ThirdParties::on_request(Channel& channel, std::uint64_t seq, const LinkRecord& link, const LetInRequestContent& request) {
  const MemberRecord* by = channel.member(link.account);
  if (by == nullptr || by->role != Role::coach || channel.member(request.account) != nullptr) return;
  const auto reason = identity::purpose_from_number(request.reason);
  if (request.role != static_cast<std::uint8_t>(identity::Role::third_party) || !reason.ok()) return;
  if (channel.binding.room != identity::RoomKind::one_to_one || request.until <= engine_.session.gateway_now()) return;
  tell(channel, seq, link.accepted, NoticeKind::asked_in, request.account, request.name);
  if (engine_.state.self.role != Role::jongere) return;
  QuestionRecord question;
  question.id = QuestionId(link.message.array());  // the same on every own device
  question.kind = static_cast<std::uint8_t>(api::QuestionKind::let_in);
  question.channel = channel.record.id;
  question.account = request.account;
  question.name = request.name;
  question.role = request.role;
  question.reason = request.reason;
  question.until = request.until;
  question.expires = engine_.session.gateway_now() + kQuestionLife;
  engine_.questions.ask(std::move(question));
}

// S8: the grant is for this account, in this room, from this epoch on, and for a fortnight: an old yes lets nobody in later.
Result<void> ThirdParties::answer(Channel& channel, const QuestionRecord& question, bool yes) {
  const State& state = engine_.state;
  if (!state.organisation || !state.account_key) return kNotSetUp;
  LetInAnswerContent answer;
  answer.account = question.account;
  if (yes) {
    STEIGER_TRY(const auto reason, identity::purpose_from_number(question.reason));
    identity::Grant grant;
    grant.organisation = state.organisation->id;
    grant.channel = channel.record.id;
    grant.group = sha256(channel.group->group_id());
    grant.epoch = channel.group->epoch();
    grant.account = question.account;
    grant.role = identity::Role::third_party;
    grant.purpose = reason;
    grant.issued = engine_.session.gateway_now();
    grant.expires = grant.issued + identity::kMaxGrantLife;
    grant.until = question.until;
    grant.by = state.self.account;
    STEIGER_TRY(const auto sealed, identity::sign_grant(*state.account_key, grant));
    answer.grant = identity::encode_grant(sealed);
  }
  STEIGER_CHECK(engine_.outbox.send_content(channel, encode_let_in_answer(answer, engine_.now), false));
  return {};
}

void ThirdParties::on_answer(Channel& channel, std::uint64_t seq, const LinkRecord& link, const LetInAnswerContent& answer) {
  const MemberRecord* by = channel.member(link.account);
  if (by == nullptr || by->role != Role::jongere) return;
  if (link.account == engine_.state.self.account) {  // another own device: nothing is left to ask here
    engine_.questions.withdraw(channel.record.id, api::QuestionKind::let_in, answer.account);
    return;
  }
  if (answer.grant.empty()) {
    std::string name;
    for (const auto& [id, invite] : engine_.state.invites) {
      if (invite.purpose.account == answer.account && invite.purpose.channel == channel.record.id) name = invite.label;
    }
    tell(channel, seq, link.accepted, NoticeKind::refused_in, answer.account, name);
  }
  engine_.invites.on_let_in_answer(channel, link.account, answer.account, answer.grant);
}

// ---------------------------------------------------------------- the end

void ThirdParties::on_roster(const Channel& channel) {
  const ChannelId& id = channel.record.id;
  std::erase_if(ends_, [&](const auto& entry) { return entry.first.first == id; });
  if (channel.stopped()) return;
  const Role role = engine_.state.self.role;
  for (const MemberRecord& member : channel.record.members) {
    engine_.questions.withdraw(id, api::QuestionKind::let_in, member.account);  // whoever asked, they are in
    if (role != Role::coach && role != Role::jongere) continue;
    const auto chain = identity::decode_chain(member.chain);
    if (!chain.ok() || chain->certificates.empty()) continue;
    const identity::Certificate& certificate = chain->certificates.back();
    if (certificate.role != identity::Role::third_party) continue;
    ends_[{id, member.account}] = certificate.not_after;  // no later than the grant's end: the rules see to that
  }
}

void ThirdParties::on_login() {
  for (const auto& [id, channel] : engine_.state.channels) on_roster(channel);
}

void ThirdParties::on_timer() {
  if (!engine_.session.online()) return;
  for (auto at = ends_.begin(); at != ends_.end();) {
    if (at->second > engine_.session.gateway_now()) {
      ++at;
      continue;
    }
    const auto [id, account] = at->first;
    at = ends_.erase(at);
    Channel* channel = engine_.channel(id);
    if (channel == nullptr || channel->stopped()) continue;
    WishRecord wish;
    wish.kind = WishRecord::Kind::remove_account;
    wish.account = account;
    // As many changes as may wait: again soon, until it is taken.
    if (!engine_.changes.wish(*channel, std::move(wish)).ok())
      ends_[{id, account}] = engine_.session.gateway_now() + kChangesAgain;
  }
}

std::optional<Timestamp> ThirdParties::deadline() const {
  if (!engine_.session.online()) return std::nullopt;
  std::optional<Timestamp> first;
  for (const auto& [whose, end] : ends_) {
    if (!first || end < *first) first = end;
  }
  if (first) *first = *first - (engine_.session.gateway_now() - engine_.now);  // timers run in the device's time
  return first;
}

}  // namespace steiger::sdk
