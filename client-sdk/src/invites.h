// The inviter's half of an invite (S3-S5): make it, take exactly one valid proof, and let that key in. Accepting is one local
// transaction: certificate, group, commit or wish, and what is to be sent; from there everything is sent again until the gateway
// confirms it, so a crash at any point only delays. What accepting means depends on the purpose:
//   newcomer      the coach certifies the key, opens a room and adds that KeyPackage with the invite's PSK
//   comeback      the coach certifies another key for a member (S2) and adds the device to the room; the older ones go
//   third_party   the jongere is asked first; with the signed grant (S8) the coach certifies the key for that room
//   device        one more device of the own account (S2): devices.h
#pragma once

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/identity/invite_secret.h"

namespace steiger::sdk {

class Invites {
 public:
  explicit Invites(Engine& engine) : engine_(engine) {}

  // ---- the app. `request` is answered when the gateway knows the invite. kNotAllowedForRole, kNoSuchChannel, kNoSuchMember; kBadRequest
  // when `purpose` does not hold together, or for a link of purpose device.
  Result<InviteId> create(std::uint64_t request, std::uint8_t kind, std::string label, std::string page_url,
                          PurposeRecord purpose);
  // Takes back a creation that could not be stored, so that nothing of it was sent.
  void withdraw(const InviteId& id);
  // The jongere of `channel` answered whether `account` may read along (S8): `grant` is empty for no.
  void on_let_in_answer(Channel& channel, const AccountId& from, const AccountId& account, ByteView grant);
  // "Ja, dit is ..." after a call (S3): only for a link that waits for it.
  Result<void> confirm(const InviteId& id);
  // "Nee, dit is niet ...": whoever made that proof knows the secret, and with it the PSK (S5), so the invite is over for everybody:
  // the gateway tells that person `refused` and anybody else `cancelled`, and the secret is wiped. A wrong or late answer locks the
  // right person out for no longer than it takes to send a new invite, and gives the wrong one no second try.
  Result<void> refuse(const InviteId& id);
  Result<void> cancel(const InviteId& id);

  // ---- the gateway
  void on_login();
  Result<void> on_outcome(const WireRequest& about, const wire::InviteOutcome& outcome);
  void on_problem(const WireRequest& about, const Error& error);
  Result<void> on_proof(const wire::InviteProof& proof);
  // The commit that adds the invited device was accepted.
  void on_merged(Channel& channel, const InviteId& invite);
  // An invite that ended keeps its secret for identity::kInviteDecisionTime, as long as the gateway keeps its proofs: one that came
  // in time may reach this device late, or wait for the coach's yes.
  void on_timer();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

  // The channel's account is not known to the gateway yet: sending its commit would be refused.
  [[nodiscard]] bool holds_back(const ChannelId& channel) const;
  // Another commit won the epoch: the same addition again on top of it (S7).
  Result<void> rebuild_commit(Channel& channel);

 private:
  void send_todo(InviteRecord& invite);
  void write_terms(InviteRecord& invite);
  Result<void> check_purpose(std::uint8_t kind, const PurposeRecord& purpose);
  Result<void> accept(InviteRecord& invite);
  Result<void> accept_newcomer(InviteRecord& invite);
  Result<void> accept_comeback(InviteRecord& invite);
  Result<void> accept_device(InviteRecord& invite);
  Result<void> ask_jongere(InviteRecord& invite);
  Result<void> accept_third_party(InviteRecord& invite, Channel& channel, ByteView grant);
  void wish_addition(const InviteRecord& invite, Channel& channel, ByteView grant);
  void take_back(InviteRecord& invite);
  Result<PendingBundle> build_commit(const InviteRecord& invite, Channel& channel);
  void decided(InviteRecord& invite, InviteRecord::State state);
  void changed(InviteRecord& invite);
  static std::optional<Timestamp> end_of(const InviteRecord& invite);
  void refuse_proof(const InviteRecord& invite, const Hash& hash);
  void answer_late_proof(const InviteRecord& invite, const Hash& hash);
  [[nodiscard]] std::size_t open_count() const;

  Engine& engine_;
  std::map<InviteId, std::uint64_t> requests_;  // API requests that wait for the gateway's confirmation
};

// kBadLength after the secret was wiped.
Result<identity::InviteSecret> secret_of(const InviteRecord& invite);

// Identity extension, credential and capabilities of this device's leaf, valid around `now`; shared with the redeemer.
mls::KeyPackageOptions leaf_options(const SelfRecord& self, Timestamp now);

}  // namespace steiger::sdk
