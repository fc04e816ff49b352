#include "client-sdk/src/session.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "crypto/identity/login.h"

namespace steiger::sdk {

bool Session::wanted() const {
  const SelfRecord& self = engine_.state.self;
  if (engine_.journal.failing()) return false;  // nothing may be sent or acknowledged while nothing can be stored
  if (self.membership == Membership::ready) return true;
  return self.membership == Membership::waiting_for_coach && engine_.state.join.has_value();
}

void Session::wake() {
  if (!wanted()) {
    if (phase_ != Phase::offline || deadline_) close();
    return;
  }
  if (phase_ != Phase::offline) return;
  if (deadline_ && *deadline_ > engine_.now) return;
  phase_ = Phase::connecting;
  probing_ = false;
  ++connection_;
  requests_.clear();
  deadline_ = engine_.now + kAnswerTimeout;
  engine_.journal.now(Connect{engine_.state.self.gateway_url});
}

void Session::on_connected() {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::hello;
  deadline_ = engine_.now + kAnswerTimeout;
  wire::HelloT hello;
  hello.min_version = gateway::kProtocolVersionMin;
  hello.max_version = gateway::kProtocolVersionMax;
  hello.client = engine_.options.client.substr(0, gateway::kMaxClientNameBytes);
  send(std::move(hello));
}

void Session::on_disconnected() {
  if (phase_ == Phase::offline) return;
  phase_ = Phase::offline;
  probe_at_.reset();
  ++connection_;  // frames still held for it are dropped
  engine_.outbox.on_offline();
  schedule_retry(Duration(0));
}

void Session::close() {
  const bool open = phase_ != Phase::offline;
  phase_ = Phase::offline;
  deadline_.reset();
  probe_at_.reset();
  if (!open) return;
  ++connection_;
  engine_.outbox.on_offline();
  engine_.journal.now(Disconnect{});
}

void Session::fail(const Error& why) {
  if (phase_ == Phase::offline) return;
  close();
  // What another try will hardly cure waits longest, so that a bug does not become load.
  const Duration patient = why.retryable ? Duration(why.retry_after_ms) : kBackoffMost / 2;
  schedule_retry(patient);
}

// Full jitter between half and the whole of a wait that doubles: devices do not return in step after an outage.
void Session::schedule_retry(Duration at_least) {
  // A connection that came to nothing is no reason to hurry, however often it can be opened.
  if (const auto stable = std::exchange(stable_from_, std::nullopt); stable && *stable <= engine_.now) attempts_ = 0;
  if (!wanted()) return;
  const std::uint32_t doublings = std::min<std::uint32_t>(attempts_, 16);
  const Duration wait = std::min(kBackoffMost, kBackoffFirst * (1u << doublings));
  ++attempts_;
  ByteArray<2> random{};
  engine_.rng.fill(random);
  const std::int64_t fraction = (random[0] << 8) | random[1];
  const Duration jittered = wait / 2 + Duration(wait.count() * fraction / (2 * 65536));
  deadline_ = engine_.now + std::max(at_least, jittered);
}

std::optional<Timestamp> Session::deadline() const {
  if (!probe_at_ || (deadline_ && *deadline_ < *probe_at_)) return deadline_;
  return probe_at_;
}

void Session::on_timer() {
  if (probe_at_ && *probe_at_ <= engine_.now) probe_at_ = heard_at_ + kProbeAfter;  // it may have spoken since
  if (probe_at_ && *probe_at_ <= engine_.now) {
    probe_at_.reset();
    probing_ = true;
    send(wire::PingT());
    if (!deadline_) deadline_ = engine_.now + kAnswerTimeout;
  }
  if (!deadline_ || *deadline_ > engine_.now) return;
  if (phase_ == Phase::offline) {
    deadline_.reset();
    wake();
  } else {
    fail(kNoAnswer);
  }
}

void Session::watch_silence(bool unanswered) {
  if (phase_ != Phase::online && phase_ != Phase::greeted) return;
  if (!probe_at_ && !probing_) probe_at_ = engine_.now + kProbeAfter;
  if (!unanswered && !probing_) {
    deadline_.reset();
  } else if (!deadline_) {
    deadline_ = engine_.now + kAnswerTimeout;
  }
}

Timestamp Session::gateway_now() const {
  return engine_.now + clock_offset_;
}
Timestamp Session::latest_now() const {
  return engine_.now + std::max(clock_offset_, Duration(0));
}

void Session::send_frame(Bytes frame) {
  if (phase_ == Phase::offline || phase_ == Phase::connecting) return;
  engine_.journal.frame(std::move(frame), connection_);
}

void Session::on_frame(ByteView bytes) {
  if (phase_ == Phase::offline || phase_ == Phase::connecting) return;
  probing_ = false;  // it speaks
  heard_at_ = engine_.now;
  if (phase_ == Phase::online || phase_ == Phase::greeted) deadline_.reset();
  auto frame = gateway::verify_frame(bytes);
  if (!frame.ok()) return fail(frame.error());
  if (auto done = dispatch(**frame); !done.ok()) fail(done.error());
}

Result<void> Session::dispatch(const wire::Frame& frame) {
  std::optional<WireRequest> about;
  if (const auto found = requests_.find(frame.request()); frame.request() != 0 && found != requests_.end()) {
    about = found->second;
    requests_.erase(found);
  }
  switch (frame.body_type()) {
    case wire::Body::HelloReply:
      return on_hello(*frame.body_as_HelloReply());
    case wire::Body::LoginReply:
      return on_login(*frame.body_as_LoginReply());
    case wire::Body::Problem:
      return on_problem(*frame.body_as_Problem(), about);
    case wire::Body::Pong:
      return {};
    case wire::Body::InviteInfo:
      if (phase_ != Phase::greeted || !about) return kProtocol;
      return engine_.joining.on_info(*frame.body_as_InviteInfo());
    case wire::Body::InviteOutcome:
      if (phase_ == Phase::greeted) return engine_.joining.on_outcome(*frame.body_as_InviteOutcome());
      if (phase_ != Phase::online || !about) return {};  // a redeemer who has gone on already
      return engine_.invites.on_outcome(*about, *frame.body_as_InviteOutcome());
    default:
      break;
  }
  if (phase_ != Phase::online) return kProtocol;
  switch (frame.body_type()) {
    case wire::Body::Accepted:
      return engine_.outbox.on_accepted(frame.body_as_Accepted()->counter());
    case wire::Body::Rejected:
      return on_rejected(*frame.body_as_Rejected());
    case wire::Body::Deliver:
      return engine_.inbox.on_deliver(*frame.body_as_Deliver());
    case wire::Body::DeliverWelcome:
      return engine_.joining.on_welcome(*frame.body_as_DeliverWelcome());
    case wire::Body::RosterTasks:
      return engine_.changes.on_tasks(*frame.body_as_RosterTasks());
    case wire::Body::InviteProof:
      return engine_.invites.on_proof(*frame.body_as_InviteProof());
    case wire::Body::Standing:
      return engine_.standing.on_standing(*frame.body_as_Standing());
    case wire::Body::KeyPackageCount:
      return engine_.key_packages.on_count(*frame.body_as_KeyPackageCount(), about.has_value());
    case wire::Body::KeyPackages:
      if (!about) return kProtocol;
      return engine_.key_packages.on_packages(*about, *frame.body_as_KeyPackages());
    case wire::Body::Done:
      if (!about) return kProtocol;
      return on_done(*about);
    case wire::Body::CurrentGroupInfo:
      if (!about) return kProtocol;
      return engine_.resync.on_group_info(*frame.body_as_CurrentGroupInfo());
    case wire::Body::Nack:
      return engine_.generations.on_nack(*frame.body_as_Nack());
    case wire::Body::HandoverOffer:
      return engine_.handover.on_offer(*frame.body_as_HandoverOffer());
    case wire::Body::Undelivered:
      return engine_.history.on_undelivered(*frame.body_as_Undelivered());
    default:
      return kProtocol;
  }
}

Result<void> Session::on_hello(const wire::HelloReply& reply) {
  if (phase_ != Phase::hello) return kProtocol;
  if (reply.version() < gateway::kProtocolVersionMin || reply.version() > gateway::kProtocolVersionMax) return kVersion;
  STEIGER_TRY(organisation_, gateway::field<OrganisationId>(reply.organisation()));
  STEIGER_TRY(nonce_, gateway::field(reply.nonce()));
  STEIGER_TRY(const auto head_key, gateway::field(reply.head_key()));
  head_key_ = VerifyKey(head_key);
  // A peer's number: bounded before any arithmetic, so that a lie neither overflows nor moves our deadlines by more than this.
  const std::int64_t earliest = (engine_.now - kMaxClockOffset).ms;
  const std::int64_t latest = (engine_.now + kMaxClockOffset).ms;
  const bool told = reply.time_ms() != 0;
  clock_offset_ = told ? Timestamp{std::clamp(reply.time_ms(), earliest, latest)} - engine_.now : Duration(0);
  max_outstanding_ = kMaxOutstanding;
  max_items_ = 1;
  if (const wire::Limits* limits = reply.limits()) {
    max_outstanding_ = std::clamp<std::uint32_t>(limits->max_outstanding(), 1, kMaxOutstanding);
    max_items_ = std::clamp<std::uint32_t>(limits->max_items_per_frame(), 1, gateway::kMaxItemsPerFrame);
  }
  SelfRecord& self = engine_.state.self;
  if (engine_.state.organisation && engine_.state.organisation->id != organisation_) {
    engine_.alarm(kWrongOrganisation);
    return kWrongOrganisation;
  }
  if (self.head_key && *self.head_key != head_key) {
    engine_.alarm(kHeadKeyChanged);
    return kHeadKeyChanged;
  }
  if (engine_.state.join && engine_.state.join->step != JoinRecord::Step::accepted) {
    phase_ = Phase::greeted;
    deadline_.reset();
    stable_from_ = engine_.now + kStableAfter;
    return engine_.joining.on_greeted();
  }
  if (!self.head_key) {
    self.head_key = head_key;
    engine_.save_self();
  }
  login();
  return {};
}

void Session::login() {
  const State& state = engine_.state;
  const auto origin = origin_of(state.self.gateway_url);
  if (!origin.ok() || !state.leaf_key || !state.organisation) return fail(kBadUrl);
  phase_ = Phase::login;
  deadline_ = engine_.now + kAnswerTimeout;
  const identity::LoginChallenge challenge{*origin, state.organisation->id, nonce_, state.self.account, state.self.device};
  wire::LoginT login;
  login.account = gateway::wire_pointer(state.self.account);
  login.device = gateway::wire_pointer(state.self.device);
  login.signature = gateway::wire_pointer(identity::sign_login(*state.leaf_key, challenge));
  if (send_chain_) login.chain = state.self.chain;
  ask({WireRequest::About::login, {}}, std::move(login));
}

Result<void> Session::on_login(const wire::LoginReply& reply) {
  if (phase_ != Phase::login) return kProtocol;
  CounterRecord& counter = engine_.state.counter;
  const std::uint64_t accepted = reply.accepted_counter();
  if (accepted < counter.accepted) {
    engine_.alarm(kGatewayBehind);
    return kGatewayBehind;
  }
  if (reply.channels() != nullptr) {
    for (const wire::ChannelState* standing : *reply.channels()) {
      STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(standing->channel()));
      const Channel* channel = engine_.channel(id);
      if (channel == nullptr || standing->head_seq() >= channel->record.processed) continue;
      engine_.alarm(kGatewayBehind, id);  // a backup was put back without saying so (S22)
      return kGatewayBehind;
    }
  }
  STEIGER_CHECK(engine_.resync.on_standing(reply));  // S21
  phase_ = Phase::online;
  deadline_.reset();
  stable_from_ = engine_.now + kStableAfter;
  send_chain_ = false;
  STEIGER_CHECK(engine_.outbox.on_login(accepted));
  engine_.inbox.on_login();
  engine_.invites.on_login();
  engine_.standing.on_login();
  engine_.devices.on_login();
  engine_.key_packages.on_login();
  engine_.changes.on_login();
  engine_.resync.on_login();
  engine_.third_parties.on_login();
  engine_.handover.on_login();
  return {};
}

