// The whole core, stateful: a device in the middle of a real conversation hears real frames, changed frames, nonsense, app requests,
// lost connections and failing disks in any order. It must not crash, must never let two batches be under way, and what is on its
// disk at the end must open again.
#include <cstdlib>

#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {
namespace {

// A conversation played once: the store of a device in the middle of it, and every frame that the gateway sent.
struct Recording {
  Snapshot coach;
  Snapshot jongere;
  std::vector<Bytes> frames;
  Timestamp now;
};

Snapshot copy(const Snapshot& from) {
  Snapshot out;
  for (const auto& [key, value] : from) out.emplace(key, value.clone());
  return out;
}

Recording record() {
  World world(5);
  Recording out;
  world.network.tamper_down = [&](Bytes frame) {
    out.frames.push_back(frame);
    return frame;
  };
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  world.set_up_coach(noor);
  if (!world.invite(noor, sam, api::InviteKind::link)) std::abort();
  world.send(noor, "een");
  world.send(sam, "twee");
  if (!world.settle({&noor, &sam}, 2)) std::abort();
  out.coach = copy(noor.disk);
  out.jongere = copy(sam.disk);
  // What comes after the snapshot are frames that this state has not seen.
  for (int i = 0; i < 4; ++i) world.send(i % 2 == 0 ? noor : sam, "drie");
  if (!world.settle({&noor, &sam}, 6)) std::abort();
  out.now = world.scheduler.now;
  return out;
}

class Play {
 public:
  Play(const Recording& recording, ByteView script) : recording_(recording), script_(script) {}

  void run() {
    disk_ = copy(byte() % 2 == 0 ? recording_.coach : recording_.jongere);
    now_ = recording_.now;
    auto core = Core::open({}, copy(disk_), rng_);
    if (!core.ok()) std::abort();
    core_.emplace(std::move(core).value());
    carry_out(core_->start(now_));
    while (!script_.empty()) step();
    if (!Core::open({}, std::move(disk_), rng_).ok()) std::abort();
  }

 private:
  std::uint8_t byte() {
    if (script_.empty()) return 0;
    const std::uint8_t out = script_.front();
    script_ = script_.subspan(1);
    return out;
  }
  Bytes some(std::size_t size) {
    const ByteView out = script_.first(std::min(size, script_.size()));
    script_ = script_.subspan(out.size());
    return to_bytes(out);
  }
  void feed(Event event) { carry_out(core_->handle(now_, std::move(event))); }

  void step() {
    switch (byte() % 9) {
      case 0:  // a real frame
        return feed(FrameReceived{recording_.frames[byte() % recording_.frames.size()]});
      case 1: {  // a changed one
        Bytes frame = recording_.frames[byte() % recording_.frames.size()];
        const std::size_t at = (static_cast<std::size_t>(byte()) << 8 | byte()) % frame.size();
        frame[at] = static_cast<std::uint8_t>(frame[at] ^ byte());
        return feed(FrameReceived{std::move(frame)});
      }
      case 2:
        return feed(FrameReceived{some(byte())});
      case 3:
        return feed(ApiRequest{some(byte())});
      case 4:
        return feed(Connected{});
      case 5:
        return feed(Disconnected{});
      case 6:
        now_ = now_ + std::chrono::seconds(byte());
        return feed(TimerFired{});
      case 7:
        return complete(true);
      default:
        return complete(false);
    }
  }

  void complete(bool written) {
    if (!under_way_) return;
    CommitBatch batch = std::move(*under_way_);
    under_way_.reset();
    if (!written) return feed(CommitFailed{batch.token, {}});
    for (Change& change : batch.changes) {
      if (change.value) {
        disk_[change.key] = std::move(*change.value);
      } else {
        disk_.erase(change.key);
      }
    }
    feed(Committed{batch.token});
  }

  void carry_out(Effects effects) {
    for (Effect& effect : effects) {
      auto* batch = std::get_if<CommitBatch>(&effect);
      if (batch == nullptr) continue;
      if (under_way_) std::abort();
      under_way_.emplace(std::move(*batch));
    }
  }

  const Recording& recording_;
  ByteView script_;
  SeededRng rng_{1};
  Snapshot disk_;
  Timestamp now_;
  std::optional<Core> core_;
  std::optional<CommitBatch> under_way_;
};

}  // namespace
}  // namespace steiger::sdk::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger::sdk::testing;
  static const Recording kRecording = record();
  constexpr std::size_t kMaxScript = 4096;
  if (size == 0 || size > kMaxScript) return 0;
  Play(kRecording, {data, size}).run();
  return 0;
}
