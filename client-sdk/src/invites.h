// The coach's half of an invite (S3-S5): make it, take exactly one valid proof, certify that key, open a channel and add that
// KeyPackage with the invite's PSK. Accepting is one local transaction: certificate, group, pending commit, and what is to be
// sent; from there everything is sent again until the gateway confirms it, so a crash at any point only delays.
#pragma once

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Invites {
 public:
  explicit Invites(Engine& engine) : engine_(engine) {}

  // ---- the app. `request` is answered when the gateway knows the invite.
  Result<void> create(std::uint64_t request, std::uint8_t kind, std::string label, std::string page_url);
  // "Ja, dit is ..." after a call (S3): only for a link that waits for it.
  Result<void> confirm(const InviteId& id);
  Result<void> refuse(const InviteId& id);
  Result<void> cancel(const InviteId& id);

  // ---- the gateway
  void on_login();
  Result<void> on_outcome(const WireRequest& about, const wire::InviteOutcome& outcome);
  void on_problem(const WireRequest& about, const Error& error);
  Result<void> on_proof(const wire::InviteProof& proof);
  // The commit that adds the invited device was accepted.
  void on_merged(Channel& channel);
  void on_timer();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

  // The channel's account is not known to the gateway yet: sending its commit would be refused.
  [[nodiscard]] bool holds_back(const ChannelId& channel) const;
  // Another commit won the epoch: the same addition again on top of it (S7).
  Result<void> rebuild_commit(Channel& channel);

 private:
  void send_todo(InviteRecord& invite);
  void write_terms(InviteRecord& invite);
  Result<void> accept(InviteRecord& invite);
  Result<PendingBundle> build_commit(const InviteRecord& invite, Channel& channel);
  void decided(InviteRecord& invite, InviteRecord::State state);
  void changed(InviteRecord& invite);
  void refuse_proof(const InviteRecord& invite, const Hash& hash);
  void answer_late_proof(const InviteRecord& invite, const Hash& hash);
  [[nodiscard]] std::size_t open_count() const;

  Engine& engine_;
  std::map<InviteId, std::uint64_t> requests_;  // API requests that wait for the gateway's confirmation
};

// Identity extension, credential and capabilities of this device's leaf, valid around `now`; shared with the redeemer.
mls::KeyPackageOptions leaf_options(const SelfRecord& self, Timestamp now);

}  // namespace steiger::sdk
