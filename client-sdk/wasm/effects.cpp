#include "client-sdk/wasm/effects.h"

namespace steiger::sdk::wasm {
namespace {

enum class Kind : std::uint8_t { connect = 1, disconnect, send_frame, commit_batch, set_timer, api_event };

// One effect on its way: its kind, its number, its byte strings and its flag, each only where the kind has them.
struct Flat {
  Kind kind;
  std::optional<std::uint64_t> number;
  std::vector<ByteView> bytes;
  std::optional<bool> flag;

  [[nodiscard]] std::size_t size() const {
    std::size_t out = 1 + (number ? 8 : 0) + (flag ? 1 : 0);
    for (const ByteView view : bytes) out += 4 + view.size();
    return out;
  }
};

class Flatten {
 public:
  explicit Flatten(HeadMirror& mirror) : mirror_(mirror) {}
  Flat operator()(const Connect& effect) { return {Kind::connect, {}, {as_bytes(effect.url)}, {}}; }
  Flat operator()(const Disconnect&) { return {Kind::disconnect, {}, {}, {}}; }
  Flat operator()(const SendFrame& effect) { return {Kind::send_frame, {}, {ByteView(effect.frame)}, {}}; }
  Flat operator()(const CommitBatch& effect) {
    const Parts& parts = parts_.emplace_back(mirror_.prepare(effect));
    return {Kind::commit_batch, effect.token, {parts.head.bytes(), parts.history.bytes()}, parts.forgets};
  }
  Flat operator()(const SetTimer& effect) { return {Kind::set_timer, static_cast<std::uint64_t>(effect.at.ms), {}, {}}; }
  Flat operator()(const ApiEvent& effect) { return {Kind::api_event, {}, {ByteView(effect.event)}, {}}; }

 private:
  HeadMirror& mirror_;
  std::vector<Parts> parts_;  // moving a SecretBytes keeps its memory, so that the views stay valid
};

void put_little_endian(Bytes& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

SecretBytes encode_effects(const Effects& effects, HeadMirror& mirror) {
  Flatten flatten(mirror);
  std::vector<Flat> flat;
  std::size_t size = 0;
  for (const auto& effect : effects) {
    flat.push_back(std::visit(flatten, effect));
    size += flat.back().size();
  }
  Bytes out;
  out.reserve(size);  // never grows: a moved buffer would leave an unwiped copy behind
  for (const auto& effect : flat) {
    out.push_back(static_cast<std::uint8_t>(effect.kind));
    if (effect.number) put_little_endian(out, *effect.number, 8);
    for (const ByteView bytes : effect.bytes) {
      put_little_endian(out, bytes.size(), 4);
      append(out, bytes);
    }
    if (effect.flag) out.push_back(*effect.flag ? 1 : 0);
  }
  return SecretBytes::adopt(std::move(out));
}

}  // namespace steiger::sdk::wasm
