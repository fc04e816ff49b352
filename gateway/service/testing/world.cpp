#include "gateway/service/testing/world.h"

#include "gateway/store/memory_store.h"

namespace steiger::gateway::testing {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

identity::DeviceList list_of(const Person& person, Timestamp added) {
  return identity::sign_device_list(person.account_key, person.account, 1, {{person.device, person.leaf_key.verify_key(), added}})
      .value();
}

}  // namespace

World::World(bool threaded_service, std::unique_ptr<Store> given)
    : threaded(threaded_service), store(given != nullptr ? std::move(given) : std::make_unique<MemoryStore>(rng)) {
  restart();
}

ServiceOptions World::options() const {
  return {organisation, root.verify_key(), kOrigin, limits, threaded};
}

void World::restart() {
  service.reset();
  executor.run_all();
  service = std::move(*Service::create(options(), *store, clock, executor));
}

Person World::make_staff(identity::Role role) {
  Person out{AccountId::random(rng), SigningKey::generate(rng), DeviceId::random(rng), SigningKey::generate(rng), role, {}};
  identity::Certificate certificate;
  certificate.organisation = organisation;
  certificate.subject = out.account;
  certificate.subject_key = out.account_key.verify_key();
  certificate.role = role;
  certificate.not_before = clock.now() - kDay;
  certificate.not_after = clock.now() + 300 * kDay;
  out.chain = {{identity::issue_certificate(root, certificate).value()}, out.account_key.verify_key(), list_of(out, clock.now())};
  return out;
}

Person World::make_jongere(const Person& coach) {
  Person out{AccountId::random(rng),    SigningKey::generate(rng), DeviceId::random(rng),
             SigningKey::generate(rng), identity::Role::jongere,   {}};
  identity::Certificate certificate;
  certificate.organisation = organisation;
  certificate.subject = out.account;
  certificate.subject_key = out.account_key.verify_key();
  certificate.role = identity::Role::jongere;
  certificate.not_before = clock.now() - Duration(1000);
  certificate.not_after = clock.now() + 1000 * kDay;
  out.chain = {{coach.chain.certificates.front(), identity::issue_certificate(coach.account_key, certificate).value()},
               out.account_key.verify_key(),
               list_of(out, clock.now())};
  return out;
}

Person World::make_device(Person& person) {
  Person out{person.account, person.account_key.clone(), DeviceId::random(rng), SigningKey::generate(rng), person.role,
             person.chain};
  identity::DeviceList& list = out.chain.device_list;
  auto devices = list.devices;
  devices.push_back({out.device, out.leaf_key.verify_key(), clock.now()});
  list = identity::sign_device_list(out.account_key, out.account, list.version + 1, std::move(devices)).value();
  person.chain = out.chain;
  return out;
}

mls::ExternalPsk World::invite_psk() {
  return {to_bytes("invite"), SecretBytes::copy_of(Bytes(32, 7))};
}
mls::ExternalPsk World::secret_psk() {
  return {to_bytes("secret"), SecretBytes::copy_of(Bytes(32, 8))};
}
mls::PskSources World::psks(bool with_secret) {
  return mls::PskSources([with_secret](ByteView id) -> std::optional<SecretBytes> {
    if (equal(id, as_bytes("invite"))) return invite_psk().psk.clone();
    if (with_secret && equal(id, as_bytes("secret"))) return secret_psk().psk.clone();
    return std::nullopt;
  });
}

void accept_by_invite(World& world, Client& coach, const Person& jongere) {
  Hash lookup{};
  world.rng.fill(lookup);
  const InviteId invite = InviteId::random(world.rng);
  wire::CreateInviteT create;
  create.id = wire_pointer(invite);
  create.lookup = wire_pointer(lookup);
  create.kind = wire::InviteKind::link;
  create.expires_ms = (world.clock.now() + kDay).ms;
  create.terms = to_bytes("terms");
  coach.request(std::move(create));
  Person somebody = world.make_jongere(coach.person());
  Client redeemer(world, somebody);
  redeemer.connect();
  wire::RedeemInviteT redeem;
  redeem.lookup = wire_pointer(lookup);
  redeem.proof = to_bytes("a sealed proof, opaque to the gateway");
  const Hash hash = sha256(redeem.proof);
  redeemer.request(std::move(redeem));
  wire::AcceptInviteT accept;
  accept.id = wire_pointer(invite);
  accept.proof_hash = wire_pointer(hash);
  accept.chain = identity::encode_chain(jongere.chain);
  coach.request(std::move(accept));
  world.executor.run_all();
  coach.read();
}

}  // namespace steiger::gateway::testing
