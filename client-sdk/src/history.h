// What was missed while out of step, or expired, asked of the others in the room (S11, S13, S17).
//
// This device names whom it asks: first its own account's other devices, then the others in leaf order, one after the other as long as
// nobody answers; so nobody answers twice. What comes back is taken only for the original: it must have the tag, the sender and the id
// that the signed chain has at that place. Where the links are lost too (a store that was put back), the answer must join the two chain
// values that this device knows. What people see is then stored at its place, once; anything else only closes the gap.
//
// Who is asked gives what was said while the asker's account was in the room, never what came before, nor while it was out.
#pragma once

#include <map>

#include "client-sdk/src/content.h"
#include "client-sdk/src/resending.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class History {
 public:
  explicit History(Engine& engine) : engine_(engine) {}

  // ---- the inbox
  void on_request(Channel& channel, const LinkRecord& from, const HistoryRequestContent& request);
  // An answer for one device: this one's, or nothing to it.
  void on_for_device(Channel& channel, const LinkRecord& from, const ForDeviceContent& sealed);
  // Accounts came or went at `seq`.
  static void on_roster(Channel& channel, const std::vector<AccountId>& came, const std::vector<AccountId>& went,
                        std::uint64_t seq);
  // From `seq` on this device does not see who comes and goes, until it sees again who is there: meanwhile nobody else counts as there.
  static void lost_sight(Channel& channel, const AccountId& self, std::uint64_t seq);
  static void regained_sight(Channel& channel, const std::vector<AccountId>& there, std::uint64_t seq);

  // Asks for what is missing. Once at the end of every input, before the outbox.
  void pump();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

  // Whom to ask, in this order: the own account's other devices, then the others in leaf order.
  [[nodiscard]] std::vector<DeviceId> whom(const Channel& channel) const;
  // What the answers to this device's questions about this room are sealed to.
  const HpkeKeyPair& answer_key(Channel& channel);
  // Sends an encoded History or Earlier to the device that asked with `key`.
  void answer(Channel& channel, const DeviceId& device, const DhPublicKey& key, const SecretBytes& content);
  // Stores and shows what people see of it, once (S16, S17). False: it is not what the chain has at that place.
  bool keep(Channel& channel, const HistoryEntry& entry, const LinkRecord& link);
  // S17: not the original; nothing of it is shown.
  void refuse(Channel& channel);

  // S13: an own message expired before everybody had it.
  Result<void> on_undelivered(const wire::Undelivered& told);

 private:
  void on_history(Channel& channel, HistoryContent history);
  bool take(Channel& channel, const HistoryEntry& entry, const LinkRecord& link);
  // Unlinked places: together they must join the chain values on both sides.
  void join_links(Channel& channel);

  Engine& engine_;
  struct Asked {
    Timestamp again;
    Duration wait = kHistoryFirst;
    std::size_t times = 0;
  };
  std::map<ChannelId, Asked> asked_;                                       // in this life
  std::map<ChannelId, std::map<std::uint64_t, HistoryEntry>> candidates_;  // of unlinked places
};

}  // namespace steiger::sdk
