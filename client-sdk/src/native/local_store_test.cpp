#include "client-sdk/src/native/local_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "client-sdk/src/native/temporary_directory.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

Change put(std::string key, std::string_view value) {
  return {std::move(key), SecretBytes::copy_of(as_bytes(value))};
}
Change remove(std::string key) {
  return {std::move(key), std::nullopt};
}
template <class... Changes>
std::vector<Change> batch(Changes&&... changes) {
  std::vector<Change> out;
  (out.push_back(std::move(changes)), ...);
  return out;
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

class LocalStoreTest : public testing::Test {
 protected:
  DataDir directory() { return DataDir::open(temporary_.path() / "device", OpenMode::create_if_absent, rng_).value(); }
  TemporaryDirectory temporary_;
  SystemRng rng_;
};

TEST_F(LocalStoreTest, KeepsPutsInKeyOrderAndForgetsDeletes) {
  const DataDir dir = directory();
  {
    auto store = LocalStore::open(dir);
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE(store->commit(batch(put("b", "2"), put("a", "1"), put("c", ""))).ok());
    ASSERT_TRUE(store->commit(batch(put("a", "one"), remove("b"), remove("never"))).ok());
  }
  auto store = LocalStore::open(dir);
  ASSERT_TRUE(store.ok());
  const auto all = store->load();
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(as_text(all->at("a").bytes()), "one");
  EXPECT_TRUE(all->at("c").empty());
}

TEST_F(LocalStoreTest, ChangesOfOneBatchApplyInOrder) {
  const DataDir dir = directory();
  auto store = LocalStore::open(dir);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(store->commit(batch(put("k", "1"), remove("k"), put("k", "3"))).ok());
  EXPECT_EQ(as_text(store->load()->at("k").bytes()), "3");
  ASSERT_TRUE(store->commit({}).ok());
}

TEST_F(LocalStoreTest, AnotherKeyOpensNothingAndDamagesNothing) {
  {
    const DataDir dir = directory();
    ASSERT_TRUE(LocalStore::open(dir)->commit(batch(put("k", "v"))).ok());
  }
  const auto key_file = temporary_.path() / "device" / DataDir::kKeyFile;
  const std::string key = content_of(key_file);
  std::ofstream(key_file, std::ios::binary) << std::string(32, 'x');
  {
    const DataDir dir = directory();
    EXPECT_EQ(LocalStore::open(dir).error(), kStoreKeyWrong);
  }
  std::ofstream(key_file, std::ios::binary) << key;
  const DataDir dir = directory();
  EXPECT_EQ(LocalStore::open(dir)->load()->size(), 1u);
}

// S26: neither keys nor values are readable in any file of the directory; the control shows that the search can find something.
TEST_F(LocalStoreTest, NothingIsStoredInPlainText) {
  const DataDir dir = directory();
  auto store = LocalStore::open(dir);
  ASSERT_TRUE(store.ok());
  const std::string marker = "planted-marker-7f3c";
  ASSERT_TRUE(store->commit(batch(put("channel/" + marker, marker))).ok());
  std::ofstream(temporary_.path() / "device" / "control") << marker;
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_.path() / "device")) {
    if (content_of(entry.path()).find(marker) != std::string::npos) ++found;
  }
  EXPECT_EQ(found, 1u);
}

}  // namespace
}  // namespace steiger::sdk
