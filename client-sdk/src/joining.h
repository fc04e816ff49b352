// The redeemer's half of an invite (S3-S5): fetch the terms, make keys, prove the secret, wait, log in, and take the one Welcome that
// only the inviting coach can have made: it must hold the invite's PSK. The terms' root key is trusted from that moment on.
#pragma once

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Joining {
 public:
  explicit Joining(Engine& engine) : engine_(engine) {}

  // The app's Join; answered when the gateway has the proof, or when it failed.
  Result<void> join(std::uint64_t request, std::string_view invite_text, std::string name, std::string gateway_url);

  // Takes back a join that could not be stored, so that nothing of it was sent; the caller puts the identity back.
  void withdraw();

  Result<void> on_greeted();
  Result<void> on_info(const wire::InviteInfo& info);
  Result<void> on_outcome(const wire::InviteOutcome& outcome);
  void on_problem(const Error& error);
  Result<void> on_welcome(const wire::DeliverWelcome& delivery);

 private:
  void redeem();
  void give_up(const Error& error);
  Result<void> accepted(ByteView chain);
  // kWelcomeRefused and what is behind it; the channel on success. Changes nothing.
  Result<Channel> open_welcome(const wire::DeliverWelcome& delivery) const;

  Engine& engine_;
  std::uint64_t request_ = 0;  // the app's Join, until answered; lost by a restart
};

}  // namespace steiger::sdk
