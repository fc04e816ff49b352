// Handover (S10): the teamleider offers another coach, the jongere's device asks plainly and makes the commit. Until then everybody in
// the room sees that a handover waits. The successor needs to do nothing: welcome.cpp takes the room from the jongere's hand.
#pragma once

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Handover {
 public:
  explicit Handover(Engine& engine) : engine_(engine) {}

  struct Wanted {
    ChannelId channel;
    AccountId leaving;
    AccountId successor;
    Hash successor_key{};  // of the successor's account key
  };
  // Teamleider: signs the offer and brings it to the gateway; `request` is answered when it is there. Not kept over a restart: asked
  // again, a newer offer takes the place of the one before. kNotSetUp, kNotAllowedForRole, kLocalBusy.
  Result<void> offer(std::uint64_t request, const Wanted& wanted);

  // No coach of this room counts any more, by the organisation's status list. What people write stays on their devices: encrypted now,
  // the one who follows could never read it.
  [[nodiscard]] bool awaits_coach(const Channel& channel) const;

  // The jongere decided. A no changes nothing: the coach who leaves stays until the organisation ends them, and a new offer may come.
  Result<void> answer(Channel& channel, const QuestionRecord& question, bool yes);

  // ---- the gateway
  void on_login();
  Result<void> on_offer(const wire::HandoverOffer& offer);
  void on_done(const WireRequest& about);
  void on_problem(const WireRequest& about, const Error& error);
  // The group has another epoch: an offer whose coach is gone is no question any more.
  void on_roster(const Channel& channel);

 private:
  void send(std::uint64_t request);
  void tell(Channel& channel, const AccountId& successor, Timestamp issued);

  Engine& engine_;
  std::map<std::uint64_t, wire::HandoverOfferT> under_way_;  // by the app's request
};

}  // namespace steiger::sdk
