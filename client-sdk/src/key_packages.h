// KeyPackages (S14): the pool that lets others add this device while it is away, and those of other devices, asked for when this device
// adds one. Secrets of own packages are in the local store before the gateway has the public half; each is deleted when it has opened a
// Welcome, or a day after it expired. The last resort may be handed out more than once, so it stays until it expires.
#pragma once

#include <functional>

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/mls/key_package_secrets.h"

namespace steiger::sdk {

struct OwnPackage {
  mls::KeyPackage key_package;
  mls::KeyPackageSecrets secrets;
};

class KeyPackages {
 public:
  explicit KeyPackages(Engine& engine) : engine_(engine) {}

  // ---- own packages

  // What is left in the pool. `answer`: to what was just put there; then it is not refilled again.
  Result<void> on_count(const wire::KeyPackageCount& count, bool answer);
  // The account goes on under another key (S2): the gateway has dropped what was made under the old one.
  void refill();
  // nullopt: not one of ours, or used already.
  [[nodiscard]] std::optional<OwnPackage> find(const mls::KeyPackageRef& reference) const;
  // A Welcome was opened with it: its secrets are gone with this batch. A last resort stays.
  void used(const mls::KeyPackageRef& reference);
  // find() and used() in one.
  std::optional<OwnPackage> take(const mls::KeyPackageRef& reference);

  // ---- packages of others

  // One of each device of `account`, or of `device` alone. Asked once, however often it is called before the answer; asked again after a
  // lost connection. `evidence`: of the relations grant and offer. The answer goes to `claimed` or `refused`.
  void claim(const ChannelId& channel, const AccountId& account, const std::optional<DeviceId>& device, wire::Relation relation,
             ByteView evidence);
  std::function<void(const ChannelId&, const AccountId&, std::vector<Bytes> packages, Bytes chain)> claimed;
  std::function<void(const ChannelId&, const AccountId&, const Error&)> refused;

  void on_login();
  Result<void> on_packages(const WireRequest& about, const wire::KeyPackages& packages);
  void on_problem(const WireRequest& about, const Error& error);
  void on_timer();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  struct Claim {
    ChannelId channel;
    AccountId account;
    std::optional<DeviceId> device;
    wire::Relation relation = wire::Relation::room;
    Bytes evidence;
  };

  void put(std::size_t count, bool last_resort);
  void on_put();
  Bytes make(bool last_resort);
  // When the last resort wants replacing; nullopt while there is none or nobody to put it to.
  [[nodiscard]] std::optional<Timestamp> renewal() const;
  void send(std::uint64_t number, const Claim& claim);

  Engine& engine_;
  bool putting_ = false;  // on this connection, unanswered
  bool refill_ = false;   // when that is answered
  bool counted_ = false;  // the gateway has said on this connection what there is
  std::uint64_t next_claim_ = 1;
  std::map<std::uint64_t, Claim> claims_;
};

}  // namespace steiger::sdk
