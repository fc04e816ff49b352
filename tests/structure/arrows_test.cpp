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
      {"crypto/membership/", {"crypto/base/", "crypto/primitives/", "crypto/identity/", "crypto/mls/"}},
      {"crypto/disclosure/", {"crypto/base/", "crypto/primitives/", "crypto/identity/", "crypto/log/", "crypto/franking/"}},
      {"schedules/", {"crypto/base/"}},
      {"gateway/protocol/", {"crypto/base/", "crypto/primitives/"}},
      {"gateway/transport/", {"crypto/base/"}},
      {"gateway/sqlcipher/", {"crypto/base/", "crypto/primitives/"}},
      {"gateway/store/", {"gateway/sqlcipher/", "crypto/base/", "crypto/primitives/"}},
      {"gateway/push/", {"crypto/base/"}},
      {"gateway/service/",
       {"gateway/store/", "gateway/push/", "gateway/protocol/", "crypto/base/", "crypto/log/", "crypto/identity/",
        "crypto/membership/", "crypto/mls/", "crypto/primitives/", "schedules/"}},
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
      {"libgfshare", {"client-sdk/src/native/"}},
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

// The check itself can fail. Planted here: includes that point up or sideways, headers of others in a wrong folder, and a file in
// no room; below: secret headers in reach of the gateway, and links that point up.
TEST(Arrows, PlantedIncludesAreCaught) {
  const auto caught = [](const std::string& path, std::string_view line) {
    return violations({{path, parse_includes(line)}}).size() == 1;
  };
  EXPECT_TRUE(caught("crypto/base/x.h", "#include \"crypto/primitives/hash.h\""));
  EXPECT_TRUE(caught("crypto/mls/x.cpp", "  #  include \"client-sdk/src/client.h\""));
  EXPECT_TRUE(caught("schedules/policy/x.h", "#include \"gateway/service/x.h\""));
  EXPECT_TRUE(caught("client-sdk/src/x.cpp", "#include \"gateway/sqlcipher/database.h\""));
  EXPECT_TRUE(caught("client-sdk/apps/cli/x.cpp", "#include \"gateway/service/x.h\""));
  EXPECT_TRUE(caught("gateway/net/x.cpp", "#include \"gateway/store/store.h\""));
  EXPECT_TRUE(caught("somewhere/x.cpp", ""));
  EXPECT_FALSE(caught("gateway/service/x.cpp", "#include \"gateway/store/store.h\""));
}

TEST(Arrows, PlantedHeadersOfOthersAreCaught) {
  struct Plant {
    std::string header;
    std::string wrong;  // a neighbour of the room that may
    std::string right;
  };
  const std::vector<Plant> plants = {
      {"libwebsockets.h", "gateway/net/x.cpp", "gateway/transport/x.cpp"},
      {"openssl/ssl.h", "gateway/net/x.cpp", "gateway/transport/x.cpp"},
      {"openssl/evp.h", "crypto/primitives/x.cpp", "gateway/transport/x.cpp"},
      {"ev.h", "gateway/service/x.cpp", "gateway/transport/x.cpp"},
      {"sqlite3.h", "gateway/store/x.cpp", "gateway/sqlcipher/x.cpp"},
      {"sqlcipher/sqlite3.h", "client-sdk/src/native/x.cpp", "gateway/sqlcipher/x.cpp"},
      {"sodium.h", "crypto/mls/x.cpp", "crypto/primitives/x.cpp"},
      {"boost/asio.hpp", "client-sdk/src/x.cpp", "gateway/net/x.cpp"},
      {"qrencode.h", "client-sdk/src/x.cpp", "client-sdk/apps/cli/x.cpp"},
      {"libgfshare.h", "client-sdk/apps/cli/x.cpp", "client-sdk/src/native/x.cpp"},
      {"CLI/CLI.hpp", "client-sdk/src/x.cpp", "client-sdk/apps/cli/x.cpp"},
      {"toml++/toml.h", "client-sdk/apps/cli/x.cpp", "gateway/app/x.cpp"},
      {"emscripten.h", "client-sdk/src/x.cpp", "client-sdk/wasm/x.cpp"},
  };
  for (const auto& plant : plants) {
    const auto includes = parse_includes("#include <" + plant.header + ">");
    EXPECT_EQ(violations({{plant.wrong, includes}}).size(), 1U) << plant.wrong << " may include " << plant.header;
    EXPECT_TRUE(violations({{plant.right, includes}}).empty()) << plant.right << " may not include " << plant.header;
  }
  for (const auto& outside : outside_headers()) {
    EXPECT_TRUE(std::any_of(plants.begin(), plants.end(), [&](const Plant& p) { return p.header.rfind(outside.prefix, 0) == 0; }))
        << outside.prefix << " was never planted";
  }
}

// What only members of a conversation may have: nothing of it may reach the gateway, by include or by link (S7, S26).
const std::vector<std::string> kSecretTargets = {"steiger_mls",       "steiger_primitives", "steiger_identity",
                                                 "steiger_franking",  "steiger_disclosure", "steiger_sdk",
                                                 "steiger_sdk_native"};
const std::vector<std::string> kGatewayTargets = {
    "steiger-gateway", "steiger-gateway-testclock", "steiger_gateway_app", "steiger_service", "steiger_store",
    "steiger_net",     "steiger_transport",         "steiger_sqlcipher",   "steiger_protocol"};
const std::vector<std::string> kCryptoTargets = {"steiger_primitives", "steiger_mls",      "steiger_identity",
                                                 "steiger_log",        "steiger_franking", "steiger_disclosure"};
