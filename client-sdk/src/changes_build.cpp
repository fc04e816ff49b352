// From a wish to the commit that carries it out, with everything that the rules want to see (HandshakeHeader).
#include <algorithm>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/members.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/roster_certificates.h"

namespace steiger::sdk {
namespace {

using Kind = WishRecord::Kind;

// One commit in the making.
class Builder {
 public:
  Builder(Engine& engine, Channel& channel, const WishRecord& wish) : engine_(engine), channel_(channel), wish_(wish) {}

  Result<PendingBundle> build() {
    const identity::ChainPosition position{channel_.record.processed, channel_.record.head};
    header_.processed = position;
    PendingBundle out{{}, {{}, {}, {}, channel_.group->clone()}};
    out.record.id = MessageId::random(engine_.rng);
    out.record.epoch = channel_.group->epoch();
    out.record.links_from = position.seq;
    STEIGER_TRY(before_, membership::read_roster(channel_.group->tree(), known_certificates(engine_.state, channel_),
                                                 engine_.standing.trust(), membership::certified_for(channel_.binding)));
    STEIGER_CHECK(carry_out(out.record));
    show_own_chain();
    options_.authenticated_data = identity::encode_handshake_header(header_);
    options_.group_info_extensions.push_back({identity::kChainHeadExtension, identity::encode_chain_position(position)});
    show_joiners_certificates();
    options_.now = engine_.session.gateway_now();
    STEIGER_TRY(out.commit, channel_.group->commit(engine_.rng, options_));
    STEIGER_CHECK(judge(out.commit));
    out.record.commit = out.commit.serialize();
    return out;
  }

 private:
  // The rules that everybody else will judge it by, first of all here: what a lying gateway handed out for it (S14), or asked for, ends up
  // in no group of this device's.
  Result<void> judge(const mls::PendingCommit& pending) const {
    const membership::Trust& trust = engine_.standing.trust();
    std::vector<identity::Certificate> known = known_certificates(engine_.state, channel_);
    known.insert(known.end(), header_.certificates.begin(), header_.certificates.end());
    STEIGER_TRY(const auto after,
                membership::read_roster(pending.next.tree(), known, trust, membership::certified_for(channel_.binding)));
    mls::CommitFacts facts;
    facts.committer = channel_.group->own_leaf();
    for (const mls::LeafIndex leaf : options_.removes) {
      facts.removed.push_back({leaf, {mls::SenderType::member, facts.committer.value}});
    }
    for (const membership::Seat& seat : after) {
      if (membership::find_device(before_, seat.who) == nullptr) facts.added.push_back({seat.leaf, {}});
    }
    for (const mls::ExternalPsk& psk : options_.psks) facts.psks.push_back({mls::PskType::external, psk.id, {}, {}, {}, {}});
    const auto former = former_of(channel_);
    const auto judged = membership::judge({channel_.binding, before_, after, facts, header_, channel_.group->epoch(),
                                           engine_.session.gateway_now(), trust, former, channel_.room.carried_over});
    return judged.ok() ? Result<void>() : Result<void>(judged.error());
  }
  Result<void> carry_out(PendingRecord& record) {
    switch (wish_.kind) {
      case Kind::add_invited:
        return add_invited(record);
      case Kind::add_back:
        header_.returned.push_back({wish_.account, wish_.device});
        return add_packages();
      case Kind::add_device:
      case Kind::carry_over:
        return add_packages();
      case Kind::let_in: {
        STEIGER_TRY(const auto grant, identity::decode_grant(wish_.evidence));
        header_.grants.push_back(grant);
        return add_packages();
      }
      case Kind::handover: {
        STEIGER_TRY(header_.offer, identity::decode_handover_offer(wish_.evidence));
        STEIGER_TRY(auto teamleider, identity::decode_certificate(wish_.certificate));
        header_.certificates.push_back(std::move(teamleider));
        remove_all(header_.offer->leaving);
        if (membership::find_account(before_, header_.offer->successor) != nullptr) return {};
        return add_packages();
      }
      case Kind::remove_device: {
        const membership::Seat* seat = membership::find_device(before_, {wish_.account, wish_.device});
        if (seat == nullptr) return kNoSuchDevice;
        if (seat->leaf == channel_.group->own_leaf()) return kNoSuchDevice;  // nobody removes itself
        options_.removes.push_back(seat->leaf);
        if (wish_.silent) header_.silent.push_back(seat->who);
        return show_newer_chains(*seat);
      }
      case Kind::remove_account:
        remove_all(wish_.account);
        return options_.removes.empty() ? Result<void>(kNoSuchMember) : Result<void>();
      case Kind::refresh_self:
      case Kind::update_self:
        return {};
    }
    return kBadRequest;
  }

