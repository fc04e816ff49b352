// The tree as the structure tests see it: who includes what, who links what. Reads files, builds nothing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace steiger::structure {

struct Include {
  std::string path;    // as written: "crypto/base/result.h" or <libwebsockets.h>
  bool quoted = true;  // "..." and therefore ours (or generated), not <...>
  int line = 0;
};

// Include lines of one source text; lines in comments count too, which errs on the strict side.
std::vector<Include> parse_includes(std::string_view text);

struct SourceFile {
  std::string path;  // from the root of the tree, with '/'
  std::vector<Include> includes;
};

// Every .h and .cpp below `root`, without build folders and node_modules. Sorted by path.
std::vector<SourceFile> read_tree(const std::string& root);

// The targets as CMake knows them.
struct LinkGraph {
  std::map<std::string, std::set<std::string>> links;    // direct
  std::map<std::string, std::set<std::string>> sources;  // from the root of the tree

  // Everything that ends up in `target`, itself included.
  [[nodiscard]] std::set<std::string> closure(const std::string& target) const;
};
LinkGraph parse_link_graph(std::string_view text);

// Empty when the file cannot be read.
std::string read_file(const std::string& path);

}  // namespace steiger::structure
