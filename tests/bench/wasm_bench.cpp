// The loops of `steiger-bench mls` as wasm, in node: one round of raw figures as a JSON object. tests/bench/wasm.mjs runs it.
//   node mls_wasm_bench.cjs SECONDS
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "crypto/primitives/system_rng.h"
#include "tests/bench/mls_loops.h"

namespace steiger::bench {
namespace {

constexpr std::size_t kGroupSize = 100;

template <class Work>
double per_second(double seconds, Work&& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  std::size_t done = 0;
  double spent = 0;
  while (spent < seconds) {
    work();
    ++done;
    spent = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return static_cast<double>(done) / spent;
}

void run(double seconds) {
  SystemRng rng;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const MlsLoops loops(rng, Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()});
  mls::Group sender = loops.create();
  const mls::VerifiedKeyPackage known = loops.take_in(loops.second());
  mls::PendingCommit pending = loops.commit(sender, {known});
  mls::Group receiver = loops.second().join(pending);
  const double joins = per_second(seconds, [&] { static_cast<void>(loops.second().join(pending)); });
  sender = std::move(pending).merge(sender).value();
  const double messages = per_second(seconds, [&] { loops.talk(sender, receiver); });
  const double commits = per_second(seconds, [&] { static_cast<void>(loops.commit(loops.create(), {known})); });
  const MlsLoops::Room room = loops.one_by_one(kGroupSize);
  const mls::PendingCommit update = loops.commit(room.committer);
  const double paths = per_second(seconds, [&] { static_cast<void>(loops.commit(room.committer)); });
  const double handles =
      per_second(seconds, [&] { static_cast<void>(room.member.handle_commit(update.commit, mls::no_psks()).value()); });
  std::printf(R"({"encrypt_decrypt": %.1f, "create_add_commit": %.1f, "join": %.1f, "commit_with_path_of_100": %.1f, )"
              R"("handle_commit_of_100": %.1f})"
              "\n",
              messages, commits, joins, paths, handles);
}

}  // namespace
}  // namespace steiger::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: mls_wasm_bench SECONDS\n");
    return EXIT_FAILURE;
  }
  steiger::bench::run(std::strtod(argv[1], nullptr));
  return EXIT_SUCCESS;
}
