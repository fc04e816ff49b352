// The store of one gateway: one organisation, one owner. Two implementations, one contract test: in memory and SQLCipher.
//
// Thread rules: all calls from one thread at a time (the writer). Every mutating call happens between begin() and commit() and
// takes the AuditEvent that is written with it (law 5); acknowledgements are no state change. A call that fails leaves the
// transaction unusable: roll back. What commit() has confirmed survives kill -9 and power loss (law 2).
#pragma once

#include <functional>

#include "gateway/sqlcipher/errors.h"
#include "gateway/store/audit.h"
#include "gateway/store/rows.h"

namespace steiger::gateway {

// Made when the store is created, constant afterwards.
struct StoreIdentity {
  OrganisationId organisation;
  VerifyKey organisation_root;
  ByteArray<kIdSize> incarnation{};  // S22: a new one after a restore
  SigningKey head_key;               // signs chain heads (S16)
};

// Bounds on one read of messages, so that catching up never holds more than this.
struct ReadLimit {
  std::size_t max_messages = 256;
  std::size_t max_bytes = 512 * 1024;  // of payload; at least one message is returned
  bool with_payload = true;            // false: only links, payloads come back absent
};

class Store {
 public:
  virtual ~Store() = default;

  // Binds a new store to an organisation, with a fresh incarnation and head key; later only compares: kStoreOtherOrganisation.
  // Opens its own transaction.
  virtual Result<StoreIdentity> bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) = 0;

  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;  // on failure everything since begin() is gone
  virtual void rollback() noexcept = 0;

