#include "tests/vectors/vectors.h"

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace steiger::vectors {
namespace {

// The folder of data-exchange schemas (VNG, Logius): not vectors, so they are named and left alone.
constexpr std::string_view kSchemaFolder = "standards";

FileReport broken(std::string name, std::string kind, std::string why) {
  FileReport report{.file = std::move(name), .kind = std::move(kind), .skipped = {}, .failures = {}};
  report.failures.push_back(std::move(why));
  return report;
}

// Only parts below and including the folder that was given count: where the vectors lie on a machine says nothing.
bool is_below_schema_folder(const std::filesystem::path& file, const std::filesystem::path& name) {
  std::filesystem::path root = file;
  for (const auto& part : name) {
    static_cast<void>(part);
    root = root.parent_path();
  }
  for (const auto& part : root.filename() / name.parent_path()) {
    if (part == kSchemaFolder) return true;
  }
  return false;
}

}  // namespace

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> all;
    for (auto* list : {&wycheproof_kinds, &hpke_kinds, &merkle_kinds, &mls_kinds}) {
      for (Kind& kind : list()) all.push_back(std::move(kind));
    }
    return all;
  }();
  return kinds;
}

const Kind* find_kind(const Json& document) {
  for (const Kind& kind : all_kinds()) {
    if (kind.recognise(document)) return &kind;
  }
  return nullptr;
}

std::vector<Json> entries_of(const Kind& kind, const Json& document) {
  if (kind.entries != nullptr) return kind.entries(document);
  if (document.is_array()) return document.get<std::vector<Json>>();
  return {document};
}

Outcome verify_entry(const Kind& kind, const Json& entry) {
  try {
    return kind.verify(entry);
  } catch (const std::exception& error) {
    return Outcome::fail(std::string("malformed entry: ") + error.what());
  }
}

FileReport verify_document(std::string name, const Json& document) {
  const Kind* kind = find_kind(document);
  if (kind == nullptr) return broken(std::move(name), "unknown", "no kind of vector recognises this file");
  FileReport report{.file = std::move(name), .kind = kind->name, .skipped = {}, .failures = {}};
  std::vector<Json> entries;
  try {
    entries = entries_of(*kind, document);
  } catch (const std::exception& error) {
    report.failures.push_back(std::string("malformed file: ") + error.what());
    return report;
  }
  report.total = entries.size();
  if (entries.empty()) report.failures.emplace_back("no entries");
  if (kind->verify == nullptr) {
    report.not_yet = true;
    return report;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Outcome outcome = verify_entry(*kind, entries[i]);
    switch (outcome.state) {
      case Outcome::State::passed:
        ++report.passed;
        break;
      case Outcome::State::skipped:
        ++report.skipped[outcome.why];
        break;
      case Outcome::State::failed:
        report.failures.push_back("entry " + std::to_string(i) + ": " + outcome.why);
        break;
    }
  }
  return report;
}

FileReport verify_file(const std::filesystem::path& file, const std::string& name) {
  if (is_below_schema_folder(file, name)) {
    FileReport report{.file = name, .kind = "schema", .skipped = {}, .failures = {}};
    report.skipped["schema"] = 1;
    return report;
  }
  if (file.extension() == ".md") {
    FileReport report{.file = name, .kind = "text", .skipped = {}, .failures = {}};
    report.skipped["text"] = 1;
    return report;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return broken(name, "unknown", "cannot be opened");
  const Json document = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return broken(name, "unknown", "is not JSON");
  return verify_document(name, document);
}

std::vector<FileReport> verify_tree(const std::filesystem::path& root) {
  const auto canonical = std::filesystem::canonical(root);
  if (!std::filesystem::is_directory(canonical)) return {verify_file(canonical, root.filename().string())};
  std::vector<std::filesystem::path> files;
  for (auto it = std::filesystem::recursive_directory_iterator(canonical); it != std::filesystem::recursive_directory_iterator();
       ++it) {
    if (it->path().filename().string().starts_with('.')) {
      it.disable_recursion_pending();
    } else if (!it->is_directory()) {
      files.push_back(it->path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<FileReport> reports;
  reports.reserve(files.size());
  for (const auto& file : files) reports.push_back(verify_file(file, file.lexically_relative(canonical).string()));
  return reports;
}

std::ostream& operator<<(std::ostream& out, const FileReport& report) {
  out << report.file << ' ' << report.kind;
  if (report.not_yet) {
    out << " not yet (" << report.total << " entries)";
  } else if (report.total > 0) {
    out << ' ' << report.passed << '/' << report.total;
  }
  if (!report.skipped.empty()) {
    for (const auto& [reason, count] : report.skipped) out << " skipped(" << reason << ": " << count << ')';
  }
  if (!report.failures.empty()) out << " FAILED " << report.failures.size();
  for (const std::string& failure : report.failures) out << "\n    " << failure;
  return out;
}

bool has_keys(const Json& object, std::initializer_list<const char*> keys) {
  if (!object.is_object()) return false;
  for (const char* key : keys) {
    if (!object.contains(key)) return false;
  }
  return true;
}

const Json& first_entry(const Json& document) {
  static const Json none;
  if (document.is_array()) return document.empty() ? none : document.front();
  return document;
}

Bytes hex(const Json& value) {
  const auto bytes = from_hex(value.get_ref<const std::string&>());
  if (!bytes.ok()) throw std::invalid_argument("not hexadecimal");
  return bytes.value();
}

Bytes hex(const Json& object, const char* key) {
  return hex(object.at(key));
}

std::uint64_t number(const Json& object, const char* key) {
  return object.at(key).get_ref<const Json::number_unsigned_t&>();
}

const std::string& text(const Json& object, const char* key) {
  return object.at(key).get_ref<const std::string&>();
}

Outcome expect_equal(std::string_view what, ByteView expected, ByteView actual) {
  if (equal(expected, actual)) return Outcome::pass();
  return Outcome::fail(std::string(what) + ": expected " + to_hex(expected) + ", got " + to_hex(actual));
}

namespace {

std::filesystem::path shared_folder() {
  return std::filesystem::path(STEIGER_SOURCE_DIR) / ".." / "shared";
}

}  // namespace

std::filesystem::path vectors_folder() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once, before any thread.
  if (const char* folder = std::getenv("STEIGER_VECTORS"); folder != nullptr && *folder != '\0') return folder;
  const std::filesystem::path beside = shared_folder() / "vectors";
  return std::filesystem::is_directory(beside) ? beside : std::filesystem::path();
}

bool vectors_required() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): as above.
  const char* required = std::getenv("STEIGER_REQUIRE_VECTORS");
  return (required != nullptr && std::string_view(required) == "1") || std::filesystem::is_directory(shared_folder());
}

}  // namespace steiger::vectors
