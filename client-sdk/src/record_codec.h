// How the records of the local store are written: a version byte, then the fields in the order of one list that serves both ways.
// Private to the files that define records.
#pragma once

#include "client-sdk/src/errors.h"
#include "crypto/base/clock.h"
#include "crypto/mls/secret_codec.h"

namespace steiger::sdk::record_codec {

inline constexpr std::uint8_t kRecordVersion = 1;

// One field list per record serves writing (Out) and reading (In, whose first failure sticks).
class Out {
 public:
  Out() { writer_.u8(kRecordVersion); }
  void operator()(std::uint8_t v) { writer_.u8(v); }
  void operator()(std::uint16_t v) { writer_.u16(v); }
  void operator()(std::uint64_t v) { writer_.u64(v); }
  void operator()(bool v) { writer_.u8(v ? 1 : 0); }
  void operator()(Timestamp v) { writer_.u64(static_cast<std::uint64_t>(v.ms)); }
  void operator()(const std::string& v) { writer_.opaque(as_bytes(v)); }
  void operator()(const Bytes& v) { writer_.opaque(v); }
  void operator()(const SecretBytes& v) { writer_.opaque(v.bytes()); }
  template <class T>
  void operator()(const Id<T>& v) {
    writer_.fixed(v.bytes());
  }
  template <std::size_t N>
  void operator()(const ByteArray<N>& v) {
    writer_.fixed(v);
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(E v) { writer_.u8(static_cast<std::uint8_t>(v)); }
  template <class T, class Fields>
  void list(const std::vector<T>& items, Fields&& fields) {
    writer_.u64(items.size());
    for (const T& item : items) fields(*this, item);
  }
  [[nodiscard]] SecretBytes take() && { return std::move(writer_).take(); }

 private:
  mls::SecretWriter writer_;
};

class In {
 public:
  explicit In(ByteView bytes) : reader_(bytes) {}
  void operator()(std::uint8_t& v) { set(v, reader_.u8()); }
  void operator()(std::uint16_t& v) { set(v, reader_.u16()); }
  void operator()(std::uint64_t& v) { set(v, reader_.u64()); }
  void operator()(bool& v) {
    std::uint8_t byte = 0;
    (*this)(byte);
    if (byte > 1) failed_ = true;
    v = byte == 1;
  }
  void operator()(Timestamp& v) {
    std::uint64_t ms = 0;
    (*this)(ms);
    v.ms = static_cast<std::int64_t>(ms);
  }
  void operator()(std::string& v) { v = std::string(as_text(opaque())); }
  void operator()(Bytes& v) { v = to_bytes(opaque()); }
  void operator()(SecretBytes& v) { v = SecretBytes::copy_of(opaque()); }
  template <class T>
  void operator()(Id<T>& v) {
    ByteArray<kIdSize> bytes{};
    (*this)(bytes);
    v = Id<T>(bytes);
  }
  template <std::size_t N>
  void operator()(ByteArray<N>& v) {
    set(v, reader_.array<N>());
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(E& v) {
    std::uint8_t byte = 0;
    (*this)(byte);
    v = static_cast<E>(byte);
  }
  template <class T, class Fields>
  void list(std::vector<T>& items, Fields&& fields) {
    std::uint64_t count = 0;
    (*this)(count);
    if (count > reader_.rest().size()) failed_ = true;  // every item takes at least a byte
    for (std::uint64_t i = 0; i < count && !failed_; ++i) {
      T item;
      fields(*this, item);
      items.push_back(std::move(item));
    }
  }
  [[nodiscard]] bool finished() const { return !failed_ && reader_.empty(); }

 private:
  template <class T>
  void set(T& v, Result<T> result) {
    if (failed_ || !result.ok()) {
      failed_ = true;
      return;
    }
    v = std::move(result).value();
  }
  ByteView opaque() {
    auto view = reader_.opaque();
    if (failed_ || !view.ok()) {
      failed_ = true;
      return {};
    }
    return *view;
  }
  Reader reader_;
  bool failed_ = false;
};

template <class R, class T>
concept Is = std::is_same_v<std::remove_const_t<R>, T>;

template <class Io, class T>
void optional_field(Io& io, T& value) {
  if constexpr (std::is_same_v<Io, Out>) {
    io(value.has_value());
    if (value.has_value()) io(*value);
  } else {
    bool present = false;
    io(present);
    if (present) io(value.emplace());
  }
}

template <class Record, class Fields>
SecretBytes write_record(const Record& record, Fields&& fields) {
  Out out;
  fields(out, record);
  return std::move(out).take();
}

// kStoreFormat for a later version, kStoreCorrupt for anything else that is not one.
template <class Record, class Fields>
Result<Record> read_record(ByteView bytes, Fields&& fields) {
  if (bytes.empty()) return kStoreCorrupt;
  if (bytes.front() > kRecordVersion) return kStoreFormat;
  if (bytes.front() != kRecordVersion) return kStoreCorrupt;
  In in(bytes.subspan(1));
  Record record;
  fields(in, record);
  if (!in.finished()) return kStoreCorrupt;
  return record;
}

}  // namespace steiger::sdk::record_codec
