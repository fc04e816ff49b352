// Which keys count (S1): the organisation's status list and its root successions. Both prove themselves, so it does not matter that
// the gateway brings them; each only ever replaces an older one. With a stale list chat goes on and nobody new comes in.
#pragma once

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Standing {
 public:
  explicit Standing(Engine& engine) : engine_(engine) {}

  // What identities are judged by (crypto/membership); valid until the next input. Without roots before there is an organisation.
  [[nodiscard]] const membership::Trust& trust() const;
  // There is a list, and it should have been replaced by now.
  [[nodiscard]] bool stale() const;

  // When it will be, so that people hear of it.
  [[nodiscard]] std::optional<Timestamp> deadline() const;

  // The gateway's newest, after login and whenever it changed. What does not verify or is older than what is known changes nothing.
  Result<void> on_standing(const wire::Standing& standing);

  // A list that came another way; as on_standing.
  void offer(ByteView status_list);

  // ---- the app, staff only: publishes what the beheerder made. gateway::kBadStanding when it does not verify or is older than what
  // is known here; answered when the gateway has it. Kept in memory only: lost by a restart, as is the answer.
  Result<void> publish(std::uint64_t request, ByteView status_list, ByteView root_successions);
  void on_login();
  void on_published();
  void on_problem(const Error& error);

 private:
  struct Publication {
    std::uint64_t request = 0;
    wire::StandingT body;
  };

  // The record as it would be with these two; the errors say what is wrong with them.
  [[nodiscard]] Result<StandingRecord> judged(ByteView status_list, ByteView root_successions) const;
  void store(StandingRecord record);
  void send();

  Engine& engine_;
  std::optional<Publication> publication_;
};

}  // namespace steiger::sdk
