// TLS presentation encoding as RFC 9420 section 2.1 uses it: big-endian integers, minimal variable-length vector headers.
// Reader never reads past its view and never allocates more than it was given; Writer cannot fail.
#pragma once

#include <type_traits>

#include "crypto/base/bytes.h"

namespace steiger {

// The largest vector header (RFC 9420 section 2.1.2: 30 bits).
inline constexpr std::uint32_t kMaxVectorLength = (1u << 30) - 1;

class Writer {
 public:
  Writer& u8(std::uint8_t v) { return integer(v); }
  Writer& u16(std::uint16_t v) { return integer(v); }
  Writer& u32(std::uint32_t v) { return integer(v); }
  Writer& u64(std::uint64_t v) { return integer(v); }
  // Bytes without a header.
  Writer& fixed(ByteView bytes) {
    append(out_, bytes);
    return *this;
  }
  // opaque<V>: header and bytes. Longer than kMaxVectorLength is a programming error and aborts.
  Writer& opaque(ByteView bytes) { return length(bytes.size()).fixed(bytes); }
  Writer& opaque(std::string_view text) { return opaque(as_bytes(text)); }
  // Only the header of a vector of `size` bytes.
  Writer& length(std::size_t size) {
    if (size > kMaxVectorLength) std::abort();
    if (size < (1u << 6)) return u8(static_cast<std::uint8_t>(size));
    if (size < (1u << 14)) return u16(static_cast<std::uint16_t>(size | 0x4000u));
    return u32(static_cast<std::uint32_t>(size) | 0x80000000u);
  }
  // A vector of items, each written by `write(Writer&, item)`.
  template <class Items, class WriteItem>
  Writer& vector(const Items& items, WriteItem&& write) {
    Writer inner;
    for (const auto& item : items) write(inner, item);
    return opaque(inner.out_);
  }

  [[nodiscard]] ByteView view() const { return out_; }
  [[nodiscard]] Bytes take() && { return std::move(out_); }

 private:
  template <class T>
  Writer& integer(T v) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(v) >> shift));
    }
    return *this;
  }
  Bytes out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  Result<std::uint8_t> u8() { return integer<std::uint8_t>(); }
  Result<std::uint16_t> u16() { return integer<std::uint16_t>(); }
  Result<std::uint32_t> u32() { return integer<std::uint32_t>(); }
  Result<std::uint64_t> u64() { return integer<std::uint64_t>(); }
  // A view into the input: valid as long as the input is.
  Result<ByteView> fixed(std::size_t size) {
    if (size > in_.size()) return kTruncated;
    const ByteView out = in_.first(size);
    in_ = in_.subspan(size);
    return out;
  }
  template <std::size_t N>
  Result<ByteArray<N>> array() {
    STEIGER_TRY(const ByteView view, fixed(N));
    return to_array<N>(view);
  }
  // The header of a vector: kBadLength on prefix 11 or a non-minimal form (RFC 9420 section 2.1.2).
  Result<std::uint32_t> length() {
    STEIGER_TRY(const std::uint8_t first, u8());
    const unsigned prefix = first >> 6;
    if (prefix == 3) return kBadLength;
    std::uint32_t value = first & 0x3fu;
    for (unsigned extra = (1u << prefix) - 1; extra > 0; --extra) {
      STEIGER_TRY(const std::uint8_t next, u8());
      value = (value << 8) | next;
    }
    if (prefix == 1 && value < (1u << 6)) return kBadLength;
    if (prefix == 2 && value < (1u << 14)) return kBadLength;
    return value;
  }
  // opaque<V>; kTooLarge when the header says more than `max`.
  Result<ByteView> opaque(std::size_t max = kMaxVectorLength) {
    STEIGER_TRY(const std::uint32_t size, length());
    if (size > max) return kTooLarge;
    return fixed(size);
  }
  // A vector of items: `read(Reader&) -> Result<Item>` until its bytes are used up; kTooLarge beyond `max_items`.
  template <class Item, class ReadItem>
  Result<std::vector<Item>> vector(std::size_t max_items, ReadItem&& read) {
    STEIGER_TRY(const ByteView body, opaque());
    Reader inner(body);
    std::vector<Item> out;
    while (!inner.empty()) {
      if (out.size() == max_items) return kTooLarge;
      STEIGER_TRY(auto item, read(inner));
      out.push_back(std::move(item));
    }
    return out;
  }

  [[nodiscard]] bool empty() const { return in_.empty(); }
  [[nodiscard]] ByteView rest() const { return in_; }
  // Call last: kTrailingBytes when something is left.
  Result<void> done() const {
    if (!in_.empty()) return kTrailingBytes;
    return {};
  }

 private:
  template <class T>
  Result<T> integer() {
    STEIGER_TRY(const ByteView view, fixed(sizeof(T)));
    std::uint64_t value = 0;
    for (const std::uint8_t byte : view) value = (value << 8) | byte;
    return static_cast<T>(value);
  }
  ByteView in_;
};

}  // namespace steiger
