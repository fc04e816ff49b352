#include "client-sdk/src/joining.h"

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk {

using identity::InviteSecret;

Result<InviteSecret> secret_of(const JoinRecord& join) {
  return identity::parse_invite_text(as_text(join.secret.bytes()));
}

Result<void> Joining::join(std::uint64_t request, std::string_view invite_text, std::string name, std::string gateway_url) {
  State& state = engine_.state;
  if (state.self.membership != Membership::none) return kAlreadySetUp;
  STEIGER_TRY(const InviteSecret secret, identity::parse_invite_text(invite_text));
  STEIGER_CHECK(origin_of(gateway_url).ok() ? Result<void>() : Result<void>(kBadUrl));
  state.self.membership = Membership::waiting_for_coach;
  state.self.role = Role::jongere;
  state.self.name = std::move(name);
  state.self.gateway_url = std::move(gateway_url);
  state.self.send_read_receipts = false;  // C6: off by default for the jongere
  JoinRecord join;
  std::string text = identity::invite_text(secret);
  join.secret = SecretBytes::copy_of(as_bytes(text));
  sodium_memzero(text.data(), text.size());
  state.join.emplace(std::move(join));
  engine_.save_self();
  engine_.save_join();
  request_ = request;
  engine_.session.wake();
  return {};
}

void Joining::withdraw() {
  request_ = 0;
  engine_.state.join.reset();
  engine_.journal.erase(keys::kJoin);
}

Result<void> Joining::on_greeted() {
  if (engine_.state.join->step == JoinRecord::Step::redeeming) {
    redeem();
    return {};
  }
  const auto secret = secret_of(*engine_.state.join);
  if (!secret.ok()) return secret.error();
  wire::FetchInviteT out;
  out.lookup = gateway::wire_pointer(identity::invite_lookup(*secret));
  engine_.session.ask({WireRequest::About::fetch_invite, {}}, std::move(out));
  return {};
}

Result<void> Joining::on_info(const wire::InviteInfo& info) {
  State& state = engine_.state;
  if (!state.join || state.join->step != JoinRecord::Step::fetching) return kProtocol;
  JoinRecord& join = *state.join;
  STEIGER_TRY(const InviteSecret secret, secret_of(join));
  STEIGER_TRY(const InviteId id, gateway::field<InviteId>(info.id()));
  const Bytes terms_bytes = to_bytes(gateway::view_of(info.terms()));
  const auto terms = identity::decode_invite_terms(terms_bytes);
  if (!terms.ok() || terms->invite != id || terms->organisation.id != engine_.session.organisation()) {
    give_up(kInviteTerms);
    return {};
  }
  if (auto checked = identity::verify_invite_terms(*terms, secret.kind(), engine_.session.gateway_now()); !checked.ok()) {
    give_up(checked.error() == identity::kInviteExpired ? kInviteExpired : kInviteTerms);
    return {};
  }
  // Keys and pseudonyms, made here (S1, S2). Who comes back, or is one more device, is somebody already; for a device the account key
  // is a throw-away one, which only vouches for this proof.
  SelfRecord& self = state.self;
  self.organisation = identity::encode_organisation(terms->organisation);
  self.account = terms->account ? *terms->account : AccountId::random(engine_.rng);
  if (terms->purpose == identity::InvitePurpose::third_party) self.role = Role::other;
  self.device = DeviceId::random(engine_.rng);
  const SigningKey account_key = SigningKey::generate(engine_.rng);
  const SigningKey leaf_key = SigningKey::generate(engine_.rng);
  self.account_seed = SecretBytes::copy_of(account_key.seed().bytes());
  self.leaf_seed = SecretBytes::copy_of(leaf_key.seed().bytes());
  STEIGER_TRY(auto devices,
              identity::sign_device_list(account_key, self.account, 1, {{self.device, leaf_key.verify_key(), engine_.now}}));
  self.chain = identity::encode_chain({{}, account_key.verify_key(), devices});
  ByteArray<32> head_key{};
  std::copy_n(engine_.session.head_key().bytes().begin(), head_key.size(), head_key.begin());
  self.head_key = head_key;
  STEIGER_CHECK(state.refresh_identity());

  auto made = mls::make_key_package(engine_.rng, leaf_key, leaf_options(self, engine_.session.gateway_now()));
  join.invite = id;
  join.terms = terms_bytes;
  join.key_package = mls::encode_key_package_message(made.key_package);
  join.key_package_secrets = made.secrets.serialize();
  join.proof = identity::encode_redeem_proof(
      identity::make_redeem_proof(secret, terms_bytes, join.key_package, account_key.verify_key(), devices));
  join.step = JoinRecord::Step::redeeming;
  engine_.save_self();
  engine_.save_join();
  redeem();
  return {};
}

void Joining::redeem() {
  const auto secret = secret_of(*engine_.state.join);
  if (!secret.ok()) return;
  wire::RedeemInviteT out;
  out.lookup = gateway::wire_pointer(identity::invite_lookup(*secret));
  out.proof = engine_.state.join->proof;
  engine_.session.ask({WireRequest::About::redeem_invite, {}}, std::move(out));
}

Result<void> Joining::on_outcome(const wire::InviteOutcome& outcome) {
  if (!engine_.state.join) return kProtocol;
  // An invite that has ended is answered so at the fetch already; what goes on needs our proof first.
  const bool redeeming = engine_.state.join->step == JoinRecord::Step::redeeming;
  switch (outcome.state()) {
    case wire::InviteState::open:
    case wire::InviteState::pending:
      if (!redeeming) return kProtocol;
      if (request_ != 0) engine_.api.done(std::exchange(request_, 0));
      return {};
    case wire::InviteState::accepted:
      if (!redeeming) return kProtocol;
      return accepted(gateway::view_of(outcome.chain()), gateway::view_of(outcome.sealed()));
    case wire::InviteState::refused:
      give_up(kInviteRefused);
      return {};
    case wire::InviteState::used:
      give_up(kInviteUsed);
      return {};
    case wire::InviteState::expired:
      give_up(kInviteExpired);
      return {};
    case wire::InviteState::cancelled:
      give_up(kInviteCancelled);
      return {};
  }
  return kProtocol;
}

void Joining::on_problem(const Error& error) {
  if (error.retryable) return engine_.session.fail(error);
  if (error == gateway::kInviteUnknown) return give_up(kInviteUnknown);
  if (error == gateway::kInviteExpired) return give_up(kInviteExpired);
  if (error == gateway::kInviteDecided) return give_up(kInviteUsed);
  give_up(error);
}

// The invite leads nowhere: this device is nobody's again and may try another one.
void Joining::give_up(const Error& error) {
  State& state = engine_.state;
  state.join.reset();
  state.self = SelfRecord();
  (void)state.refresh_identity().ok();  // of an empty record: nothing to refuse
  engine_.journal.erase(keys::kJoin);
  engine_.save_self();
  engine_.api.failed(std::exchange(request_, 0), error);
  engine_.session.wake();  // nobody to connect any more: closes
}

Result<void> Joining::accepted(ByteView chain_bytes, ByteView sealed) {
  State& state = engine_.state;
  STEIGER_TRY(const auto terms, identity::decode_invite_terms(state.join->terms));
  if (terms.purpose == identity::InvitePurpose::device) {
    become(chain_bytes, sealed);
    return {};
  }
  STEIGER_TRY(const auto chain, identity::decode_chain(chain_bytes));
  const auto verified =
      identity::verify_chain_under(chain, state.trust.roots, state.organisation->id, engine_.session.latest_now());
  // It must be ours, certified; otherwise the gateway invents: ask again, later.
  if (!verified.ok() || verified->account != state.self.account || chain.account_key != state.chain->account_key ||
      chain.device_list != state.chain->device_list) {
    return kInviteTerms;
  }
  state.self.chain = to_bytes(chain_bytes);
  state.self.role = verified->role == identity::Role::jongere ? Role::jongere : Role::other;
  STEIGER_CHECK(state.refresh_identity());
  state.join->step = JoinRecord::Step::accepted;
  engine_.save_self();
  engine_.save_join();
  if (request_ != 0) engine_.api.done(std::exchange(request_, 0));
  engine_.session.login();
  return {};
}

// S2: this device is the account from here on; rooms follow by Welcomes of the other own devices.
void Joining::become(ByteView chain, ByteView sealed) {
  if (const auto done = engine_.devices.become(*engine_.state.join, chain, sealed); !done.ok()) {
    if (done.error() == kHeadKeyChanged) engine_.alarm(kHeadKeyChanged);
    return give_up(kInviteTerms);
  }
  engine_.state.join.reset();
  engine_.journal.erase(keys::kJoin);
  if (request_ != 0) engine_.api.done(std::exchange(request_, 0));
  engine_.session.login();
}

}  // namespace steiger::sdk
