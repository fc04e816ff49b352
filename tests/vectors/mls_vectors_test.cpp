// The MLS verifiers notice a changed digit in every member that carries an expected value or an input.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/vectors/vectors.h"

namespace steiger::vectors {
namespace {

// Members of suite-3 entries by JSON pointer, with the kind they belong to.
const std::vector<std::pair<std::string, std::string>> kMembers = {
    {"crypto-basics", "/ref_hash/out"},
    {"crypto-basics", "/expand_with_label/out"},
    {"crypto-basics", "/derive_secret/out"},
    {"crypto-basics", "/derive_tree_secret/out"},
    {"crypto-basics", "/sign_with_label/signature"},
    {"crypto-basics", "/encrypt_with_label/plaintext"},
    {"crypto-basics", "/encrypt_with_label/ciphertext"},
    {"key-schedule", "/epochs/1/joiner_secret"},
    {"key-schedule", "/epochs/1/external_pub"},
    {"key-schedule", "/epochs/4/exporter/secret"},
    {"key-schedule", "/epochs/4/init_secret"},
    {"secret-tree", "/sender_data/key"},
    {"secret-tree", "/leaves/0/1/application_key"},
    {"secret-tree", "/leaves/0/1/handshake_nonce"},
    {"transcript-hashes", "/confirmed_transcript_hash_after"},
    {"transcript-hashes", "/interim_transcript_hash_after"},
    {"transcript-hashes", "/confirmation_key"},
    {"psk_secret", "/psk_secret"},
    {"message-protection", "/proposal"},
    {"message-protection", "/commit"},
    {"message-protection", "/application"},
    {"message-protection", "/application_priv"},
    {"message-protection", "/commit_pub"},
    {"message-protection", "/proposal_priv"},
    {"welcome", "/welcome"},
    {"welcome", "/signer_pub"},
    {"tree-validation", "/tree"},
    {"tree-validation", "/tree_hashes/1"},
    {"tree-validation", "/group_id"},
    {"treekem", "/update_paths/0/commit_secret"},
    {"treekem", "/update_paths/0/tree_hash_after"},
    {"treekem", "/update_paths/0/path_secrets/1"},
    {"treekem", "/leaves_private/0/encryption_priv"},
    {"tree-operations", "/tree_hash_after"},
    {"tree-operations", "/tree_after"},
    {"passive-client", "/initial_epoch_authenticator"},
    {"passive-client", "/welcome"},
};

class MlsVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = vectors_folder();
    if (folder.empty()) {
      if (vectors_required()) FAIL() << "vectors are required and absent";
      GTEST_SKIP() << "no vectors: set STEIGER_VECTORS, or put them in ../shared/vectors";
    }
    for (const auto& item : std::filesystem::directory_iterator(folder / "mls")) {
      if (item.path().extension() != ".json") continue;
      std::ifstream in(item.path());
      const Json document = Json::parse(in);
      const Kind* kind = find_kind(document);
      ASSERT_NE(kind, nullptr) << item.path();
      // The first entry that passes is the one to break.
      for (const Json& entry : entries_of(*kind, document)) {
        if (passing_.count(kind->name) > 0) break;
        if (verify_entry(*kind, entry).state == Outcome::State::passed) passing_.emplace(kind->name, std::pair(*kind, entry));
      }
    }
  }
  std::map<std::string, std::pair<Kind, Json>> passing_;
};

TEST_F(MlsVectors, AChangedDigitIsNoticed) {
  for (const auto& [name, pointer] : kMembers) {
    ASSERT_EQ(passing_.count(name), 1u) << name;
    const auto& [kind, entry] = passing_.at(name);
    const Json::json_pointer at(pointer);
    ASSERT_TRUE(entry.contains(at)) << name << pointer;
    Json changed = entry;
    std::string& text = changed[at].get_ref<std::string&>();
    char& digit = text[text.size() - 3];
    digit = digit == '0' ? '1' : '0';
    EXPECT_EQ(verify_entry(kind, changed).state, Outcome::State::failed) << name << ' ' << pointer;
  }
}

TEST_F(MlsVectors, AChangedNumberIsNoticed) {
  const auto change = [&](const char* name, const char* pointer) {
    const auto& [kind, entry] = passing_.at(name);
    Json changed = entry;
    Json& value = changed[Json::json_pointer(pointer)];
    value = value.get<std::uint32_t>() + 1;
    return verify_entry(kind, changed).state;
  };
  EXPECT_EQ(change("deserialization", "/length"), Outcome::State::failed);
  EXPECT_EQ(change("tree-math", "/root"), Outcome::State::failed);
  EXPECT_EQ(change("tree-math", "/n_nodes"), Outcome::State::failed);
  EXPECT_EQ(change("message-protection", "/epoch"), Outcome::State::failed);
  EXPECT_EQ(change("treekem", "/epoch"), Outcome::State::failed);
}

}  // namespace
}  // namespace steiger::vectors
