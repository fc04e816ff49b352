// Runs every vector, and proves that a broken one is noticed.
#include "tests/vectors/vectors.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace steiger::vectors {
namespace {

class VectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = vectors_folder();
    if (!folder_.empty()) return;
    if (vectors_required()) FAIL() << "vectors are required and absent";
    GTEST_SKIP() << "no vectors: set STEIGER_VECTORS, or put them in ../shared/vectors";
  }
  std::filesystem::path folder_;
};

TEST_F(VectorsTest, EveryFilePasses) {
  std::size_t passed = 0;
  for (const FileReport& report : verify_tree(folder_)) {
    EXPECT_TRUE(report.ok()) << report;
    passed += report.passed;
    // A suite that skips everything proves nothing.
    if (!report.not_yet && report.total > 0) {
      EXPECT_GT(report.passed, 0u) << report;
    }
  }
  EXPECT_GT(passed, 0u);
}

TEST_F(VectorsTest, EveryFileIsOfExactlyOneKind) {
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder_)) {
    if (item.path().extension() != ".json" || item.path().string().find("standards") != std::string::npos) continue;
    std::ifstream in(item.path());
    const Json document = Json::parse(in);
    std::set<std::string> kinds;
    for (const Kind& kind : all_kinds()) {
      if (kind.recognise(document)) kinds.insert(kind.name);
    }
    EXPECT_EQ(kinds.size(), 1u) << item.path() << ": " << ::testing::PrintToString(kinds);
  }
}

// Every hexadecimal string in the entry, by JSON pointer.
void collect_hex(const Json& value, const Json::json_pointer& at, std::vector<Json::json_pointer>& out) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) collect_hex(child, at / key, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) collect_hex(value[i], at / i, out);
  } else if (value.is_string() && !value.get_ref<const std::string&>().empty() &&
             from_hex(value.get_ref<const std::string&>()).ok()) {
    out.push_back(at);
  }
}

// Members that a verifier of the kind may ignore, with the reason.
bool may_be_ignored(const std::string& kind, const std::string& name) {
  static const std::set<std::pair<std::string, std::string>> kIgnored = {
      {"hpke", "key_schedule_context"},        // an intermediate value that our interface does not show
      {"hpke", "secret"},                      // the same
      {"hpke", "nonce"},                       // implied by the ciphertext
      {"wycheproof-ed25519", "publicKeyDer"},  // other spellings of pk
      {"wycheproof-ed25519", "source"},
      {"wycheproof-chacha20-poly1305", "source"},
      {"wycheproof-x25519", "private"},  // the low bits of a scalar are clamped away
  };
  return kIgnored.count({kind, name}) > 0;
}

// The kinds whose every hexadecimal member must be looked at; the MLS kinds choose their own (mls owner's tests).
TEST_F(VectorsTest, AChangedDigitIsNoticedInEveryMember) {
  std::set<std::string> tried;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder_)) {
    if (item.path().extension() != ".json" || item.path().string().find("standards") != std::string::npos) continue;
    std::ifstream in(item.path());
    const Json document = Json::parse(in);
    const Kind* kind = find_kind(document);
    ASSERT_NE(kind, nullptr);
    if (kind->verify == nullptr || (kind->name != "hpke" && !kind->name.starts_with("wycheproof"))) continue;
    std::size_t entries = 0;
    for (const Json& entry : entries_of(*kind, document)) {
      if (verify_entry(*kind, entry).state != Outcome::State::passed) continue;
      if (entry.contains("test") && entry["test"]["result"] != "valid") continue;  // an invalid one stays invalid
      if (++entries > 4) break;
      std::vector<Json::json_pointer> members;
      collect_hex(entry, Json::json_pointer(), members);
      for (const auto& member : members) {
        if (may_be_ignored(kind->name, member.back())) continue;
        Json changed = entry;
        std::string& text = changed[member].get_ref<std::string&>();
        text.back() = text.back() == '0' ? '1' : '0';
        EXPECT_EQ(verify_entry(*kind, changed).state, Outcome::State::failed) << kind->name << ' ' << member;
      }
      tried.insert(kind->name);
    }
  }
  EXPECT_EQ(tried.size(), 4u);
}

TEST(Vectors, UnknownBrokenEmptyAndMalformedFilesFail) {
  const auto folder = std::filesystem::temp_directory_path() / "steiger-vectors-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "standards");
  const auto write = [&](const char* name, std::string_view text) { std::ofstream(folder / name) << text; };
  write("a-not.json", "{");
  write("b-unknown.json", R"({"hello": 1})");
  write("c-empty.json", "[]");
  write("d-malformed.json", R"([{"mode":0,"kem_id":32,"kdf_id":1,"aead_id":3,"enc":"","encryptions":[],"exports":[]}])");
  write("e-other-suite.json", R"([{"mode":0,"kem_id":16,"kdf_id":1,"aead_id":3,"enc":"","encryptions":[],"exports":[]}])");
  // Of another type where the suite stands: a mistake, no other suite.
  write("f-suite-as-text.json", R"([{"cipher_suite":"3","psks":[],"psk_secret":""}])");
  write("g-suite-as-truth.json", R"([{"cipher_suite":true,"tree":"","tree_hashes":[],"resolutions":[]}])");
  write("h-kem-as-text.json", R"([{"mode":0,"kem_id":"32","kdf_id":1,"aead_id":3,"enc":"","encryptions":[],"exports":[]}])");
  write("i-size-as-text.json",
        R"({"algorithm":"CHACHA20-POLY1305","testGroups":[{"type":"AeadTest","ivSize":"96","tests":[{}]}]})");
  write("readme.md", "text");
  write("standards/schema.json", R"({"hello": 1})");
  const auto reports = verify_tree(folder);
  ASSERT_EQ(reports.size(), 11u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(reports[i].ok()) << reports[i];
  EXPECT_TRUE(reports[4].ok());
  EXPECT_EQ(reports[4].skipped.at("suite"), 1u);
  for (std::size_t i = 5; i < 9; ++i) {
    EXPECT_FALSE(reports[i].ok()) << reports[i];
    EXPECT_NE(reports[i].kind, "unknown");
    EXPECT_TRUE(reports[i].skipped.empty()) << reports[i];
  }
  EXPECT_TRUE(reports[9].ok());
  EXPECT_EQ(reports[10].skipped.at("schema"), 1u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace steiger::vectors
