// Accounts with more devices, other keys and a standing: what people do when something of theirs was linked, lost or ended. For tests
// only.
#pragma once

#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "gateway/service/limits.h"
#include "gateway/service/testing/service_fixture.h"

namespace steiger::gateway::testing {

inline constexpr Duration kOneDay = std::chrono::hours(24);

// Everything one connection hears, in order.
class Listener final : public SessionSink {
 public:
  void send(Bytes frame) override { heard.push_back((*verify_frame(frame))->body_type()); }
  void close(const Error&) override {}
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  std::vector<wire::Body> heard;
};

class MembershipTest : public ServiceTest {
 protected:
  // ---- devices and keys

  // One more device of this account; the account's chain does not list it yet.
  Person another_device(const Person& person) {
    return {person.account, person.account_key.clone(), DeviceId::random(world.rng), SigningKey::generate(world.rng), person.role,
            person.chain};
  }
  std::vector<identity::ListedDevice> listed(const std::vector<const Person*>& devices) {
    std::vector<identity::ListedDevice> out;
    for (const Person* each : devices) out.push_back({each->device, each->leaf_key.verify_key(), world.clock.now()});
    return out;
  }
  // A newer list of devices under the key there is.
  identity::IdentityChain relisted(const Person& person, const std::vector<const Person*>& devices) {
    identity::IdentityChain out = person.chain;
    out.device_list =
        identity::sign_device_list(person.account_key, person.account, out.device_list.version + 1, listed(devices)).value();
    return out;
  }
  // The account under another key, certified as before but now: staff by the root, others by the coach.
  identity::IdentityChain rekeyed(const Person& person, const SigningKey& key, const std::vector<const Person*>& devices) {
    identity::IdentityChain out = person.chain;
    identity::Certificate& own = out.certificates.back();
    own.subject_key = key.verify_key();
    own.not_before = world.clock.now();
    const SigningKey& issuer = out.certificates.size() == 1 ? world.root : coach_person.account_key;
    own = identity::issue_certificate(issuer, own).value();
    out.account_key = key.verify_key();
    out.device_list = identity::sign_device_list(key, person.account, out.device_list.version + 1, listed(devices)).value();
    return out;
  }
  void update_chain(Client& client, const identity::IdentityChain& chain) {
    client.forget_bodies();
    wire::UpdateChainT body;
    body.chain = identity::encode_chain(chain);
    client.request(std::move(body));
    settle({&client});
  }

  // ---- key packages

  Bytes package(Client& client, Duration life = kMaxKeyPackageLife) {
    mls::KeyPackageOptions options = client.leaf_options();
    options.lifetime.not_after = static_cast<std::uint64_t>((world.clock.now() + life).ms / 1000);
    return mls::encode_key_package_message(mls::make_key_package(world.rng, client.person().leaf_key, options).key_package);
  }
  void put(Client& client, const std::vector<Bytes>& packages, const Bytes& last_resort = {}) {
    client.forget_bodies();
    wire::PutKeyPackagesT body;
    for (const Bytes& each : packages) {
      body.packages.push_back(std::make_unique<wire::KeyPackageBytesT>());
      body.packages.back()->key_package = each;
    }
    body.last_resort = last_resort;
    client.request(std::move(body));
    settle({&client});
  }
  static KeyPackageStock count(Client& client) {
    const auto body = client.last<wire::KeyPackageCountT>(wire::Body::KeyPackageCount);
    EXPECT_NE(body, nullptr) << client.last_problem();
    return body == nullptr ? KeyPackageStock{999, false} : KeyPackageStock{body->available, body->last_resort};
  }
  wire::ClaimKeyPackagesT claim(const AccountId& account, wire::Relation relation, const ChannelId& channel = {},
                                const Bytes& evidence = {}) {
    wire::ClaimKeyPackagesT body;
    body.account = wire_pointer(account);
    body.relation = relation;
    if (!channel.is_none()) body.channel = wire_pointer(channel);
    body.evidence = evidence;
    return body;
  }
  // nullptr: refused.
  template <class Body>
  std::unique_ptr<wire::KeyPackagesT> claimed(Client& client, Body body) {
    client.forget_bodies();
    client.request(std::move(body));
    settle({&client});
    return client.last<wire::KeyPackagesT>(wire::Body::KeyPackages);
  }

  // ---- standing

  // Signed by a key that `root` appointed, in force for a week.
  identity::StatusList status_list(std::uint64_t version, std::vector<identity::StatusEntry> entries, const SigningKey& root) {
    identity::StatusList list;
    list.organisation = world.organisation;
    list.version = version;
    list.issued = world.clock.now();
    list.next_update = list.issued + 7 * kOneDay;
    list.entries = std::move(entries);
    identity::Delegation delegation{
        world.organisation, status_key.verify_key(), list.issued - kOneDay, list.issued + 300 * kOneDay, {}};
    list.delegation = identity::issue_delegation(root, delegation).value();
    return identity::sign_status_list(status_key, list).value();
  }
  identity::StatusList status_list(std::uint64_t version, std::vector<identity::StatusEntry> entries) {
    return status_list(version, std::move(entries), world.root);
  }
  static identity::StatusEntry entry(const SigningKey& key, identity::Standing standing, Timestamp since) {
    return {identity::key_hash(key.verify_key()), standing, since};
  }
  void publish(Client& client, const Bytes& list, const Bytes& successions = {}) {
    client.forget_bodies();
    wire::StandingT body;
    body.status_list = list;
    body.root_successions = successions;
    client.request(std::move(body));
    settle({&client});
  }
  void publish(Client& client, const identity::StatusList& list, const Bytes& successions = {}) {
    publish(client, identity::encode_status_list(list), successions);
  }
  static bool done(Client& client) { return client.last<wire::DoneT>(wire::Body::Done) != nullptr; }

  SigningKey status_key = SigningKey::generate(world.rng);
};

}  // namespace steiger::gateway::testing
