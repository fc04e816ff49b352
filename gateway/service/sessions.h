// Service: sessions on the service thread. Frames become commands for the writer; results become frames. All rules that need the
// store live in the ledger; here are only order, windows and who is connected.
#pragma once

#include <deque>
#include <set>
#include <unordered_set>

#include "gateway/service/delivery.h"
#include "gateway/service/writer.h"

namespace steiger::gateway {

class Sessions final : public Service {
 public:
  Sessions(ServiceOptions options, StoreIdentity identity, Store& store, const Clock& clock, Executor& executor);

  [[nodiscard]] HelloFacts hello() const override { return facts_; }
  SessionId open(SessionSink& sink, const ByteArray<32>& nonce) override;
  void handle(SessionId session, const wire::Frame& frame) override;
  void drained(SessionId session) override;
  void closed(SessionId session) override;
  void tick() override;
  void shut_down() override;
  [[nodiscard]] ServiceCounts counts() const override;

 private:
  // How far one channel has been handed to one connection.
  struct Lane {
    std::uint64_t next_seq = 1;
    std::uint64_t head_seq = 0;
    std::uint64_t acknowledged_seq = 0;
    bool behind = false;            // in Session::behind: to be read from the store
    std::uint64_t limit = kMaxSeq;  // nothing behind it is handed out: removed (S12) or held by a NACK (S11)
    std::uint64_t handed_seq = 0;   // the highest that this device may have been handed, on this connection or an earlier one
  };
  enum class State { greeted, logging_in, ready };
  struct Session {
    SessionId id;
    SessionSink* sink = nullptr;
    ByteArray<32> nonce{};
    State state = State::greeted;
    bool nonce_used = false;
    AccountId account;
    DeviceId device;
    std::unordered_map<ChannelId, Lane> lanes;
    std::deque<ChannelId> behind;
    bool reading = false;                    // one portion at a time
    std::optional<ProofPlace> proofs_after;  // unanswered proofs of own invites behind this place are still to be read
    bool blocked = false;                    // the sink's queue is above its high-water mark
    std::size_t unacknowledged = 0;
    std::size_t outstanding = 0;    // submissions the writer has not settled
    std::size_t open_requests = 0;  // other requests
    std::deque<Answer> held;        // refusals that wait for delivery (S12)
    struct Waiting {
      InviteId invite;
      Hash proof{};
      Timestamp until;     // then its time is over
      bool asked = false;  // the ledger, whether that is so
    };
    std::optional<Waiting> waiting;  // a redeemer
    DeliverFrames frames;
    bool reached = false;              // by the batch being handed out
    std::vector<RosterTaskRow> tasks;  // told last
    bool asking_tasks = false;
  };

  // ---- sessions_requests.cpp: frames in. An Error is fatal for the session.
  Result<void> dispatch(Session& session, const wire::Frame& frame);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::Login& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::Submit& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::RegisterChannel& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::SubmitCommit& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::Acknowledge& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::CreateInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::CancelInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::FetchInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::RedeemInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::AcceptInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::RefuseInvite& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::Standing& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::UpdateChain& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::PutKeyPackages& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::ClaimKeyPackages& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::HandoverOffer& body);
  static Result<void> refuse(Session& session, const wire::Frame& frame, const Error& why);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::FetchGroupInfo& body);
  Result<void> on(Session& session, const wire::Frame& frame, const wire::Nack& body);
  Result<void> submit(Session& session, Command command);

  // ---- sessions.cpp: sessions and results
  Session* find(SessionId id);
  void fail(Session& session, std::uint64_t request, const Error& why);
  void remove(SessionId id);
  void finished(BatchResult result);
  void failed(const BatchResult& result);
  void answer(Answer answer);
  void reply(Session& session, std::uint64_t request, LoggedIn& body);
  void reply(Session& session, std::uint64_t request, AcceptedUpTo& body);
  void reply(Session& session, std::uint64_t request, RejectedAt& body);
  void reply(Session& session, std::uint64_t request, Refused& body);
  void reply(Session& session, std::uint64_t request, Broken& body);
  void reply(Session& session, std::uint64_t request, PortionRead& body);
  void reply(Session& session, std::uint64_t request, ProofsRead& body);
  void reply(Session& session, std::uint64_t request, InviteFound& body);
  void reply(Session& session, std::uint64_t request, InviteStanding& body);
  void reply(Session& session, std::uint64_t request, GroupInfoFound& body);
  void reply(Session& session, std::uint64_t request, TasksFound& body);

  // ---- sessions_membership.cpp: standing, key packages, offers
  void reply(Session& session, std::uint64_t request, CarriedOut& body);
  void reply(Session& session, std::uint64_t request, PackagesPut& body);
  void reply(Session& session, std::uint64_t request, PackagesClaimed& body);
  static void push_standing(Session& session, const StandingRow& standing);
  static void push_stock(Session& session, std::uint64_t request, const KeyPackageStock& stock);
  static void push_offer(Session& session, const OfferRow& offer);
  void push_news(const BatchResult& result);  // unasked, to those who are logged in
  void end(const std::vector<DeviceEnded>& ended);
  Session* online(const DeviceId& device);  // nullptr: not logged in

  // ---- sessions.cpp
  static void push_proof(Session& session, const InviteId& invite, const Bytes& proof, Timestamp received, std::uint32_t ordinal);
  void wait(Session& session, const InviteStanding& standing);
  void stop_waiting(Session& session);
  void decide(const InviteDecided& decided);

  // ---- sessions_roster.cpp: what members' devices are told beside envelopes
  void tell_tasks(Session& session, std::vector<RosterTaskRow> tasks);
  void ask_tasks(const std::vector<ChannelId>& channels);
  void tell_nack(const NackArrived& arrived);
  static void push_nack(Session& session, const Bytes& nack);
  static void push_undelivered(Session& session, const UndeliveredRow& row);
  void sweep(Timestamp now);

  // ---- sessions_delivery.cpp: envelopes out
  void subscribe(Session& session, const ChannelId& channel, const Lane& lane);
  void change_lane(const LaneNews& news);
  void hand_out(const std::vector<ChannelPortion>& appended);
  void mark_behind(Session& session, const ChannelId& channel, Lane& lane);
  // Asks for the next portion when there is room for it.
  void pump(Session& session);
  void sent(Session& session, Lane& lane, std::uint64_t up_to_seq);
  void release_held(Session& session);
  void flush_frames(Session& session);
  [[nodiscard]] std::size_t room(const Session& session) const;

  const ServiceOptions options_;
  const Clock& clock_;
  HelloFacts facts_;
  ServiceCounts counts_;
  std::uint64_t next_session_ = 1;
  Timestamp next_lapse_;
  std::optional<Timestamp> swept_;
  std::map<SessionId, std::unique_ptr<Session>> sessions_;
  std::unordered_map<DeviceId, SessionId> by_device_;
  std::unordered_map<AccountId, std::set<SessionId>> by_account_;
  std::unordered_map<ChannelId, std::vector<Session*>> subscribers_;
  std::map<InviteId, std::set<SessionId>> redeemers_;
  // Last: its thread uses options_, and its results everything above.
  std::unique_ptr<BatchWriter> writer_;
};

}  // namespace steiger::gateway
