// S23: visible.md is the closed list of what the gateway sees. It is compared, both ways, with the schema, and with the structures inside
// the schema's fields that are signed but not sealed, as their headers declare them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::string read(const char* name) {
  return content_of(std::filesystem::path(STEIGER_PROTOCOL_DIR) / name);
}

const std::filesystem::path& root() {
  static const std::filesystem::path kRoot = std::filesystem::path(STEIGER_PROTOCOL_DIR) / ".." / "..";
  return kRoot;
}

// "Table.field" of every table and struct.
std::set<std::string> fields_of_schema(const std::string& schema) {
  static const std::regex kComment("//[^\n]*");
  static const std::regex kTable(R"((?:table|struct)\s+(\w+)\s*\{([^}]*)\})");
  static const std::regex kField(R"((\w+)\s*:\s*[\[\w][^;]*;)");
  const std::string text = std::regex_replace(schema, kComment, "");
  std::set<std::string> out;
  for (std::sregex_iterator table(text.begin(), text.end(), kTable), end; table != end; ++table) {
    const std::string body = (*table)[2];
    for (std::sregex_iterator field(body.begin(), body.end(), kField); field != end; ++field) {
      out.insert((*table)[1].str() + "." + (*field)[1].str());
    }
  }
  return out;
}

struct List {
  std::set<std::string> fields;
  std::vector<std::string> broken;  // lines with an empty cell, a cell too few or too many, or a field that was there before
};

List list_of(const std::string& page) {
  static const std::regex kLine(R"(^\| `((?:\w+::)?\w+\.\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$)");
  List out;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::smatch cells;
    const auto empty = [&](std::size_t i) { return cells[i].str().find_first_not_of(' ') == std::string::npos; };
    if (!std::regex_match(line, cells, kLine) || empty(2) || empty(3) || empty(4) || !out.fields.insert(cells[1]).second) {
      out.broken.push_back(line);
    }
  }
  return out;
}

std::vector<std::string> missing(const std::set<std::string>& from, const std::set<std::string>& in) {
  std::vector<std::string> out;
  std::set_difference(in.begin(), in.end(), from.begin(), from.end(), std::back_inserter(out));
  return out;
}

// ---- The structures inside the fields

struct Member {
  std::string type, name;
};
using Structs = std::map<std::string, std::vector<Member>>;

// The place behind the brace that closes the one at `open`.
std::size_t behind_block(const std::string& text, std::size_t open) {
  std::size_t at = open;
  int depth = 0;
  do {
    depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
    ++at;
  } while (depth > 0 && at < text.size());
  return at;
}

// Declarations only: initializers are dropped, bodies of functions and of inner types end a statement.
std::string without_blocks(const std::string& body) {
  static const std::regex kEndsStatement(R"((\)|const|\b(struct|enum|class)\b[^;]*)\s*$)");
  std::string out;
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '{') {
      out.push_back(body[at++]);
      continue;
    }
    if (std::regex_search(out, kEndsStatement)) out.push_back(';');
    at = behind_block(body, at);
  }
  return out;
}

std::vector<Member> members_of(const std::string& body) {
  static const std::regex kNoField(R"(^\s*(friend|using|static|struct|enum|class)\b)");
  static const std::regex kAccess(R"(\b(private|public|protected):)");
  static const std::regex kField(R"(^\s*(\S[\s\S]*\S|\S)\s+(\w+)\s*$)");
  std::vector<Member> out;
  std::istringstream statements(std::regex_replace(without_blocks(body), kAccess, ""));
  for (std::string statement; std::getline(statements, statement, ';');) {
    std::smatch field;
    if (statement.find('(') != std::string::npos || std::regex_search(statement, kNoField)) continue;
    statement.resize(std::min(statement.find('='), statement.size()));
    if (std::regex_match(statement, field, kField)) out.push_back({field[1], field[2]});
  }
  return out;
}

Structs structs_of(const std::string& header) {
  static const std::regex kComment("//[^\n]*");
  static const std::regex kStruct(R"(\bstruct\s+(\w+)\s*\{)");
  const std::string text = std::regex_replace(header, kComment, "");
  Structs out;
  for (std::sregex_iterator at(text.begin(), text.end(), kStruct), end; at != end; ++at) {
    const auto open = static_cast<std::size_t>(at->position() + at->length()) - 1;
    out[(*at)[1]] = members_of(text.substr(open + 1, behind_block(text, open) - open - 2));
  }
  return out;
}

std::vector<std::string> words_in(const std::string& text) {
  static const std::regex kWord(R"(\w+)");
  return {std::sregex_token_iterator(text.begin(), text.end(), kWord), {}};
}

