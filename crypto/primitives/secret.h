// Secrets: move-only, wiped on destruction, unprintable, compared in constant time (design law 10). One type per secret:
//   using EpochSecret = Secret<struct EpochSecretTag>;
#pragma once

#include <sodium.h>

#include <iosfwd>

#include "crypto/base/bytes.h"
#include "crypto/base/rng.h"

namespace steiger {

inline constexpr std::size_t kSecretSize = 32;

// A secret of exactly N bytes. A moved-from secret is all zero.
template <class Tag, std::size_t N = kSecretSize>
class Secret {
 public:
  Secret() = default;  // all zero, to be filled through writable()
  explicit Secret(std::span<const std::uint8_t, N> bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
  ~Secret() { wipe(); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.wipe();
    }
    return *this;
  }

  static Secret random(Rng& rng) {
    Secret out;
    rng.fill(out.bytes_);
    return out;
  }
  // kBadLength unless exactly N bytes.
  static Result<Secret> from_bytes(ByteView view) {
    if (view.size() != N) return kBadLength;
    return Secret(std::span<const std::uint8_t, N>(view.data(), N));
  }
  // A second copy, on purpose and visible in the code.
  [[nodiscard]] Secret clone() const { return Secret(std::span<const std::uint8_t, N>(bytes_)); }

  static constexpr std::size_t size() { return N; }
  [[nodiscard]] std::span<const std::uint8_t, N> bytes() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, N> writable() { return bytes_; }

  friend bool operator==(const Secret& a, const Secret& b) { return sodium_memcmp(a.bytes_.data(), b.bytes_.data(), N) == 0; }
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  void wipe() { sodium_memzero(bytes_.data(), N); }
  ByteArray<N> bytes_{};
};

// A secret of a length known only at run time (a plaintext, a pre-shared key). Never grows.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  ~SecretBytes() { wipe(); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }

  static SecretBytes copy_of(ByteView view) {
    SecretBytes out(view.size());
    std::copy(view.begin(), view.end(), out.bytes_.begin());
    return out;
  }
  // Takes over ordinary bytes that turned out to be secret.
  static SecretBytes adopt(Bytes&& bytes) {
    SecretBytes out;
    out.bytes_ = std::move(bytes);
    return out;
  }
  [[nodiscard]] SecretBytes clone() const { return copy_of(bytes_); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> writable() { return bytes_; }

  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return a.size() == b.size() && sodium_memcmp(a.bytes_.data(), b.bytes_.data(), a.size()) == 0;
  }
  friend std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

 private:
  void wipe() {
    if (!bytes_.empty()) sodium_memzero(bytes_.data(), bytes_.size());
  }
  Bytes bytes_;
};

}  // namespace steiger
