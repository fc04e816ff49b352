// S26, S23: two people meet, talk and invite others through the real programs; then everything that the gateway has is searched for what
// it must never have: its decrypted database and what its write-ahead log remembers, its files, its log, and its memory while it runs.
// Beside each search stands its control: the same place with the marker planted in every encoding must be caught in every encoding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client-sdk/src/native/temporary_directory.h"
#include "client-sdk/src/records.h"
#include "crypto/identity/invite_secret.h"
#include "gateway/sqlcipher/database.h"
#include "tests/leaks/leak_search.h"
#include "tests/story/world.h"

namespace steiger::test {
namespace {

using story::json;
using story::World;
using testing::IsEmpty;

constexpr std::string_view kControl = "control ~?>?~?>?~ 93aa";  // planted where it is allowed to be
constexpr const char* kCoachSays = "coach says ~?>?~ 5b21";
constexpr const char* kJongereSays = "jongere says ~?>?~ 0c47";
constexpr const char* kCoachName = "Noor ~?>?~ 77e0";
constexpr const char* kJongereName = "Sam ~?>?~ 2d95";
constexpr const char* kLabel = "caseload label ~?>?~ b3f8";

struct Marker {
  std::string what;
  std::string bytes;
};

struct GatewayLeaks : testing::Test {
  void SetUp() override {
    const char* bin = std::getenv("STEIGER_BIN");
    ASSERT_NE(bin, nullptr);
    const auto page = directory.path() / "page";
    std::filesystem::create_directories(page);
    std::ofstream(page / "index.html", std::ios::binary) << "<!doctype html>" << written_in_every_form(kControl);
    world.emplace(bin, directory.path() / "world", story::Binaries::shipped, page);
    ASSERT_TRUE(world->make_organisation("Werkplein"));
    ASSERT_TRUE(world->init_gateway());
    ASSERT_TRUE(world->start_gateway());
    ASSERT_TRUE(world->make_coach("coach", kCoachName));
    ASSERT_NO_FATAL_FAILURE(meet());
    ASSERT_NO_FATAL_FAILURE(invite_by_link());
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(world->steiger("coach", {"send", kCoachSays, "--until", "accepted"}).exit, 0);
      ASSERT_EQ(world->steiger("jongere", {"send", kJongereSays, "--until", "accepted"}).exit, 0);
    }
    for (const char* who : {"coach", "jongere"}) add_keys_of(who);
    for (const char* text : {kCoachSays, kJongereSays, kCoachName, kJongereName, kLabel}) markers.push_back({text, text});
  }

  void add_secret(const std::string& what, const std::string& url) {
    const auto secret = identity::parse_invite_text(url);
    ASSERT_TRUE(secret.ok()) << what;
    markers.push_back({what, std::string(as_text(secret->secret_bytes()))});
    markers.push_back({what + ", as text", identity::invite_text(*secret)});
  }
  void meet() {
    story::Process inviting = world->start_steiger("coach", {"invite", "--qr", "--label", kLabel, "--page", world->page_url()});
    const json invite = story::wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
    ASSERT_TRUE(invite.is_object());
    ASSERT_NO_FATAL_FAILURE(add_secret("the secret of a used QR invite", invite["url"]));
    ASSERT_EQ(world->steiger("jongere", {"join", "-", "--name", kJongereName}, invite["url"].get<std::string>() + "\n").exit, 0);
    ASSERT_EQ(inviting.wait(), 0);
  }
  // Stays undecided: the invite and a proof lie at the gateway.
  void invite_by_link() {
    const auto made = world->steiger("coach", {"invite", "--link", "--label", kLabel, "--page", world->page_url(), "--no-wait"});
    const json invite = story::body_of(made.lines, "Invite");
    ASSERT_TRUE(invite.is_object());
    ASSERT_NO_FATAL_FAILURE(add_secret("the secret of an open link", invite["url"]));
    const auto joined =
        world->steiger("third", {"join", "-", "--name", kJongereName, "--no-wait"}, invite["url"].get<std::string>() + "\n");
    ASSERT_EQ(joined.exit, 0) << joined.errors;
    add_keys_of("third");
  }
  void add_keys_of(const std::string& device) {
    const auto folder = world->device_dir(device);
    const std::string key = content_of(folder / "store.key");
    const auto raw = sqlcipher::DatabaseKey::from_bytes(as_bytes(key));
    ASSERT_TRUE(raw.ok());
    auto database = sqlcipher::Database::open((folder / "store.db").string(), *raw, {false, false});
    ASSERT_TRUE(database.ok());
    auto self = database->prepare("SELECT value FROM record WHERE key = 'self'");
    ASSERT_TRUE(self.ok());
    ASSERT_TRUE(self->step().ok());
    const auto record = sdk::SelfRecord::decode(self->blob(0));
    ASSERT_TRUE(record.ok()) << device;
    ASSERT_FALSE(record->account_seed.empty());
    ASSERT_FALSE(record->leaf_seed.empty());
    markers.push_back({"the account key of " + device, std::string(as_text(record->account_seed.bytes()))});
    markers.push_back({"the device key of " + device, std::string(as_text(record->leaf_seed.bytes()))});
    markers.push_back({"the store key of " + device, key});
  }

