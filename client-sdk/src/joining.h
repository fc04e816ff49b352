// The redeemer's half of an invite (S2-S5): fetch the terms, make keys, prove the secret, wait, log in, and take the one Welcome that
// only the inviting coach can have made: it must hold the invite's PSK. The terms' root key is trusted from that moment on. A newcomer
// and a third party are a new account; who comes back keeps the pseudonym, under a new key (S2). A new own device gets the account itself,
// sealed, instead of a Welcome: devices.h.
#pragma once

#include <set>

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/identity/invite_secret.h"
#include "crypto/identity/room_past.h"
#include "crypto/membership/roster.h"

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
  // A Welcome for this room was refused in this life; the right one may yet come.
  [[nodiscard]] bool refused(const ChannelId& channel) const { return refused_.count(channel) != 0; }

 private:
  void redeem();
  void give_up(const Error& error);
  Result<void> accepted(ByteView chain, ByteView sealed);
  void become(ByteView chain, ByteView sealed);

  // ---- welcome.cpp. All change nothing; errors: kWelcomeRefused and what is behind it, kChainBroken, kHeadSignature.
  struct Opened {
    Channel channel;
    membership::Roster roster;
    membership::Seat committer;
    std::vector<mls::PreSharedKeyId> psks;
    identity::RoomPast past;
  };
  [[nodiscard]] Result<Opened> open(const wire::DeliverWelcome& delivery, const mls::KeyPackage& key_package,
                                    const mls::KeyPackageSecrets& secrets, const mls::PskSources& psks) const;
  [[nodiscard]] Result<Opened> open_invited(const wire::DeliverWelcome& delivery) const;
  [[nodiscard]] Result<Opened> open_added(const wire::DeliverWelcome& delivery, mls::KeyPackageRef& used) const;
  // May this device be in that room without an invite's secret?
  [[nodiscard]] bool expected(const Opened& opened, std::uint32_t generation) const;
  Result<void> follow_links(const wire::DeliverWelcome& delivery, const mls::GroupInfo& info, ChannelRecord& record) const;
  Channel& keep(Opened opened, const wire::DeliverWelcome& delivery);

  Engine& engine_;
  std::set<ChannelId> refused_;
  std::uint64_t request_ = 0;  // the app's Join, until answered; lost by a restart
};

// Of the join that is under way; kInviteTextLength and the like when its record was tampered with.
Result<identity::InviteSecret> secret_of(const JoinRecord& join);

}  // namespace steiger::sdk