const std::vector<std::string> kAboveCrypto = {"steiger_sdk",     "steiger_protocol", "steiger_transport", "steiger_sqlcipher",
                                               "steiger_service", "steiger_store",    "steiger_net"};

// Headers reachable from `open` through includes of our own files.
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

// Headers of the secret targets' sources that the gateway's sources reach.
std::vector<std::string> secret_headers_in_reach(const std::vector<SourceFile>& files, const LinkGraph& graph) {
  std::set<std::string> secret_headers;
  for (const auto& target : kSecretTargets) {
    const auto sources = graph.sources.find(target);
    if (sources == graph.sources.end()) continue;
    for (const auto& source : sources->second) {
      if (ends_with(source, ".cpp")) secret_headers.insert(source.substr(0, source.size() - 4) + ".h");
    }
  }
  if (secret_headers.count("crypto/primitives/aead.h") == 0) return {"the list of secret headers lost its best known member"};
  std::vector<std::string> gateway_files;
  for (const auto& file : files) {
    if (file.path.rfind("gateway/", 0) == 0 && !is_test(file.path)) gateway_files.push_back(file.path);
  }
  if (gateway_files.empty()) return {"the gateway has no sources"};
  std::vector<std::string> found;
  for (const auto& header : include_closure(files, gateway_files)) {
    if (secret_headers.count(header) != 0) found.push_back(header);
  }
  return found;
}

std::string link(const std::string& target, const std::string& other) {
  return target + " links " + other;
}

// Every way in which one of `targets` links one of `forbidden`. A name that CMake does not know is a finding too: a graph without
// the target proves nothing about it.
std::vector<std::string> forbidden_links(const LinkGraph& graph, const std::vector<std::string>& targets,
                                         const std::vector<std::string>& forbidden) {
  std::vector<std::string> found;
  for (const auto& names : {targets, forbidden}) {
    for (const auto& name : names) {
      if (graph.links.count(name) == 0) found.push_back(name + " is no target of the link graph");
    }
  }
  for (const auto& target : targets) {
    const auto all = graph.closure(target);
    for (const auto& each : forbidden) {
      if (all.count(each) != 0) found.push_back(link(target, each));
    }
  }
  return found;
}

bool contains(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// Every single planted link is found, also when it goes by way of a target that nobody listed.
void expect_planted_links_are_caught(const std::vector<std::string>& targets, const std::vector<std::string>& forbidden) {
  for (const auto& target : targets) {
    for (const auto& each : forbidden) {
      auto direct = link_graph();
      direct.links[target].insert(each);
      EXPECT_TRUE(contains(forbidden_links(direct, targets, forbidden), link(target, each)));
      auto around = link_graph();
      around.links[target].insert("steiger_planted");
      around.links["steiger_planted"].insert(each);
      EXPECT_TRUE(contains(forbidden_links(around, targets, forbidden), link(target, each)));
    }
  }
}

TEST(Arrows, GatewaySeesNoHeaderOfTheDecryptingHalf) {
  const auto found = secret_headers_in_reach(tree(), link_graph());
  EXPECT_TRUE(found.empty()) << "reachable from the gateway's sources:" << join(found);
}

TEST(Arrows, PlantedSecretHeadersAreCaught) {
  const auto planted = [](const std::string& path, std::string_view lines) {
    auto files = tree();
    files.push_back({path, parse_includes(lines)});
    files.push_back({"crypto/base/planted.h", parse_includes("#include \"crypto/mls/group.h\"")});
    return secret_headers_in_reach(files, link_graph());
  };
  EXPECT_TRUE(contains(planted("gateway/net/x.cpp", "#include \"crypto/primitives/aead.h\""), "crypto/primitives/aead.h"));
  EXPECT_TRUE(contains(planted("gateway/net/x.cpp", "#include \"crypto/base/planted.h\""), "crypto/mls/group.h"))
      << "by way of another header";
  EXPECT_FALSE(contains(planted("gateway/net/x_test.cpp", "#include \"crypto/primitives/aead.h\""), "crypto/primitives/aead.h"))
      << "tests are no part of the gateway";
  EXPECT_FALSE(secret_headers_in_reach(tree(), {}).empty()) << "an empty link graph knows no secret header";
  EXPECT_FALSE(secret_headers_in_reach({}, link_graph()).empty()) << "an empty tree proves nothing";
}

TEST(Arrows, GatewayLinksNothingOfTheDecryptingHalf) {
  const auto graph = link_graph();
  auto targets = kGatewayTargets;
  for (const auto& [target, direct] : graph.links) {  // and every further program of the gateway
    if (target.rfind("steiger-gateway", 0) == 0 && !contains(targets, target)) targets.push_back(target);
  }
  const auto found = forbidden_links(graph, targets, kSecretTargets);
  EXPECT_TRUE(found.empty()) << join(found);
}

TEST(Arrows, CryptoLinksNothingAbove) {
  const auto found = forbidden_links(link_graph(), kCryptoTargets, kAboveCrypto);
  EXPECT_TRUE(found.empty()) << join(found);
}

TEST(Arrows, PlantedLinksAreCaught) {
  expect_planted_links_are_caught(kGatewayTargets, kSecretTargets);
  expect_planted_links_are_caught(kCryptoTargets, kAboveCrypto);
  EXPECT_EQ(forbidden_links({}, kGatewayTargets, kSecretTargets).size(), kGatewayTargets.size() + kSecretTargets.size());
  EXPECT_EQ(forbidden_links({}, kCryptoTargets, kAboveCrypto).size(), kCryptoTargets.size() + kAboveCrypto.size());
}

}  // namespace
}  // namespace steiger::structure
