// Design law 9: every byte from a peer, and every byte from disk, goes through a decoder that is fuzzed. Here: every decoder that a header
// declares is named in some fuzz target (or the class that it belongs to is), and every fuzz target is built.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "Class::decode" or "decode_thing" of what takes foreign bytes or text and may refuse them.
std::map<std::string, std::string> decoders_in(const std::string& path, const std::string& header) {
  static const std::regex type(R"(^(?:class|struct) (\w+)[^;]*$)");
  static const std::regex decoder(
      R"(Result<.*\b(decode_\w+|parse_\w+|read_\w+|decode|deserialize|parse|from_bytes)\((?:const )?(?:ByteView|std::string_view)\b)");
  std::map<std::string, std::string> found;
  std::string enclosing;
  std::istringstream lines(header);
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, match, type)) enclosing = match[1].str();
    if (line.rfind('}', 0) == 0) enclosing.clear();
    if (!std::regex_search(line, match, decoder)) continue;
    const std::string name = match[1].str();
    const bool is_function = name.find('_') != std::string::npos && name != "from_bytes";
    found[is_function ? name : std::string(enclosing).append("::").append(name)] = path;
  }
  return found;
}

bool names(const std::string& text, const std::string& word) {
  return std::regex_search(text, std::regex("\\b" + word + "\\b"));
}

// Decoders that need no target of their own, and why.
const std::map<std::string, std::string>& covered_otherwise() {
  static const std::map<std::string, std::string> table = {
      {"::decode", "the template of crypto/mls, which every struct of decode_fuzz.cpp goes through"},
      {"decode_message", "the same with MlsMessage"},
      {"decode_key_package", "MlsMessage and KeyPackage"},
      {"VerifiedKeyPackage::decode", "decode_key_package, then KeyPackage::validate"},
      {"read_record", "the template that every record goes through"},
      {"Secret::from_bytes", "compares a length"},
      {"VerifyKey::from_bytes", "compares a length"},
      {"Id::from_bytes", "compares a length"},
  };
  return table;
}

TEST(FuzzTargets, EveryDecoderHasOne) {
  const std::string root = STEIGER_ROOT;
  std::string targets;
  std::map<std::string, std::string> decoders;
  for (const SourceFile& file : read_tree(root)) {
    const std::string text = read_file(root + "/" + file.path);
    if (ends_with(file.path, "_fuzz.cpp")) targets += text;
    if (ends_with(file.path, ".h") && file.path.rfind("tests/", 0) != 0) decoders.merge(decoders_in(file.path, text));
  }
  ASSERT_GT(decoders.size(), 40u) << "the search no longer finds what there is";
  for (const auto& [name, path] : decoders) {
    if (covered_otherwise().count(name) != 0) continue;
    const std::string word = name.substr(0, name.find("::"));
    EXPECT_TRUE(names(targets, word)) << name << " of " << path << " is in no *_fuzz.cpp";
  }
  for (const auto& [name, why] : covered_otherwise()) EXPECT_EQ(decoders.count(name), 1u) << name << " is gone: " << why;
}

TEST(FuzzTargets, EachIsBuilt) {
  const std::string root = STEIGER_ROOT;
  for (const SourceFile& file : read_tree(root)) {
    if (!ends_with(file.path, "_fuzz.cpp")) continue;
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    const std::string name = file.path.substr(folder.size() + 1);
    bool built = false;  // by its room's CMakeLists.txt, or by that of a folder above
    for (std::string at = folder; !built; at = at.substr(0, at.rfind('/'))) {
      const std::string rules = std::string(root).append("/").append(at).append("/CMakeLists.txt");
      built = read_file(rules).find(name) != std::string::npos;
      if (at.find('/') == std::string::npos) break;
    }
    EXPECT_TRUE(built) << file.path;
  }
}

TEST(FuzzTargets, ADecoderWithoutOneIsFound) {
  const auto found =
      decoders_in("x.h",
                  "struct Fine {\n  static Result<Fine> decode(ByteView bytes);\n};\nResult<A> decode_a(ByteView bytes);\n"
                  "Result<B> encode_b(ByteView bytes);\n");
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"Fine::decode", "x.h"}, {"decode_a", "x.h"}}));
  EXPECT_FALSE(names("decode_ab(x)", "decode_a"));
}

}  // namespace
}  // namespace steiger::structure
