// The beheerder at the real `steiger` (S1): the root key comes back from paper, is replaced, and status lists are signed.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "client-sdk/src/native/temporary_directory.h"
#include "client-sdk/src/organisation_share.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "tests/story/process.h"

namespace steiger::story {
namespace {

class OrganisationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("STEIGER_BIN"), nullptr);
    succeed({"organisation", "create", at("org"), "--name", "Werkplein = wij"});
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (directory_.path() / name).string(); }
  [[nodiscard]] Finished steiger(Arguments arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(),
                     {(std::filesystem::path(std::getenv("STEIGER_BIN")) / "steiger").string(), "--language", "en"});
    return run(arguments, at("errors"), input);
  }
  void succeed(const Arguments& arguments) const {
    const Finished done = steiger(arguments);
    ASSERT_EQ(done.exit, 0) << done.errors;
  }
  void refuse(const Arguments& arguments, int exit, const std::string& says) const {
    const Finished done = steiger(arguments);
    EXPECT_EQ(done.exit, exit);
    EXPECT_NE(done.errors.find(says), std::string::npos) << done.errors;
    EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1) << done.errors;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(at(name), std::ios::binary).rdbuf();
    return out.str();
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(at(name), std::ios::binary) << text; }
  [[nodiscard]] static std::string share(int number) { return "paper/organisation-share-" + std::to_string(number) + ".txt"; }
  [[nodiscard]] identity::OrganisationPublic published(const std::string& name) const {
    return identity::decode_organisation(as_bytes(content(name))).value();
  }

  sdk::TemporaryDirectory directory_;
};

