#include "gateway/net/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace steiger::gateway {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

struct StaticFilesTest : testing::Test {
  StaticFilesTest() {
    fs::create_directories(root / "js");
    std::ofstream(root / "index.html") << "<p>hallo";
    std::ofstream(root / "js/core.wasm") << "wasm";
    std::ofstream(root / "notes.bak") << "no";
    std::ofstream(root / ".hidden.html") << "no";
    std::ofstream(root.string() + ".secret.txt") << "secret";
    fs::create_symlink(root.string() + ".secret.txt", root / "link.txt");
  }
  ~StaticFilesTest() override {
    fs::remove_all(root);
    fs::remove(root.string() + ".secret.txt");
  }
  fs::path root = testing::TempDir() + "steiger-web-" + std::to_string(::getpid());
  std::string problem;
};

TEST_F(StaticFilesTest, ServesKnownKindsWithTheirTypesAndPolicy) {
  const auto files = StaticFiles::load(root.string(), "https://chat.example.nl", problem);
  ASSERT_TRUE(files.has_value()) << problem;
  const auto page = files->get("/");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(as_text(*page.body), "<p>hallo");
  EXPECT_THAT(page.content_type, HasSubstr("text/html"));
  EXPECT_THAT(page.headers, Contains(Pair("content-security-policy", HasSubstr("connect-src 'self' wss://chat.example.nl;"))));
  EXPECT_THAT(page.headers, Contains(Pair("content-security-policy", HasSubstr("'wasm-unsafe-eval'"))));
  EXPECT_THAT(page.headers, Contains(Pair("referrer-policy", "no-referrer")));
  EXPECT_EQ(files->get("/js/core.wasm").content_type, "application/wasm");
}

TEST_F(StaticFilesTest, NothingElseCanBeReached) {
  const auto files = StaticFiles::load(root.string(), "http://127.0.0.1:1", problem);
  ASSERT_TRUE(files.has_value());
  const std::string up = "/../" + fs::path(root.string() + ".secret.txt").filename().string();
  for (const std::string& path : {up, "/js" + up, std::string("/link.txt"), std::string("/.hidden.html"),
                                  std::string("/notes.bak"), std::string("/etc/passwd"), std::string("//index.html"),
                                  std::string("/js/../index.html"), std::string("/js"), std::string("")}) {
    EXPECT_EQ(files->get(path).status, 404u) << path;
  }
}

TEST_F(StaticFilesTest, AMissingDirectoryIsSaid) {
  EXPECT_FALSE(StaticFiles::load(root.string() + ".none", "http://a", problem).has_value());
  EXPECT_THAT(problem, HasSubstr("Cannot read the web directory"));
}

}  // namespace
}  // namespace steiger::gateway
