// Changes of a room's members that this person wants: from a wish to a commit that the room follows.
//
// A wish is declarative and kept until the room is as it says. One commit at a time is under way per room; when another one won the
// epoch, the wish is looked at again: fulfilled by somebody else, it is over; else its commit is built anew on top (law 4). The gateway
// refuses what the rules forbid (crypto/membership): then the wish is over too, with an alarm, and the room goes on.
#pragma once

#include <tuple>

#include "client-sdk/src/limits.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/membership/rules.h"

namespace steiger::sdk {

class Changes {
 public:
  explicit Changes(Engine& engine);

  // Gives the wish its number and stores it; one that says the same as one that is there is that one. kRoomEnded. kTooManyChanges at
  // kMaxWishes, and nothing changed: whoever asked can ask again. Own upkeep (own devices, own leaf, whom a generation carries over) and
  // invited people are always taken: there are no more of them than devices, accounts and invites.
  Result<void> wish(Channel& channel, WishRecord wish);
  // Would so many more be taken? kTooManyChanges.
  [[nodiscard]] Result<void> has_room_for(const Channel& channel, std::size_t more) const;
  void save(const Channel& channel, const WishRecord& wish);
  // nullptr: none such.
  [[nodiscard]] const WishRecord* find(const Channel& channel, WishRecord::Kind kind, const AccountId& account,
                                       const DeviceId& device = {}) const;

  // ---- claimed KeyPackages (S14)
  // What the account has now, one per device, and its chain. None: it is asked again later.
  void on_packages(const ChannelId& channel, const AccountId& account, const std::vector<Bytes>& packages, const Bytes& chain);
  void on_claim_refused(const ChannelId& channel, const AccountId& account, const Error& error);

  // ---- the gateway's list of what waits for a member (S2, S13). What this device can check, it checks.
  Result<void> on_tasks(const wire::RosterTasks& tasks);

  // ---- the outbox
  enum class Rebuilt { ready, fulfilled, impossible };
  // Another commit won the epoch of the channel's pending commit.
  Rebuilt rebuild(Channel& channel);
  // The pending commit will never be: the channel goes on without. False: it was not of a wish.
  bool give_up(Channel& channel, const Error& error);
  // The pending commit was not accepted, and the device is out of step: its wish is built anew later. `invite`: that it was for, without a
  // wish.
  void begin_again(Channel& channel, const InviteId& invite);
  // It is over because somebody else made it so.
  void forget_pending(Channel& channel);

  // ---- the next group generation (S11, generations.h)
  // Asks for the KeyPackages of those to carry over. True: all of them are here.
  bool claim_carried(Channel& channel);
  // The first commit of the group that this device opened: everybody whose packages are here, unless it goes alone.
  Result<PendingBundle> build_generation(Channel& channel, mls::ResumptionUse psk);

  // ---- the inbox: the group has entered a new epoch
  void on_merged(Channel& channel);

  // Builds the next commit of each room that can have one. Once at the end of every input, before the outbox.
  void pump();
  void on_login();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  [[nodiscard]] bool may_commit(const Channel& channel) const;
  [[nodiscard]] bool invited_is_in(const mls::Group& group, const WishRecord& wish) const;
  [[nodiscard]] bool fulfilled(const Channel& channel, const WishRecord& wish) const;
  [[nodiscard]] bool proves_revoked(const Channel& channel, const WishRecord& wish) const;
  [[nodiscard]] bool needs_packages(const Channel& channel, const WishRecord& wish) const;
  using ClaimKey = std::tuple<ChannelId, AccountId, DeviceId>;
  static ClaimKey claim_key(const ChannelId& channel, const WishRecord& wish);
  void claim(const Channel& channel, const WishRecord& wish);
  Result<PendingBundle> build(Channel& channel, const WishRecord& wish);
  void erase(Channel& channel, std::uint64_t number);

  Engine& engine_;
  // In this life: when to ask again. No device: all of the account's.
  struct Asked {
    Timestamp at;
    Duration wait = kClaimFirst;
  };
  std::map<ClaimKey, Asked> claimed_;
};

// The `before` message of a commit that uses an invite's PSK (S5), and that PSK.
struct InvitePsk {
  PendingRecord::Before before;
  mls::ExternalPsk psk;
};
Result<InvitePsk> prepare_invite_psk(Engine& engine, Channel& channel, const InviteRecord& invite);

}  // namespace steiger::sdk
