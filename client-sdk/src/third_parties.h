// Third parties (S8): nobody comes to read along without the jongere's signed yes, and nobody stays longer than that yes says: the grant
// names the end, and no certificate goes beyond it (membership::judge).
//   the coach    Invites takes the proof, asks in the room (LetInRequest), and adds the person with the grant
//   the jongere  the request becomes a question; yes signs an identity::Grant (LetInAnswer), no is an answer too
//   the end      the coach's or the jongere's device, whichever is online first, takes out whose time is over
#pragma once

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/content.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class ThirdParties {
 public:
  explicit ThirdParties(Engine& engine) : engine_(engine) {}

  // From the room. A request that does not come from its coach, or for anybody but a third party, is ignored.
  void on_request(Channel& channel, std::uint64_t seq, const LinkRecord& link, const LetInRequestContent& request);
  void on_answer(Channel& channel, std::uint64_t seq, const LinkRecord& link, const LetInAnswerContent& answer);

  // The jongere decided.
  Result<void> answer(Channel& channel, const QuestionRecord& question, bool yes);

  // The group has another epoch, or was loaded: whose time ends when.
  void on_roster(const Channel& channel);
  void on_login();
  void on_timer();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  void tell(Channel& channel, std::uint64_t seq, Timestamp when, api::NoticeKind kind, const AccountId& account,
            const std::string& name);

  Engine& engine_;
  std::map<std::pair<ChannelId, AccountId>, Timestamp> ends_;  // in the gateway's time
};

}  // namespace steiger::sdk
