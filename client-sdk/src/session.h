// The connection to the gateway: opening it again and again, hello, login (S6), and handing frames to the other parts.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/limits.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/sign.h"
#include "gateway/protocol/frames.h"

namespace steiger::sdk {

namespace wire = steiger::gateway::wire;
class Engine;

// What a request on the wire was about, so that its answer, or a Problem, finds its way.
struct WireRequest {
  enum class About {
    login,
    fetch_invite,
    redeem_invite,
    create_invite,
    accept_invite,
    refuse_invite,
    cancel_invite,
    publish_standing,
    update_chain,
    offer_handover,
    put_packages,
    claim_packages,
    nack,
    fetch_group_info
  };
  About about = About::login;
  InviteId invite;
  std::uint64_t number = 0;  // claim_packages: of the claim; offer_handover: of the app's request; update_chain: which chain
  ChannelId channel = {};    // nack, fetch_group_info
};

class Session {
 public:
  explicit Session(Engine& engine) : engine_(engine) {}

  // Something changed that may call for a connection, or end the need for one.
  void wake();
  void on_connected();
  void on_disconnected();
  void on_frame(ByteView bytes);
  void on_timer();

  // Ends this connection; the next attempt after a wait.
  void fail(const Error& why);
  void close();

  // Something was accepted or received: the connection is worth having, the next wait is a short one.
  void progress() { attempts_ = 0; }

  // Sends `body` on this connection when all changes so far are on disk.
  template <class Body>
  void send(Body body) {
    send_frame(gateway::encode_frame(0, std::move(body)));
  }
  template <class Body>
  void ask(const WireRequest& about, Body body) {
    const std::uint64_t id = next_request_++;
    requests_[id] = about;
    send_frame(gateway::encode_frame(id, std::move(body)));
  }

  [[nodiscard]] bool online() const { return phase_ == Phase::online; }
  [[nodiscard]] bool connecting() const { return phase_ != Phase::offline && phase_ != Phase::online; }
  // The gateway's facts of this connection; valid after hello.
  [[nodiscard]] const VerifyKey& head_key() const { return head_key_; }
  [[nodiscard]] const OrganisationId& organisation() const { return organisation_; }
  // The time by the gateway's clock, where both ends must agree on one (ends of invites, certificates made now): old phones run
  // days ahead or behind. The device's own time before the first hello.
  [[nodiscard]] Timestamp gateway_now() const;
  // For judging certificates: the later of both clocks. A gateway that lies about the time can make nothing valid that expired.
  [[nodiscard]] Timestamp latest_now() const;
  [[nodiscard]] std::uint32_t max_outstanding() const { return max_outstanding_; }
  [[nodiscard]] std::uint32_t max_items() const { return max_items_; }
  // Tells frames of this connection from those of earlier ones.
  [[nodiscard]] std::uint64_t connection() const { return connection_; }
  [[nodiscard]] std::optional<Timestamp> deadline() const;
  // Once at the end of every input: while something that was sent is unanswered, silence ends the connection (half-open TCP); while
  // nothing is, it is asked now and then whether the gateway is still there.
  void watch_silence(bool unanswered);

  // After the invite was accepted: goes on from the redeemer's unauthenticated connection to login.
  void login();

 private:
  // offline: no wish to connect, or waiting for deadline_. greeted: before login, as a redeemer.
  enum class Phase { offline, connecting, hello, greeted, login, online };

  [[nodiscard]] bool wanted() const;
  void send_frame(Bytes frame);
  void schedule_retry(Duration at_least);
  Result<void> dispatch(const wire::Frame& frame);
  Result<void> on_hello(const wire::HelloReply& reply);
  Result<void> on_login(const wire::LoginReply& reply);
  Result<void> on_problem(const wire::Problem& problem, const std::optional<WireRequest>& about);
  Result<void> on_rejected(const wire::Rejected& rejected);
  Result<void> on_done(const WireRequest& about);

  Engine& engine_;
  Phase phase_ = Phase::offline;
  std::uint64_t connection_ = 0;
  std::uint64_t next_request_ = 1;
  std::map<std::uint64_t, WireRequest> requests_;
  std::optional<Timestamp> deadline_;     // offline: next attempt; else: give up waiting for an answer
  std::optional<Timestamp> probe_at_;     // online, or waiting as a redeemer: when to ask
  Timestamp heard_at_;                    // the last frame
  bool probing_ = false;                  // asked, and nothing heard since
  std::uint32_t attempts_ = 0;            // since the last connection that was of use
  std::optional<Timestamp> stable_from_;  // a connection that lasts until then was of use
  bool send_chain_ = true;                // the gateway may not know this device yet
  Duration clock_offset_{0};              // gateway minus device, at the last hello
  VerifyKey head_key_;
  OrganisationId organisation_;
  ByteArray<32> nonce_{};
  std::uint32_t max_outstanding_ = kMaxOutstanding;
  std::uint32_t max_items_ = 1;
};

// What a page calls its origin: ws://host:port/path -> http://host:port; default ports and the path go. kBadUrl.
Result<std::string> origin_of(std::string_view websocket_url);

}  // namespace steiger::sdk
