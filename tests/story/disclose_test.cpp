// Proving messages to somebody outside the conversation, with the real programs (S16): one proof that holds, several that do not.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "client-sdk/src/native/temporary_directory.h"
#include "crypto/disclosure/disclosure.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

TEST(Disclose, AProofHoldsForAReaderWithTheKeysAndNoLieDoes) {
  const char* bin = std::getenv("STEIGER_BIN");
  ASSERT_NE(bin, nullptr);
  const sdk::TemporaryDirectory directory;
  World world(bin, directory.path() / "world", Binaries::shipped);
  ASSERT_TRUE(world.make_organisation("Werkplein"));
  ASSERT_TRUE(world.init_gateway());
  ASSERT_TRUE(world.start_gateway());
  ASSERT_TRUE(world.make_coach("noor", "Noor"));
  ASSERT_TRUE(world.introduce("noor", "sam", "Sam"));
  ASSERT_EQ(world.steiger("noor", {"send", "Morgen om tien uur?"}).exit, 0);
  ASSERT_EQ(world.steiger("sam", {"send", "Ja, dat is goed"}).exit, 0);
  ASSERT_EQ(world.steiger("noor", {"receive", "--count", "1"}).exit, 0);
  ASSERT_EQ(world.steiger("noor", {"send", "Dit blijft tussen ons"}).exit, 0);
  const auto shown = world.history("noor");
  ASSERT_TRUE(shown);
  ASSERT_EQ(shown->size(), 3U);
  const std::uint64_t first = shown->at(0).seq;
  const std::uint64_t second = shown->at(1).seq;

  const std::string file = (directory.path() / "proof").string();
  const Finished made =
      world.steiger("noor", {"disclose", "--message", std::to_string(second), "--message", std::to_string(first), "--out", file});
  ASSERT_EQ(made.exit, 0) << made.errors;
  EXPECT_NE(made.errors.find("can prove to others"), std::string::npos) << "S16: told plainly: " << made.errors;
  std::ostringstream read;
  read << std::ifstream(file, std::ios::binary).rdbuf();
  const std::string proof = read.str();
  EXPECT_EQ(proof.find("tussen ons"), std::string::npos);
  const auto decoded = disclosure::decode_disclosure(as_bytes(proof));
  ASSERT_TRUE(decoded.ok());
  const std::string head_key = to_hex(decoded->head_key.bytes());
  const std::string organisation = (world.dir() / "organisation" / "organisation.pub").string();

  // The reader: no gateway, no data.
  world.kill_gateway();
  const auto verify = [&](const std::string& path, Arguments more) {
    Arguments arguments = {(std::filesystem::path(bin) / "steiger").string(), "--language", "en", "disclose", "verify", path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, directory.path() / "reader.stderr");
  };
  const Arguments keys = {"--organisation", organisation, "--head-key", head_key};
  const Finished held = verify(file, keys);
  EXPECT_EQ(held.exit, 0) << held.errors;
  std::string told;
  for (const auto& line : held.lines) told += line + "\n";
  for (const char* part :
       {"coach", "young person", "Morgen om tien uur?", "Ja, dat is goed", "Not proven: who held the device"}) {
    EXPECT_NE(told.find(part), std::string::npos) << part << " in: " << told;
  }
  Arguments as_json = keys;
  as_json.emplace_back("--json");
  const json out = json::parse(verify(file, as_json).lines.at(0));
  EXPECT_EQ(out["trusted"], true);
  EXPECT_EQ(out["messages"][1]["role"], "jongere");
  EXPECT_EQ(out["messages"][1]["seq"], second);

  // Without the reader's own keys, or with others, nothing is proven.
  const Finished alone = verify(file, {});
  EXPECT_EQ(alone.exit, 1);
  EXPECT_NE(alone.errors.find("Not to be trusted yet"), std::string::npos) << alone.errors;
  EXPECT_EQ(verify(file, {"--organisation", organisation}).exit, 1);
  EXPECT_EQ(verify(file, {"--head-key", head_key}).exit, 1);
  const Finished other_key = verify(file, {"--organisation", organisation, "--head-key", std::string(64, 'a')});
  EXPECT_EQ(other_key.exit, 1);
  EXPECT_NE(other_key.errors.find("another gateway's key"), std::string::npos) << other_key.errors;
  ASSERT_EQ(run({(std::filesystem::path(bin) / "steiger").string(), "organisation", "create",
                 (directory.path() / "other").string(), "--name", "Andere"},
                directory.path() / "reader.stderr")
                .exit,
            0);
  const Finished other =
      verify(file, {"--organisation", (directory.path() / "other" / "organisation.pub").string(), "--head-key", head_key});
  EXPECT_EQ(other.exit, 1);
  EXPECT_NE(other.errors.find("another organisation"), std::string::npos) << other.errors;

  // Lies.
  const auto lie = [&](const std::string& bytes, const std::string& says) {
    const std::string path = (directory.path() / "lie").string();
    std::ofstream(path, std::ios::binary) << bytes;
    const Finished refused = verify(path, keys);
    EXPECT_EQ(refused.exit, 1) << says;
    EXPECT_NE(refused.errors.find(says), std::string::npos) << refused.errors;
  };
  std::string changed = proof;
  changed.replace(changed.find("om tien"), 7, "om elf ");
  lie(changed, "not sent at this place");
  disclosure::Disclosure later = disclosure::decode_disclosure(as_bytes(proof)).value();
  later.links[0].accepted = later.links[0].accepted + Duration(1);
  lie(std::string(as_text(disclosure::encode_disclosure(later))), "not what the gateway signed");
  disclosure::Disclosure shorter = disclosure::decode_disclosure(as_bytes(proof)).value();
  shorter.links.pop_back();
  lie(std::string(as_text(disclosure::encode_disclosure(shorter))), "left out");
  lie(proof.substr(0, proof.size() / 2), "no proof");

  // What cannot be asked.
  const auto refused = [&](const Arguments& arguments, int exit) { EXPECT_EQ(world.steiger("noor", arguments).exit, exit); };
  refused({"disclose", "--message", "9999", "--out", file}, 1);
  refused({"disclose", "--message", "x", "--out", file}, 2);
  refused({"disclose", "--out", file}, 2);
  refused({"disclose", "--message", "1"}, 2);
}

}  // namespace
}  // namespace steiger::story
