// From a wish to the commit that carries it out, with everything that the rules want to see (HandshakeHeader).
#include <algorithm>
#include <set>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/members.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/room_past.h"
#include "crypto/identity/roster_certificates.h"

namespace steiger::sdk {
namespace {

using Kind = WishRecord::Kind;

// One commit in the making.
class Builder {
 public:
  // `group`: of the channel, or the next generation's.
  Builder(Engine& engine, Channel& channel, const mls::Group& group) : engine_(engine), channel_(channel), group_(group) {}

  Result<PendingBundle> build(const WishRecord& wish) {
    return build([&](PendingRecord& record) { return carry_out(wish, record); });
  }
  // S11: everybody of the generation before, as far as their packages are here; each of these wishes is of this commit then.
  Result<PendingBundle> build_generation(mls::ResumptionUse psk, bool alone) {
    for (const MemberRecord& member : channel_.record.members) carried_.push_back(member.account);
    return build([&](PendingRecord&) -> Result<void> {
      options_.resumptions.push_back(std::move(psk));
      for (const auto& [number, wish] : channel_.wishes) {
        if (alone || wish.kind != Kind::carry_over || wish.packages.empty()) continue;
        STEIGER_CHECK(add_packages(wish));
      }
      return {};
    });
  }

 private:
  template <class CarryOut>
  Result<PendingBundle> build(CarryOut&& carry_out) {
    const identity::ChainPosition position{channel_.record.processed, channel_.record.head};
    header_.processed = position;
    PendingBundle out{{}, {{}, {}, {}, group_.clone()}};
    out.record.id = MessageId::random(engine_.rng);
    out.record.epoch = group_.epoch();
    out.record.links_from = position.seq;
    STEIGER_TRY(before_, membership::read_roster(group_.tree(), known_certificates(engine_.state, channel_),
                                                 engine_.standing.trust(), membership::certified_for(channel_.binding)));
    STEIGER_CHECK(carry_out(out.record));
    show_own_chain();
    options_.authenticated_data = identity::encode_handshake_header(header_);
    options_.group_info_extensions.push_back({identity::kChainHeadExtension, identity::encode_chain_position(position)});
    show_joiners_certificates();
    show_past();
    options_.now = engine_.session.gateway_now();
    STEIGER_TRY(out.commit, group_.commit(engine_.rng, options_));
    STEIGER_CHECK(judge(out.commit));
    out.record.commit = out.commit.serialize();
    return out;
  }

