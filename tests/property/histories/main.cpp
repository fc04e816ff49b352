// steiger-histories [--count N] [--seed S] [--steps N] [--no-damage] [--dead-ends] [--twice] [--verbose]
//
// Plays N random histories from seed S on: accounts with several devices, over the real gateway service, in virtual time, with a bad
// network, crashes, and people who come, go and lose their phones. Prints the seed of each that fails and why; the same seed plays the
// same history again. --no-damage: what devices keep stays what it was. --dead-ends: hostile commits that only another generation of the
// group gets over. The last line holds the totals: `cut_off` rooms of devices that cannot come in again by themselves, and `excused` texts
// that nobody could give any more. Exit 1 when one failed, or when in a large run something never happened at all, or too much was excused.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/property/histories/history.h"

namespace {

using steiger::sdk::histories::Counts;
using steiger::sdk::histories::Outcome;

// From this many on, a kind of event that never happened is a fault of this program.
constexpr std::uint64_t kLargeRun = 200;

// Without dead ends the next generation of a group (S11) is too rare to be sure of; exemptions need not happen.
bool need_not_happen(const char* name, bool damage, bool dead_ends) {
  const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
  if (is("cut_off") || is("excused") || (is("generations") && !dead_ends)) return true;
  return !damage && (is("damaged") || is("spoilt") || is("rolled_back") || is("hostile_commits") || is("nacks") || is("resyncs"));
}

// Beyond this share of all that was shown, in a large run, the exemptions hide something.
constexpr std::uint64_t kMostExcusedPercent = 2;

volatile std::sig_atomic_t current_high = 0, current_low = 0;  // the seed under way

extern "C" void on_abort(int) {
  const auto high = static_cast<unsigned long long>(static_cast<unsigned>(current_high));
  const auto low = static_cast<unsigned long long>(static_cast<unsigned>(current_low));
  std::fprintf(stderr, "seed %llu: aborted\n", (high << 32) | low);
  std::_Exit(2);
}

struct Options {
  std::uint64_t count = 20;
  std::uint64_t seed = 1;
  bool twice = false;
  steiger::sdk::histories::PlayOptions play;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (is("--count")) {
      options.count = number();
    } else if (is("--seed")) {
      options.seed = number();
    } else if (is("--steps")) {
      options.play.steps = static_cast<unsigned>(number());
    } else if (is("--no-damage")) {
      options.play.damage = false;
    } else if (is("--dead-ends")) {
      options.play.dead_ends = true;
    } else if (is("--twice")) {
      options.twice = true;
    } else if (is("--verbose")) {
      options.play.aloud = true;
    } else {
      return false;
    }
  }
  return options.count != 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(
        stderr,
        "usage: steiger-histories [--count N] [--seed S] [--steps N] [--no-damage] [--dead-ends] [--twice] [--verbose]\n");
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  std::signal(SIGSEGV, on_abort);
  Counts total;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.count; ++seed) {
    current_high = static_cast<std::sig_atomic_t>(seed >> 32);
    current_low = static_cast<std::sig_atomic_t>(seed & 0xffffffff);
    Outcome outcome = steiger::sdk::histories::play(seed, options.play);
    if (options.twice && steiger::sdk::histories::play(seed, options.play).digest != outcome.digest) {
      outcome.findings.emplace_back("played again, it went another way");
    }
    total.add(outcome.counts);
    if (options.play.aloud) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.digest.c_str());
    }
    if (outcome.findings.empty()) continue;
    ++failed;
    std::map<std::string, unsigned> lines;
    for (const auto& line : outcome.findings) ++lines[line];
    for (const auto& [text, times] : lines) {
      const std::string again = times == 1 ? "" : " (" + std::to_string(times) + " times)";
      std::printf("seed %llu: %s%s\n", static_cast<unsigned long long>(seed), text.c_str(), again.c_str());
    }
    std::fflush(stdout);
  }
  std::string summary;
  bool weak = false;
  for (const auto& [name, count] : named(total)) {
    summary += std::string(summary.empty() ? "" : ", ") + std::to_string(count) + " " + name;
    if (options.count >= kLargeRun && options.play.steps == 0 && count == 0 &&
        !need_not_happen(name, options.play.damage, options.play.dead_ends)) {
      std::printf("never happened: %s\n", name);
      weak = true;
    }
  }
  if (options.count >= kLargeRun && 100 * (total.cut_off + total.excused) > kMostExcusedPercent * total.shown) {
    std::printf("too much is excused\n");
    weak = true;
  }
  std::printf("%s, %llu failed\n", summary.c_str(), static_cast<unsigned long long>(failed));
  return failed == 0 && !weak ? 0 : 1;
}
