// Writing secrets into bytes: a writer whose buffers are wiped when they grow or go. Reading uses the ordinary Reader.
#pragma once

#include "crypto/base/codec.h"
#include "crypto/primitives/secret.h"

namespace steiger::mls {

class SecretWriter {
 public:
  SecretWriter& u8(std::uint8_t v) {
    return small([&](Writer& w) { w.u8(v); });
  }
  SecretWriter& u16(std::uint16_t v) {
    return small([&](Writer& w) { w.u16(v); });
  }
  SecretWriter& u32(std::uint32_t v) {
    return small([&](Writer& w) { w.u32(v); });
  }
  SecretWriter& u64(std::uint64_t v) {
    return small([&](Writer& w) { w.u64(v); });
  }
  SecretWriter& fixed(ByteView bytes) {
    if (bytes.size() > buffer_.size() - used_) grow(used_ + bytes.size());
    std::copy(bytes.begin(), bytes.end(), buffer_.writable().begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
    return *this;
  }
  SecretWriter& opaque(ByteView bytes) {
    small([&](Writer& w) { w.length(bytes.size()); });
    return fixed(bytes);
  }
  [[nodiscard]] std::size_t size() const { return used_; }
  // Valid until the next write.
  [[nodiscard]] ByteView view() const { return buffer_.bytes().first(used_); }
  [[nodiscard]] SecretBytes take() && { return SecretBytes::copy_of(buffer_.bytes().first(used_)); }

 private:
  template <class Write>
  SecretWriter& small(Write&& write) {
    Writer writer;
    write(writer);
    return fixed(writer.view());
  }
  void grow(std::size_t needed) {
    SecretBytes larger(std::max(needed, 2 * buffer_.size()));
    std::copy_n(buffer_.bytes().begin(), used_, larger.writable().begin());
    buffer_ = std::move(larger);
  }
  SecretBytes buffer_{1024};
  std::size_t used_ = 0;
};

// A fixed-size secret without a header.
template <class SecretType>
Result<SecretType> read_secret(Reader& reader) {
  STEIGER_TRY(const ByteView view, reader.fixed(SecretType::size()));
  return SecretType::from_bytes(view);
}

}  // namespace steiger::mls