Result<void> Session::on_done(const WireRequest& about) {
  if (about.about == WireRequest::About::publish_standing) engine_.standing.on_published();
  if (about.about == WireRequest::About::update_chain) engine_.devices.on_chain_known(about);
  if (about.about == WireRequest::About::offer_handover) engine_.handover.on_done(about);
  if (about.about == WireRequest::About::nack) engine_.resync.on_nack_known(about.channel);
  return {};
}

Result<void> Session::on_rejected(const wire::Rejected& rejected) {
  if (rejected.problem() == nullptr) return kProtocol;
  return engine_.outbox.on_rejected(rejected.counter(), gateway::error_of(*rejected.problem()));
}

Result<void> Session::on_problem(const wire::Problem& problem, const std::optional<WireRequest>& about) {
  Error error = gateway::error_of(problem);
  error.retryable = error.retryable || problem.retryable();
  error.retry_after_ms = std::max(error.retry_after_ms, problem.retry_after_ms());
  if (!problem.fatal()) {
    if (!about) return kProtocol;
    switch (about->about) {
      case WireRequest::About::fetch_invite:
      case WireRequest::About::redeem_invite:
        engine_.joining.on_problem(error);
        return {};
      case WireRequest::About::publish_standing:
        engine_.standing.on_problem(error);
        return {};
      case WireRequest::About::update_chain:
        engine_.devices.on_problem(*about, error);
        return {};
      case WireRequest::About::offer_handover:
        engine_.handover.on_problem(*about, error);
        return {};
      case WireRequest::About::nack:
      case WireRequest::About::fetch_group_info:
        engine_.resync.on_problem(*about, error);
        return {};
      case WireRequest::About::put_packages:
      case WireRequest::About::claim_packages:
        engine_.key_packages.on_problem(*about, error);
        return {};
      default:
        engine_.invites.on_problem(*about, error);
        return {};
    }
  }
  if (error == gateway::kUnknownDevice) {  // the next login brings the identity chain
    error.retryable = !send_chain_;
    send_chain_ = true;
  }
  if (error == gateway::kRevokedDevice) {
    engine_.stop_device(error);
    return {};
  }
  if (error == gateway::kBadLogin) engine_.alarm(error);
  return error;
}

Result<std::string> origin_of(std::string_view websocket_url) {
  struct Scheme {
    std::string_view socket, page, default_port;
  };
  static constexpr Scheme kSchemes[] = {{"ws://", "http://", ":80"}, {"wss://", "https://", ":443"}};
  for (const Scheme& scheme : kSchemes) {
    if (websocket_url.substr(0, scheme.socket.size()) != scheme.socket) continue;
    std::string host(websocket_url.substr(scheme.socket.size()));
    host = host.substr(0, host.find_first_of("/?#"));
    for (char& c : host) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      const bool allowed =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view(".-:[]").find(c) != std::string::npos;
      if (!allowed) return kBadUrl;  // no user names, spaces or escapes in a gateway's address
    }
    if (host.size() > scheme.default_port.size() &&
        host.compare(host.size() - scheme.default_port.size(), std::string::npos, scheme.default_port) == 0) {
      host.resize(host.size() - scheme.default_port.size());
    }
    if (host.empty() || host.front() == ':') return kBadUrl;
    return std::string(scheme.page) + host;
  }
  return kBadUrl;
}

}  // namespace steiger::sdk
