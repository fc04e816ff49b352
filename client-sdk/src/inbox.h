// What the gateway delivers: envelopes in channel order. Nothing is trusted: the message chain is recomputed and its signed head
// checked (S15, S16) before anything inside is looked at; each message must come from the member whom the envelope names, carry
// its own franking tag, and agree with us about the history. A lie stops the channel with an alarm. Acknowledged after the commit.
#pragma once

#include <map>
#include <set>

#include "client-sdk/src/content.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/membership/rules.h"

namespace steiger::sdk {

class Inbox {
 public:
  explicit Inbox(Engine& engine) : engine_(engine) {}

  Result<void> on_deliver(const wire::Deliver& deliver);

  // Acknowledge this channel's position with the next batch.
  void acknowledge(const ChannelId& channel) { acknowledge_.insert(channel); }
  // S12: this device is out of the room: keys are wiped, what waited is given up.
  void removed(Channel& channel, std::uint64_t seq, Timestamp when);
  // Acknowledge a room that this device is not in and cannot enter: else it would fill the delivery window of all rooms.
  void pass_over(const ChannelId& channel, std::uint64_t up_to);
  // Once at the end of every input: receipts that are due, then acknowledgements.
  void settle();
  void on_login();
  [[nodiscard]] std::optional<Timestamp> deadline() const { return receipts_at_; }

  // S13: the gateway keeps ciphertext for 100 days. Whoever says that it has none of a younger message withholds it.
  [[nodiscard]] bool is_too_young_to_expire(Timestamp accepted) const;

  // There may be something new to tell the others; collected for kReceiptDelay.
  void receipts_due();

 private:
  void queue_receipts();
  struct Envelope {
    LinkRecord link;
    std::uint64_t seq = 0;
    ByteView payload;  // empty: own echo, or expired
  };

  Result<void> on_batch(const wire::ChannelBatch& batch);
  Result<void> unknown_room(const ChannelId& id, const wire::ChannelBatch& batch);
  // kChainBroken, kHeadSignature: nothing of the batch may be used.
  Result<std::vector<Envelope>> check_batch(const Channel& channel, const wire::ChannelBatch& batch) const;
  // An error here stops the channel; what only concerns one message is alarmed and passed over inside.
  Result<void> process(Channel& channel, const Envelope& envelope);
  Result<void> own_echo(Channel& channel, const Envelope& envelope);
  Result<void> own_commit(Channel& channel, const Envelope& envelope);
  Result<void> application(Channel& channel, const Envelope& envelope);
  // ---- inbox_commits.cpp
  Result<void> commit(Channel& channel, const Envelope& envelope);
  // What every member can check of a commit, and the gateway did: the rules of rooms, and who made it.
  struct CheckedCommit {
    membership::Roster before;
    membership::Roster after;
    identity::HandshakeHeader header;
    membership::Judgement judgement;
  };
  Result<CheckedCommit> check_commit(Channel& channel, const Envelope& envelope, const mls::CommitFacts& facts,
                                     ByteView authenticated_data, const mls::RatchetTree& before, const mls::RatchetTree& after,
                                     std::uint64_t epoch);
  Result<void> refuse(const Error& rule);
  [[nodiscard]] Result<void> check_committer(const mls::CommitFacts& facts, const membership::Roster& before,
                                             const membership::Roster& after, const LinkRecord& link) const;
  [[nodiscard]] Result<membership::Roster> roster(const Channel& channel, const mls::RatchetTree& tree,
                                                  const std::vector<identity::Certificate>& more) const;
  [[nodiscard]] std::vector<identity::Certificate> own_certificates(const Channel& channel) const;
  void enter(Channel& channel, const membership::Roster& before, const membership::Roster& after,
             const membership::Judgement& judgement, const std::vector<identity::DeviceIdentity>& silent, std::uint64_t epoch,
             const Envelope& envelope);
  // ---- inbox_resync.cpp: out of step (S9, S11)
  // What goes on in the room, as far as it can be seen without its keys.
  Result<void> follow(Channel& channel, const Envelope& envelope, bool own);
  Result<void> follow_commit(Channel& channel, const Envelope& envelope, ByteView commit);
  Result<void> follow_own_commit(Channel& channel, const Envelope& envelope);
  // An accepted commit that this device cannot process, though the gateway could not know that.
  Result<void> cannot_process(Channel& channel, const Envelope& envelope, const Error& why);
  Result<void> missed(Channel& channel, const Envelope& envelope);
  Result<void> back_in_step(Channel& channel, const Envelope& envelope);
  Result<void> next_generation(Channel& channel, const Envelope& envelope);
  // S21: an own message of the life that the store has forgotten.
  Result<void> lost_echo(Channel& channel, const Envelope& envelope);
  // S21: the gateway has acknowledgements of that life, and goes on after them.
  [[nodiscard]] static bool may_jump(const Channel& channel);
  void jump(Channel& channel, std::uint64_t first_seq, const Hash& previous);
  // This id has a place in the channel already, whoever had it (S16: the id is part of what is proven later). Raises the alarm.
  bool repeated(const Channel& channel, const Envelope& envelope);
  Result<void> check_mention(const Channel& channel, const identity::ChainPosition& mention, std::uint64_t seq) const;
  void store(Channel& channel, const Envelope& envelope, SecretBytes franked, SecretBytes content);
  void apply(Channel& channel, const Envelope& envelope, Content content, SecretBytes franked, SecretBytes content_bytes);
  void on_receipt(Channel& channel, const AccountId& from, const ReceiptContent& receipt);

  Engine& engine_;
  std::set<ChannelId> acknowledge_;
  std::map<ChannelId, std::uint64_t> passed_over_;  // in this life
  std::optional<Timestamp> receipts_at_;
  std::optional<Error> refused_rule_;  // of the commit at hand: which rule it breaks
};

// Every leaf of the group with its identity chain verified against the organisation's root at `when` (S1), one record per account;
// names and positions are taken over from `known`. kCommitRefused-like errors of crypto/identity say what is wrong.
}  // namespace steiger::sdk
