#include <gtest/gtest.h>

#include "crypto/base/codec.h"
#include "crypto/base/ids.h"

namespace steiger {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return kBadValue;
  return n / 2;
}
Result<int> quarter(int n) {
  STEIGER_TRY(const int h, half(n));
  return half(h);
}

TEST(Result, CarriesErrorsThroughTry) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error(), kBadValue);
}

TEST(Codec, VectorHeaderIsMinimalAtEveryBoundary) {
  for (const std::uint32_t size : {0u, 63u, 64u, 16383u, 16384u, kMaxVectorLength}) {
    Writer writer;
    writer.length(size);
    Reader reader(writer.view());
    EXPECT_EQ(reader.length().value(), size);
    EXPECT_TRUE(reader.done().ok());
  }
}

TEST(Codec, RefusesNonMinimalReservedAndTruncatedHeaders) {
  for (const char* hex : {"4001", "80000040", "80003fff", "c000000000000000", "ff"}) {
    const Bytes bytes = from_hex(hex).value();
    EXPECT_EQ(Reader(bytes).length().error(), kBadLength) << hex;
  }
  const Bytes cut = from_hex("40").value();
  EXPECT_EQ(Reader(cut).length().error(), kTruncated);
  const Bytes lies = from_hex("05aabb").value();
  EXPECT_EQ(Reader(lies).opaque().error(), kTruncated);
  const Bytes large = from_hex("03aabbcc").value();
  EXPECT_EQ(Reader(large).opaque(2).error(), kTooLarge);
}

TEST(Codec, VectorStopsAtItsBound) {
  Writer writer;
  writer.vector(Bytes{1, 2, 3}, [](Writer& w, std::uint8_t v) { w.u8(v); });
  const auto read = [](Reader& r) { return r.u8(); };
  EXPECT_EQ(Reader(writer.view()).vector<std::uint8_t>(3, read).value(), (Bytes{1, 2, 3}));
  EXPECT_EQ(Reader(writer.view()).vector<std::uint8_t>(2, read).error(), kTooLarge);
}

TEST(Ids, TextRoundTripsAndRefusesOtherLengths) {
  const AccountId id(ByteArray<16>{1, 2, 3});
  EXPECT_EQ(AccountId::from_text(id.text()).value(), id);
  EXPECT_EQ(id.text().size(), 32u);
  EXPECT_FALSE(AccountId::from_text(id.text() + "00").ok());
  EXPECT_FALSE(AccountId::from_text("zz").ok());
}

}  // namespace
}  // namespace steiger
