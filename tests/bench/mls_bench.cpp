#include "crypto/log/chain.h"
#include "crypto/primitives/system_rng.h"
#include "tests/bench/benches.h"
#include "tests/support/people.h"

namespace steiger::bench {
namespace {

constexpr std::size_t kContentBytes = 256;
constexpr std::size_t kGroupSize = 100;

// Calls `work` until the time is over; calls per second.
template <class Work>
double per_second(double seconds, Work&& work) {
  const Instant start = instant();
  std::size_t done = 0;
  while (seconds_since(start) < seconds) {
    work();
    ++done;
  }
  return static_cast<double>(done) / seconds_since(start);
}

Timestamp system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

struct Newcomer {
  Newcomer(Rng& rng, const test::Organisation& organisation, Timestamp now)
      : person(rng, organisation, now), package(mls::make_key_package(rng, person.leaf_key, person.leaf_options(now))) {}
  test::Person person;
  mls::NewKeyPackage package;
};

}  // namespace

Json mls_bench(const BenchOptions& options) {
  SystemRng rng;
  const Timestamp now = system_now();
  const test::Organisation organisation(rng);
  const VerifyKey head_key = SigningKey::generate(rng).verify_key();
  const test::Person first(rng, organisation, now);
  const Newcomer second(rng, organisation, now);
  std::vector<Newcomer> many;
  for (std::size_t i = 0; i + 1 < kGroupSize; ++i) many.emplace_back(rng, organisation, now);

  const auto create = [&] {
    Bytes group_id(kIdSize);
    rng.fill(group_id);
    const identity::ChannelBinding binding{ChannelId::random(rng), organisation.facts.id, head_key,
                                           identity::RoomKind::one_to_one};
    return mls::Group::create(rng, {group_id,
                                    first.leaf_key.clone(),
                                    first.leaf_options(now),
                                    {{identity::kChannelExtension, identity::encode_channel_binding(binding)}}})
        .value();
  };
  const auto add = [&](const mls::Group& group, std::vector<mls::KeyPackage> packages) {
    mls::CommitOptions commit;
    commit.adds = std::move(packages);
    commit.now = now;
    return group.commit(rng, commit).value();
  };
  const auto join = [&](const mls::PendingCommit& pending, const Newcomer& who) {
    const auto welcome = mls::decode_message<mls::Welcome>(*pending.welcome).value();
    return std::move(mls::Group::join(welcome, who.package.key_package, who.package.secrets, who.person.leaf_key, mls::no_psks())
                         .value()
                         .group);
  };

  std::vector<double> messages, commits, joins, large_commits, large_handles;
  for (int round = 0; round < options.rounds; ++round) {
    mls::Group created = create();
    mls::PendingCommit pending = add(created, {second.package.key_package});
    mls::Group receiver = join(pending, second);
    joins.push_back(per_second(options.seconds, [&] { join(pending, second); }));
    mls::Group sender = std::move(pending).merge(created).value();

    const Bytes content(kContentBytes, 'x');
    const Bytes header = identity::encode_message_header({{}, {0, log::chain_start(ChannelId::random(rng))}});
    messages.push_back(per_second(options.seconds, [&] {
      const Bytes message = sender.encrypt(rng, header, content).value();
      static_cast<void>(receiver.decrypt(message).value());
    }));
    commits.push_back(per_second(options.seconds, [&] {
      const mls::Group group = create();
      add(group, {second.package.key_package});
    }));

    mls::Group large = create();
    std::vector<mls::KeyPackage> packages;
    for (const Newcomer& each : many) packages.push_back(each.package.key_package);
    mls::PendingCommit grown = add(large, packages);
    const mls::Group member = join(grown, many.front());
    large = std::move(grown).merge(large).value();
    const mls::PendingCommit update = add(large, {});
    large_commits.push_back(per_second(options.seconds, [&] { add(large, {}); }));
    large_handles.push_back(
        per_second(options.seconds, [&] { static_cast<void>(member.handle_commit(update.commit, mls::no_psks()).value()); }));
  }
  Json out = {{"bench", "mls"},
              {"what", "one core; leaves carry real identity chains; 256 bytes of content, padded"},
              {"rounds", options.rounds},
              {"seconds_per_measurement", options.seconds}};
  out["encrypt_decrypt_per_second"] = over_rounds(messages);
  out["create_add_commit_per_second"] = over_rounds(commits);
  out["join_per_second"] = over_rounds(joins);
  out["commit_with_path_of_100_per_second"] = over_rounds(large_commits);
  out["handle_commit_of_100_per_second"] = over_rounds(large_handles);
  return out;
}

}  // namespace steiger::bench
