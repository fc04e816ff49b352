#include "client-sdk/src/testing/world.h"

#include "client-sdk/src/testing/small_gateway.h"

namespace steiger::sdk::testing {

std::unique_ptr<GatewayEnd> make_small_gateway(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                               std::uint64_t seed) {
  return std::make_unique<SmallGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

World::World(std::uint64_t seed, const MakeGateway& make_gateway)
    : scheduler(seed),
      rng(seed ^ 0x5eed),
      organisation(Organisation::create(rng, "Gemeente Voorbeeld").value()),
      gateway(make_gateway(scheduler, organisation.facts, seed ^ 0x6a7e)),
      network(scheduler, *gateway) {}

SimDevice& World::add_device(const std::string& name) {
  devices.push_back(std::make_unique<SimDevice>(name, scheduler, network, rng.below(1ull << 60)));
  devices.back()->boot();
  return *devices.back();
}

void World::set_up_coach(SimDevice& device) {
  api::PrepareStaffT prepare;
  prepare.name = device.name;
  prepare.gateway_url = kGatewayUrl;
  prepare.organisation = identity::encode_organisation(organisation.facts);
  const auto* request = ask_until_answered(device, prepare).body.AsStaffRequest();
  if (request == nullptr) std::abort();
  const auto decoded = decode_staff_request(request->request);
  api::InstallCertificateT install;
  install.certificate = certify_staff(organisation, decoded.value(), identity::Role::coach, scheduler.now).value();
  ask_until_answered(device, install);
}

std::string World::make_invite(SimDevice& coach, api::InviteKind kind, const std::string& label) {
  api::MakeInviteT make;
  make.kind = kind;
  make.label = label;
  make.page_url = kPage;
  const auto* invite = ask_until_stored(coach, make).body.AsInvite();
  if (invite == nullptr) std::abort();
  return invite->url;
}

void World::start_join(SimDevice& newcomer, const std::string& link) {
  api::JoinT join;
  join.invite = link;
  join.name = newcomer.name;
  join.gateway_url = kGatewayUrl;
  newcomer.ask(join);
}

void World::confirm_when_asked(SimDevice& coach) {
  const auto* list = ask_until_answered(coach, api::ListInvitesT()).body.AsInviteList();
  for (const auto& invite : list->invites) {
    if (invite->state != api::InviteState::to_confirm) continue;
    api::ConfirmInviteT confirm;
    confirm.invite = invite->id;
    ask_until_answered(coach, confirm);
  }
}

bool World::invite(SimDevice& coach, SimDevice& newcomer, api::InviteKind kind) {
  const std::string link = make_invite(coach, kind);
  const std::size_t channels = coach.channels().size();
  for (int round = 0; round < 120; ++round) {
    if (newcomer.status().membership == api::Membership::none) start_join(newcomer, link);
    scheduler.run_for(std::chrono::seconds(5));
    confirm_when_asked(coach);
    if (newcomer.channels().size() == 1 && coach.channels().size() >= channels) return true;
  }
  return false;
}

void World::send(SimDevice& device, const std::string& text) {
  const auto channels = device.channels();
  if (channels.empty()) std::abort();
  api::SendTextT body;
  body.channel = channels.front().id;
  body.text = text;
  device.ask(body);
}

bool World::settle(const std::vector<SimDevice*>& members, std::size_t messages, Duration at_most) {
  const Timestamp end = scheduler.now + at_most;
  while (scheduler.now < end) {
    scheduler.run_for(std::chrono::seconds(2));
    bool same = true;
    const auto first = members.front()->transcript();
    for (SimDevice* member : members) same = same && member->transcript() == first && member->status().waiting == 0;
    if (same && first.size() >= messages) return true;
  }
  return false;
}

void World::calm() {
  network.options.break_percent = network.options.refuse_percent = 0;
  for (auto& device : devices) {
    device->store_options.fail_percent = device->store_options.fail_applied_percent = 0;
    device->boot();
  }
}

}  // namespace steiger::sdk::testing
