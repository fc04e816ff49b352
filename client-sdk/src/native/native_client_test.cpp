// The driver alone, against a server that never answers: threads, closing, time. What it carries is tested in tests/story.
#include "client-sdk/src/native/native_client.h"

#include <gtest/gtest.h>
#include <thread>

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/temporary_directory.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);

Bytes status_request(std::uint64_t id) {
  api::RequestT request;
  request.id = id;
  request.body.Set(api::GetStatusT());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateRequest(builder, &request), api::EventIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

class NativeClientTest : public testing::Test {
 protected:
  Result<std::unique_ptr<NativeClient>> open(OpenMode mode = OpenMode::create_if_absent) {
    return NativeClient::open({directory_.path() / "device", mode}, {&clock_, {}}, rng_);
  }
  TemporaryDirectory directory_;
  SystemRng rng_;
  SystemClock clock_;
};

TEST_F(NativeClientTest, AnswersRequestsOfSeveralThreadsOnceEach) {
  auto client = open();
  ASSERT_TRUE(client.ok());
  constexpr std::uint64_t kEach = 50;
  std::vector<std::thread> askers;
  for (std::uint64_t asker = 0; asker < 4; ++asker) {
    askers.emplace_back([&, asker] {
      for (std::uint64_t i = 0; i < kEach; ++i) ASSERT_TRUE((*client)->request(status_request(1 + asker * kEach + i)).ok());
    });
  }
  std::vector<int> answers(4 * kEach + 1);
  std::size_t heard = 0;
  while (heard < 4 * kEach) {
    const auto event = (*client)->next_event(kPatience);
    ASSERT_TRUE(event);
    const auto* parsed = api::GetEvent(event->data());
    if (parsed->request() == 0) continue;
    ++answers.at(parsed->request());
    ++heard;
  }
  for (auto& asker : askers) asker.join();
  for (std::size_t id = 1; id < answers.size(); ++id) EXPECT_EQ(answers[id], 1) << id;
}

TEST_F(NativeClientTest, ClosesWithRequestsAndEventsStillWaiting) {
  for (int round = 0; round < 5; ++round) {
    auto client = open();
    ASSERT_TRUE(client.ok()) << client.error().name;
    for (std::uint64_t id = 1; id <= 200; ++id) ASSERT_TRUE((*client)->request(status_request(id)).ok());
  }  // closing gave the directory back each time
}

TEST_F(NativeClientTest, ADirectoryBelongsToOneClient) {
  auto first = open();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(open().error(), kDataInUse);
  EXPECT_EQ(NativeClient::open({directory_.path() / "other", OpenMode::existing}, {&clock_, {}}, rng_).error(), kNoDataHere);
}

}  // namespace
}  // namespace steiger::sdk
