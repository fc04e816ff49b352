#include "client-sdk/src/recovery_records.h"

#include <algorithm>

#include "client-sdk/src/record_codec.h"

namespace steiger::sdk {
namespace {

struct Fields {
  template <class Io, record_codec::Is<StepRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.cause), io(r.epoch), io(r.followed), io(r.nack), io(r.base), io(r.wait_until);
  }
  template <class Io, record_codec::Is<StampRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.group);
  }
  template <class Io, record_codec::Is<GapsRecord> R>
  void operator()(Io& io, R& r) const {
    io.list(r.ranges, [](auto& inner, auto& range) { inner(range.from), inner(range.to); });
  }
};

}  // namespace

void GapsRecord::add(std::uint64_t seq) {
  if (!ranges.empty() && seq <= ranges.back().to) return;
  if (!ranges.empty() && ranges.back().to + 1 == seq) {
    ranges.back().to = seq;
  } else {
    ranges.push_back({seq, seq});
  }
}

void GapsRecord::remove(std::uint64_t seq) {
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Range& r) { return r.from <= seq && seq <= r.to; });
  if (found == ranges.end()) return;
  const Range whole = *found;
  auto at = ranges.erase(found);
  if (seq < whole.to) at = ranges.insert(at, {seq + 1, whole.to});
  if (whole.from < seq) ranges.insert(at, {whole.from, seq - 1});
}

bool GapsRecord::has(std::uint64_t seq) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return r.from <= seq && seq <= r.to; });
}

SecretBytes StepRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
SecretBytes StampRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<StampRecord> StampRecord::decode(ByteView bytes) {
  return record_codec::read_record<StampRecord>(bytes, Fields());
}
SecretBytes GapsRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<StepRecord> StepRecord::decode(ByteView bytes) {
  return record_codec::read_record<StepRecord>(bytes, Fields());
}
Result<GapsRecord> GapsRecord::decode(ByteView bytes) {
  STEIGER_TRY(GapsRecord out, record_codec::read_record<GapsRecord>(bytes, Fields()));
  std::uint64_t last = 0;
  for (const Range& range : out.ranges) {
    if (range.from <= last || range.to < range.from) return kStoreCorrupt;
    last = range.to;
  }
  return out;
}

}  // namespace steiger::sdk
