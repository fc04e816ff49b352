// The next group generation of a room (S11): the last means, when a device cannot follow the group any more and coming in again does not
// help either. The gateway lets it when every reachable device of the other accounts has said so too. The new group has the same
// accounts and the same policy, and takes the resumption PSK of the last epoch that they had in common: only who was there comes in.
//
// One device opens it: with the KeyPackages of the others at hand it sends the registration (accepted once per generation) and, right
// behind it, the commit that brings everybody back. What was accepted in the old group before that is still followed publicly. The others
// wait for their Welcome. An accepted epoch is never rolled back.
#pragma once

#include <map>

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/identity/nack.h"

namespace steiger::sdk {

class Generations {
 public:
  explicit Generations(Engine& engine) : engine_(engine) {}

  // Asks the gateway for the next generation. False: this device may not now; it goes on as it was.
  [[nodiscard]] bool open(Channel& channel);

  // ---- the gateway's answers
  // Another device cannot follow: from which epoch on (S11). kProtocol: no NACK.
  Result<void> on_nack(const wire::Nack& nack);
  void on_registered(Channel& channel);

  // ---- the outbox
  // The registration, or the commit that brings everybody back.
  [[nodiscard]] static bool owns(const Channel& channel, const OutboxRecord& item);
  // Refused for good: somebody else was first, or somebody can still follow.
  void refused(Channel& channel, const OutboxRecord& item, const Error& error);
  // Another one's generation is here.
  void give_up(Channel& channel) {
    if (channel.opening) drop(channel);
  }
  // There is a later generation: nothing of this room goes until its Welcome is here.
  static void superseded(Channel& channel, std::uint64_t generation);

  // ---- the inbox
  // The own first commit has its place: the room goes on in the new group. Who is yet to come in is remembered.
  // `psk`: that its group took from the one before.
  void entered(Channel& channel, const mls::ResumptionUse& psk, const membership::Roster& after);
  // S21: came back by itself into a later generation than its store knew.
  void entered_later(Channel& channel, const membership::Roster& after);
  // Of the PSKs that a Welcome names, the one that only who was in this room's present group can know; else nullopt.
  static std::optional<CarriedRecord> named_by(const Channel& channel, const std::vector<mls::PreSharedKeyId>& psks);
  // The room goes on in another group. `accounts` are yet to come back, with that PSK; without it somebody else brings them.
  void await(Channel& channel, std::vector<AccountId> accounts, std::optional<CarriedRecord> psk, Timestamp not_before);
  // The group has its next epoch: who is back is no longer awaited, and with the last one the PSK goes.
  void on_roster(Channel& channel);

  // Claims KeyPackages and builds the first commit. Once at the end of every input, before the outbox.
  void pump();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  void drop(Channel& channel);
  void bring_back(Channel& channel, const AccountId& account, Timestamp not_before);
  [[nodiscard]] mls::ResumptionUse last_common(const Channel& channel) const;
  Result<PendingBundle> build(Channel& channel);
  static std::vector<AccountId> missing_in(const Channel& channel, const membership::Roster& after);
  static CarriedRecord carried(const mls::ResumptionUse& psk);

  Engine& engine_;
  std::map<ChannelId, std::uint64_t> lowest_;  // epoch that another device cannot leave; on this connection
};

// The resumption PSK of the group before, while somebody is still to come back with it; else none.
std::optional<SecretBytes> carried_psk(const Channel& channel, ByteView group_id, std::uint64_t epoch);

}  // namespace steiger::sdk
