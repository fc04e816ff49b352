#include "client-sdk/src/testing/sim_device.h"

#include <algorithm>
#include <cstdlib>

namespace steiger::sdk::testing {

SimDevice::SimDevice(std::string device_name, Scheduler& scheduler, Network& network, std::uint64_t seed)
    : name(std::move(device_name)), scheduler_(scheduler), network_(network), rng_(seed) {}

SimDevice::~SimDevice() {
  ++life_;
}

void SimDevice::boot() {
  if (core_) return;
  ++life_;
  Snapshot copy;
  for (const auto& [key, value] : disk) copy.emplace(key, value.clone());
  auto core = Core::open({"steiger-test/1"}, std::move(copy), rng_);
  if (!core.ok()) {
    std::fprintf(stderr, "%s: cannot open its store: %s\n", name.c_str(), core.error().name);
    std::abort();
  }
  core_.emplace(std::move(core).value());
  run(core_->start(clock()));
}

void SimDevice::crash() {
  ++life_;
  core_.reset();
  if (connection_) network_.close(*connection_);
  connection_.reset();
}

void SimDevice::feed(Event event) {
  if (!core_) return;
  run(core_->handle(clock(), std::move(event)));
}

void SimDevice::run(Effects effects) {
  const std::uint64_t life = life_;
  for (Effect& effect : effects) {
    if (life != life_) return;  // died in between
    carry_out(std::move(effect));
    ++effects_;
    if (crash_in_ && --*crash_in_ == 0) {
      crash_in_.reset();
      crash();
      scheduler_.after(std::chrono::seconds(1), [this] { boot(); });
      return;
    }
  }
}

void SimDevice::carry_out(Effect effect) {
  const std::uint64_t life = life_;
  if (std::holds_alternative<Connect>(effect)) {
    if (connection_) std::abort();  // the core opens one connection at a time
    connection_ = network_.open({
        [this, life] {
          if (life == life_) feed(Connected{});
        },
        [this, life] {
          if (life != life_) return;
          connection_.reset();
          feed(Disconnected{});
        },
        [this, life](Bytes frame) {
          if (life == life_) feed(FrameReceived{std::move(frame)});
        },
    });
  } else if (std::holds_alternative<Disconnect>(effect)) {
    if (connection_) network_.close(*connection_);
    connection_.reset();
  } else if (auto* frame = std::get_if<SendFrame>(&effect)) {
    if (!connection_) std::abort();  // a frame for a connection that is gone must not leave the core
    network_.up(*connection_, std::move(frame->frame));
  } else if (auto* batch = std::get_if<CommitBatch>(&effect)) {
    commit(std::move(*batch));
  } else if (const auto* timer = std::get_if<SetTimer>(&effect)) {
    const std::uint64_t generation = ++timer_;
    scheduler_.at(timer->at - clock_error, [this, life, generation] {
      if (life == life_ && generation == timer_) feed(TimerFired{});
    });
  } else if (const auto* event = std::get_if<ApiEvent>(&effect)) {
    events_.emplace_back(api::GetEvent(event->event.data())->UnPack());
  }
}

void SimDevice::commit(CommitBatch batch) {
  const std::uint64_t life = life_;
  const std::uint64_t token = batch.token;
  const bool fails = scheduler_.random.chance(store_options.fail_percent);
  const bool fails_applied = !fails && scheduler_.random.chance(store_options.fail_applied_percent);
  const auto delay = [&] {
    return Duration(
        static_cast<std::int64_t>(scheduler_.random.below(static_cast<std::uint64_t>(store_options.max_delay_ms) + 1)));
  };
  // Written at one moment, reported at a later one: a crash in between leaves it on disk.
  const Duration written = delay();
  const Duration reported = written + delay();
  auto changes = std::make_shared<std::vector<Change>>(std::move(batch.changes));
  scheduler_.after(written, [this, life, fails, changes] {
    if (life != life_ || fails) return;
    for (Change& change : *changes) {
      if (change.value) {
        disk[change.key] = std::move(*change.value);
      } else {
        disk.erase(change.key);
      }
    }
  });
  scheduler_.at(scheduler_.now + reported + Duration(1), [this, life, token, fails, fails_applied] {
    if (life != life_) return;
    if (fails || fails_applied) return feed(CommitFailed{token, {}});
    feed(Committed{token});
  });
}

const api::EventT* SimDevice::answer(std::uint64_t request) const {
  for (const auto& event : events_) {
    if (event->request == request) return event.get();
  }
  return nullptr;
}

std::vector<std::string> SimDevice::alarms() const {
  std::vector<std::string> out;
  for (const auto& event : events_) {
    if (const auto* alarm = event->body.AsAlarm()) out.push_back(alarm->name);
  }
  return out;
}

template <class Body>
const api::EventT& SimDevice::query(Body body) {
  if (!running()) boot();
  std::uint64_t request = ask(body);
  // A crash takes the question with it: ask the next life again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (scheduler_.run_until([&] { return answer(request) != nullptr; }, std::chrono::seconds(20))) return *answer(request);
    request = ask(body);
  }
  std::abort();
}

api::StatusT SimDevice::status() {
  return *query(api::GetStatusT()).body.AsStatus();
}

std::vector<api::ChannelT> SimDevice::channels() {
  std::vector<api::ChannelT> out;
  for (const auto& channel : query(api::ListChannelsT()).body.AsChannelList()->channels) out.push_back(*channel);
  return out;
}

std::vector<api::MessageT> SimDevice::messages(const std::vector<std::uint8_t>& channel) {
  api::ListMessagesT list;
  list.channel = channel;
  list.limit = 500;
  std::vector<api::MessageT> out;
  for (const auto& message : query(list).body.AsMessageList()->messages) out.push_back(*message);
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string> SimDevice::transcript() {
  std::vector<std::string> out;
  for (const auto& channel : channels()) {
    for (const auto& message : messages(channel.id)) {
      if (message.seq == 0) continue;
      out.push_back(to_hex(channel.id).substr(0, 4) + " " + std::to_string(message.seq) + " " +
                    to_hex(message.sender).substr(0, 4) + ": " + message.text);
    }
  }
  return out;
}

}  // namespace steiger::sdk::testing
