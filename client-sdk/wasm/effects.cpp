#include "client-sdk/wasm/effects.h"

#include "client-sdk/wasm/batch.h"

namespace steiger::sdk::wasm {
namespace {

enum class Kind : std::uint8_t { connect = 1, disconnect, send_frame, commit_batch, set_timer, api_event };

constexpr std::size_t kMostHeaderBytes = 1 + 8 + 4;  // kind, number, length

// One effect on its way: its kind, its number and its bytes, each only where the kind has them.
struct Flat {
  Kind kind;
  std::optional<std::uint64_t> number;
  std::optional<ByteView> bytes;
};

class Flatten {
 public:
  Flat operator()(const Connect& effect) { return {Kind::connect, {}, as_bytes(effect.url)}; }
  Flat operator()(const Disconnect&) { return {Kind::disconnect, {}, {}}; }
  Flat operator()(const SendFrame& effect) { return {Kind::send_frame, {}, ByteView(effect.frame)}; }
  Flat operator()(const CommitBatch& effect) {
    batches_.push_back(encode_batch(effect.changes));
    return {Kind::commit_batch, effect.token, batches_.back().bytes()};
  }
  Flat operator()(const SetTimer& effect) { return {Kind::set_timer, static_cast<std::uint64_t>(effect.at.ms), {}}; }
  Flat operator()(const ApiEvent& effect) { return {Kind::api_event, {}, ByteView(effect.event)}; }

 private:
  std::vector<SecretBytes> batches_;  // moving a SecretBytes keeps its memory, so that the views stay valid
};

void put_little_endian(Bytes& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

SecretBytes encode_effects(const Effects& effects) {
  Flatten flatten;
  std::vector<Flat> flat;
  std::size_t size = 0;
  for (const auto& effect : effects) {
    flat.push_back(std::visit(flatten, effect));
    size += kMostHeaderBytes + (flat.back().bytes ? flat.back().bytes->size() : 0);
  }
  Bytes out;
  out.reserve(size);  // never grows: a moved buffer would leave an unwiped copy behind
  for (const auto& effect : flat) {
    out.push_back(static_cast<std::uint8_t>(effect.kind));
    if (effect.number) put_little_endian(out, *effect.number, 8);
    if (!effect.bytes) continue;
    put_little_endian(out, effect.bytes->size(), 4);
    append(out, *effect.bytes);
  }
  return SecretBytes::adopt(std::move(out));
}

}  // namespace steiger::sdk::wasm
