#include "tests/bench/mls_loops.h"

#include "crypto/log/chain.h"
#include "crypto/mls/limits.h"

namespace steiger::bench {

Newcomer::Newcomer(Rng& rng, const test::Organisation& organisation, Timestamp now)
    : person(rng, organisation, now),
      package(mls::make_key_package(rng, person.leaf_key, person.leaf_options(now))),
      message(mls::encode_key_package_message(package.key_package)) {}

mls::Group Newcomer::join(const mls::PendingCommit& pending) const {
  const auto welcome = mls::decode_message<mls::Welcome>(*pending.welcome).value();
  return std::move(
      mls::Group::join(welcome, package.key_package, package.secrets, person.leaf_key, mls::no_psks()).value().group);
}

MlsLoops::MlsLoops(Rng& rng, Timestamp now)
    : rng_(rng),
      now_(now),
      organisation_(rng),
      head_key_(SigningKey::generate(rng).verify_key()),
      founder_(rng, organisation_, now),
      second_(newcomer()),
      content_(kContentBytes, 'x'),
      header_(identity::encode_message_header({{}, {0, log::chain_start(ChannelId::random(rng))}})) {}

mls::Group MlsLoops::create() const {
  Bytes group_id(kIdSize);
  rng_.fill(group_id);
  const identity::ChannelBinding binding{ChannelId::random(rng_), organisation_.facts.id, head_key_,
                                         identity::RoomKind::one_to_one};
  return mls::Group::create(rng_, {group_id,
                                   founder_.leaf_key.clone(),
                                   founder_.leaf_options(now_),
                                   {{identity::kChannelExtension, identity::encode_channel_binding(binding)}}})
      .value();
}

mls::VerifiedKeyPackage MlsLoops::take_in(const Newcomer& newcomer) const {
  return mls::VerifiedKeyPackage::decode(newcomer.message).value();
}

mls::PendingCommit MlsLoops::commit(const mls::Group& group, std::vector<mls::VerifiedKeyPackage> adds) const {
  mls::CommitOptions options;
  options.adds = std::move(adds);
  options.now = now_;
  return group.commit(rng_, options).value();
}

void MlsLoops::talk(mls::Group& sender, mls::Group& receiver) const {
  const Bytes message = sender.encrypt(rng_, header_, content_).value();
  static_cast<void>(receiver.decrypt(message).value());
}

MlsLoops::Room MlsLoops::at_once(std::size_t size) const {
  mls::Group group = create();
  std::optional<mls::Group> member;
  for (std::size_t added = 1; added < size;) {
    std::vector<mls::VerifiedKeyPackage> packages;
    if (!member) packages.push_back(take_in(second_));
    while (packages.size() < mls::kMaxProposalsPerCommit && added + packages.size() < size) {
      packages.push_back(take_in(newcomer()));
    }
    added += packages.size();
    mls::PendingCommit pending = commit(group, std::move(packages));
    member = member ? std::move(member->handle_commit(pending.commit, mls::no_psks()).value().next) : second_.join(pending);
    group = std::move(pending).merge(group).value();
  }
  return {std::move(group), std::move(member).value()};
}

MlsLoops::Room MlsLoops::one_by_one(std::size_t size) const {
  mls::Group founder = create();
  mls::Group last = founder.clone();
  for (std::size_t i = 1; i <= size; ++i) {
    const Newcomer next = newcomer();
    std::vector<mls::VerifiedKeyPackage> adds;
    if (i < size) adds.push_back(take_in(next));
    const mls::PendingCommit pending = commit(last, std::move(adds));
    founder = i == 1 ? pending.next.clone() : std::move(founder.handle_commit(pending.commit, mls::no_psks()).value().next);
    last = i < size ? next.join(pending) : pending.next.clone();
  }
  return {std::move(last), std::move(founder)};
}

}  // namespace steiger::bench
