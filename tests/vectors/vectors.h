// Test vectors that nobody here wrote, as a library: the binary `steiger-vectors`, the gtest cases and later the wasm run verify
// the same objects. A kind of file is known by its content, never by its name. Vectors are read where they are and never copied
// in. Exceptions (of the JSON library) stay inside this folder.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace steiger::vectors {

using Json = nlohmann::json;

// What one entry of a file came to. `why` says what differed, or for a skipped entry the short reason that is counted.
struct Outcome {
  enum class State { passed, failed, skipped };
  State state = State::passed;
  std::string why;

  static Outcome pass() { return {}; }
  static Outcome fail(std::string why) { return {State::failed, std::move(why)}; }
  static Outcome skip(std::string why) { return {State::skipped, std::move(why)}; }
};

// One kind of vector file. To add one: write `verify`, and put it in the list of its room (wycheproof, hpke, merkle, mls).
struct Kind {
  std::string name;
  // True when this JSON document is of the kind. Must not accept documents of another kind (a test checks that).
  bool (*recognise)(const Json& document);
  // Null: recognised, "not yet" implemented. May throw on malformed entries; that counts as a failure of the entry.
  Outcome (*verify)(const Json& entry) = nullptr;
  // Null: the entries are the elements of the document (an array) or the document itself.
  std::vector<Json> (*entries)(const Json& document) = nullptr;
};

const std::vector<Kind>& all_kinds();
std::vector<Kind> wycheproof_kinds();
std::vector<Kind> hpke_kinds();
std::vector<Kind> merkle_kinds();
std::vector<Kind> mls_kinds();

// Null when no kind recognises the document.
const Kind* find_kind(const Json& document);
std::vector<Json> entries_of(const Kind& kind, const Json& document);
// Never throws: an exception from `verify` becomes a failure that says so.
Outcome verify_entry(const Kind& kind, const Json& entry);

struct FileReport {
  std::string file;  // relative to the folder that was given
  std::string kind;  // "unknown" when not recognised, "schema" and "text" when skipped as a whole
  bool not_yet = false;
  std::size_t total = 0;
  std::size_t passed = 0;
  std::map<std::string, std::size_t> skipped;  // reason -> entries
  std::vector<std::string> failures;           // "entry 12: explanation"

  [[nodiscard]] bool ok() const { return failures.empty(); }
};

FileReport verify_document(std::string name, const Json& document);
// Unreadable or unknown files, and files without entries, are failures. Parts of the path named "standards" mean schema.
FileReport verify_file(const std::filesystem::path& file, const std::string& name);
// Every file below `root` (or `root` itself when it is a file), sorted by name; names that start with a dot are left out.
std::vector<FileReport> verify_tree(const std::filesystem::path& root);

// "file kind passed/total skipped(suite: 3)"; then one indented line per failure.
std::ostream& operator<<(std::ostream& out, const FileReport& report);

// ---- For verifiers
// -------------------------------------------------------------------------------------------------------------

// True for an object that has all of `keys`.
bool has_keys(const Json& object, std::initializer_list<const char*> keys);
// The first entry of an array, the document itself when it is an object, null otherwise.
const Json& first_entry(const Json& document);
// A hexadecimal member; throws when absent or not hexadecimal.
Bytes hex(const Json& object, const char* key);
Bytes hex(const Json& value);
// What decides whether an entry is for us; throws when absent or of another type, so that a mistake there is no reason to skip.
std::uint64_t number(const Json& object, const char* key);
const std::string& text(const Json& object, const char* key);
// Fails with "what: expected ..., got ..." unless equal.
Outcome expect_equal(std::string_view what, ByteView expected, ByteView actual);

// Where the vectors are: $STEIGER_VECTORS, else ../shared/vectors beside the repository. Empty when there are none.
std::filesystem::path vectors_folder();
// Whether a test fails without them instead of being skipped: STEIGER_REQUIRE_VECTORS=1, or the folder ../shared is there, whose vectors
// are then missing by mistake.
bool vectors_required();

}  // namespace steiger::vectors

// Returns the Outcome from the enclosing verifier unless it passed.
#define STEIGER_EXPECT(outcome)                                                                \
  do {                                                                                         \
    if (auto steiger_outcome_ = (outcome); steiger_outcome_.state != Outcome::State::passed) { \
      return steiger_outcome_;                                                                 \
    }                                                                                          \
  } while (false)
