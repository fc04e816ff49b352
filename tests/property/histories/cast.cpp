#include "tests/property/histories/cast.h"

namespace steiger::sdk::histories {

void Counts::add(const Counts& other) {
  histories += other.histories, messages += other.messages, shown += other.shown, commits += other.commits;
  crashes += other.crashes, restarts += other.restarts, adds += other.adds, removals += other.removals;
  third_parties += other.third_parties, taken_out += other.taken_out, linked += other.linked, dropped += other.dropped;
  lost_devices += other.lost_devices, comebacks += other.comebacks, handovers += other.handovers, silences += other.silences;
  spoilt += other.spoilt, damaged += other.damaged, rolled_back += other.rolled_back;
  hostile_commits += other.hostile_commits;
  nacks += other.nacks, resyncs += other.resyncs, generations += other.generations;
  cut_off += other.cut_off, excused += other.excused;
}

std::vector<std::pair<const char*, std::uint64_t>> named(const Counts& c) {
  return {{"histories", c.histories},
          {"messages", c.messages},
          {"shown", c.shown},
          {"commits", c.commits},
          {"crashes", c.crashes},
          {"restarts", c.restarts},
          {"adds", c.adds},
          {"removals", c.removals},
          {"third_parties", c.third_parties},
          {"taken_out", c.taken_out},
          {"linked", c.linked},
          {"dropped", c.dropped},
          {"lost_devices", c.lost_devices},
          {"comebacks", c.comebacks},
          {"handovers", c.handovers},
          {"silences", c.silences},
          {"damaged", c.damaged},
          {"spoilt", c.spoilt},
          {"rolled_back", c.rolled_back},
          {"hostile_commits", c.hostile_commits},
          {"nacks", c.nacks},
          {"resyncs", c.resyncs},
          {"generations", c.generations},
          {"cut_off", c.cut_off},
          {"excused", c.excused}};
}

bool cut_off(Phone& phone, const ChannelId& room) {
  if (!phone.rolled_back && !phone.held_older_group && !phone.hostile) return false;
  const std::vector<std::uint8_t> id(room.array().begin(), room.array().end());
  for (const auto& each : phone.device->channels()) {
    if (each.id == id) return each.stopped || (phone.rolled_back && each.ended);
  }
  return phone.rolled_back;
}

Cast::Cast(std::uint64_t seed)
    : world(seed,
            [this](testing::Scheduler& scheduler, const identity::OrganisationPublic& organisation, std::uint64_t gateway_seed) {
              return std::make_unique<ServiceGateway>(scheduler, organisation, testing::kGatewayOrigin, gateway_seed,
                                                      [this](Rng& rng) {
                                                        auto store = std::make_unique<WitnessStore>(rng);
                                                        witness = store.get();
                                                        return store;
                                                      });
            }),
      dice(seed * 77 + 5) {}

Person& Cast::person(const std::string& name, identity::Role role) {
  persons.push_back({name, role, {}, {}, {}, {}});
  return persons.back();
}

Phone& Cast::phone(Person& owner) {
  Phone& phone = all_phones.emplace_back();
  phone.device = &world.add_device(owner.name);
  phone.owner = &owner;
  owner.phones.push_back(&phone);
  return phone;
}

std::vector<Person*> Cast::with_role(identity::Role role) {
  std::vector<Person*> out;
  for (Person& each : persons) {
    if (each.role == role) out.push_back(&each);
  }
  return out;
}

std::vector<Phone*> Cast::phones(Phone::State state) {
  std::vector<Phone*> out;
  for (Phone& each : all_phones) {
    if (each.state == state) out.push_back(&each);
  }
  return out;
}

}  // namespace steiger::sdk::histories
