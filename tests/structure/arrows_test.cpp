// Design section 1: arrows point down only. Every #include in the tree is compared with the table below.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

// A room and the rooms whose headers its files may include; its own are always allowed. The longest matching prefix decides
// which room a file belongs to. A folder that has no line here fails the test: new rooms state their arrows.
struct Room {
  std::string prefix;
  std::vector<std::string> may_include;
};

const std::vector<std::string> kEverything = {""};

const std::vector<Room>& rooms() {
  static const std::vector<Room> table = {
      {"crypto/base/", {}},
      {"crypto/primitives/", {"crypto/base/"}},
      {"crypto/mls/", {"crypto/base/", "crypto/primitives/"}},
      {"crypto/identity/", {"crypto/base/", "crypto/primitives/"}},
      {"crypto/log/", {"crypto/base/", "crypto/primitives/"}},
      {"crypto/franking/", {"crypto/base/", "crypto/primitives/", "crypto/log/"}},
      {"schedules/", {"crypto/base/"}},
      {"gateway/protocol/", {"crypto/base/", "crypto/primitives/"}},
      {"gateway/transport/", {"crypto/base/"}},
      {"gateway/sqlcipher/", {"crypto/base/", "crypto/primitives/"}},
      {"gateway/store/", {"gateway/sqlcipher/", "crypto/base/", "crypto/primitives/"}},
      {"gateway/push/", {"crypto/base/"}},
      {"gateway/service/",
       {"gateway/store/", "gateway/push/", "gateway/protocol/", "crypto/base/", "crypto/log/", "crypto/identity/", "crypto/mls/",
        "crypto/primitives/", "schedules/"}},
      {"gateway/net/", {"gateway/service/", "gateway/transport/", "gateway/protocol/", "crypto/base/"}},
      {"gateway/", {"gateway/", "crypto/base/", "crypto/primitives/", "crypto/log/", "crypto/identity/"}},  // main: wiring only
      {"client-sdk/", {"client-sdk/", "gateway/protocol/", "gateway/transport/", "gateway/sqlcipher/", "crypto/", "schedules/"}},
      // Sans-I/O: the core knows no socket and no database, only its ports.
      {"client-sdk/src/", {"client-sdk/", "gateway/protocol/", "crypto/", "schedules/"}},
      {"client-sdk/src/native/",
       {"client-sdk/", "gateway/protocol/", "gateway/transport/", "gateway/sqlcipher/", "crypto/", "schedules/"}},
      {"client-sdk/wasm/", {"client-sdk/", "gateway/protocol/", "crypto/", "schedules/"}},
      {"tests/", kEverything},
  };
  return table;
}

// Headers of others that exactly these rooms may see.
struct OutsideHeader {
  std::string prefix;
  std::vector<std::string> only_in;
};

const std::vector<OutsideHeader>& outside_headers() {
  static const std::vector<OutsideHeader> table = {
      {"libwebsockets", {"gateway/transport/"}},
      {"openssl/", {"gateway/transport/"}},
      {"ev.h", {"gateway/transport/"}},
      {"sqlite3", {"gateway/sqlcipher/"}},
      {"sqlcipher/", {"gateway/sqlcipher/"}},
      {"sodium", {"crypto/primitives/", "client-sdk/src/native/", "tests/"}},
      {"boost/", {"gateway/", "tests/"}},
      {"qrencode", {"client-sdk/apps/"}},
      {"CLI/", {"client-sdk/apps/", "gateway/", "tests/"}},
      {"toml++/", {"gateway/"}},
      {"emscripten", {"client-sdk/wasm/"}},
  };
  return table;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) { return text.rfind(prefix, 0) == 0; });
}

const Room* room_of(const std::string& path) {
  const Room* best = nullptr;
  for (const auto& room : rooms()) {
    if (path.rfind(room.prefix, 0) == 0 && (best == nullptr || room.prefix.size() > best->prefix.size())) best = &room;
  }
  return best;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}
// Tests and fuzzers may look at anything below them that the design does not forbid for their room's neighbours.
bool is_test(const std::string& path) {
  return ends_with(path, "_test.cpp") || ends_with(path, "_fuzz.cpp") || ends_with(path, "test_support.h") ||
         ends_with(path, "test_support.cpp") || ends_with(path, "_bench.cpp") || path.find("/testing/") != std::string::npos;
}

std::vector<std::string> violations(const std::vector<SourceFile>& files) {
  std::vector<std::string> found;
  for (const auto& file : files) {
    const Room* room = room_of(file.path);
    if (room == nullptr) {
      found.push_back(file.path + ": belongs to no room of the table");
      continue;
    }
    for (const auto& include : file.includes) {
      const auto where = file.path + ":" + std::to_string(include.line) + " includes " + include.path;
      if (!include.quoted) {
        for (const auto& outside : outside_headers()) {
          if (is_test(file.path) && outside.prefix == "sodium") continue;  // sodium_init, and answers to compare with
          if (include.path.rfind(outside.prefix, 0) == 0 && !starts_with_any(file.path, outside.only_in)) found.push_back(where);
        }
        continue;
      }
      if (include.path.rfind(room->prefix, 0) == 0 || starts_with_any(include.path, room->may_include)) continue;
      if (is_test(file.path) && include.path.rfind("tests/", 0) == 0) continue;  // shared test support
      found.push_back(where);
    }
  }
  return found;
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n  " + line;
  return text;
}

