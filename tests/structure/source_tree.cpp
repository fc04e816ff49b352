#include "tests/structure/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace steiger::structure {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<Include> parse_includes(std::string_view text) {
  std::vector<Include> includes;
  std::istringstream in{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const auto word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
    const auto open = line.find_first_of("\"<", word + 7);
    if (open == std::string::npos) continue;
    const auto close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    if (close == std::string::npos) continue;
    includes.push_back({line.substr(open + 1, close - open - 1), line[open] == '"', number});
  }
  return includes;
}

std::vector<SourceFile> read_tree(const std::string& root) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const auto name = it->path().filename().string();
    if (it->is_directory() && (name == "build" || name == "node_modules" || name.front() == '.')) {
      it.disable_recursion_pending();
      continue;
    }
    const auto extension = it->path().extension();
    if (!it->is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
    files.push_back({fs::relative(it->path(), root).generic_string(), parse_includes(read_file(it->path().string()))});
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

LinkGraph parse_link_graph(std::string_view text) {
  LinkGraph graph;
  std::istringstream in{std::string(text)};
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string kind;
    std::string target;
    words >> kind >> target;
    if (target.empty()) continue;
    target.pop_back();  // the colon
    auto& entry = kind == "links" ? graph.links[target] : graph.sources[target];
    for (std::string word; words >> word;) entry.insert(word);
  }
  return graph;
}

std::set<std::string> LinkGraph::closure(const std::string& target) const {
  std::set<std::string> seen;
  std::vector<std::string> open{target};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    if (!seen.insert(next).second) continue;
    const auto found = links.find(next);
    if (found == links.end()) continue;
    open.insert(open.end(), found->second.begin(), found->second.end());
  }
  return seen;
}

}  // namespace steiger::structure
