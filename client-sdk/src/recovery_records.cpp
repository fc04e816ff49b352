#include "client-sdk/src/recovery_records.h"

#include <algorithm>

#include "client-sdk/src/limits.h"
#include "client-sdk/src/record_codec.h"

namespace steiger::sdk {
namespace {

struct Fields {
  template <class Io, record_codec::Is<StepRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.cause), io(r.epoch), io(r.epoch_known), io(r.followed), io(r.nack), io(r.base), io(r.wait_until);
  }
  template <class Io, record_codec::Is<StaysRecord> R>
  void operator()(Io& io, R& r) const {
    io.list(r.events, [](auto& inner, auto& event) { inner(event.account), inner(event.seq), inner(event.came); });
  }
  template <class Io, record_codec::Is<OpeningRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.generation), io(r.registered), io(r.alone), io(r.since), io(r.group), io(r.psk_epoch);
  }
  template <class Io, record_codec::Is<CarriedRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.group_id), io(r.epoch), io(r.psk);
  }
  template <class Io, record_codec::Is<StampRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.group);
  }
  template <class Io, record_codec::Is<AnswerRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.private_key);
  }
  template <class Io, record_codec::Is<GapsRecord> R>
  void operator()(Io& io, R& r) const {
    io.list(r.ranges, [](auto& inner, auto& range) { inner(range.from), inner(range.to); });
    io.list(r.unlinked, [](auto& inner, auto& u) { inner(u.places.from), inner(u.places.to), inner(u.before), inner(u.after); });
    io(r.doubt_before), io(r.doubt_until);
    io.list(r.undelivered, [](auto& inner, auto& seq) { inner(seq); });
  }
  template <class Io, record_codec::Is<EarlierRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.joined_at), io(r.ask_until);
  }
};

}  // namespace

void GapsRecord::add(const Range& range) {
  if (range.to < range.from || (!ranges.empty() && range.from <= ranges.back().to)) return;
  if (!ranges.empty() && ranges.back().to + 1 == range.from) {
    ranges.back().to = range.to;
  } else {
    ranges.push_back(range);
    if (ranges.size() <= kMaxGapRanges) return;
    ranges.front().to = ranges[1].to;
    ranges.erase(ranges.begin() + 1);
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

void StaysRecord::add(Event event) {
  events.push_back(event);
  if (events.size() > kMaxStayEvents) events.erase(events.begin());
}

bool StaysRecord::is_out(const AccountId& account) const {
  const auto newest = std::find_if(events.rbegin(), events.rend(), [&](const Event& event) { return event.account == account; });
  return newest != events.rend() && !newest->came;
}

// From the newest event back: between a going and the coming after it the account was out.
bool StaysRecord::was_there(const AccountId& account, std::uint64_t seq) const {
  bool there = true;
  for (auto event = events.rbegin(); event != events.rend() && event->seq >= seq; ++event) {
    if (event->account == account) there = !event->came;
  }
  // What was forgotten is not assumed: beyond the oldest event of a full list nobody is given anything.
  return there && (events.size() < kMaxStayEvents || events.front().seq < seq);
}

SecretBytes StepRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
SecretBytes OpeningRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<OpeningRecord> OpeningRecord::decode(ByteView bytes) {
  return record_codec::read_record<OpeningRecord>(bytes, Fields());
}
SecretBytes CarriedRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<CarriedRecord> CarriedRecord::decode(ByteView bytes) {
  return record_codec::read_record<CarriedRecord>(bytes, Fields());
}
SecretBytes StampRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<StampRecord> StampRecord::decode(ByteView bytes) {
  return record_codec::read_record<StampRecord>(bytes, Fields());
}
SecretBytes AnswerRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<AnswerRecord> AnswerRecord::decode(ByteView bytes) {
  return record_codec::read_record<AnswerRecord>(bytes, Fields());
}
SecretBytes EarlierRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<EarlierRecord> EarlierRecord::decode(ByteView bytes) {
  return record_codec::read_record<EarlierRecord>(bytes, Fields());
}
SecretBytes GapsRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
SecretBytes StaysRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<StaysRecord> StaysRecord::decode(ByteView bytes) {
  return record_codec::read_record<StaysRecord>(bytes, Fields());
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
  for (const Unlinked& unlinked : out.unlinked) {
    if (unlinked.places.to < unlinked.places.from) return kStoreCorrupt;
  }
  return out;
}

}  // namespace steiger::sdk