  void expect_clean(std::string_view haystack, const std::string& where) {
    for (const Marker& marker : markers)
      EXPECT_THAT(found(haystack, marker.bytes), IsEmpty()) << where << " holds " << marker.what;
  }
  [[nodiscard]] std::filesystem::path store() const { return world->gateway_dir() / "gateway.db"; }
  [[nodiscard]] Bytes store_key() const { return from_hex(content_of(world->gateway_dir() / "store.key").substr(0, 64)).value(); }

  const sdk::TemporaryDirectory directory;
  std::optional<World> world;
  std::vector<Marker> markers;
};

TEST_F(GatewayLeaks, MemoryOfTheRunningGateway) {
  const std::string memory = memory_of(world->gateway_pid());
  ASSERT_FALSE(memory.empty()) << "a process of our own could not be read";
  EXPECT_EQ(found(memory, kControl), every_form()) << "control: the page that it serves from memory";
  EXPECT_FALSE(found(memory, as_text(store_key())).empty()) << "control: a key that it does have";
  expect_clean(memory, "memory");
}

TEST_F(GatewayLeaks, DatabaseAndItsLog) {
  world->kill_gateway();  // no tidying at the end: the write-ahead log is as long as it gets
  const std::string rows = decrypted(store(), store_key());
  EXPECT_GT(rows.size(), 1000u);
  expect_clean(rows, "the decrypted database");
  const std::string history = decrypted_history(store(), store_key());
  EXPECT_GT(history.size(), 2 * rows.size()) << "the log holds earlier states";
  expect_clean(history, "what the write-ahead log remembers");

  // Control: a row that was planted and deleted again.
  const auto copy = directory.path() / "planted.db";
  std::filesystem::copy_file(store(), copy);
  std::filesystem::copy_file(store().string() + "-wal", copy.string() + "-wal");
  {
    const auto raw = sqlcipher::DatabaseKey::from_bytes(store_key());
    auto database = sqlcipher::Database::open(copy.string(), *raw, {false, false});
    ASSERT_TRUE(database.ok());
    auto plant = database->prepare("INSERT INTO meta(name, value) VALUES('planted', ?)");
    ASSERT_TRUE(plant.ok());
    const std::string control = written_in_every_form(kControl);
    ASSERT_TRUE(plant->bind(1, as_bytes(control)).run().ok());
    std::filesystem::copy_file(copy, directory.path() / "full.db");
    std::filesystem::copy_file(copy.string() + "-wal", directory.path() / "full.db-wal");
    ASSERT_TRUE(database->execute("DELETE FROM meta WHERE name = 'planted'").ok());
    std::filesystem::copy_file(copy, directory.path() / "empty.db");
    std::filesystem::copy_file(copy.string() + "-wal", directory.path() / "empty.db-wal");
  }
  EXPECT_EQ(found(decrypted(directory.path() / "full.db", store_key()), kControl), every_form());
  EXPECT_THAT(found(decrypted(directory.path() / "empty.db", store_key()), kControl), IsEmpty());
  EXPECT_EQ(found(decrypted_history(directory.path() / "empty.db", store_key()), kControl), every_form());
}

TEST_F(GatewayLeaks, FilesAndLog) {
  world->kill_gateway();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world->gateway_dir())) {
    if (!entry.is_regular_file()) continue;
    const std::string content = content_of(entry.path());
    expect_clean(content, entry.path().filename().string());
    EXPECT_EQ(found(content + written_in_every_form(kControl), kControl), every_form());
    ++files;
  }
  EXPECT_GE(files, 5u);  // configuration, organisation, two keys, the database
  const std::string log = content_of(world->error_file("gateway"));
  expect_clean(log, "the log");
  EXPECT_EQ(found(log + written_in_every_form(kControl), kControl), every_form());
}

}  // namespace
}  // namespace steiger::test
