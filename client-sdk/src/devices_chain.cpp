// The own chain at the gateway (S2): brought there, and put right when two own devices changed it at the same moment.
#include <algorithm>

#include "client-sdk/src/devices.h"
#include "client-sdk/src/engine.h"

namespace steiger::sdk {
namespace {

// Which chain was answered: a list under a new key may have the version of one under the old.
std::uint64_t edition(const Bytes& chain) {
  const Hash hash = sha256(chain);
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | hash[i];
  return out;
}

}  // namespace

void Devices::send_chain() {
  const State& state = engine_.state;
  if (!state.devices.chain_unsent || !engine_.session.online() || !state.chain) return;
  wire::UpdateChainT out;
  out.chain = state.self.chain;
  WireRequest about;
  about.about = WireRequest::About::update_chain;
  about.number = edition(state.self.chain);
  engine_.session.ask(about, std::move(out));
}

void Devices::on_login() {
  send_chain();
}

void Devices::on_chain_known(const WireRequest& about) {
  State& state = engine_.state;
  if (!state.chain || about.number != edition(state.self.chain) || !state.devices.chain_unsent) return;
  state.devices.chain_unsent = false;
  save();
}

void Devices::on_problem(const WireRequest& about, const Error& error) {
  if (error.retryable) return;  // sent again at the next login
  const State& state = engine_.state;
  if (error == gateway::kBadChain && state.chain && about.number == edition(state.self.chain)) {
    // One's own device: the chain comes without anybody's KeyPackages.
    return engine_.key_packages.claim({}, state.self.account, state.self.device, wire::Relation::own, {});
  }
  engine_.alarm(kChangeRefused, {}, &error);
  on_chain_known(about);
}

bool Devices::dropped_here(const DeviceId& device) const {
  const State& state = engine_.state;
  return std::any_of(state.channels.begin(), state.channels.end(), [&](const auto& entry) {
    const Channel& channel = entry.second;
    const auto& former = channel.room.former;
    const bool gone = std::any_of(former.begin(), former.end(), [&](const FormerRecord& was) {
      return was.account == state.self.account && was.device == device && !was.silent;
    });
    return gone || engine_.changes.find(channel, WishRecord::Kind::remove_device, state.self.account, device) != nullptr;
  });
}

void Devices::on_chain_there(const Bytes& bytes) {
  const State& state = engine_.state;
  if (bytes.empty() || !state.chain || !state.account_key) return;  // not now: sent again at the next login
  const auto there = identity::decode_chain(bytes);
  const auto& own = *state.chain;
  const bool ours = there.ok() && there->account_key == own.account_key && there->device_list.account == state.self.account &&
                    identity::verify_device_list(there->device_list, own.account_key).ok();
  const bool newer = ours && there->device_list.version >= own.device_list.version && there->device_list != own.device_list;
  const identity::ListedDevice* me = newer ? there->device_list.find(state.self.device) : nullptr;
  if (me == nullptr || me->leaf_key != state.leaf_key->verify_key()) {
    engine_.state.devices.chain_unsent = false;
    save();
    return engine_.alarm(kChangeRefused, {}, &gateway::kBadChain);
  }
  std::vector<identity::ListedDevice> devices;
  for (const identity::ListedDevice& listed : there->device_list.devices) {
    if (own.device_list.find(listed.device) != nullptr || !dropped_here(listed.device)) devices.push_back(listed);
  }
  identity::IdentityChain chain = own;
  chain.device_list = there->device_list;
  if (!adopt(chain).ok()) return;
  const bool more = devices != there->device_list.devices || chain.certificates != there->certificates;
  if (more && !relist(std::move(devices)).ok()) return;
  engine_.state.devices.chain_unsent = more;
  save();
  bring_listed();
  refresh_everywhere();
  send_chain();
}

}  // namespace steiger::sdk
