#include "gateway/protocol/frames.h"

#include <gtest/gtest.h>

#include <cstring>

#include "crypto/primitives/system_rng.h"

namespace steiger::gateway {
namespace {

Bytes sample_frame() {
  SystemRng rng;
  wire::SubmitT submit;
  for (int i = 0; i < 3; ++i) {
    auto item = std::make_unique<wire::SubmissionT>();
    item->counter = static_cast<std::uint64_t>(i + 1);
    item->id = wire_pointer(MessageId::random(rng));
    item->channel = wire_pointer(ChannelId::random(rng));
    item->tag = wire_pointer(ByteArray<32>{1, 2, 3});
    item->payload = Bytes(100, 7);
    submit.items.push_back(std::move(item));
  }
  return encode_frame(42, std::move(submit));
}

TEST(Frames, RoundTrip) {
  const Bytes bytes = sample_frame();
  const auto frame = verify_frame(bytes);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ((*frame)->request(), 42u);
  const auto* submit = (*frame)->body_as_Submit();
  ASSERT_NE(submit, nullptr);
  ASSERT_EQ(submit->items()->size(), 3u);
  EXPECT_EQ(field(submit->items()->Get(1)->tag()).value()[1], 2);
  EXPECT_EQ(view_of(submit->items()->Get(2)->payload()).size(), 100u);
}

TEST(Frames, UnalignedBytesAreRead) {
  const Bytes bytes = sample_frame();
  Bytes shifted(bytes.size() + 1);
  std::memcpy(shifted.data() + 1, bytes.data(), bytes.size());
  const auto frame = verify_frame(ByteView(shifted).subspan(1));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ((*frame)->body_as_Submit()->items()->Get(0)->counter(), 1u);
}

TEST(Frames, EveryTruncationIsMalformed) {
  const Bytes bytes = sample_frame();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of exactly that size, so that the address sanitizer sees a read past it.
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto frame = verify_frame(cut);
    if (frame.ok()) continue;  // only padding was cut
    EXPECT_STREQ(frame.error().name, "malformed_frame") << size;
  }
  EXPECT_FALSE(verify_frame(ByteView(bytes).first(bytes.size() / 2)).ok());
}

TEST(Frames, TooLargeIsNamed) {
  const Bytes bytes = sample_frame();
  EXPECT_STREQ(verify_frame(bytes, bytes.size() - 1).error().name, "frame_too_large");
  EXPECT_TRUE(verify_frame(bytes, bytes.size()).ok());
}

TEST(Frames, ForeignIdentifierIsMalformed) {
  Bytes bytes = sample_frame();
  bytes[4] ^= 1;
  EXPECT_STREQ(verify_frame(bytes).error().name, "malformed_frame");
}

TEST(Frames, MissingAndUnknownBodiesAreNamed) {
  flatbuffers::FlatBufferBuilder builder;
  EXPECT_STREQ(verify_frame(finish_frame(builder, 1, wire::Body::NONE, 0)).error().name, "unknown_body");
  wire::AcceptedBuilder accepted(builder);
  const auto body = accepted.Finish().Union();
  const auto from_the_future = static_cast<wire::Body>(static_cast<int>(wire::Body::MAX) + 1);
  EXPECT_STREQ(verify_frame(finish_frame(builder, 1, from_the_future, body)).error().name, "unknown_body");
}

TEST(Frames, AbsentFieldsAreMalformed) {
  EXPECT_STREQ(field<AccountId>(nullptr).error().name, "malformed_frame");
  EXPECT_STREQ(field(static_cast<const wire::Bytes32*>(nullptr)).error().name, "malformed_frame");
  EXPECT_STREQ(field(static_cast<const flatbuffers::Vector<std::uint8_t>*>(nullptr), 10, kPayloadTooLarge).error().name,
               "malformed_frame");
}

TEST(Frames, ProblemsKeepTheirErrorAndUnknownOnesTheirCode) {
  const Bytes bytes = problem_frame(9, kStaleEpoch, false);
  const auto frame = verify_frame(bytes);
  const Error error = error_of(*(*frame)->body_as_Problem());
  EXPECT_EQ(error, kStaleEpoch);
  EXPECT_STREQ(error.name, "stale_epoch");
  EXPECT_TRUE(error.retryable);

  const Bytes future = problem_frame(9, Error{1099, "of_tomorrow", ErrorFamily::environment, true, 3}, true);
  const auto unknown = verify_frame(future);
  const Error kept = error_of(*(*unknown)->body_as_Problem());
  EXPECT_EQ(kept.code, 1099);
  EXPECT_STREQ(kept.name, kUnknownProblemName);
  EXPECT_EQ(kept.retry_after_ms, 3u);
}

TEST(Frames, EveryWireErrorIsFoundByItsCodeAndNamesAreUnique) {
  std::vector<std::string> names;
  for (std::uint16_t code = 1000; code < 1100; ++code) {
    if (const Error* error = find_wire_error(code); error != nullptr) {
      EXPECT_EQ(error->code, code);
      names.emplace_back(error->name);
    }
  }
  EXPECT_GE(names.size(), 39u);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace steiger::gateway