// "space::Struct.field" of `roots` and of every known structure in their fields.
std::set<std::string> fields_inside(const std::string& space, const Structs& known, const std::set<std::string>& roots) {
  std::set<std::string> out;
  std::set<std::string> seen;
  std::vector<std::string> open(roots.begin(), roots.end());
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto found = known.find(name);
    if (found == known.end() || !seen.insert(name).second) continue;
    for (const Member& member : found->second) {
      out.insert(std::string(space).append("::").append(name).append(".").append(member.name));
      for (const std::string& word : words_in(member.type)) open.push_back(word);
    }
  }
  return out;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string sources_of(const std::filesystem::path& folder, bool headers_only) {
  std::string out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().generic_string();
    const bool test = path.find("_test.") != std::string::npos || path.find("_fuzz.") != std::string::npos ||
                      path.find("/testing/") != std::string::npos;
    if (!test && (ends_with(path, ".h") || (!headers_only && ends_with(path, ".cpp")))) out.append(content_of(path)).append("\n");
  }
  return out;
}

// What the decoders that `code` calls give back, as `headers` declare them: Result<X> decode_x(...), Result<std::vector<X>> decode_xs(...).
std::set<std::string> decoded_by(const std::string& code, const std::string& headers) {
  static const std::regex kDecoder(R"(Result<([\w:<>]+)>\s+((?:decode|read|parse)_\w+)\()");
  static const std::regex kCall(R"(\b((?:decode|read|parse)_\w+)\()");
  std::set<std::string> called;
  for (std::sregex_iterator at(code.begin(), code.end(), kCall), end; at != end; ++at) called.insert((*at)[1]);
  std::set<std::string> out;
  for (std::sregex_iterator at(headers.begin(), headers.end(), kDecoder), end; at != end; ++at) {
    if (called.count((*at)[2]) == 0) continue;
    for (const std::string& word : words_in((*at)[1])) out.insert(word);
  }
  return out;
}

std::set<std::string> fields_inside_the_fields() {
  const std::string identity = sources_of(root() / "crypto/identity", true);
  std::set<std::string> roots = decoded_by(sources_of(root() / "gateway", false), identity);
  // Carried in the clear, though the gateway does not look into them.
  roots.insert({"RedeemProof", "InviteTerms", "RoomPast"});
  std::set<std::string> out = fields_inside("identity", structs_of(identity), roots);
  // Everything of MLS that travels, with what the extensions of the RFC hold.
  out.merge(fields_inside("mls", structs_of(sources_of(root() / "crypto/mls", true)),
                          {"PublicMessage", "PrivateMessage", "Welcome", "GroupInfo", "KeyPackage", "Extension", "ParentNode",
                           "RequiredCapabilities"}));
  return out;
}

// S23: a new field without a line here is a decision that nobody took.
TEST(Visible, EveryFieldHasALineAndEveryLineAField) {
  auto fields = fields_of_schema(read("wire.fbs"));
  EXPECT_GT(fields.size(), 100u);
  const auto inside = fields_inside_the_fields();
  EXPECT_GT(inside.size(), 150u);
  fields.insert(inside.begin(), inside.end());
  const List list = list_of(read("visible.md"));
  EXPECT_THAT(list.broken, IsEmpty());
  EXPECT_THAT(missing(list.fields, fields), IsEmpty()) << "fields that visible.md does not name";
  EXPECT_THAT(missing(fields, list.fields), IsEmpty()) << "lines about fields that are not there";
}

TEST(Visible, WhatADecoderFindsInsideAFieldIsFoundWithAllThatIsInIt) {
  const std::string headers =
      "struct Inner {\n  Hash key{};  // gone: not a field;\n};\n"
      "struct Outer {\n  std::vector<Inner> inner = {};\n  std::uint64_t epoch = 0;\n  enum class Kind { a, b };\n"
      "  [[nodiscard]] bool any() const { return !inner.empty(); }\n  static Result<Outer> read(Reader& reader);\n"
      " private:\n  Kind kind = Kind::a;\n};\nstruct Elsewhere { int x; };\n"
      "Result<std::vector<Outer>> decode_outers(ByteView bytes);\nResult<Elsewhere> decode_elsewhere(ByteView bytes);\n";
  const auto roots = decoded_by("const auto all = identity::decode_outers(bytes);", headers);
  EXPECT_THAT(fields_inside("x", structs_of(headers), roots),
              ElementsAre("x::Inner.key", "x::Outer.epoch", "x::Outer.inner", "x::Outer.kind"));
}

TEST(Visible, ANewFieldAnOldLineAndAnEmptyCellAreNoticed) {
  const std::string schema =
      "struct Id16 { bytes:[ubyte:16]; } // no: field;\ntable A {\n  b:ulong (id: 0);  // c:ulong;\n  d:[A] (id: 1);\n}";
  EXPECT_THAT(fields_of_schema(schema), ElementsAre("A.b", "A.d", "Id16.bytes"));
  const List list =
      list_of("| `A.b` | why | who | kept |\n| `A.e` | why |  | kept |\n| `A.b` | twice | who | kept |\n| `A.x` | why | who |\n");
  EXPECT_THAT(list.broken, ElementsAre("| `A.e` | why |  | kept |", "| `A.b` | twice | who | kept |", "| `A.x` | why | who |"));
  EXPECT_THAT(missing({"A.b"}, {"A.b", "A.d"}), ElementsAre("A.d"));
}

}  // namespace
}  // namespace steiger::gateway