TEST_F(OrganisationTest, AnyTwoSharesBringTheKeyBack) {
  succeed({"organisation", "backup", at("org"), "--out", at("paper")});
  for (const auto& pair : std::vector<std::pair<int, int>>{{1, 2}, {1, 3}, {3, 2}}) {
    const std::string back = "back" + std::to_string(pair.first) + std::to_string(pair.second);
    succeed({"organisation", "restore", at(back), "--share", at(share(pair.first)), "--share", at(share(pair.second))});
    EXPECT_EQ(content(back + "/organisation.key"), content("org/organisation.key"));
    EXPECT_EQ(content(back + "/organisation.pub"), content("org/organisation.pub"));
    struct stat info {};
    ASSERT_EQ(::stat(at(back + "/organisation.key").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(at(share(pair.first)).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
  }
  const Finished typed =
      steiger({"organisation", "restore", at("typed"), "--share", "-", "--share", at(share(2))}, content(share(3)));
  EXPECT_EQ(typed.exit, 0) << typed.errors;
  refuse({"organisation", "backup", at("org"), "--out", at("paper")}, 1, "There is a share already");
}

TEST_F(OrganisationTest, WrongMixedAndTooFewSharesSayWhatIsWrong) {
  succeed({"organisation", "backup", at("org"), "--out", at("paper")});
  refuse({"organisation", "restore", at("back"), "--share", at(share(1))}, 1, "it takes 2");
  refuse({"organisation", "restore", at("back"), "--share", at(share(1)), "--share", at(share(1))}, 1, "same share twice");
  refuse({"organisation", "restore", at("back"), "--share", "-", "--share", "-"}, 2, "Only one share");
  // Longer than any share: said, not taken for one that ends there.
  const Finished endless = steiger({"organisation", "restore", at("back"), "--share", "-", "--share", at(share(2))},
                                   content(share(3)) + std::string(sdk::kMaxShareText, '\n'));
  EXPECT_EQ(endless.exit, 1);
  EXPECT_NE(endless.errors.find("no share of a key: -"), std::string::npos) << endless.errors;
  refuse({"organisation", "restore", at("back"), "--share", at("nowhere"), "--share", at(share(1))}, 3, "Cannot read");
  succeed({"organisation", "backup", at("org"), "--out", at("later")});
  refuse({"organisation", "restore", at("back"), "--share", at(share(1)), "--share", at("later/organisation-share-2.txt")}, 1,
         "do not belong together");
  std::string typo = content(share(1));
  const std::size_t third = typo.find(" 3: ") + 4;
  typo[third] = typo[third] == '7' ? '8' : '7';
  write("typo", typo);
  refuse({"organisation", "restore", at("back"), "--share", at("typo"), "--share", at(share(2))}, 1, "typing error in line 3");
  EXPECT_FALSE(std::filesystem::exists(at("back/organisation.key")));
  // Never over a key that is there, nor beside the public file of another root.
  refuse({"organisation", "restore", at("org"), "--share", at(share(1)), "--share", at(share(2))}, 1, "never overwritten");
  succeed({"organisation", "create", at("other"), "--name", "Andere"});
  refuse({"organisation", "restore", at("other"), "--share", at(share(1)), "--share", at(share(2))}, 1, "of another key than");
}

TEST_F(OrganisationTest, ANewRootIsSignedByTheOldAndTheStatusKeyGoesOn) {
  const auto first = published("org/organisation.pub");
  succeed({"organisation", "backup", at("org"), "--out", at("paper")});
  succeed({"organisation", "status", "delegate", at("org")});
  const std::string old_key = content("org/organisation.key");
  succeed({"organisation", "rotate", at("org")});
  succeed({"organisation", "rotate", at("org")});
  const auto now = published("org/organisation.pub");
  EXPECT_EQ(now.id, first.id);
  EXPECT_EQ(now.name, first.name);
  const auto steps = identity::decode_root_successions(as_bytes(content("org/organisation.successions")));
  ASSERT_TRUE(steps.ok());
  EXPECT_EQ(steps->size(), 2U);
  EXPECT_EQ(*identity::newest_root(first.root_key, *steps, first.id), now.root_key);
  // No file still holds the old key; the shares on paper do, and are refused for this organisation.
  for (const auto& entry : std::filesystem::directory_iterator(at("org"))) {
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(content("org/" + name).find(old_key.substr(1, 32)), std::string::npos) << name;
  }
  std::filesystem::remove(at("org/organisation.key"));
  refuse({"organisation", "restore", at("org"), "--share", at(share(1)), "--share", at(share(2))}, 1, "replaced later");
  // Without the root key at hand, and under the new root.
  succeed({"organisation", "status", "sign", at("org"), "--out", at("status.list")});
  const auto list = identity::decode_status_list(as_bytes(content("status.list")));
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(identity::verify_status_list(*list, now.root_key, now.id).ok());
}

// Killed between two files: the next rotation finishes what this one began, with the same new key.
TEST_F(OrganisationTest, AnInterruptedRotationIsFinished) {
  const std::string old_key = content("org/organisation.key");
  const std::string old_published = content("org/organisation.pub");
  succeed({"organisation", "rotate", at("org")});
  const std::string new_key = content("org/organisation.key");
  const std::string new_published = content("org/organisation.pub");
  const std::string steps = content("org/organisation.successions");
  const auto interrupted = [&](const std::string& key, const std::string& pub) {
    write("org/organisation.key.next", new_key);
    write("org/organisation.key", key);
    write("org/organisation.pub", pub);
    succeed({"organisation", "rotate", at("org")});
    EXPECT_EQ(content("org/organisation.key"), new_key);
    EXPECT_EQ(content("org/organisation.pub"), new_published);
    EXPECT_EQ(content("org/organisation.successions"), steps);
    EXPECT_FALSE(std::filesystem::exists(at("org/organisation.key.next")));
  };
  interrupted(old_key, old_published);
  interrupted(old_key, new_published);
  interrupted(new_key, new_published);
}

TEST_F(OrganisationTest, StatusListsOnlyGoUp) {
  const std::string list = at("status.list");
  refuse({"organisation", "status", "sign", at("org"), "--out", list}, 3, "organisation status delegate");
  succeed({"organisation", "status", "delegate", at("org")});
  const std::string key(64, 'a');
  succeed({"organisation", "status", "end", at("org"), "--key", key, "--since", "2026-10-01"});
  succeed({"organisation", "status", "sign", at("org"), "--out", list});
  const std::string book = content("org/status.book");
  succeed({"organisation", "status", "compromise", at("org"), "--key", key});
  refuse({"organisation", "status", "end", at("org"), "--key", key}, 1, "never becomes less");
  succeed({"organisation", "status", "sign", at("org"), "--out", list});
  const auto second = identity::decode_status_list(as_bytes(content("status.list")));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->version, 2U);
  ASSERT_EQ(second->entries.size(), 1U);
  EXPECT_EQ(second->entries[0].standing, identity::Standing::compromised);
  write("org/status.book", book);
  refuse({"organisation", "status", "sign", at("org"), "--out", list}, 1, "status.book");
  std::filesystem::remove(at("org/status.book"));
  refuse({"organisation", "status", "sign", at("org"), "--out", list}, 1, "newer list");
  refuse({"organisation", "status", "end", at("org")}, 2, "--certificate FILE or --key HEX");
  refuse({"organisation", "status", "end", at("org"), "--key", "12"}, 2, "64 hexadecimal");
  refuse({"organisation", "status", "end", at("org"), "--key", key, "--since", "2026-02-30"}, 2, "YYYY-MM-DD");
  refuse({"organisation", "status", "end", at("org"), "--certificate", at("org/organisation.pub")}, 1, "no certificate");
  write("something", "else");
  refuse({"organisation", "status", "sign", at("org"), "--out", at("something")}, 1, "not overwritten");
}

}  // namespace
}  // namespace steiger::story
