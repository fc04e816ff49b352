#include "gateway/service/sessions.h"

#include <algorithm>

namespace steiger::gateway {

Result<std::unique_ptr<Service>> Service::create(ServiceOptions options, Store& store, const Clock& clock, Executor& executor) {
  STEIGER_TRY(auto identity, store.bind(options.organisation, options.organisation_root, clock.now()));
  return std::unique_ptr<Service>(std::make_unique<Sessions>(std::move(options), std::move(identity), store, clock, executor));
}

Sessions::Sessions(ServiceOptions options, StoreIdentity identity, Store& store, const Clock& clock, Executor& executor)
    : options_(std::move(options)),
      clock_(clock),
      facts_{options_.organisation, identity.incarnation, identity.head_key.verify_key(), options_.limits} {
  auto ledger = std::make_unique<Ledger>(options_, std::move(identity), store, clock);
  writer_ = std::make_unique<BatchWriter>(std::move(ledger), executor, options_.threaded,
                                          [this](BatchResult result) { finished(std::move(result)); });
}

SessionId Sessions::open(SessionSink& sink, const ByteArray<32>& nonce) {
  auto session = std::make_unique<Session>();
  session->id = {next_session_++};
  session->sink = &sink;
  session->nonce = nonce;
  const SessionId id = session->id;
  sessions_.emplace(id, std::move(session));
  return id;
}

void Sessions::handle(SessionId id, const wire::Frame& frame) {
  Session* session = find(id);
  if (session == nullptr) return;  // closed by us; the connection is on its way out
  if (auto done = dispatch(*session, frame); !done.ok()) fail(*session, frame.request(), done.error());
}

void Sessions::drained(SessionId id) {
  Session* session = find(id);
  if (session == nullptr || !session->blocked) return;
  session->blocked = false;
  pump(*session);
}

void Sessions::closed(SessionId id) {
  if (find(id) != nullptr) remove(id);
}

void Sessions::shut_down() {
  while (!sessions_.empty()) fail(*sessions_.begin()->second, 0, kShuttingDown);
}

ServiceCounts Sessions::counts() const {
  ServiceCounts out = counts_;
  out.sessions = sessions_.size();
  out.logged_in = by_device_.size();
  return out;
}

Sessions::Session* Sessions::find(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

// Fatal for this connection only (design law 9).
void Sessions::fail(Session& session, std::uint64_t request, const Error& why) {
  SessionSink* sink = session.sink;
  remove(session.id);
  sink->send(problem_frame(request, why, true));
  sink->close(why);
}

void Sessions::remove(SessionId id) {
  const auto found = sessions_.find(id);
  Session& session = *found->second;
  if (const auto device = by_device_.find(session.device); device != by_device_.end() && device->second == id) {
    by_device_.erase(device);
  }
  if (const auto account = by_account_.find(session.account); account != by_account_.end()) {
    account->second.erase(id);
    if (account->second.empty()) by_account_.erase(account);
  }
  for (const auto& [channel, lane] : session.lanes) {
    const auto subscribed = subscribers_.find(channel);
    auto& list = subscribed->second;
    list.erase(std::remove(list.begin(), list.end(), &session), list.end());
    if (list.empty()) subscribers_.erase(subscribed);
  }
  stop_waiting(session);
  if (session.state != State::greeted) writer_->submit({id, 0, CloseCommand{}, 0, 0});
  sessions_.erase(found);
}

void Sessions::failed(const BatchResult& result) {
  ++counts_.failed_batches;
  std::set<SessionId> told;
  for (const auto& settled : result.settled) {
    Session* session = find(settled.session);
    if (session != nullptr && told.insert(settled.session).second) fail(*session, 0, kStorageFailed);
  }
}

// Envelopes first, then answers: whoever lost a race has the winner before it hears so.
void Sessions::finished(BatchResult result) {
  if (result.failure) {
    failed(result);
    return;
  }
  ++counts_.batches;
  for (const auto& settled : result.settled) {
    Session* session = find(settled.session);
    if (session == nullptr) continue;
    session->outstanding -= settled.weight;
    if (settled.read) session->reading = false;
    if (settled.counted) --session->open_requests;
  }
  end(result.ended);  // before they are handed anything more
  push_news(result);
  for (const ChannelPortion& portion : result.appended) counts_.accepted += portion.messages.size();
  for (const LaneNews& news : result.lanes) change_lane(news);
  hand_out(result.appended);
  for (const NackArrived& arrived : result.nacks) tell_nack(arrived);
  for (const UndeliveredRow& row : result.undelivered) {
    const auto online = by_device_.find(row.device);
    if (online != by_device_.end()) push_undelivered(*find(online->second), row);
  }
  for (const ProofArrived& arrived : result.proofs) {
    const auto coach = by_account_.find(arrived.coach);
    if (coach == by_account_.end()) continue;
    const ReceivedProof& proof = arrived.proof;
    for (const SessionId id : coach->second) push_proof(*find(id), proof.invite, proof.proof, proof.received, proof.ordinal);
  }
  for (Answer& each : result.answers) answer(std::move(each));
  for (const InviteDecided& decided : result.decided) decide(decided);
  end(result.ended);  // and those who logged in within the same batch
  ask_tasks(result.with_tasks);
}

void Sessions::answer(Answer answer) {
  Session* session = find(answer.session);
  if (session == nullptr) return;
  std::visit([&](auto& body) { reply(*session, answer.request, body); }, answer.body);
}

void Sessions::reply(Session& session, std::uint64_t request, LoggedIn& body) {
  // One live session per device: the newer login wins.
  if (const auto older = by_device_.find(body.device); older != by_device_.end()) fail(*find(older->second), 0, kReplaced);
  session.state = State::ready;
  session.account = body.account;
  session.device = body.device;
  by_device_[body.device] = session.id;
  by_account_[body.account].insert(session.id);
  wire::LoginReplyT out;
  out.accepted_counter = body.accepted_counter;
  for (const ChannelStanding& standing : body.channels) {
    auto state = std::make_unique<wire::ChannelStateT>();
    state->channel = wire_pointer(standing.channel);
    state->epoch = standing.epoch;
    state->head_seq = standing.head_seq;
    state->acknowledged_seq = standing.acknowledged_seq;
    state->generation = standing.generation;
    out.channels.push_back(std::move(state));
  }
  session.sink->send(encode_frame(request, std::move(out)));
  // S1: clients judge by the standing, so it goes ahead of every envelope.
  if (body.standing != nullptr) push_standing(session, *body.standing);
  push_stock(session, 0, body.packages);
  for (const OfferRow& offer : body.offers) push_offer(session, offer);
  tell_tasks(session, std::move(body.tasks));
  for (const Bytes& nack : body.nacks) push_nack(session, nack);
  for (const UndeliveredRow& row : body.undelivered) push_undelivered(session, row);
  session.proofs_after = ProofPlace{};
  for (const ChannelStanding& standing : body.channels) {
    subscribe(session, standing.channel,
              {standing.acknowledged_seq + 1, std::min(standing.head_seq, standing.limit), standing.acknowledged_seq, false,
               standing.limit, standing.head_seq});
  }
  pump(session);
}

void Sessions::reply(Session& session, std::uint64_t request, AcceptedUpTo& body) {
  session.sink->send(encode_frame(request, [&] {
    wire::AcceptedT out;
    out.counter = body.counter;
    return out;
  }()));
}

void Sessions::reply(Session& session, std::uint64_t request, RejectedAt& body) {
  if (body.after) {
    const auto lane = session.lanes.find(body.after->channel);
    if (lane != session.lanes.end() && lane->second.next_seq <= std::min(body.after->seq, lane->second.limit)) {
      session.held.push_back({session.id, request, std::move(body)});
      return;
    }
  }
  ++counts_.rejected;
  if (body.why == kCommitNotAllowed) session.sink->forbidden(body.rule);
  wire::RejectedT out;
  out.counter = body.counter;
  out.problem = std::make_unique<wire::ProblemT>(problem_of(body.why, false));
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::reply(Session& session, std::uint64_t request, Refused& body) {
  session.sink->send(problem_frame(request, body.why, false));
}

void Sessions::reply(Session& session, std::uint64_t request, Broken& body) {
  fail(session, request, body.why);
}

void Sessions::reply(Session& session, std::uint64_t request, InviteFound& body) {
  wire::InviteInfoT out;
  out.id = wire_pointer(body.invite);
  out.kind = static_cast<wire::InviteKind>(body.kind);
  out.expires_ms = body.expires.ms;
  out.terms = std::move(body.terms);
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::reply(Session& session, std::uint64_t request, InviteStanding& body) {
  if (body.unasked) {
    if (!session.waiting || !session.waiting->asked) return;  // decided meanwhile and told, or waits with another proof
    if (body.waiting_proof) return wait(session, body);       // the clock was set back
    stop_waiting(session);
  } else if (body.waiting_proof && session.state == State::greeted) {
    wait(session, body);
  }
  wire::InviteOutcomeT out;
  out.id = wire_pointer(body.invite);
  out.state = body.state;
  out.chain = std::move(body.chain);
  out.sealed = std::move(body.sealed);
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::reply(Session& session, std::uint64_t, ProofsRead& body) {
  for (const auto& [invite, proof] : body.proofs) push_proof(session, invite, proof.proof, proof.received, proof.ordinal);
  session.proofs_after.reset();
  if (!body.proofs.empty()) session.proofs_after = body.proofs.back().place();
  flush_frames(session);
  pump(session);
}

void Sessions::push_proof(Session& session, const InviteId& invite, const Bytes& proof, Timestamp received,
                          std::uint32_t ordinal) {
  wire::InviteProofT out;
  out.id = wire_pointer(invite);
  out.proof = proof;
  out.received_ms = received.ms;
  out.ordinal = ordinal;
  session.sink->send(encode_frame(0, std::move(out)));
}

// ---------------------------------------------------------------- redeemers

void Sessions::wait(Session& session, const InviteStanding& standing) {
  stop_waiting(session);
  session.waiting = Session::Waiting{standing.invite, *standing.waiting_proof, standing.waits_until};
  redeemers_[standing.invite].insert(session.id);
}

void Sessions::stop_waiting(Session& session) {
  if (!session.waiting) return;
  const auto others = redeemers_.find(session.waiting->invite);
  others->second.erase(session.id);
  if (others->second.empty()) redeemers_.erase(others);
  session.waiting.reset();
}

void Sessions::decide(const InviteDecided& decided) {
  const auto waiting = redeemers_.find(decided.invite);
  if (waiting == redeemers_.end()) return;
  const std::set<SessionId> ids = waiting->second;
  for (const SessionId id : ids) {
    Session& session = *find(id);
    if (decided.only_proof && session.waiting->proof != *decided.only_proof) continue;
    InviteStanding out{decided.invite, decided.state};
    if (decided.accepted_proof) {
      const bool ours = session.waiting->proof == *decided.accepted_proof;
      out.state = ours ? wire::InviteState::accepted : wire::InviteState::used;
      if (ours) out.chain = decided.chain;
      if (ours) out.sealed = decided.sealed;
    }
    stop_waiting(session);
    reply(session, 0, out);
  }
}

// Not told from here: an acceptance may be under way, and only the writer knows which of the two came first.
void Sessions::tick() {
  const Timestamp now = clock_.now();
  if (now >= next_lapse_) {
    next_lapse_ = now + kLapseInterval;
    writer_->submit({{}, 0, LapseCommand{}, 0, 0});
  }
  sweep(now);
  for (const auto& [invite, ids] : redeemers_) {
    for (const SessionId id : ids) {
      Session::Waiting& waiting = *find(id)->waiting;
      if (waiting.asked || now < waiting.until) continue;
      waiting.asked = true;
      writer_->submit({id, 0, AskStandingCommand{invite, waiting.proof}, 0, 0});
    }
  }
}

}  // namespace steiger::gateway
