#include "client-sdk/src/native/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/files.h"
#include "client-sdk/src/native/temporary_directory.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

class DataDirTest : public testing::Test {
 protected:
  Result<DataDir> open(OpenMode mode) { return DataDir::open(path_, mode, rng_); }
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "device";
  SystemRng rng_;
};

TEST_F(DataDirTest, IsPrivateAndKeepsItsKey) {
  Bytes first;
  {
    auto opened = open(OpenMode::create_if_absent);
    ASSERT_TRUE(opened.ok());
    first = to_bytes(opened->key().bytes());
  }
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat((path_ / DataDir::kKeyFile).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  auto again = open(OpenMode::existing);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(to_bytes(again->key().bytes()), first);
}

TEST_F(DataDirTest, NothingThereIsNotCreatedUnasked) {
  EXPECT_EQ(open(OpenMode::existing).error(), kNoDataHere);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(DataDirTest, ASecondOpeningIsRefusedUntilTheFirstIsGone) {
  {
    auto first = open(OpenMode::create_if_absent);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(open(OpenMode::existing).error(), kDataInUse);
  }
  EXPECT_TRUE(open(OpenMode::existing).ok());
}

TEST_F(DataDirTest, ADeadProcessHoldsNoLock) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto held = open(OpenMode::create_if_absent);
    const char ok = held.ok() ? '1' : '0';
    if (::write(ready[1], &ok, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char ok = 0;
  ASSERT_EQ(::read(ready[0], &ok, 1), 1);
  ASSERT_EQ(ok, '1');
  EXPECT_EQ(open(OpenMode::existing).error(), kDataInUse);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(open(OpenMode::existing).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(DataDirTest, AKeyThatOthersCanReadIsRefused) {
  ASSERT_TRUE(open(OpenMode::create_if_absent).ok());
  ASSERT_EQ(::chmod((path_ / DataDir::kKeyFile).c_str(), 0640), 0);
  EXPECT_EQ(open(OpenMode::existing).error(), kKeyFileOpen);
}

TEST_F(DataDirTest, ADamagedKeyIsRefused) {
  ASSERT_TRUE(open(OpenMode::create_if_absent).ok());
  ASSERT_TRUE(write_small_file(path_ / DataDir::kKeyFile, Bytes(31, 1), FileMode::secret).ok());
  EXPECT_EQ(open(OpenMode::existing).error(), kKeyFileBad);
}

TEST_F(DataDirTest, AStoreWithoutItsKeyGetsNoNewKey) {
  ASSERT_TRUE(open(OpenMode::create_if_absent).ok());
  ASSERT_TRUE(write_small_file(path_ / DataDir::kStoreFile, as_bytes("a store"), FileMode::secret).ok());
  std::filesystem::remove(path_ / DataDir::kKeyFile);
  EXPECT_EQ(open(OpenMode::create_if_absent).error(), kKeyFileMissing);
  EXPECT_FALSE(std::filesystem::exists(path_ / DataDir::kKeyFile));
}

}  // namespace
}  // namespace steiger::sdk
