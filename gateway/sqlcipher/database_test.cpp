#include "gateway/sqlcipher/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/primitives/system_rng.h"

namespace steiger::sqlcipher {
namespace {

namespace fs = std::filesystem;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string pattern = (fs::temp_directory_path() / "steiger-db-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~DatabaseTest() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "store.db").string(); }
  [[nodiscard]] std::string contents(const char* suffix) const {
    std::ifstream in(path() + suffix, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Database open() {
    auto database = Database::open(path(), key_);
    EXPECT_TRUE(database.ok()) << explain_store_error(database.error());
    return std::move(*database);
  }

  fs::path folder_;
  SystemRng rng_;
  DatabaseKey key_ = DatabaseKey::random(rng_);
};

TEST_F(DatabaseTest, KeepsRowsOverReopening) {
  {
    Database database = open();
    ASSERT_TRUE(database.execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v BLOB)").ok());
    auto insert = database.prepare("INSERT INTO t VALUES(?, ?)");
    ASSERT_TRUE(insert.ok());
    ASSERT_TRUE(insert->bind(1, 7).bind(2, as_bytes("seven")).run().ok());
    ASSERT_TRUE(insert->bind(1, 8).bind(2, ByteView()).run().ok());
  }
  Database database = open();
  auto select = database.prepare("SELECT v FROM t ORDER BY k");
  ASSERT_TRUE(select.ok());
  ASSERT_TRUE(*select->step());
  EXPECT_EQ(as_text(select->blob(0)), "seven");
  ASSERT_TRUE(*select->step());
  EXPECT_FALSE(select->is_null(0)) << "an empty blob is not NULL";
  EXPECT_FALSE(*select->step());
}

TEST_F(DatabaseTest, FileAndLogHoldNoPlainText) {
  const std::string marker = "a planted marker that must not be readable";
  Database database = open();
  ASSERT_TRUE(database.execute(("CREATE TABLE t(v TEXT); INSERT INTO t VALUES('" + marker + "')").c_str()).ok());
  EXPECT_THAT(contents("-wal").size(), testing::Gt(0u));
  for (const char* suffix : {"", "-wal"}) {
    EXPECT_EQ(contents(suffix).find(marker), std::string::npos) << suffix;
    EXPECT_EQ(contents(suffix).find("SQLite format"), std::string::npos) << suffix;
  }
}

TEST_F(DatabaseTest, FileBelongsToTheOwnerOnly) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(v TEXT)").ok());
  struct stat status {};
  for (const char* suffix : {"", "-wal", ".lock"}) {
    ASSERT_EQ(::stat((path() + suffix).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(DatabaseTest, WrongKeyIsNamedAndChangesNothing) {
  {
    Database database = open();
    ASSERT_TRUE(database.execute("CREATE TABLE t(v TEXT); INSERT INTO t VALUES('kept')").ok());
  }
  const std::string before = contents("");
  const auto opened = Database::open(path(), DatabaseKey::random(rng_));
  ASSERT_FALSE(opened.ok());
  EXPECT_STREQ(opened.error().name, "store_key_wrong");
  EXPECT_EQ(contents(""), before);
  Database database = open();
  EXPECT_EQ(*database.query_integer("SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, FileThatIsNoStoreIsNamed) {
  std::ofstream(path()) << std::string(10'000, 'x');
  const auto opened = Database::open(path(), key_);
  ASSERT_FALSE(opened.ok());
  EXPECT_STREQ(opened.error().name, "store_key_wrong");
}

TEST_F(DatabaseTest, DamagedPageIsNamed) {
  {
    Database database = open();
    ASSERT_TRUE(database.execute("CREATE TABLE t(v BLOB); INSERT INTO t VALUES(zeroblob(20000))").ok());
  }
  {  // The first page stays whole, the others are overwritten.
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(8192, 'x');
  }
  Database database = open();
  const auto read = database.query_integer("SELECT sum(length(v || '')) FROM t");
  ASSERT_FALSE(read.ok());
  // A page whose authentication code does not fit: SQLCipher 3.4 says "corrupt" or "not a database", depending on the page.
  EXPECT_THAT(std::string(read.error().name), testing::AnyOf("store_corrupt", "store_key_wrong"));
}

// One wrong transitive link means an unencrypted store (both libraries define the same symbols, the first wins). Played in a process of
// its own, in which plain SQLite comes first.
constexpr char kInPlainProcess[] = "STEIGER_TEST_PLAIN_SQLITE";
enum ExitCode { kRefused = 0, kOpened = 3, kPlainNotLoaded = 4 };

TEST_F(DatabaseTest, PlainLibraryInItsPlaceIsRefused) {
  if (std::getenv(kInPlainProcess) != nullptr) {
    std::ifstream maps("/proc/self/maps");
    const std::string loaded{std::istreambuf_iterator<char>(maps), {}};
    if (loaded.find("libsqlite3.so") == std::string::npos) std::_Exit(kPlainNotLoaded);
    const auto opened = Database::open(path(), key_);
    std::_Exit(!opened.ok() && opened.error() == kStoreNotEncrypted && contents("").empty() ? kRefused : kOpened);
  }
  const std::string command = std::string(kInPlainProcess) +
                              "=1 ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=libsqlite3.so.0 " +
                              fs::read_symlink("/proc/self/exe").string() +
                              " --gtest_filter=DatabaseTest.PlainLibraryInItsPlaceIsRefused >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kPlainNotLoaded) GTEST_SKIP() << "no plain libsqlite3 on this machine";
  EXPECT_EQ(WEXITSTATUS(status), kRefused);
}

TEST_F(DatabaseTest, SecondOwnerIsRefused) {
  const Database database = open();
  const auto second = Database::open(path(), key_);
  ASSERT_FALSE(second.ok());
  EXPECT_STREQ(second.error().name, "store_in_use");
  EXPECT_TRUE(Database::open(path(), key_, {.create = false, .sole_owner = false}).ok());
}

TEST_F(DatabaseTest, MissingFileOrFolderIsNamed) {
  const auto missing = Database::open(path(), key_, {.create = false});
  ASSERT_FALSE(missing.ok());
  EXPECT_STREQ(missing.error().name, "store_cannot_open");
  const auto folder = Database::open((folder_ / "absent" / "store.db").string(), key_);
  ASSERT_FALSE(folder.ok());
  EXPECT_STREQ(folder.error().name, "store_cannot_open");
}

TEST_F(DatabaseTest, FullDiskIsNamedAndTheTransactionIsGone) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(v BLOB)").ok());
  ASSERT_TRUE(database.limit_pages(8).ok());
  ASSERT_TRUE(database.begin().ok());
  ASSERT_TRUE(database.execute("INSERT INTO t VALUES(zeroblob(100))").ok());
  const auto filled = database.execute("INSERT INTO t VALUES(zeroblob(1000000))");
  ASSERT_FALSE(filled.ok());
  EXPECT_STREQ(filled.error().name, "store_disk_full");
  EXPECT_TRUE(filled.error().retryable);
  database.rollback();
  EXPECT_EQ(*database.query_integer("SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(database.limit_pages(0).ok());
  EXPECT_TRUE(database.execute("INSERT INTO t VALUES(zeroblob(1000000))").ok());
}

TEST_F(DatabaseTest, MigrationsRunOnceAndANewerFileIsRefused) {
  const char* const migrations[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x); INSERT INTO b VALUES(1)"};
  {
    Database database = open();
    ASSERT_TRUE(database.migrate(std::span(migrations, 1)).ok());
    ASSERT_TRUE(database.migrate(migrations).ok());
    ASSERT_TRUE(database.migrate(migrations).ok());
    EXPECT_EQ(*database.query_integer("SELECT count(*) FROM b"), 1);
    EXPECT_EQ(*database.query_integer("PRAGMA user_version"), 2);
  }
  Database database = open();
  const auto older_program = database.migrate(std::span(migrations, 1));
  ASSERT_FALSE(older_program.ok());
  EXPECT_STREQ(older_program.error().name, "store_too_new");
}

TEST_F(DatabaseTest, FailedMigrationLeavesTheEarlierVersion) {
  const char* const migrations[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x); CREATE TABLE a(x)"};
  Database database = open();
  EXPECT_FALSE(database.migrate(migrations).ok());
  EXPECT_EQ(*database.query_integer("PRAGMA user_version"), 1);
  EXPECT_EQ(*database.query_integer("SELECT count(*) FROM sqlite_master"), 1);
}

TEST_F(DatabaseTest, DurabilitySettingsAreOn) {
  Database database = open();
  EXPECT_EQ(*database.query_integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(*database.query_integer("PRAGMA secure_delete"), 1);
  EXPECT_EQ(*database.query_integer("PRAGMA page_size"), 4096);
}

}  // namespace
}  // namespace steiger::sqlcipher
