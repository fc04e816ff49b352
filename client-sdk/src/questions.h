// What waits for this person's yes or no: may somebody read along (S8), does another coach take over (S10), is this really the person
// who goes on under a new key (S2). Questions come from messages and offers that were checked; they are shown unasked, kept until they
// are over, and answered once. The answer, and what follows from it, is one local transaction, so a crash leaves both or neither.
#pragma once

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/content.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Questions {
 public:
  explicit Questions(Engine& engine) : engine_(engine) {}

  // Shows it to the person. A question with a known id was asked before: nothing changes, answered or not.
  void ask(QuestionRecord question);
  // There is nothing to decide any more: another own device answered, or somebody else made it so.
  void withdraw(const ChannelId& channel, api::QuestionKind kind, const AccountId& account);
  // This device has left the room.
  void withdraw_all(const ChannelId& channel);

  // kNoSuchQuestion: also one that was answered or is over. kRoomEnded, kChannelStopped, kOutboxFull; then it still waits.
  Result<void> answer(const QuestionId& id, bool yes);

  // S2: a member goes on under a new account key, which the coach certifies after a call.
  void on_new_key_request(Channel& channel, const AccountId& from, const MessageId& message, const NewKeyRequestContent& request);
  // Another device of this coach answered.
  void on_new_key_answer(const Channel& channel, const AccountId& from);

 private:
  Result<void> carry_out(Channel& channel, const QuestionRecord& question, bool yes);
  Result<void> answer_new_key(Channel& channel, const QuestionRecord& question, bool yes);
  void settled(QuestionRecord& question, bool yes);
  [[nodiscard]] bool over(const QuestionRecord& question) const;
  void make_room();

  Engine& engine_;
};

}  // namespace steiger::sdk
