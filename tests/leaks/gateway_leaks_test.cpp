// S26, S23: people meet, talk, invite others, lose a phone and prove what was said, through the real programs; then everything that the
// gateway has is searched for what it must never have: its decrypted database and what its write-ahead log remembers, its files, what it
// says, and its memory while it runs. Beside each search stands its control: the same place with the marker planted in every encoding must
// be caught in every encoding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "client-sdk/src/native/temporary_directory.h"
#include "gateway/sqlcipher/database.h"
#include "tests/leaks/leak_world.h"

namespace steiger::test {
namespace {

using testing::IsEmpty;

struct GatewayLeaks : testing::Test {
  void SetUp() override {
    const char* bin = std::getenv("STEIGER_BIN");
    ASSERT_NE(bin, nullptr);
    life.emplace(bin, directory.path() / "world");
    ASSERT_EQ(life->play(), "") << "did not happen; the coach's device says: " << content_of(life->world().error_file("coach"))
                                << "the jongere's: " << content_of(life->world().error_file("jongere2"));
    std::set<std::string> kinds;
    for (const Marker& marker : life->markers()) kinds.insert(marker.what.substr(0, marker.what.find(',')));
    for (const char* kind : {"an epoch's resumption PSK", "an epoch's init", "an HPKE key of a tree", "a KeyPackage's init key",
                             "a franking key", "the secret of an invite to come back"}) {
      ASSERT_EQ(kinds.count(kind), 1u) << kind;
    }
  }

  void look_at_memory() const;
  void look_at_database() const;
  void look_at_files() const;
  void look_at_devices() const;

  // What `haystack` holds that it must not, each with where.
  [[nodiscard]] std::vector<std::string> leaks_in(std::string_view haystack, const std::string& where) const {
    std::vector<std::string> out;
    for (const Marker& marker : life->markers()) {
      for (const std::string& form : found(haystack, marker.bytes))
        out.push_back(std::string(where).append(" holds ").append(marker.what).append(" as ").append(form));
    }
    return out;
  }
  // By name: what the gateway wrote, and what it said.
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> out;
    for (const auto& path : paths()) {
      out[path.filename().string()] = content_of(path);
      // A file that cannot be read is not clean.
      EXPECT_EQ(out[path.filename().string()].size(), std::filesystem::file_size(path)) << path;
    }
    return out;
  }
  [[nodiscard]] std::vector<std::filesystem::path> paths() const {
    std::vector<std::filesystem::path> out{life->world().error_file("gateway")};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(life->world().gateway_dir())) {
      if (entry.is_regular_file()) out.push_back(entry.path());
    }
    return out;
  }
  [[nodiscard]] std::filesystem::path store() const { return life->store(); }
  [[nodiscard]] Bytes store_key() const { return life->store_key(); }

  const sdk::TemporaryDirectory directory;
  mutable std::optional<LeakWorld> life;
};

void GatewayLeaks::look_at_memory() const {
  const std::string memory = memory_of(life->world().gateway_pid());
  ASSERT_FALSE(memory.empty()) << "a process of our own could not be read";
  EXPECT_EQ(found(memory, kControl), every_form()) << "control: the page that it serves from memory";
  EXPECT_FALSE(found(memory, as_text(store_key())).empty()) << "control: a key that it does have";
  EXPECT_THAT(leaks_in(memory, "memory"), IsEmpty());
}

void GatewayLeaks::look_at_database() const {
  const std::string rows = decrypted(store(), store_key());
  EXPECT_GT(rows.size(), 1000u);
  EXPECT_THAT(leaks_in(rows, "the decrypted database"), IsEmpty());
  const std::string history = decrypted_history(store(), store_key());
  EXPECT_GT(history.size(), 2 * rows.size()) << "the log holds earlier states";
  EXPECT_THAT(leaks_in(history, "what the write-ahead log remembers"), IsEmpty());

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

void GatewayLeaks::look_at_files() const {
  const auto before = files();
  EXPECT_GE(before.size(), 6u);  // configuration, organisation, two keys, the database, what it says
  for (const auto& [name, content] : before) {
    EXPECT_THAT(leaks_in(content, name), IsEmpty());
    EXPECT_THAT(found(content, kControl), IsEmpty()) << name;
  }
  // Control: planted in each of these very files, and caught there by the same search.
  for (const auto& path : paths()) std::ofstream(path, std::ios::binary | std::ios::app) << written_in_every_form(kControl);
  const auto after = files();
  EXPECT_EQ(after.size(), before.size());
  for (const auto& [name, content] : after) EXPECT_EQ(found(content, kControl), every_form()) << name;
}

// Control: the search for secrets finds each of them where it is, at the devices.
void GatewayLeaks::look_at_devices() const {
  std::string planted;
  for (const Marker& marker : life->markers())
    planted += written(marker.bytes, Encoding::raw) + written(marker.bytes, Encoding::base64);
  for (const Marker& marker : life->markers()) EXPECT_FALSE(found(planted, marker.bytes).empty()) << marker.what;
  std::string at_devices;
  for (const char* device : {"coach", "jongere", "jongere2", "reader", "waiting"}) {
    const auto folder = life->world().device_dir(device);
    const std::string key = content_of(folder / "store.key");
    at_devices += decrypted(folder / "store.db", as_bytes(key)) + key;
  }
  std::size_t here = 0;
  for (const Marker& marker : life->markers()) here += found(at_devices, marker.bytes).empty() ? 0 : 1;
  EXPECT_GT(here, life->markers().size() * 3 / 4);  // secrets of decided invites are gone, also there
}

// One test, because the life takes most of the time; it ends with the gateway killed and its files spoiled.
TEST_F(GatewayLeaks, MemoryDatabaseFilesAndWhatItSays) {
  look_at_memory();
  life->world().kill_gateway();  // no tidying at the end: the write-ahead log is as long as it gets
  look_at_database();
  look_at_files();
  look_at_devices();
}

}  // namespace
}  // namespace steiger::test
