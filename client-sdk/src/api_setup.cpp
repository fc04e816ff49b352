// Requests that make this device somebody's: staff, an invite made or redeemed; and its settings.
#include <algorithm>

#include "client-sdk/src/api_fields.h"
#include "client-sdk/src/organisation.h"

namespace steiger::sdk {

Result<void> Api::prepare_staff(std::uint64_t request, const api::PrepareStaff& body) {
  SelfRecord& self = engine_.state.self;
  STEIGER_TRY(std::string name, text_of(body.name(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string url, text_of(body.gateway_url(), kMaxUrlBytes, kBadUrl));
  STEIGER_CHECK(origin_of(url).ok() ? Result<void>() : Result<void>(kBadUrl));
  const auto organisation = identity::decode_organisation(view_of(body.organisation()));
  if (!organisation.ok()) return kBadOrganisation;
  if (self.membership == Membership::waiting_for_certificate && engine_.state.organisation == *organisation) {
    staff_request(request);  // the same again, for a file that was lost
    return {};
  }
  if (self.membership != Membership::none) return kAlreadySetUp;
  auto undo = undo_of_self();
  const SigningKey account_key = SigningKey::generate(engine_.rng);
  const SigningKey leaf_key = SigningKey::generate(engine_.rng);
  self.account = AccountId::random(engine_.rng);
  self.device = DeviceId::random(engine_.rng);
  STEIGER_TRY(auto devices,
              identity::sign_device_list(account_key, self.account, 1, {{self.device, leaf_key.verify_key(), engine_.now}}));
  self.membership = Membership::waiting_for_certificate;
  self.name = std::move(name);
  self.gateway_url = std::move(url);
  self.organisation = identity::encode_organisation(*organisation);
  self.account_seed = SecretBytes::copy_of(account_key.seed().bytes());
  self.leaf_seed = SecretBytes::copy_of(leaf_key.seed().bytes());
  self.chain = identity::encode_chain({{}, account_key.verify_key(), std::move(devices)});
  STEIGER_CHECK(engine_.state.refresh_identity());
  engine_.save_self();
  command(request, std::move(undo));
  staff_request(request);
  return {};
}

void Api::staff_request(std::uint64_t request) {
  const State& state = engine_.state;
  const StaffRequest out{state.organisation->id, state.self.name, state.account_key->verify_key(), state.chain->device_list};
  api::StaffRequestT event;
  event.request = encode_staff_request(out, *state.account_key);
  send(request, std::move(event));
}

Result<void> Api::install_certificate(std::uint64_t request, const api::InstallCertificate& body) {
  State& state = engine_.state;
  const bool ready = state.self.membership == Membership::ready;
  const bool new_key = ready && !engine_.devices.new_key_request().empty();
  const auto certificate = identity::decode_certificate(view_of(body.certificate()));
  const bool renewal = ready && !new_key && certificate.ok() && certificate->subject == state.self.account;
  if (state.self.membership != Membership::waiting_for_certificate && !new_key && !renewal) {
    return state.self.membership == Membership::none ? kNotSetUp : kAlreadySetUp;
  }
  if (!certificate.ok()) return kBadCertificate;
  if (renewal) {
    STEIGER_CHECK(engine_.devices.renew(*certificate));
    command(request);
    done(request);
    return {};
  }
  if (new_key) {  // S2: a lost device
    STEIGER_CHECK(engine_.devices.install(*certificate));
    command(request);
    done(request);
    return {};
  }
  identity::IdentityChain chain = *state.chain;
  chain.certificates = {*certificate};
  STEIGER_TRY(const auto verified,
              identity::verify_chain(chain, state.organisation->root_key, state.organisation->id, engine_.now));
  if (verified.account != state.self.account) return kBadCertificate;
  auto undo = undo_of_self();
  state.self.role = verified.role == identity::Role::coach ? Role::coach : Role::other;
  state.self.send_read_receipts = state.self.role == Role::coach;  // C6: the coach's are on, the jongere's off
  state.self.chain = identity::encode_chain(chain);
  state.self.membership = Membership::ready;
  STEIGER_CHECK(state.refresh_identity());
  engine_.save_self();
  command(request, std::move(undo));
  done(request);
  engine_.session.wake();
  return {};
}

Result<void> Api::make_invite(std::uint64_t request, const api::MakeInvite& body) {
  STEIGER_TRY(std::string label, text_of(body.label(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string page, text_of(body.page_url(), kMaxUrlBytes, kBadUrl));
  if (body.kind() != api::InviteKind::qr && body.kind() != api::InviteKind::link) return kBadRequest;
  PurposeRecord purpose;
  purpose.purpose = static_cast<std::uint8_t>(body.purpose());
  if (body.purpose() == api::InvitePurpose::third_party || body.purpose() == api::InvitePurpose::comeback) {
    STEIGER_TRY(purpose.channel, id_of<ChannelId>(body.channel()));
  }
  if (body.purpose() == api::InvitePurpose::comeback) {
    STEIGER_TRY(purpose.account, id_of<AccountId>(body.account()));
    purpose.lost = body.lost();
  }
  if (body.purpose() == api::InvitePurpose::third_party) {
    purpose.until = {body.until_ms()};
    purpose.reason = static_cast<std::uint8_t>(body.reason());
  }
  if (page.empty() && engine_.state.self.membership != Membership::none) {
    STEIGER_TRY(page, origin_of(engine_.state.self.gateway_url));  // the gateway serves the page
    page += '/';
  }
  STEIGER_TRY(const InviteId made, engine_.invites.create(request, static_cast<std::uint8_t>(body.kind()), std::move(label),
                                                          std::move(page), std::move(purpose)));
  command(request, [this, made] { engine_.invites.withdraw(made); });
  return {};
}

Result<void> Api::join(std::uint64_t request, const api::Join& body) {
  if (body.invite() == nullptr) return kBadRequest;
  STEIGER_TRY(std::string name, text_of(body.name(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string url, text_of(body.gateway_url(), kMaxUrlBytes, kBadUrl));
  auto undo = undo_of_self();
  STEIGER_CHECK(engine_.joining.join(request, {body.invite()->c_str(), body.invite()->size()}, std::move(name), std::move(url)));
  command(request, [this, undo = std::move(undo)] {
    engine_.joining.withdraw();
    undo();
  });
  return {};
}

Result<void> Api::change_settings(std::uint64_t request, const api::ChangeSettings& body) {
  SelfRecord& self = engine_.state.self;
  if (self.membership == Membership::none) return kNotSetUp;
  if (body.send_read_receipts() && !self.send_read_receipts) {
    // Turned on: from now on. What was read before stays the reader's own affair (C6).
    for (auto& [id, channel] : engine_.state.channels) {
      channel.record.receipt_read_sent = std::max(channel.record.receipt_read_sent, channel.record.read_seq);
      Engine::record_changed(channel);
    }
  }
  command(request, [this, before = self.send_read_receipts] {
    engine_.state.self.send_read_receipts = before;
    engine_.save_self();
  });
  self.send_read_receipts = body.send_read_receipts();
  engine_.save_self();
  done(request);
  return {};
}

Result<void> Api::list_devices(std::uint64_t request) {
  const State& state = engine_.state;
  if (!state.chain) return kNotSetUp;
  api::DeviceListT out;
  for (const identity::ListedDevice& listed : state.chain->device_list.devices) {
    auto device = std::make_unique<api::DeviceT>();
    device->id = bytes_of(listed.device);
    device->added_ms = listed.added.ms;
    device->self = listed.device == state.self.device;
    out.devices.push_back(std::move(device));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

// What cannot be stored stays wanted: a device that may be in other hands must go.
Result<void> Api::remove_device(std::uint64_t request, const api::RemoveDevice& body) {
  STEIGER_TRY(const DeviceId device, id_of<DeviceId>(body.device()));
  STEIGER_CHECK(engine_.devices.remove(device, body.lost()));
  command(request);
  Bytes new_key = body.lost() ? engine_.devices.new_key_request() : Bytes();
  if (new_key.empty()) {
    done(request);
    return {};
  }
  api::StaffRequestT event;
  event.request = std::move(new_key);
  send(request, std::move(event));
  return {};
}

Result<void> Api::publish_standing(std::uint64_t request, const api::PublishStanding& body) {
  return engine_.standing.publish(request, view_of(body.status_list()), view_of(body.root_successions()));
}

}  // namespace steiger::sdk
