// This person's own devices (S2): the versioned list that the account key signs, linking one more, dropping one, and going on under a
// new account key when one is lost. A change of the list goes to the gateway, which refuses whom it no longer lists, and becomes a wish
// in every room (changes.h).
//
//   linking   the device that has the account:  Invites takes the proof -> link() -> AcceptInvite{chain, sealed} -> on_linked()
//             the new device:                   Joining gets the outcome -> become() -> login, KeyPackages, Welcomes
//   lost      remove(lost): off the list at once; a new key is certified (staff: by the beheerder; else by the coach) -> take_new_chain()
#pragma once

#include "client-sdk/src/content.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/identity/link.h"
#include "crypto/membership/rules.h"

namespace steiger::sdk {

class Devices {
 public:
  explicit Devices(Engine& engine) : engine_(engine) {}

  // ---- the app
  // Drops an own device: off the list, out of every room. One that came back under another key (S2) while this one lives on was never on
  // this list: it leaves the rooms, which is the objection to it. `lost`: the account key was on it, so the account goes on under another one;
  // asked again for a device that is off the list already, it only asks for that key's certificate again. kNoSuchDevice: also for this
  // device. kNotAllowedForRole: nobody to certify a new key.
  Result<void> remove(const DeviceId& device, bool lost);
  // Staff: what the beheerder certifies, while a new key waits for it; else empty.
  [[nodiscard]] Bytes new_key_request() const;
  // Staff: the certificate of that key. kNotSetUp when none waits.
  Result<void> install(const identity::Certificate& certificate);
  // Staff: a later certificate of the key that there is, by the present root (S1: it was about to end, or the root was replaced).
  // kBadCertificate.
  Result<void> renew(const identity::Certificate& certificate);

  // ---- linking, at the device that has the account
  struct Linked {
    DeviceId device;
    Bytes chain;   // the own one, with that device
    Bytes sealed;  // identity::LinkPackage
  };
  // The proof of an invite of purpose device was verified. kProofInvalid: it is for another account or its parts do not fit; the device
  // list is full: identity::kBadDeviceList.
  Result<Linked> link(const InviteRecord& invite, const identity::RedeemProof& proof);
  // The gateway knows it: into every room, and into the self group, which is opened with the first linked device.
  void on_linked(const DeviceId& device);
  // The gateway refused the link: off the list again.
  void unlink(const DeviceId& device);
  // A room that this device opened: the other own devices come too.
  void bring_along(Channel& channel);

  // ---- linking, at the new device
  // Becomes the account. Errors say why not; nothing is changed then.
  Result<void> become(const JoinRecord& join, ByteView chain, ByteView sealed);
  // How the other device called a room that this one has just come into.
  void name_room(Channel& channel);
  void on_room_label(const RoomLabelContent& content);

  // ---- a new account key
  // From the coach, in a room; empty: no. Anything that does not fit what was asked is ignored.
  void on_new_key_answer(const Channel& channel, const AccountId& from, const NewKeyAnswerContent& answer);
  // A certified key waits until the devices that are being linked are in: what they left with the gateway is under the key of before.
  void pump();
  [[nodiscard]] std::optional<Timestamp> deadline() const;
  // From another own device, in the self group.
  void on_own_key(const OwnKeyContent& content);
  // The coach's side, after a yes: the chain for the answer.
  Result<Bytes> certify_new_key(Channel& channel, const AccountId& account, const NewKeyRequestContent& request);

  // Whoever came in reads this person's name from a message: names travel encrypted only.
  void greet(Channel& channel, const membership::Judgement& judgement);
  // The group has another epoch: the own account's newest chain, as its other devices show it in their leaves; and what waited for it.
  void on_roster(Channel& channel);

  // ---- the gateway
  void on_login();
  void on_chain_known(const WireRequest& about);
  void on_problem(const WireRequest& about, const Error& error);
  // The own chain as the gateway has it, after it refused this device's: another own device changed the list at the same moment. What
  // this device dropped stays dropped; the rest is as the other made it.
  void on_chain_there(const Bytes& chain);

 private:
  void save();
  // False: no room has it. kTooManyChanges: in some room it goes on; asked again, nothing happens twice.
  Result<bool> object_to(const DeviceId& device);
  // Takes over a chain that was made or checked here.
  Result<void> adopt(const identity::IdentityChain& chain);
  void send_chain();
  Result<void> relist(std::vector<identity::ListedDevice> devices);
  Result<void> start_new_key();
  void ask_coach();
  // Certified, for the key that waits: taken when nothing is being linked.
  Result<void> certified(const identity::IdentityChain& chain);
  [[nodiscard]] Result<void> check_new_chain(const identity::IdentityChain& chain) const;
  Result<void> take_new_chain(const identity::IdentityChain& chain);
  void refresh_everywhere();
  void pass_key();
  void wish_everywhere(const WishRecord& wish);
  // For every other device on the own list.
  [[nodiscard]] std::vector<WishRecord> wishes_for_listed(Timestamp not_before) const;
  // Another own device linked these: it brings them into the rooms, and when it cannot any more, this one does.
  void bring_listed();
  [[nodiscard]] bool is_linking() const;
  [[nodiscard]] bool dropped_here(const DeviceId& device) const;
  Channel* self_group();
  [[nodiscard]] bool is_staff() const;
  [[nodiscard]] std::vector<identity::LinkedRoom> rooms_to_link() const;

  Engine& engine_;
};

}  // namespace steiger::sdk
