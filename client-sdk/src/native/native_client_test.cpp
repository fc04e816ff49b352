// The driver alone, against a server that never answers: threads, closing, time. What it carries is tested in tests/story.
#include "client-sdk/src/native/native_client.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/temporary_directory.h"
#include "client-sdk/src/organisation.h"
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

// A real full disk: the process may write nothing more to files. Exact, cheap, and given back at the end.
class NoMoreFileBytes {
 public:
  NoMoreFileBytes() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoMoreFileBytes() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
  }
  NoMoreFileBytes(const NoMoreFileBytes&) = delete;
  NoMoreFileBytes& operator=(const NoMoreFileBytes&) = delete;

 private:
  rlimit before_{};
};

Bytes prepare_request(std::uint64_t id, Rng& rng) {
  api::PrepareStaffT prepare;
  prepare.name = "Noor";
  prepare.gateway_url = "ws://127.0.0.1:1/";
  prepare.organisation = identity::encode_organisation(Organisation::create(rng, "Gemeente Voorbeeld").value().facts);
  api::RequestT request;
  request.id = id;
  request.body.Set(std::move(prepare));
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateRequest(builder, &request), api::EventIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// S21 with SQLCipher itself: nothing is promised while the disk is full, and it goes on by itself when there is room.
TEST_F(NativeClientTest, AFullDiskIsSaidAndHeals) {
  auto client = open();
  ASSERT_TRUE(client.ok());
  const auto answer_to = [&](std::uint64_t id, std::vector<api::EventT>& heard) {
    while (auto bytes = (*client)->next_event(kPatience)) {
      heard.emplace_back();
      api::GetEvent(bytes->data())->UnPackTo(&heard.back());
      if (heard.back().request == id) return true;
    }
    return false;
  };
  std::vector<api::EventT> heard;
  ASSERT_TRUE((*client)->request(status_request(1)).ok());
  ASSERT_TRUE(answer_to(1, heard));  // the first batch, `meta`, is on disk
  {
    const NoMoreFileBytes full;
    ASSERT_TRUE((*client)->request(prepare_request(2, rng_)).ok());
    ASSERT_TRUE(answer_to(2, heard));
    ASSERT_NE(heard.back().body.AsFailed(), nullptr);
    EXPECT_EQ(heard.back().body.AsFailed()->name, "local_storage");
    const auto after = (*client)->next_event(kPatience);
    ASSERT_TRUE(after);
    const auto* alarm = api::GetEvent(after->data())->body_as_Alarm();
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->kind(), api::AlarmKind::local_storage);
    ASSERT_NE(alarm->cause(), nullptr);
    EXPECT_EQ(alarm->cause()->str().rfind("store_", 0), 0u) << alarm->cause()->str();
  }
  bool healed = false;
  while (!healed) {
    const auto bytes = (*client)->next_event(kPatience);
    ASSERT_TRUE(bytes);
    const auto* status = api::GetEvent(bytes->data())->body_as_Status();
    healed = status != nullptr && !status->storage_failing();
  }
  ASSERT_TRUE((*client)->request(prepare_request(3, rng_)).ok());
  ASSERT_TRUE(answer_to(3, heard));
  EXPECT_NE(heard.back().body.AsStaffRequest(), nullptr);
}

}  // namespace
}  // namespace steiger::sdk