  // The rules that everybody else will judge it by, first of all here: what a lying gateway handed out for it (S14), or asked for, ends up
  // in no group of this device's.
  Result<void> judge(const mls::PendingCommit& pending) const {
    const membership::Trust& trust = engine_.standing.trust();
    std::vector<identity::Certificate> known = known_certificates(engine_.state, channel_);
    known.insert(known.end(), header_.certificates.begin(), header_.certificates.end());
    STEIGER_TRY(const auto after,
                membership::read_roster(pending.next.tree(), known, trust, membership::certified_for(channel_.binding)));
    mls::CommitFacts facts;
    facts.committer = group_.own_leaf();
    for (const mls::LeafIndex leaf : options_.removes) {
      facts.removed.push_back({leaf, {mls::SenderType::member, facts.committer.value}});
    }
    for (const membership::Seat& seat : after) {
      if (membership::find_device(before_, seat.who) == nullptr) facts.added.push_back({seat.leaf, {}});
    }
    for (const mls::ExternalPsk& psk : options_.psks) facts.psks.push_back({mls::PskType::external, psk.id, {}, {}, {}, {}});
    const auto former = former_of(channel_);
    const auto as_known = known_of(channel_);
    const auto judged = membership::judge({channel_.binding, before_, after, facts, header_, sha256(group_.group_id()),
                                           group_.epoch(), engine_.session.gateway_now(), trust, former, carried_, as_known});
    return judged.ok() ? Result<void>() : Result<void>(judged.error());
  }
  Result<void> carry_out(const WishRecord& wish, PendingRecord& record) {
    switch (wish.kind) {
      case Kind::add_invited:
        return add_invited(wish, record);
      case Kind::add_back:
        header_.returned.push_back({wish.account, wish.device});
        return add_packages(wish);
      case Kind::carry_over:
        if (channel_.carried) {  // S11
          STEIGER_TRY(auto psk, mls::ResumptionPsk::from_bytes(channel_.carried->psk.bytes()));
          options_.resumptions.push_back(
              {mls::ResumptionUsage::application, channel_.carried->group_id, channel_.carried->epoch, std::move(psk)});
        }
        return add_packages(wish);
      case Kind::add_device:
        return add_packages(wish);
      case Kind::handover: {
        STEIGER_TRY(header_.offer, identity::decode_handover_offer(wish.evidence));
        STEIGER_TRY(auto teamleider, identity::decode_certificate(wish.certificate));
        header_.certificates.push_back(std::move(teamleider));
        remove_all(header_.offer->leaving);
        if (membership::find_account(before_, header_.offer->successor) != nullptr) return {};
        return add_packages(wish);
      }
      case Kind::remove_device: {
        const membership::Seat* seat = membership::find_device(before_, {wish.account, wish.device});
        if (seat == nullptr) return kNoSuchDevice;
        if (seat->leaf == group_.own_leaf()) return kNoSuchDevice;  // nobody removes itself
        options_.removes.push_back(seat->leaf);
        if (wish.silent) header_.silent.push_back(seat->who);
        return show_newer_chains(wish, *seat);
      }
      case Kind::remove_account:
        remove_all(wish.account);
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
  Result<void> show_newer_chains(const WishRecord& wish, const membership::Seat& gone) {
    for (const Bytes& bytes : wish.chains) {
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
  Result<void> add_packages(const WishRecord& wish) {
    std::vector<identity::Certificate> helpful = known_certificates(engine_.state, channel_);
    for (const Bytes& bytes : wish.package_chains) {
      STEIGER_TRY(const auto chain, identity::decode_chain(bytes));
      helpful.insert(helpful.end(), chain.certificates.begin(), chain.certificates.end());
    }
    for (const Bytes& bytes : wish.packages) {
      STEIGER_TRY(auto package, mls::VerifiedKeyPackage::decode(bytes));
      STEIGER_TRY(const auto seat, membership::read_seat({}, package->leaf, helpful, engine_.standing.trust(),
                                                         membership::certified_for(channel_.binding)));
      if (seat.who.account != wanted_account(wish)) return identity::kAccountMismatch;
      const bool one_device = wish.kind == Kind::add_device || wish.kind == Kind::add_back;
      if (one_device && seat.who.device != wish.device) continue;
      if (membership::find_device(before_, seat.who) != nullptr) continue;
      show_certificates(seat.chain);
      options_.adds.push_back(std::move(package));
    }
    return options_.adds.empty() ? Result<void>(kNoSuchDevice) : Result<void>();
  }
  [[nodiscard]] AccountId wanted_account(const WishRecord& wish) const {
    return header_.offer ? header_.offer->successor : wish.account;
  }

  void show_certificates(const identity::IdentityChain& chain) {
    for (const identity::Certificate& certificate : chain.certificates) {
      const auto& all = header_.certificates;
      if (std::find(all.begin(), all.end(), certificate) == all.end()) header_.certificates.push_back(certificate);
    }
  }

  // S3, S5: that KeyPackage of the invite's proof, with its PSK.
  Result<void> add_invited(const WishRecord& wish, PendingRecord& record) {
    const auto found = engine_.state.invites.find(wish.invite);
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
    if (!wish.evidence.empty()) {
      STEIGER_TRY(const auto grant, identity::decode_grant(wish.evidence));
      header_.grants.push_back(grant);
    }
    if (!wish.remove_older) return {};
    for (const membership::Seat& seat : before_) {
      if (seat.who.account == chain.device_list.account) options_.removes.push_back(seat.leaf);
    }
    return {};
  }

  // A joiner has not seen the commits that brought the certificates of leaves without any.
  void show_joiners_certificates() {
    std::vector<identity::Certificate> missing;
    for (const membership::Seat& seat : before_) {
      const Bytes* shown = mls::find_extension(group_.member(seat.leaf)->extensions, identity::kIdentityExtension);
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

  // S2, S8, S11, S13: whom all the others let back in.
  void show_past() {
    identity::RoomPast past;
    for (const AccountId& account : carried_) {
      if (past.carried_over.size() < identity::kMaxRoomPast) past.carried_over.push_back(account);
    }
    const auto& former = channel_.room.former;
    for (auto f = former.rbegin(); f != former.rend() && past.silent.size() < identity::kMaxRoomPast; ++f) {
      if (f->silent) past.silent.push_back({f->account, f->device, VerifyKey(f->account_key)});
    }
    auto& out = past.jongeren_out;
    for (const FormerRecord& f : former) {
      const bool gone = f.role == Role::jongere && membership::find_account(before_, f.account) == nullptr;
      if (!gone || std::find(out.begin(), out.end(), f.account) != out.end()) continue;
      if (out.size() < identity::kMaxRoomPast) out.push_back(f.account);
    }
    show_chains(past);
    if (options_.adds.empty() || past == identity::RoomPast()) return;
    options_.group_info_extensions.push_back({identity::kRoomPastExtension, identity::encode_room_past(past)});
  }

  // The last of each who may come back.
  void show_chains(identity::RoomPast& past) const {
    std::set<AccountId> awaited(past.carried_over.begin(), past.carried_over.end());
    for (const identity::RoomPast::Silent& silent : past.silent) {
      if (membership::find_account(before_, silent.account) == nullptr) awaited.insert(silent.account);
    }
    const auto& chains = channel_.room.earlier_chains;
    for (auto at = chains.rbegin(); at != chains.rend() && past.chains.size() < identity::kMaxRoomPast; ++at) {
      const auto chain = identity::decode_chain(*at);
      if (chain.ok() && awaited.erase(chain->device_list.account) != 0) past.chains.push_back(*chain);
    }
  }

  // The own leaf follows the own chain with every path.
  void show_own_chain() {
    const mls::LeafNode& own = *group_.member(group_.own_leaf());
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
  const mls::Group& group_;
  std::vector<AccountId> carried_ = channel_.room.carried_over;
  membership::Roster before_;
  mls::CommitOptions options_;
  identity::HandshakeHeader header_;
};

}  // namespace

Result<PendingBundle> Changes::build(Channel& channel, const WishRecord& wish) {
  return Builder(engine_, channel, *channel.group).build(wish);
}

Result<PendingBundle> Changes::build_generation(Channel& channel, mls::ResumptionUse psk) {
  const Opening& opening = *channel.opening;
  const bool alone = opening.record.alone;
  STEIGER_TRY(PendingBundle out, Builder(engine_, channel, opening.group).build_generation(std::move(psk), alone));
  for (auto& [number, wish] : channel.wishes) {
    if (alone || wish.kind != Kind::carry_over || wish.packages.empty()) continue;
    wish.committed = true;
    save(channel, wish);
  }
  return out;
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