  void remove_all(const AccountId& account) {
    for (const membership::Seat& seat : before_) {
      if (seat.who.account == account) options_.removes.push_back(seat.leaf);
    }
  }

  // S2: proof that the account does not list this device any more: what the wish brought, or what the account's other leaves show.
  Result<void> show_newer_chains(const membership::Seat& gone) {
    for (const Bytes& bytes : wish_.chains) {
      STEIGER_TRY(auto chain, identity::decode_chain(bytes));
      header_.newer_chains.push_back(std::move(chain));
    }
    if (!header_.newer_chains.empty()) return {};
    if (gone.who.account == engine_.state.self.account && engine_.state.chain) {
      if (*engine_.state.chain != gone.chain) header_.newer_chains.push_back(*engine_.state.chain);
      return {};
    }
    const membership::Seat* newest = membership::find_account(before_, gone.who.account);
    for (const membership::Seat& seat : before_) {
      if (seat.who.account != gone.who.account) continue;
      if (seat.chain.device_list.version > newest->chain.device_list.version) newest = &seat;
    }
    if (newest->chain != gone.chain) header_.newer_chains.push_back(newest->chain);
    return {};
  }

  // S14: what the gateway handed out is believed only as far as the chains hold (S1).
  Result<void> add_packages() {
    std::vector<identity::Certificate> helpful = known_certificates(engine_.state, channel_);
    for (const Bytes& bytes : wish_.package_chains) {
      STEIGER_TRY(const auto chain, identity::decode_chain(bytes));
      helpful.insert(helpful.end(), chain.certificates.begin(), chain.certificates.end());
    }
    for (const Bytes& bytes : wish_.packages) {
      STEIGER_TRY(auto package, mls::VerifiedKeyPackage::decode(bytes));
      STEIGER_TRY(const auto seat, membership::read_seat({}, package->leaf, helpful, engine_.standing.trust(),
                                                         membership::certified_for(channel_.binding)));
      if (seat.who.account != wanted_account()) return identity::kAccountMismatch;
      const bool one_device = wish_.kind == Kind::add_device || wish_.kind == Kind::add_back;
      if (one_device && seat.who.device != wish_.device) continue;
      if (membership::find_device(before_, seat.who) != nullptr) continue;
      show_certificates(seat.chain);
      options_.adds.push_back(std::move(package));
    }
    return options_.adds.empty() ? Result<void>(kNoSuchDevice) : Result<void>();
  }
  [[nodiscard]] AccountId wanted_account() const { return header_.offer ? header_.offer->successor : wish_.account; }

  void show_certificates(const identity::IdentityChain& chain) {
    for (const identity::Certificate& certificate : chain.certificates) {
      const auto& all = header_.certificates;
      if (std::find(all.begin(), all.end(), certificate) == all.end()) header_.certificates.push_back(certificate);
    }
  }

