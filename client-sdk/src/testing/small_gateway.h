// A small honest gateway in memory, for the SDK's own tests: the wire semantics and nothing else (no store, no bounds, no audit). The
// real Service stands in the same place in other tests; lies are told by tampering with frames on the way.
#pragma once

#include <set>

#include "client-sdk/src/testing/network.h"
#include "crypto/identity/chain.h"
#include "crypto/log/chain.h"
#include "crypto/mls/public_group.h"
#include "gateway/protocol/frames.h"

namespace steiger::sdk::testing {

namespace wire = steiger::gateway::wire;

class SmallGateway final : public GatewayEnd {
 public:
  SmallGateway(Scheduler& scheduler, identity::OrganisationPublic organisation, std::string origin, std::uint64_t seed);

  void opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) override;
  void received(std::uint64_t connection, const Bytes& frame) override;
  void closed(std::uint64_t connection) override;

  // ---- for lies
  [[nodiscard]] const SigningKey& head_key() const { return head_key_; }
  // Forget the last `count` envelopes of every channel: a restored backup.
  void rewind(std::size_t count);
  // Asked once per submission that would be accepted: an Error refuses it.
  std::function<std::optional<Error>()> refuse_submission;
  // A commit without additions by a member whose device the test plays itself.
  bool commit_as(const AccountId& account, const DeviceId& device, const ChannelId& channel, const Bytes& commit,
                 const Bytes& group_info);
  // A message by a member whose device the test plays itself.
  void message_as(const AccountId& account, const DeviceId& device, const ChannelId& channel, const MessageId& id,
                  const ByteArray<32>& tag, const Bytes& payload);
  [[nodiscard]] Bytes payload(const ChannelId& channel, std::uint64_t seq);
  // The chain value after everything that was accepted.
  [[nodiscard]] Hash head(const ChannelId& channel) { return channels_[channel].log.back().head; }
  // How far a device acknowledged.
  [[nodiscard]] std::uint64_t acknowledged(const DeviceId& device, const ChannelId& channel);

 private:
  struct Stored {
    MessageId id;
    wire::EnvelopeKind kind = wire::EnvelopeKind::application;
    std::uint64_t epoch = 0;
    AccountId account;
    DeviceId device;
    ByteArray<32> tag{};
    std::int64_t accepted_ms = 0;
    Bytes payload;
    std::uint64_t counter = 0;
    Hash head{};
  };
  struct ChannelData {
    std::optional<mls::PublicGroup> group;
    std::vector<Stored> log;                     // seq 1, 2, ...
    std::map<DeviceId, std::uint64_t> position;  // acknowledged; members only
    struct Welcome {
      std::uint64_t seq = 0;
      std::uint64_t epoch = 0;
      std::uint64_t links_from = 0;
      Bytes bytes;
    };
    std::map<DeviceId, Welcome> welcomes;
  };
  struct AccountData {
    identity::IdentityChain chain;
    Bytes chain_bytes;
  };
  struct Invite {
    InviteId id;
    AccountId coach;
    wire::InviteKind kind = wire::InviteKind::link;
    std::int64_t expires_ms = 0;
    Bytes terms;
    std::vector<std::pair<Bytes, std::int64_t>> proofs;
    std::optional<Hash> accepted;
    std::set<Hash> refused;
    Bytes chain;
    bool cancelled = false;
  };
  struct Connection {
    std::function<void(Bytes)> send;
    std::function<void()> close;
    ByteArray<32> nonce{};
    bool greeted = false;
    std::optional<AccountId> account;
    DeviceId device;
    std::uint64_t rejected_at = 0;                 // counters above are dropped until it comes again
    std::map<ChannelId, std::uint64_t> delivered;  // sent ahead of the acknowledgement
    Hash redeeming{};                              // lookup of the invite this redeemer waits for
    Hash proof{};
  };

  template <class Body>
  void answer(Connection& to, std::uint64_t request, Body body) {
    to.send(gateway::encode_frame(request, std::move(body)));
  }
  void fatal(Connection& to, const Error& error);
  void refuse(Connection& to, std::uint64_t request, const Error& error);
  void reject(Connection& to, std::uint64_t counter, const Error& error);
  void on_login(Connection& from, std::uint64_t request, const wire::Login& login);
  // The next counter: true. A repeated one is answered, a later one dropped or fatal.
  bool take_counter(Connection& from, std::uint64_t counter);
  void accepted(Connection& from, std::uint64_t counter);
  void on_submission(Connection& from, const wire::Submission& item);
  void on_register(Connection& from, const wire::RegisterChannel& item);
  void on_commit(Connection& from, const wire::SubmitCommit& item);
  void store(ChannelData& channel, const ChannelId& id, Stored item);
  void deliver_all();
  void deliver(Connection& to, const ChannelId& id, ChannelData& channel);
  void invite_request(Connection& from, std::uint64_t request, const wire::Frame& frame);
  wire::InviteOutcomeT outcome(const Invite& invite, const Hash& proof) const;
  void push_proofs(Connection& to);
  Invite* find(const InviteId& id);

  Scheduler& scheduler_;
  identity::OrganisationPublic organisation_;
  std::string origin_;
  SeededRng rng_;
  SigningKey head_key_;
  std::map<std::uint64_t, Connection> connections_;
  std::map<AccountId, AccountData> accounts_;
  std::map<DeviceId, std::uint64_t> counters_;
  std::map<ChannelId, ChannelData> channels_;
  std::map<Hash, Invite> invites_;  // by lookup
};

}  // namespace steiger::sdk::testing
