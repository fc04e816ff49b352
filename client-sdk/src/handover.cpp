#include "client-sdk/src/handover.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/members.h"
#include "crypto/identity/handover.h"

namespace steiger::sdk {

// ---------------------------------------------------------------- the teamleider

Result<void> Handover::offer(std::uint64_t request, const Wanted& wanted) {
  const State& state = engine_.state;
  if (state.self.membership != Membership::ready || !state.chain || !state.account_key) return kNotSetUp;
  const auto& certificates = state.chain->certificates;
  if (certificates.empty() || certificates.back().role != identity::Role::teamleider) return kNotAllowedForRole;
  if (under_way_.size() >= kMaxOffersUnderWay) return kLocalBusy;
  identity::HandoverOffer offer;
  offer.organisation = state.organisation->id;
  offer.channel = wanted.channel;
  offer.leaving = wanted.leaving;
  offer.successor = wanted.successor;
  offer.successor_key = wanted.successor_key;
  offer.issued = engine_.session.gateway_now();
  offer.expires = offer.issued + kHandoverOfferLife;
  offer.by = state.self.account;
  STEIGER_TRY(offer, identity::sign_handover_offer(*state.account_key, offer));
  wire::HandoverOfferT out;
  out.offer = identity::encode_handover_offer(offer);
  out.chain = state.self.chain;
  under_way_[request] = std::move(out);
  if (engine_.session.online()) send(request);
  return {};
}

void Handover::send(std::uint64_t request) {
  WireRequest about;
  about.about = WireRequest::About::offer_handover;
  about.number = request;
  engine_.session.ask(about, under_way_.at(request));
}

void Handover::on_login() {
  for (const auto& [request, offer] : under_way_) send(request);
}

void Handover::on_done(const WireRequest& about) {
  if (under_way_.erase(about.number) != 0) engine_.api.done(about.number);
}

void Handover::on_problem(const WireRequest& about, const Error& error) {
  if (error.retryable) return;  // asked again at the next login
  if (under_way_.erase(about.number) != 0) engine_.api.failed(about.number, error);
}

// ---------------------------------------------------------------- the room

bool Handover::awaits_coach(const Channel& channel) const {
  const auto& status = engine_.state.trust.status;
  if (!status || channel.room.ended || channel.own_devices_only()) return false;
  bool had_one = false;
  for (const MemberRecord& member : channel.record.members) {
    if (member.role != Role::coach) continue;
    const auto chain = identity::decode_chain(member.chain);
    if (chain.ok() && identity::check_standing(*status, *chain, engine_.session.gateway_now()).ok()) return false;
    had_one = true;
  }
  return had_one;
}

// S10: the gateway cannot invent an offer. What does not hold is ignored: it asks nothing of anybody.
Result<void> Handover::on_offer(const wire::HandoverOffer& message) {
  const State& state = engine_.state;
  const Bytes bytes = to_bytes(gateway::view_of(message.offer()));
  const auto offer = identity::decode_handover_offer(bytes);
  const auto chain = identity::decode_chain(gateway::view_of(message.chain()));
  if (!offer.ok() || !chain.ok()) return {};
  Channel* channel = engine_.channel(offer->channel);
  if (channel == nullptr || channel->stopped()) return {};  // the successor hears of the room by its Welcome
  const Timestamp now = engine_.session.gateway_now();
  const auto by = identity::verify_chain_under(*chain, state.trust.roots, state.trust.organisation, engine_.session.latest_now());
  if (!by.ok() || !identity::verify_handover_offer(*offer, *by, state.trust.organisation, offer->channel, now).ok()) return {};
  if (state.trust.status && !identity::check_standing(*state.trust.status, *chain, now).ok()) return {};
  const MemberRecord* leaving = channel->member(offer->leaving);
  if (leaving == nullptr || leaving->role != Role::coach) return {};
  tell(*channel, offer->successor, offer->issued);
  if (state.self.role != Role::jongere) return {};
  QuestionRecord question;
  const Hash hash = sha256(bytes);
  ByteArray<kIdSize> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  question.id = QuestionId(id);
  // A later offer takes the place of an earlier one.
  for (const auto& [known, other] : state.questions) {
    if (known == question.id || other.channel != offer->channel || other.answered) continue;
    if (other.kind == static_cast<std::uint8_t>(api::QuestionKind::handover)) {
      engine_.questions.withdraw(offer->channel, api::QuestionKind::handover, other.account);
    }
  }
  question.kind = static_cast<std::uint8_t>(api::QuestionKind::handover);
  question.channel = offer->channel;
  question.account = offer->successor;
  question.role = static_cast<std::uint8_t>(identity::Role::coach);
  question.expires = offer->expires;
  question.evidence = bytes;
  question.key = identity::encode_certificate(chain->certificates.back());
  engine_.questions.ask(std::move(question));
  return {};
}

// "Overdracht wacht": once for each offer, which the gateway repeats at every login.
void Handover::tell(Channel& channel, const AccountId& successor, Timestamp issued) {
  NoticeRecord notice;
  notice.seq = channel.record.processed;
  notice.kind = static_cast<std::uint8_t>(api::NoticeKind::handover_waits);
  notice.account = successor;
  notice.role = Role::coach;
  notice.when = issued;
  const auto& known = channel.room.notices;
  const bool told = std::any_of(known.begin(), known.end(), [&](const NoticeRecord& other) {
    return other.kind == notice.kind && other.account == successor && other.when == issued;
  });
  if (told) return;
  add_notice(channel, std::move(notice));
  Engine::room_changed(channel);
  engine_.api.notice_added(channel, channel.room.notices.back());
}

Result<void> Handover::answer(Channel& channel, const QuestionRecord& question, bool yes) {
  if (!yes) return {};
  WishRecord wish;
  wish.kind = WishRecord::Kind::handover;
  wish.account = question.account;
  wish.evidence = question.evidence;
  wish.certificate = question.key;
  return engine_.changes.wish(channel, std::move(wish));
}

void Handover::on_roster(const Channel& channel) {
  for (const auto& [id, question] : engine_.state.questions) {
    const bool open = question.channel == channel.record.id && !question.answered &&
                      question.kind == static_cast<std::uint8_t>(api::QuestionKind::handover);
    if (!open) continue;
    const auto offer = identity::decode_handover_offer(question.evidence);
    const auto& members = channel.record.members;
    const bool still_there = offer.ok() && std::any_of(members.begin(), members.end(), [&](const MemberRecord& member) {
                               return member.account == offer->leaving;
                             });
    if (!still_there) engine_.questions.withdraw(channel.record.id, api::QuestionKind::handover, question.account);
  }
}

}  // namespace steiger::sdk
