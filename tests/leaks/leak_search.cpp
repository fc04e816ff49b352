#include "tests/leaks/leak_search.h"

#include <fcntl.h>
#include <string.h>  // NOLINT(modernize-deprecated-headers): memmem
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "client-sdk/src/native/temporary_directory.h"
#include "gateway/sqlcipher/database.h"

namespace steiger::test {
namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsPerByte = 8;
constexpr unsigned kBitsPerCharacter = 6;
constexpr char kNeighbour = 'x';

// Without padding; the bits that are missing at the end count as zero.
std::string base64(std::string_view bytes, const char* alphabet) {
  std::string out;
  unsigned bits = 0;
  unsigned value = 0;
  for (const char c : bytes) {
    value = (value << kBitsPerByte) | static_cast<std::uint8_t>(c);
    bits += kBitsPerByte;
    while (bits >= kBitsPerCharacter) {
      bits -= kBitsPerCharacter;
      out.push_back(alphabet[(value >> bits) & 63U]);
    }
    value &= (1U << bits) - 1U;
  }
  if (bits > 0) out.push_back(alphabet[(value << (kBitsPerCharacter - bits)) & 63U]);
  return out;
}

std::string utf16(std::string_view text, bool little) {
  std::string out;
  for (const char c : text) little ? out.append({c, '\0'}) : out.append({'\0', c});
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string encode(std::string_view bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::raw:
      return std::string(bytes);
    case Encoding::utf16_little:
      return utf16(bytes, true);
    case Encoding::utf16_big:
      return utf16(bytes, false);
    case Encoding::hex:
      return to_hex(as_bytes(bytes));
    case Encoding::hex_upper:
      return upper(to_hex(as_bytes(bytes)));
    case Encoding::base64:
      return base64(bytes, kBase64);
    case Encoding::base64url:
      break;
  }
  return base64(bytes, kBase64Url);
}

bool depends_on_place(Encoding encoding) {
  return encoding == Encoding::base64 || encoding == Encoding::base64url;
}

// The part of the form that depends on the marker alone, not on its neighbours.
std::string trace(std::string_view marker, Encoding encoding, std::size_t before) {
  if (!depends_on_place(encoding)) return encode(marker, encoding);
  const std::string all = encode(std::string(before, '\0').append(marker), encoding);
  const std::size_t first = (before * kBitsPerByte + kBitsPerCharacter - 1) / kBitsPerCharacter;
  const std::size_t end = (before + marker.size()) * kBitsPerByte / kBitsPerCharacter;
  return all.substr(first, end - first);
}

std::string values_of(sqlcipher::Database& database) {
  std::string out;
  auto tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
  if (!tables.ok()) return out;
  std::vector<std::string> names;
  for (auto row = tables->step(); row.ok() && *row; row = tables->step()) names.emplace_back(tables->text(0));
  for (const auto& name : names) {
    auto columns = database.prepare(std::string("PRAGMA table_info(\"").append(name).append("\")").c_str());
    if (!columns.ok()) continue;
    std::vector<std::string> fields;
    for (auto row = columns->step(); row.ok() && *row; row = columns->step()) fields.emplace_back(columns->text(1));
    for (const auto& field : fields) {
      auto values =
          database.prepare(std::string("SELECT \"").append(field).append("\" FROM \"").append(name).append("\"").c_str());
      if (!values.ok()) continue;
      for (auto row = values->step(); row.ok() && *row; row = values->step()) out.append(as_text(values->blob(0))).append("\n");
    }
  }
  return out;
}

std::filesystem::path log_of(const std::filesystem::path& database) {
  return database.string() + "-wal";
}

// A copy with the first `log_bytes` of the write-ahead log, opened and read.
std::string decrypted_copy(const std::filesystem::path& database, std::string_view log, ByteView key) {
  const auto raw = sqlcipher::DatabaseKey::from_bytes(key);
  if (!raw.ok()) return {};
  const sdk::TemporaryDirectory directory;
  const std::filesystem::path copy = directory.path() / "copy.db";
  std::filesystem::copy_file(database, copy);
  std::ofstream(log_of(copy), std::ios::binary).write(log.data(), static_cast<std::streamsize>(log.size()));
  auto opened = sqlcipher::Database::open(copy.string(), *raw, {false, false});
  return opened.ok() ? values_of(*opened) : std::string();
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t out = 0;
  for (const char c : bytes.substr(0, 4)) out = (out << kBitsPerByte) | static_cast<std::uint8_t>(c);
  return out;
}

}  // namespace