const std::vector<SourceFile>& tree() {
  static const auto files = read_tree(STEIGER_ROOT);
  return files;
}

LinkGraph link_graph() {
  return parse_link_graph(read_file(STEIGER_LINK_GRAPH));
}

TEST(Arrows, EveryIncludePointsDown) {
  ASSERT_GT(tree().size(), 20U) << "the tree was not found at " << STEIGER_ROOT;
  const auto found = violations(tree());
  EXPECT_TRUE(found.empty()) << join(found);
}

// The check itself can fail: one planted violation of each kind is caught.
TEST(Arrows, PlantedViolationsAreCaught) {
  const auto caught = [](const std::string& path, std::string_view line) {
    return violations({{path, parse_includes(line)}}).size() == 1;
  };
  EXPECT_TRUE(caught("crypto/base/x.h", "#include \"crypto/primitives/hash.h\""));
  EXPECT_TRUE(caught("crypto/mls/x.cpp", "  #  include \"client-sdk/src/client.h\""));
  EXPECT_TRUE(caught("schedules/policy/x.h", "#include \"gateway/service/x.h\""));
  EXPECT_TRUE(caught("client-sdk/src/x.cpp", "#include \"gateway/sqlcipher/database.h\""));
  EXPECT_TRUE(caught("client-sdk/apps/cli/x.cpp", "#include \"gateway/service/x.h\""));
  EXPECT_TRUE(caught("gateway/net/x.cpp", "#include \"gateway/store/store.h\""));
  EXPECT_TRUE(caught("gateway/net/x.cpp", "#include <libwebsockets.h>"));
  EXPECT_TRUE(caught("gateway/service/x.cpp", "#include <sqlcipher/sqlite3.h>"));
  EXPECT_TRUE(caught("gateway/service/x.cpp", "#include <ev.h>"));
  EXPECT_TRUE(caught("crypto/mls/x.cpp", "#include <sodium.h>"));
  EXPECT_TRUE(caught("somewhere/x.cpp", ""));
  EXPECT_FALSE(caught("gateway/transport/x.cpp", "#include <libwebsockets.h>"));
  EXPECT_FALSE(caught("gateway/service/x.cpp", "#include \"gateway/store/store.h\""));
}

// What only members of a conversation may have: nothing of it may reach the gateway, by include or by link (S7, S26).
const std::vector<std::string> kSecretTargets = {"steiger_mls",      "steiger_primitives", "steiger_identity",
                                                 "steiger_franking", "steiger_sdk",        "steiger_sdk_native"};

// Headers reachable from `start` through includes of our own files.
std::set<std::string> include_closure(const std::vector<SourceFile>& files, std::vector<std::string> open) {
  std::map<std::string, const SourceFile*> by_path;
  for (const auto& file : files) by_path[file.path] = &file;
  std::set<std::string> seen;
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    const auto found = by_path.find(next);
    if (found == by_path.end() || !seen.insert(next).second) continue;
    for (const auto& include : found->second->includes) {
      if (include.quoted) open.push_back(include.path);
    }
  }
  return seen;
}

TEST(Arrows, GatewaySeesNoHeaderOfTheDecryptingHalf) {
  const auto graph = link_graph();
  std::set<std::string> secret_headers;
  for (const auto& target : kSecretTargets) {
    const auto sources = graph.sources.find(target);
    if (sources == graph.sources.end()) continue;
    for (const auto& source : sources->second) {
      if (ends_with(source, ".cpp")) secret_headers.insert(source.substr(0, source.size() - 4) + ".h");
    }
  }
  ASSERT_TRUE(secret_headers.count("crypto/primitives/aead.h")) << "the list of secret headers lost its best known member";
  std::vector<std::string> gateway_files;
  for (const auto& file : tree()) {
    if (file.path.rfind("gateway/", 0) == 0 && !is_test(file.path)) gateway_files.push_back(file.path);
  }
  for (const auto& header : include_closure(tree(), gateway_files)) {
    EXPECT_EQ(secret_headers.count(header), 0U) << header << " is reachable from the gateway's sources";
  }
}

TEST(Arrows, GatewayLinksNothingOfTheDecryptingHalf) {
  const auto graph = link_graph();
  for (const auto& [target, direct] : graph.links) {
    const bool gateway_program = target.rfind("steiger-gateway", 0) == 0;
    const bool gateway_library = target == "steiger_service" || target == "steiger_store" || target == "steiger_net" ||
                                 target == "steiger_transport" || target == "steiger_sqlcipher" || target == "steiger_protocol";
    if (!gateway_program && !gateway_library) continue;
    const auto all = graph.closure(target);
    for (const auto& secret : kSecretTargets) EXPECT_EQ(all.count(secret), 0U) << target << " links " << secret;
  }
}

TEST(Arrows, CryptoLinksNothingAbove) {
  const auto graph = link_graph();
  for (const char* target : {"steiger_primitives", "steiger_mls", "steiger_identity", "steiger_log", "steiger_franking"}) {
    for (const auto& linked : graph.closure(target)) {
      for (const char* above : {"steiger_sdk", "steiger_protocol", "steiger_transport", "steiger_sqlcipher", "steiger_service",
                                "steiger_store", "steiger_net"}) {
        EXPECT_NE(linked, above) << target << " links " << linked;
      }
    }
  }
}

}  // namespace
}  // namespace steiger::structure
