// S23: visible.md is the closed list of what the gateway sees. It is compared with the schema, both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string read(const char* name) {
  std::ostringstream out;
  out << std::ifstream(std::string(STEIGER_PROTOCOL_DIR) + "/" + name).rdbuf();
  return out.str();
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
  static const std::regex kLine(R"(^\| `(\w+\.\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$)");
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

TEST(Visible, EveryFieldHasALineAndEveryLineAField) {
  const auto schema = fields_of_schema(read("wire.fbs"));
  const List list = list_of(read("visible.md"));
  EXPECT_GT(schema.size(), 100u);
  EXPECT_THAT(list.broken, IsEmpty());
  EXPECT_THAT(missing(list.fields, schema), IsEmpty()) << "fields that visible.md does not name";
  EXPECT_THAT(missing(schema, list.fields), IsEmpty()) << "lines about fields that are not there";
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