  // S3, S5: that KeyPackage of the invite's proof, with its PSK.
  Result<void> add_invited(PendingRecord& record) {
    const auto found = engine_.state.invites.find(wish_.invite);
    if (found == engine_.state.invites.end()) return kNoSuchInvite;
    const InviteRecord& invite = found->second;
    STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
    STEIGER_TRY(const auto chain, identity::decode_chain(invite.chain));
    STEIGER_TRY(auto package, mls::VerifiedKeyPackage::decode(proof.key_package));
    STEIGER_TRY(const VerifyKey leaf_key, package->leaf.verify_key());
    STEIGER_CHECK(identity::check_leaf(proof.device_list, package->leaf.credential.identity, leaf_key).ok()
                      ? Result<void>()
                      : Result<void>(kProofInvalid));
    STEIGER_TRY(InvitePsk psk, prepare_invite_psk(engine_, channel_, invite));
    record.invite = invite.id;
    record.before.push_back(std::move(psk.before));
    options_.psks.push_back(std::move(psk.psk));
    options_.adds.push_back(std::move(package));
    show_certificates(chain);
    if (!wish_.evidence.empty()) {
      STEIGER_TRY(const auto grant, identity::decode_grant(wish_.evidence));
      header_.grants.push_back(grant);
    }
    if (!wish_.remove_older) return {};
    for (const membership::Seat& seat : before_) {
      if (seat.who.account == chain.device_list.account) options_.removes.push_back(seat.leaf);
    }
    return {};
  }

  // A joiner has not seen the commits that brought the certificates of leaves without any.
  void show_joiners_certificates() {
    std::vector<identity::Certificate> missing;
    for (const membership::Seat& seat : before_) {
      const Bytes* shown = mls::find_extension(channel_.group->member(seat.leaf)->extensions, identity::kIdentityExtension);
      const auto chain = shown == nullptr ? Result<identity::IdentityChain>(kBadValue) : identity::decode_chain(*shown);
      if (!chain.ok() || !chain->certificates.empty()) continue;
      for (const identity::Certificate& each : seat.chain.certificates) {
        const bool full = missing.size() >= identity::kMaxHandshakeCertificates;
        if (!full && std::find(missing.begin(), missing.end(), each) == missing.end()) missing.push_back(each);
      }
    }
    if (options_.adds.empty() || missing.empty()) return;
    options_.group_info_extensions.push_back({identity::kCertificatesExtension, identity::encode_certificates(missing)});
  }

  // The own leaf follows the own chain with every path.
  void show_own_chain() {
    const mls::LeafNode& own = *channel_.group->member(channel_.group->own_leaf());
    const Bytes* shown = mls::find_extension(own.extensions, identity::kIdentityExtension);
    if (shown != nullptr && *shown == engine_.state.self.chain) return;
    mls::Extensions extensions = own.extensions;
    for (mls::Extension& extension : extensions) {
      if (extension.type == identity::kIdentityExtension) extension.data = engine_.state.self.chain;
    }
    options_.leaf_extensions = std::move(extensions);
  }

  Engine& engine_;
  Channel& channel_;
  const WishRecord& wish_;
  membership::Roster before_;
  mls::CommitOptions options_;
  identity::HandshakeHeader header_;
};

}  // namespace

Result<PendingBundle> Changes::build(Channel& channel, const WishRecord& wish) {
  return Builder(engine_, channel, wish).build();
}

Result<InvitePsk> prepare_invite_psk(Engine& engine, Channel& channel, const InviteRecord& invite) {
  STEIGER_TRY(const auto secret, secret_of(invite));
  const identity::ChainPosition position{channel.record.processed, channel.record.head};
  Bytes psk_id(identity::kInvitePskIdSize);
  engine.rng.fill(psk_id);
  SecretBytes psk = identity::invite_psk(secret, psk_id);
  PendingRecord::Before before;
  before.id = MessageId::random(engine.rng);
  const SecretBytes content = encode_commit_psk(psk_id, psk.bytes(), engine.now);
  STEIGER_TRY(auto sealed,
              franking::seal_content(engine.rng, {channel.record.id, engine.state.self.account, before.id}, content.bytes()));
  before.tag = sealed.tag;
  STEIGER_TRY(before.payload, channel.group->encrypt(engine.rng, identity::encode_message_header({sealed.tag, position}),
                                                     sealed.plaintext.bytes()));
  return InvitePsk{std::move(before), {std::move(psk_id), std::move(psk)}};
}

}  // namespace steiger::sdk
