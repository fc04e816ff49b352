#include "tests/bench/mls_loops.h"

#include "crypto/primitives/system_rng.h"
#include "tests/bench/benches.h"

namespace steiger::bench {
namespace {

constexpr std::array<std::size_t, 3> kGroupSizes{10, 100, 1000};
constexpr double kGroupShare = 0.25;  // of the seconds of other measurements: there are many of these

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

// Commits with a path in a group, handling them, and what travels and is kept.
Json group_figures(const BenchOptions& options, const MlsLoops& loops, const MlsLoops::Room& room, double seconds_to_make) {
  const mls::PendingCommit update = loops.commit(room.committer);
  const double seconds = options.seconds * kGroupShare;
  std::vector<double> commits, handles;
  for (int round = 0; round < options.rounds; ++round) {
    commits.push_back(per_second(seconds, [&] { static_cast<void>(loops.commit(room.committer)); }));
    handles.push_back(per_second(options.seconds,
                                 [&] { static_cast<void>(room.member.handle_commit(update.commit, mls::no_psks()).value()); }));
  }
  return {{"seconds_to_make", rounded(seconds_to_make)},
          {"commit_with_path_per_second", over_rounds(commits)},
          {"handle_commit_per_second", over_rounds(handles)},
          {"commit_bytes", update.commit.size()},
          {"state_bytes", room.member.serialize().size()}};
}

Json growth(const BenchOptions& options, const MlsLoops& loops, MlsLoops::Room (MlsLoops::*make)(std::size_t) const) {
  Json out = Json::object();
  for (const std::size_t size : kGroupSizes) {
    const Instant start = instant();
    const MlsLoops::Room room = (loops.*make)(size);
    out[std::to_string(size)] = group_figures(options, loops, room, seconds_since(start));
  }
  return out;
}

// What a device stores for a group of two: after joining, and in the middle of a conversation with the keys of the epoch before.
Json state_of_two(const MlsLoops& loops) {
  mls::Group first = loops.create();
  mls::PendingCommit pending = loops.commit(first, {loops.take_in(loops.second())});
  mls::Group second = loops.second().join(pending);
  first = std::move(pending).merge(first).value();
  Json out = {{"joined", second.serialize().size()}};
  loops.talk(first, second);
  loops.talk(second, first);
  const mls::PendingCommit update = loops.commit(first);
  second = std::move(second.handle_commit(update.commit, mls::no_psks()).value().next);
  first = update.next.clone();
  loops.talk(first, second);
  loops.talk(second, first);
  out["in_its_second_epoch"] = second.serialize().size();
  return out;
}

}  // namespace

Json mls_bench(const BenchOptions& options) {
  SystemRng rng;
  const MlsLoops loops(rng, system_now());
  std::vector<double> messages, commits, verified_commits, joins;
  for (int round = 0; round < options.rounds; ++round) {
    mls::Group sender = loops.create();
    const mls::VerifiedKeyPackage known = loops.take_in(loops.second());
    mls::PendingCommit pending = loops.commit(sender, {known});
    mls::Group receiver = loops.second().join(pending);
    joins.push_back(per_second(options.seconds, [&] { static_cast<void>(loops.second().join(pending)); }));
    sender = std::move(pending).merge(sender).value();
    messages.push_back(per_second(options.seconds, [&] { loops.talk(sender, receiver); }));
    commits.push_back(per_second(options.seconds, [&] { static_cast<void>(loops.commit(loops.create(), {known})); }));
    verified_commits.push_back(
        per_second(options.seconds, [&] { static_cast<void>(loops.commit(loops.create(), {loops.take_in(loops.second())})); }));
  }
  Json out = {{"bench", "mls"},
              {"what", "one core; leaves carry real identity chains; 256 bytes of content, padded"},
              {"rounds", options.rounds},
              {"seconds_per_measurement", options.seconds}};
  out["encrypt_decrypt_per_second"] = over_rounds(messages);
  // The KeyPackage was taken in before: decoded, its two signatures verified, as a device does on receipt.
  out["create_add_commit_per_second"] = over_rounds(commits);
  out["take_in_create_add_commit_per_second"] = over_rounds(verified_commits);
  out["join_per_second"] = over_rounds(joins);
  out["state_of_two_bytes"] = state_of_two(loops);
  out["groups_made_at_once"] = growth(options, loops, &MlsLoops::at_once);
  out["groups_made_one_by_one"] = growth(options, loops, &MlsLoops::one_by_one);
  return out;
}

}  // namespace steiger::bench