const char* name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::raw:
      return "raw";
    case Encoding::utf16_little:
      return "UTF-16LE";
    case Encoding::utf16_big:
      return "UTF-16BE";
    case Encoding::hex:
      return "hex";
    case Encoding::hex_upper:
      return "HEX";
    case Encoding::base64:
      return "base64";
    case Encoding::base64url:
      break;
  }
  return "base64url";
}

std::string written(std::string_view marker, Encoding encoding, std::size_t before) {
  return encode(std::string(before, kNeighbour).append(marker).append(1, kNeighbour), encoding);
}

std::string written_in_every_form(std::string_view marker) {
  std::string out;
  for (const Encoding encoding : kEncodings) {
    for (std::size_t before = 0; before < kAlignments; ++before) out.append(written(marker, encoding, before)).append("\n");
  }
  return out;
}

std::vector<std::string> found(std::string_view haystack, std::string_view marker) {
  if (marker.size() < kMinMarkerBytes) return {"the marker is too short"};
  std::vector<std::string> out;
  for (const Encoding encoding : kEncodings) {
    bool here = false;
    for (std::size_t before = 0; before < (depends_on_place(encoding) ? kAlignments : 1); ++before) {
      const std::string needle = trace(marker, encoding, before);
      here = here || ::memmem(haystack.data(), haystack.size(), needle.data(), needle.size()) != nullptr;
    }
    if (here) out.emplace_back(name_of(encoding));
  }
  return out;
}

std::vector<std::string> every_form() {
  std::vector<std::string> out;
  for (const Encoding encoding : kEncodings) out.emplace_back(name_of(encoding));
  return out;
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

std::string memory_of(pid_t process) {
  // A sanitizer's shadow is larger, and holds no data.
  constexpr std::uint64_t kMostBytesOfOneMapping = std::uint64_t{1} << 30U;
  constexpr std::size_t kPage = 4096;  // pages that were never touched are left out
  const std::string folder = "/proc/" + std::to_string(process);
  const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return {};
  std::string out;
  std::istringstream maps(content_of(folder + "/maps"));
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> from >> dash >> to >> rights;
    if (rights.rfind("rw", 0) != 0 || to - from > kMostBytesOfOneMapping) continue;
    std::string mapping(static_cast<std::size_t>(to - from), '\0');
    std::size_t have = 0;
    while (have < mapping.size()) {
      const ssize_t got = ::pread(memory, mapping.data() + have, mapping.size() - have, static_cast<off_t>(from + have));
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    for (std::size_t at = 0; at < have; at += kPage) {
      const std::string_view page = std::string_view(mapping).substr(at, kPage);
      if (page.find_first_not_of('\0') != std::string_view::npos) out.append(page);
    }
  }
  ::close(memory);
  return out;
}

std::string decrypted(const std::filesystem::path& database, ByteView key) {
  return decrypted_copy(database, content_of(log_of(database)), key);
}

// SQLite's write-ahead log: a header, then frames of a header and a page; a frame with a size in its header ends a transaction. A log cut
// there is the log as it was then.
std::string decrypted_history(const std::filesystem::path& database, ByteView key) {
  constexpr std::size_t kHeader = 32;
  constexpr std::size_t kPageSizeAt = 8;
  constexpr std::size_t kFrameHeader = 24;
  constexpr std::size_t kCommitSizeAt = 4;  // in a frame's header
  const std::string log = content_of(log_of(database));
  std::string out = decrypted_copy(database, {}, key);
  if (log.size() < kHeader) return out;
  const std::size_t frame = kFrameHeader + big_endian(std::string_view(log).substr(kPageSizeAt));
  for (std::size_t at = kHeader; at + frame <= log.size(); at += frame) {
    if (big_endian(std::string_view(log).substr(at + kCommitSizeAt)) == 0) continue;
    out.append(decrypted_copy(database, std::string_view(log).substr(0, at + frame), key));
  }
  return out;
}

}  // namespace steiger::test
