#include <fstream>
#include <stdexcept>

#include "crypto/primitives/system_rng.h"
#include "tests/bench/benches.h"
#include "tests/bench/relay_load.h"
#include "tests/support/gateway_process.h"
#include "tests/support/wire_device.h"

namespace steiger::bench {
namespace {

constexpr std::size_t kPairs = 16;
constexpr std::size_t kOutstanding = 8;
constexpr double kWarmUpSeconds = 0.5;
constexpr double kOpenRate = 500;  // messages per second, all pairs together
constexpr std::size_t kIdleConnections = 1000;
constexpr double kBytesPerMebibyte = 1024. * 1024.;

void need(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

Timestamp system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// A gateway with an empty store, and who talks to it.
struct Site {
  Site() {
    const Bytes encoded = identity::encode_organisation(organisation.facts);
    std::ofstream(directory.path() + "/organisation.pub", std::ios::binary)
        .write(reinterpret_cast<const char*>(encoded.data()), static_cast<std::streamsize>(encoded.size()));
    const auto made = test::run_program({test::program_directory() + "/steiger-gateway", "init", directory.path() + "/gateway",
                                         "--organisation", directory.path() + "/organisation.pub", "--listen", "127.0.0.1:0"});
    need(made.exit_code == 0, "steiger-gateway init: " + made.output);
    need(gateway.start(), "steiger-gateway: " + gateway.errors());
    test::WireDevice probe(pump);
    need(probe.connect(gateway.url()), "cannot connect");
    const auto hello = probe.hello();
    need(hello != nullptr, "no hello");
    head_key = test::key_of(*hello->head_key);
  }

  SystemRng rng;
  test::Pump pump;
  test::TemporaryDirectory directory;
  test::Organisation organisation{rng};
  test::GatewayProcess gateway{directory.path() + "/gateway/gateway.toml"};
  VerifyKey head_key;
};

std::vector<std::unique_ptr<Pair>> open_pairs(Site& site, Load& load) {
  std::vector<std::unique_ptr<Pair>> pairs;
  for (std::size_t i = 0; i < kPairs; ++i) {
    pairs.push_back(std::make_unique<Pair>(load, site.rng, site.organisation, site.head_key, system_now()));
    need(pairs.back()->open(site.pump, site.gateway.url(), site.organisation.facts, site.gateway.origin()),
         "opening a channel: " + load.failure());
  }
  return pairs;
}

void run_for(test::Pump& pump, const Load& load, double seconds) {
  bool over = false;
  transport::Timer timer(*pump.loop, [&] { over = true, pump.changed(); });
  timer.start(Duration(static_cast<std::int64_t>(seconds * 1000)));
  need(pump.until([&] { return over || !load.failure().empty(); }) && load.failure().empty(), "load: " + load.failure());
}

void settle(test::Pump& pump, const Load& load, const std::vector<std::unique_ptr<Pair>>& pairs) {
  const auto idle = [&] {
    return std::all_of(pairs.begin(), pairs.end(), [](const auto& pair) { return pair->under_way() == 0; });
  };
  need(pump.until([&] { return idle() || !load.failure().empty(); }) && idle(), "messages were lost: " + load.failure());
}

struct Round {
  double rate = 0;
  double gateway_us = 0;  // processor time of the gateway per message: hardly changes when the machine is busy
  double p50 = 0;
  double p99 = 0;
};

// Each arrival sends the next message of its pair; arrivals of one delivery go out in one frame.
Round closed_loop(Site& site, Load& load, const std::vector<std::unique_ptr<Pair>>& pairs, double seconds) {
  std::vector<Pair*> due;
  bool flushing = false;
  load.next = [&](Pair& pair) {
    due.push_back(&pair);
    if (flushing) return;
    flushing = true;
    site.pump.loop->post([&] {
      flushing = false;
      const Instant now = instant();
      std::sort(due.begin(), due.end());
      for (auto at = due.begin(); at != due.end();) {
        const auto end = std::upper_bound(at, due.end(), *at);
        (*at)->submit(static_cast<std::size_t>(end - at), now);
        at = end;
      }
      due.clear();
    });
  };
  for (const auto& pair : pairs) pair->submit(kOutstanding, instant());
  run_for(site.pump, load, kWarmUpSeconds);
  load.latencies_us.clear();
  load.arrivals = 0;
  load.measuring = true;
  const Instant start = instant();
  const double processor_before = site.gateway.processor_seconds();
  run_for(site.pump, load, seconds);
  load.measuring = false;
  const auto arrivals = static_cast<double>(load.arrivals);
  const Round round{arrivals / seconds_since(start), (site.gateway.processor_seconds() - processor_before) * 1e6 / arrivals,
                    median(load.latencies_us), quantile(load.latencies_us, 0.99)};
  load.next = [](Pair&) {};
  site.pump.turn();
  settle(site.pump, load, pairs);
  load.next = nullptr;
  return round;
}

// A message every 1/rate seconds whatever the gateway does, measured from when it was due.
Round open_loop(Site& site, Load& load, const std::vector<std::unique_ptr<Pair>>& pairs, double seconds) {
  load.latencies_us.clear();
  load.arrivals = 0;
  load.measuring = true;
  const Instant start = instant();
  const auto interval = std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(1 / kOpenRate));
  std::size_t sent = 0;
  std::unique_ptr<transport::Timer> tick;
  tick = std::make_unique<transport::Timer>(*site.pump.loop, [&] {
    for (Instant due = start + interval * static_cast<std::int64_t>(sent); due <= instant();
         due = start + interval * static_cast<std::int64_t>(sent)) {
      pairs[sent++ % pairs.size()]->submit(1, due);
    }
    tick->start(Duration(1));
  });
  tick->start(Duration(0));
  run_for(site.pump, load, seconds);
  tick->stop();
  settle(site.pump, load, pairs);
  load.measuring = false;
  return {static_cast<double>(sent) / seconds, 0, median(load.latencies_us), quantile(load.latencies_us, 0.99)};
}

struct Idle {
  double greeted = 0;    // connections after hello
  double logged_in = 0;  // devices after login, with what the gateway remembers of them
};

// Resident memory that a thousand silent connections of each kind add, in MiB. A few come first, so that what the process sets up
// once is not counted.
Idle idle_mebibytes(Site& site) {
  constexpr std::size_t kFirst = 50;
  Load load(site.pump);
  std::vector<std::unique_ptr<test::Person>> people;
  std::vector<std::unique_ptr<LoadDevice>> devices;
  std::vector<std::unique_ptr<test::WireDevice>> visitors;
  const auto log_in = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      people.push_back(std::make_unique<test::Person>(site.rng, site.organisation, system_now()));
      devices.push_back(std::make_unique<LoadDevice>(load, *people.back()));
      need(devices.back()->log_in(site.pump, site.gateway.url(), site.organisation.facts, site.gateway.origin()),
           "idle login: " + load.failure());
    }
  };
  const auto greet = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      visitors.push_back(std::make_unique<test::WireDevice>(site.pump));
      need(visitors.back()->connect(site.gateway.url()) && visitors.back()->hello() != nullptr, "idle hello");
    }
  };
  const auto grown = [&](const auto& action) {
    const auto before = static_cast<double>(site.gateway.resident_bytes());
    action(kIdleConnections);
    return (static_cast<double>(site.gateway.resident_bytes()) - before) / kBytesPerMebibyte;
  };
  greet(kFirst);
  log_in(kFirst);
  Idle out;
  out.greeted = grown(greet);
  out.logged_in = grown(log_in);
  return out;
}

}  // namespace

