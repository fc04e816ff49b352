#include "client-sdk/src/native/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/temporary_directory.h"

namespace steiger::sdk {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 0777;
}

std::size_t entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

TEST(Files, WriteReplacesWholeAndKeepsTheMode) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "key";
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_small_file(file, as_bytes("old"), FileMode::secret).ok());
  EXPECT_EQ(mode_of(file), 0600u);
  ASSERT_TRUE(write_small_file(file, as_bytes("new"), FileMode::published).ok());
  EXPECT_EQ(mode_of(file), 0644u);
  ::umask(before);
  EXPECT_EQ(read_small_file(file).value(), to_bytes("new"));
  EXPECT_EQ(entries(directory.path()), 1u);  // no temporary file stays behind
}

TEST(Files, CreateNeverReplaces) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "key";
  ASSERT_TRUE(create_small_file(file, as_bytes("first"), FileMode::secret).ok());
  EXPECT_EQ(create_small_file(file, as_bytes("second"), FileMode::secret).error(), kDataInUse);
  EXPECT_EQ(read_small_file(file).value(), to_bytes("first"));
  EXPECT_EQ(entries(directory.path()), 1u);
}

TEST(Files, ReadIsBoundedAndExact) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "big";
  Bytes content(kMaxSmallFile, 7);
  ASSERT_TRUE(write_small_file(file, content, FileMode::published).ok());
  EXPECT_EQ(read_small_file(file).value(), content);
  content.push_back(7);
  ASSERT_TRUE(write_small_file(file, content, FileMode::published).ok());
  EXPECT_EQ(read_small_file(file).error(), kTooLarge);
  EXPECT_EQ(read_small_file(directory.path() / "absent").error(), kDataDirUnusable);
}

TEST(Files, AnUnusableDirectoryIsAnError) {
  const TemporaryDirectory directory;
  EXPECT_EQ(write_small_file(directory.path() / "no" / "key", as_bytes("x"), FileMode::secret).error(), kDataDirUnusable);
}

// A pipe that gives its content in pieces, as people type.
TEST(Files, ASecretIsReadToItsEndAndNoFurtherThanItsBound) {
  const auto read_in_pieces = [](const std::string& content, std::size_t most) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    std::thread typist([&] {
      for (std::size_t at = 0; at < content.size(); at += 7) {
        const std::string piece = content.substr(at, 7);
        if (::write(ends[1], piece.data(), piece.size()) != static_cast<ssize_t>(piece.size())) break;
      }
      ::close(ends[1]);
    });
    auto read = read_secret(ends[0], most);
    typist.join();
    ::close(ends[0]);
    return read;
  };
  const std::string twenty = "01234567890123456789";
  const auto exact = read_in_pieces(twenty, twenty.size());
  ASSERT_TRUE(exact.ok());
  EXPECT_EQ(as_text(exact->bytes()), twenty);
  EXPECT_TRUE(read_in_pieces("", 1)->empty());
  const auto longer = read_in_pieces(twenty, twenty.size() - 1);
  ASSERT_FALSE(longer.ok());
  EXPECT_EQ(longer.error(), kTooLarge);
}

}  // namespace
}  // namespace steiger::sdk
