#include "crypto/primitives/montgomery.h"

#ifdef __SIZEOF_INT128__

namespace steiger {
namespace {

__extension__ using Wide = unsigned __int128;

// An integer modulo p = 2^255 - 19 in five limbs of 51 bits. Between operations a limb may be a few bits longer.
constexpr std::size_t kLimbs = 5;
constexpr unsigned kLimbBits = 51;
constexpr std::uint64_t kLimbMask = (std::uint64_t{1} << kLimbBits) - 1;
constexpr std::uint64_t kFold = 19;  // 2^255 = 19 modulo p
using Field = std::array<std::uint64_t, kLimbs>;

// 2p, so that a difference with it in front stays positive in every limb.
constexpr Field kTwiceP{2 * (kLimbMask - 18), 2 * kLimbMask, 2 * kLimbMask, 2 * kLimbMask, 2 * kLimbMask};

constexpr Field kOne{1, 0, 0, 0, 0};

Field add(const Field& a, const Field& b) {
  Field out;
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = a[i] + b[i];
  return out;
}

// For limbs of `b` below 2^52.
Field subtract(const Field& a, const Field& b) {
  Field out;
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = a[i] + kTwiceP[i] - b[i];
  return out;
}

Wide product(std::uint64_t a, std::uint64_t b) {
  return Wide{a} * b;
}

// Columns of a product to limbs below 2^51 + 2^13. The last column holds nothing folded, so its carry fits when folded here.
Field reduce(std::array<Wide, kLimbs> column) {
  Field out;
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) {
    column[i + 1] += static_cast<std::uint64_t>(column[i] >> kLimbBits);
    out[i] = static_cast<std::uint64_t>(column[i]) & kLimbMask;
  }
  out[4] = static_cast<std::uint64_t>(column[4]) & kLimbMask;
  out[0] += static_cast<std::uint64_t>(column[4] >> kLimbBits) * kFold;
  out[1] += out[0] >> kLimbBits;
  out[0] &= kLimbMask;
  return out;
}

// For limbs below 2^53: a column is less than 5 * 19 * 2^106, and what it carries less than 2^62. Written out because loops here
// cost a third of the speed.
Field multiply(const Field& a, const Field& b) {
  const std::uint64_t f1 = kFold * b[1], f2 = kFold * b[2], f3 = kFold * b[3], f4 = kFold * b[4];
  return reduce({product(a[0], b[0]) + product(a[1], f4) + product(a[2], f3) + product(a[3], f2) + product(a[4], f1),
                 product(a[0], b[1]) + product(a[1], b[0]) + product(a[2], f4) + product(a[3], f3) + product(a[4], f2),
                 product(a[0], b[2]) + product(a[1], b[1]) + product(a[2], b[0]) + product(a[3], f4) + product(a[4], f3),
                 product(a[0], b[3]) + product(a[1], b[2]) + product(a[2], b[1]) + product(a[3], b[0]) + product(a[4], f4),
                 product(a[0], b[4]) + product(a[1], b[3]) + product(a[2], b[2]) + product(a[3], b[1]) + product(a[4], b[0])});
}

Field square_once(const Field& a) {
  const std::uint64_t twice_0 = 2 * a[0], twice_1 = 2 * a[1], f3 = kFold * a[3], f4 = kFold * a[4];
  return reduce({product(a[0], a[0]) + product(twice_1, f4) + product(2 * a[2], f3),
                 product(twice_0, a[1]) + product(2 * a[2], f4) + product(a[3], f3),
                 product(twice_0, a[2]) + product(a[1], a[1]) + product(2 * a[3], f4),
                 product(twice_0, a[3]) + product(twice_1, a[2]) + product(a[4], f4),
                 product(twice_0, a[4]) + product(twice_1, a[3]) + product(a[2], a[2])});
}

// a^(2^times)
Field square(Field a, unsigned times) {
  for (unsigned i = 0; i < times; ++i) a = square_once(a);
  return a;
}

// a^(p - 2), the inverse by Fermat; p - 2 = (2^250 - 1) * 2^5 + 11. Names say the exponent: ones_k is 2^k - 1.
Field invert(const Field& a) {
  const Field two = square(a, 1);
  const Field nine = multiply(square(two, 2), a);
  const Field eleven = multiply(nine, two);
  const Field ones_5 = multiply(square(eleven, 1), nine);
  const Field ones_10 = multiply(square(ones_5, 5), ones_5);
  const Field ones_20 = multiply(square(ones_10, 10), ones_10);
  const Field ones_40 = multiply(square(ones_20, 20), ones_20);
  const Field ones_50 = multiply(square(ones_40, 10), ones_10);
  const Field ones_100 = multiply(square(ones_50, 50), ones_50);
  const Field ones_200 = multiply(square(ones_100, 100), ones_100);
  const Field ones_250 = multiply(square(ones_200, 50), ones_50);
  return multiply(square(ones_250, 5), eleven);
}

constexpr std::size_t kWords = 4;
using Words = std::array<std::uint64_t, kWords>;  // of a number below 2^256, lowest first

// Without the sign of x, which is the highest bit.
Field read(const ByteArray<32>& bytes) {
  Words word{};
  for (std::size_t i = 0; i < bytes.size(); ++i) word[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
  return {word[0] & kLimbMask, (word[0] >> 51 | word[1] << 13) & kLimbMask, (word[1] >> 38 | word[2] << 26) & kLimbMask,
          (word[2] >> 25 | word[3] << 39) & kLimbMask, word[3] >> 12 & kLimbMask};
}

void carry_through(Field& a) {
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const std::uint64_t carry = a[i] >> kLimbBits;
    a[i] &= kLimbMask;
    a[(i + 1) % kLimbs] += i + 1 < kLimbs ? carry : carry * kFold;
  }
}

ByteArray<32> write(Field a) {
  carry_through(a);
  carry_through(a);
  // Now a < 2^255 + 19: subtract p once if a >= p, which shows when a + 19 reaches 2^255.
  std::uint64_t carry = kFold;
  for (const std::uint64_t limb : a) carry = (limb + carry) >> kLimbBits;
  a[0] += carry * kFold;
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) {
    a[i + 1] += a[i] >> kLimbBits;
    a[i] &= kLimbMask;
  }
  a[kLimbs - 1] &= kLimbMask;
  const Words word{a[0] | a[1] << 51, a[1] >> 13 | a[2] << 38, a[2] >> 26 | a[3] << 25, a[3] >> 39 | a[4] << 12};
  ByteArray<32> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(word[i / 8] >> (8 * (i % 8)));
  return out;
}

}  // namespace

ByteArray<32> montgomery_u(const ByteArray<32>& edwards_point) {
  const Field y = read(edwards_point);
  return write(multiply(add(kOne, y), invert(subtract(kOne, y))));
}

}  // namespace steiger

#endif  // __SIZEOF_INT128__