Json relay_bench(const BenchOptions& options) {
  std::vector<double> rate, gateway_us, p50, p99, open_p50, open_p99, after_p99, greeted, logged_in;
  for (int round = 0; round < options.rounds; ++round) {
    {
      Site site;
      Load load(site.pump);
      const auto pairs = open_pairs(site, load);
      // The steady rate comes first: after the flood the disk is still busy with what the flood wrote. That is a figure too.
      const Round open = open_loop(site, load, pairs, options.seconds);
      const Round closed = closed_loop(site, load, pairs, options.seconds);
      const Round after = open_loop(site, load, pairs, options.seconds);
      rate.push_back(closed.rate);
      gateway_us.push_back(closed.gateway_us);
      p50.push_back(closed.p50);
      p99.push_back(closed.p99);
      open_p50.push_back(open.p50);
      open_p99.push_back(open.p99);
      after_p99.push_back(after.p99);
    }
    Site fresh;
    const Idle idle = idle_mebibytes(fresh);
    greeted.push_back(idle.greeted);
    logged_in.push_back(idle.logged_in);
  }
  Json closed = {{"pairs", kPairs}, {"outstanding", kOutstanding}, {"content_bytes", 256}};
  closed["messages_per_second"] = over_rounds(rate);
  closed["gateway_processor_us_per_message"] = over_rounds(gateway_us);
  closed["p50_us"] = over_rounds(p50);
  closed["p99_us"] = over_rounds(p99);
  Json open = {{"messages_per_second", kOpenRate}};
  open["p50_us"] = over_rounds(open_p50);
  open["p99_us"] = over_rounds(open_p99);
  open["p99_us_right_after_closed_loop"] = over_rounds(after_p99);
  return {
      {"bench", "relay"},
      {"what",
       "real gateway, login, durable accept (fsync, group commit), SQLCipher, chain, signed heads; client on the same machine"},
      {"rounds", options.rounds},
      {"seconds_per_measurement", options.seconds},
      {"closed_loop", std::move(closed)},
      {"open_loop", std::move(open)},
      {"idle_1000_greeted_mebibytes", over_rounds(greeted)},
      {"idle_1000_logged_in_mebibytes", over_rounds(logged_in)}};
}

}  // namespace steiger::bench
