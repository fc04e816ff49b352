#include "client-sdk/src/questions.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"

namespace steiger::sdk {
namespace {

bool is(const QuestionRecord& question, api::QuestionKind kind) {
  return question.kind == static_cast<std::uint8_t>(kind);
}

}  // namespace

bool Questions::over(const QuestionRecord& question) const {
  return question.expires <= engine_.session.gateway_now();
}

// What nobody needs any more goes; at the bound the oldest answered one.
void Questions::make_room() {
  auto& all = engine_.state.questions;
  const auto erase = [&](auto at) {
    engine_.journal.erase(keys::question(at->first));
    return all.erase(at);
  };
  for (auto at = all.begin(); at != all.end();) {
    at = at->second.expires <= engine_.session.gateway_now() ? erase(at) : std::next(at);
  }
  if (all.size() < kMaxQuestions) return;
  const auto oldest = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(!a.second.answered, a.second.asked) < std::pair(!b.second.answered, b.second.asked);
  });
  if (oldest->second.answered) erase(oldest);
}

void Questions::ask(QuestionRecord question) {
  auto& all = engine_.state.questions;
  question.asked = engine_.now;
  if (all.count(question.id) != 0 || over(question)) return;
  make_room();
  if (all.size() >= kMaxQuestions) return;
  engine_.journal.put(keys::question(question.id), question.encode());
  const auto& kept = all.emplace(question.id, std::move(question)).first->second;
  engine_.api.question_changed(kept);
}

void Questions::settled(QuestionRecord& question, bool yes) {
  question.answered = true;
  question.yes = yes;
  engine_.journal.put(keys::question(question.id), question.encode());
  engine_.api.question_changed(question);
}

void Questions::withdraw(const ChannelId& channel, api::QuestionKind kind, const AccountId& account) {
  for (auto& [id, question] : engine_.state.questions) {
    const bool same = question.channel == channel && is(question, kind) && question.account == account;
    if (same && !question.answered) settled(question, false);
  }
}

void Questions::withdraw_all(const ChannelId& channel) {
  for (auto& [id, question] : engine_.state.questions) {
    if (question.channel == channel && !question.answered) settled(question, false);
  }
}

Result<void> Questions::answer(const QuestionId& id, bool yes) {
  const auto found = engine_.state.questions.find(id);
  if (found == engine_.state.questions.end() || found->second.answered || over(found->second)) return kNoSuchQuestion;
  Channel* channel = engine_.channel(found->second.channel);
  if (channel == nullptr) return kNoSuchQuestion;
  if (channel->room.ended) return kRoomEnded;
  if (channel->stopped()) return kChannelStopped;
  STEIGER_CHECK(carry_out(*channel, found->second, yes));
  settled(found->second, yes);
  return {};
}

Result<void> Questions::carry_out(Channel& channel, const QuestionRecord& question, bool yes) {
  switch (static_cast<api::QuestionKind>(question.kind)) {
    case api::QuestionKind::let_in:
      return engine_.third_parties.answer(channel, question, yes);
    case api::QuestionKind::handover:
      return engine_.handover.answer(channel, question, yes);
    case api::QuestionKind::new_key:
      return answer_new_key(channel, question, yes);
  }
  return kNoSuchQuestion;
}

// ---------------------------------------------------------------- a new account key (S2)

void Questions::on_new_key_request(Channel& channel, const AccountId& from, const MessageId& message,
                                   const NewKeyRequestContent& request) {
  const MemberRecord* member = channel.member(from);
  const State& state = engine_.state;
  if (state.self.role != Role::coach || member == nullptr || from == state.self.account) return;
  if (member->role == Role::coach) return;                        // the beheerder certifies staff
  withdraw(channel.record.id, api::QuestionKind::new_key, from);  // asked again, with another key: only the newest counts
  QuestionRecord question;
  question.id = QuestionId(message.array());
  question.kind = static_cast<std::uint8_t>(api::QuestionKind::new_key);
  question.channel = channel.record.id;
  question.account = from;
  question.name = member->name;
  question.expires = engine_.session.gateway_now() + kQuestionLife;
  question.evidence = request.device_list;
  question.key = request.account_key;
  ask(std::move(question));
}

Result<void> Questions::answer_new_key(Channel& channel, const QuestionRecord& question, bool yes) {
  NewKeyAnswerContent answer;
  if (yes) {
    STEIGER_TRY(answer.chain, engine_.devices.certify_new_key(channel, question.account, {question.evidence, question.key}));
  }
  STEIGER_CHECK(engine_.outbox.send_content(channel, encode_new_key_answer(answer, engine_.now), false));
  return {};
}

void Questions::on_new_key_answer(const Channel& channel, const AccountId& from) {
  if (from != engine_.state.self.account) return;
  for (const MemberRecord& member : channel.record.members) {
    withdraw(channel.record.id, api::QuestionKind::new_key, member.account);
  }
}

}  // namespace steiger::sdk
