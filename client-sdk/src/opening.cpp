#include "client-sdk/src/opening.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "crypto/identity/limits.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

constexpr std::size_t kGroupIdSize = 32;

}  // namespace

Result<mls::Group> make_group(Engine& engine, mls::Extensions extensions) {
  const State& state = engine.state;
  Bytes group_id(kGroupIdSize);
  engine.rng.fill(group_id);
  return mls::Group::create(engine.rng, {std::move(group_id), state.leaf_key->clone(),
                                         leaf_options(state.self, engine.session.gateway_now()), std::move(extensions)});
}

Result<OpenedChannel> open_channel(Engine& engine, identity::RoomKind room) {
  const State& state = engine.state;
  if (state.channels.size() >= kMaxChannels) return kTooManyChannels;
  if (!state.self.head_key || !state.organisation || !state.leaf_key) return kNotSetUp;
  OpenedChannel out;
  ChannelRecord& record = out.channel.record;
  record.id = ChannelId::random(engine.rng);
  record.base_head = record.head = log::chain_start(record.id);
  out.channel.binding = {record.id, state.organisation->id, VerifyKey(*state.self.head_key), room};
  record.binding = identity::encode_channel_binding(out.channel.binding);
  MemberRecord me;
  me.account = state.self.account;
  me.role = state.self.role;
  me.name = state.self.name;
  me.verified_at_intake = true;
  me.chain = state.self.chain;
  record.members.push_back(std::move(me));
  STEIGER_TRY(mls::Group group, make_group(engine, {{identity::kChannelExtension, record.binding}}));
  out.channel.group.emplace(std::move(group));
  STEIGER_TRY(out.registration, out.channel.group->group_info({}));
  return out;
}

Result<identity::IdentityChain> certify_account(Engine& engine, const VerifyKey& account_key, const identity::DeviceList& devices,
                                                const Certified& as) {
  const State& state = engine.state;
  if (!state.organisation || !state.account_key || !state.chain) return kNotSetUp;
  identity::Certificate certificate;
  certificate.organisation = state.organisation->id;
  certificate.subject = devices.account;
  certificate.subject_key = account_key;
  certificate.role = as.role;
  certificate.channel = as.only_channel;
  certificate.not_before = engine.session.gateway_now();
  if (as.earlier != nullptr && !as.earlier->certificates.empty()) {
    certificate.not_before =
        std::max(certificate.not_before, as.earlier->certificates.back().not_before + std::chrono::milliseconds(1));
  }
  certificate.not_after = as.until.value_or(certificate.not_before + identity::kMaxAccountCertificateLife);
  STEIGER_TRY(certificate, identity::issue_certificate(*state.account_key, certificate));
  identity::IdentityChain out{state.chain->certificates, account_key, devices};
  out.certificates.push_back(certificate);
  return out;
}

Result<identity::IdentityChain> certify_again(Engine& engine, const identity::IdentityChain& earlier,
                                              const VerifyKey& account_key, const identity::DeviceList& devices) {
  // Staff are certified by the organisation's root only.
  if (earlier.certificates.size() != identity::kMaxChainCertificates) return kNotAllowedForRole;
  if (devices.account != earlier.device_list.account || account_key == earlier.account_key) return kProofInvalid;
  STEIGER_CHECK(identity::verify_device_list(devices, account_key));
  const identity::Certificate& last = earlier.certificates.back();
  Certified as;
  as.role = last.role;
  as.only_channel = last.channel;
  if (last.channel) as.until = last.not_after;  // a third party's time does not get longer by it
  as.earlier = &earlier;
  return certify_account(engine, account_key, devices, as);
}

}  // namespace steiger::sdk