  // ---- accounts and devices
  virtual Result<std::optional<AccountRow>> account(const AccountId& account) = 0;
  virtual Result<std::optional<DeviceRow>> device(const DeviceId& device) = 0;
  virtual Result<std::vector<DeviceRow>> devices_of(const AccountId& account) = 0;
  // Adds or replaces the account and its devices; accepted counters of known devices stay. A key that is replaced joins earlier_keys,
  // until event.at.
  virtual Result<void> put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) = 0;

  // The newest first, at most kMaxEarlierKeys, never the present one.
  virtual Result<std::vector<EarlierKeyRow>> earlier_keys(const AccountId& account) = 0;

  // ---- key packages (S14)
  // What is neither claimed nor expired at `now`.
  virtual Result<KeyPackageStock> key_package_stock(const DeviceId& device, Timestamp now) = 0;
  // Also one that was claimed.
  virtual Result<bool> had_key_package(const DeviceId& device, const Hash& hash) = 0;
  // Adds; one whose hash this device had before stays as it is, claimed ones claimed. A last resort takes the place of the earlier one.
  virtual Result<void> put_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) = 0;
  // Of those that live at `now` the ordinary one that expires first; when there is none, the last resort, claimed or not.
  virtual Result<std::optional<KeyPackageRow>> next_key_package(const DeviceId& device, Timestamp now) = 0;
  // They are handed out: bytes of ordinary ones go. kStoreMisuse when one is not there or was claimed and is no last resort.
  virtual Result<void> claim_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) = 0;
  // The device has none any more, claimed ones included; without any no audit row either.
  virtual Result<void> drop_key_packages(const DeviceId& device, const AuditEvent& event) = 0;
  virtual Result<std::vector<DeviceId>> devices_with_key_packages() = 0;
  // Deletes what expired at `now` or before; without such a one no audit row either.
  virtual Result<void> sweep_key_packages(Timestamp now, const AuditEvent& event) = 0;

  // ---- standing of keys (S1)
  virtual Result<std::optional<StandingRow>> standing() = 0;
  virtual Result<void> put_standing(const StandingRow& row, const AuditEvent& event) = 0;

  // ---- handover offers (S10)
  virtual Result<std::vector<OfferRow>> offers() = 0;
  virtual Result<std::vector<OfferRow>> offers_of(const ChannelId& channel) = 0;
  virtual Result<std::vector<OfferRow>> offers_naming(const AccountId& successor) = 0;
  // Replaces the one there is for the same channel and leaving coach.
  virtual Result<void> put_offer(const OfferRow& row, const AuditEvent& event) = 0;
  virtual Result<void> remove_offer(const ChannelId& channel, const AccountId& leaving, const AuditEvent& event) = 0;

  // ---- channels
  virtual Result<std::optional<ChannelRow>> channel(const ChannelId& channel) = 0;
  virtual Result<std::vector<MemberRow>> members(ChannelNumber channel) = 0;
  // In whose roster the device is, or whose messages up to its removal still wait for it.
  virtual Result<std::vector<ChannelId>> channels_of(const DeviceId& device) = 0;
  // The group as the newest commit left it.
  virtual Result<Bytes> public_group(ChannelNumber channel) = 0;
  virtual Result<Bytes> group_info(ChannelNumber channel) = 0;  // empty: uploaded before these were kept
  virtual Result<Bytes> certificates(ChannelNumber channel) = 0;
  virtual Result<std::vector<FormerRow>> former(ChannelNumber channel) = 0;
  virtual Result<std::vector<AccountId>> carried_over(ChannelNumber channel) = 0;
  // Gives the row its number (returned); GroupChange::channel is not looked at. kStoreConstraint when the channel exists.
  virtual Result<ChannelNumber> open_channel(const ChannelRow& row, const GroupChange& first, const AuditEvent& event) = 0;
  virtual Result<void> change_group(const GroupChange& change, const AuditEvent& event) = 0;
  virtual Result<std::vector<NackRow>> nacks(ChannelNumber channel) = 0;
  // Adds or replaces the device's NACK, and holds `stay` by it.
  virtual Result<void> put_nack(ChannelNumber channel, const NackRow& nack, const MemberRow& stay, const AuditEvent& event) = 0;

  // ---- who is heard of (S13)
  virtual Result<std::optional<DayNumber>> last_seen(const DeviceId& device) = 0;
  // Devices that were never seen count as seen on this day from now on. No state change (law 5).
  virtual Result<void> watch_unseen(DayNumber today) = 0;
  // In the channels in whose roster this device is, about others: revoked devices in the roster; devices last seen before
  // `silent_before`; devices removed as silent that were seen since then and are not revoked.
  virtual Result<std::vector<RosterTaskRow>> roster_tasks(const DeviceId& device, DayNumber silent_before) = 0;
  // Channels in which there is such a device.
  virtual Result<std::vector<ChannelId>> channels_with_tasks(DayNumber silent_before) = 0;

  // ---- relay
  virtual Result<void> append(const RelayBatch& batch, const AuditEvent& event) = 0;
  virtual Result<void> acknowledge(const AcknowledgeBatch& batch) = 0;
  // Messages from `from` on, in order, up to the limit.
  virtual Result<std::vector<MessageRow>> messages(ChannelNumber channel, std::uint64_t from, const ReadLimit& limit) = 0;
  virtual Result<std::optional<WelcomeRow>> welcome(ChannelNumber channel, std::uint64_t seq) = 0;
  // The newest commit that ended this epoch, without payload.
  virtual Result<std::optional<MessageRow>> commit_of(ChannelNumber channel, std::uint64_t epoch) = 0;
  // Channels whose first message beyond dropped_seq and expired_seq was accepted at `before` or earlier.
  virtual Result<std::vector<ChannelId>> channels_overdue(Timestamp before) = 0;
  // Ended stays whose removal was accepted at `before` or earlier, or whose device is revoked.
  virtual Result<std::vector<std::pair<ChannelId, MemberRow>>> stays_overdue(Timestamp before) = 0;
  // Deletes application payloads up to `up_to_seq` and remembers whom to tell.
  virtual Result<void> expire(ChannelNumber channel, std::uint64_t up_to_seq, const std::vector<UndeliveredRow>& undelivered,
                              const AuditEvent& event) = 0;
  virtual Result<std::vector<UndeliveredRow>> undelivered(const DeviceId& device) = 0;
  // They were handed out now; those first handed out at `forget_before` or earlier are forgotten. No state change (law 5).
  virtual Result<void> told_undelivered(const DeviceId& device, Timestamp now, Timestamp forget_before) = 0;

  // ---- invites
  virtual Result<std::optional<InviteRow>> invite(const InviteId& invite) = 0;
  virtual Result<std::optional<InviteRow>> invite_by_lookup(const Hash& lookup) = 0;
  virtual Result<std::vector<InviteRow>> open_invites_of(const AccountId& coach) = 0;
  // Proofs that this coach's devices have not answered, behind `after` in the order of ProofPlace, up to the limit (bytes of proof).
  // Not refused, and either of an open invite that ends later than `ends_after`, or of an accepted invite and not the accepted proof:
  // somebody else has the link (S3).
  virtual Result<std::vector<UnansweredProof>> unanswered_proofs(const AccountId& coach, const ProofPlace& after,
                                                                 Timestamp ends_after, const ReadLimit& limit) = 0;
  virtual Result<std::vector<ProofRow>> proofs(const InviteId& invite) = 0;
  // Adds or replaces. kStoreConstraint when another invite has this lookup.
  virtual Result<void> put_invite(const InviteRow& row, const AuditEvent& event) = 0;
  virtual Result<void> put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) = 0;

  // ---- audit
  // Rows from `from` on, at most `max`.
  virtual Result<std::vector<AuditRow>> audit(std::uint64_t from, std::size_t max) = 0;
  [[nodiscard]] virtual const AuditSealer& sealer() const = 0;
};

}  // namespace steiger::gateway
