#include "gateway/app/config.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "gateway/transport/limits.h"

namespace steiger::gateway {
namespace {

constexpr std::size_t kMaxConfigBytes = 64 * 1024;
constexpr std::size_t kKeyTextSize = 64;
constexpr std::int64_t kMostConnections = 100'000;  // file descriptors of one process

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // some editors begin a file with it

// Line, from 1, of the first character beyond ASCII outside lines of comment; 0: there is none. toml++ 3.3 must not see one: where it
// looks for white space, its table of white space runs into undefined behaviour on most others. In a file with texts over several
// lines a line that begins with # may be text, so there is no exception for it.
std::size_t line_beyond_ascii(std::string_view text) {
  const bool long_texts = text.find("\"\"\"") != std::string_view::npos || text.find("'''") != std::string_view::npos;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view this_line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), this_line.size() + 1));
    const std::size_t first = this_line.find_first_not_of(" \t");
    const bool comment = !long_texts && first != std::string_view::npos && this_line[first] == '#';
    const auto beyond = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    if (!comment && std::any_of(this_line.begin(), this_line.end(), beyond)) return line;
  }
  return 0;
}

// Reads values out of the table and collects sentences about what is wrong.
class ConfigReader {
 public:
  ConfigReader(const toml::table& root, std::string directory) : root_(root), directory_(std::move(directory)) {}

  ConfigResult read() {
    check_keys(root_, "", {"listen", "public_origin", "organisation", "web", "store", "limits", "health"});
    check_section("store", {"path", "key", "audit_key"});
    check_section("limits", {"max_connections"});
    check_section("health", {"counts"});
    Config config;
    read_listen(config);
    config.public_origin = optional_text("public_origin");
    check_origin(config);
    config.organisation_file = path(text("organisation"));
    if (root_.contains("web")) config.web_directory = path(optional_text("web"));
    config.store_path = path(text("store.path"));
    config.store_key = key("store.key");
    config.audit_key = key("store.audit_key");
    config.max_connections = number("limits.max_connections", transport::kMaxConnections);
    config.health_counts = flag("health.counts");
    ConfigResult result;
    if (problems_.empty()) result.config = std::move(config);
    result.problems = std::move(problems_);
    return result;
  }

 private:
  void say(const std::string& sentence) { problems_.push_back(sentence); }

  void check_keys(const toml::table& table, const std::string& prefix, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : table) {
      if (std::find(known.begin(), known.end(), name.str()) != known.end()) continue;
      std::string sentence = "Unknown key \"" + prefix + std::string(name.str()) + "\"; known here:";
      for (const std::string_view each : known) sentence += " " + std::string(each);
      say(sentence + ".");
    }
  }
  void check_section(const std::string& name, std::initializer_list<std::string_view> known) {
    if (!root_.contains(name)) return;
    if (const toml::table* table = root_[name].as_table()) {
      check_keys(*table, name + ".", known);
    } else {
      say("\"" + name + "\" must be a section: [" + name + "].");
    }
  }
  std::string optional_text(const std::string& name) {
    const auto node = root_.at_path(name);
    if (!node) return {};
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) {
      say("\"" + name + "\" must be a text in quotes, and not empty.");
      return {};
    }
    return *value;
  }
  std::string text(const std::string& name) {
    if (!root_.at_path(name)) {
      say("\"" + name + "\" is missing.");
      return {};
    }
    return optional_text(name);
  }
  std::size_t number(const std::string& name, std::size_t otherwise) {
    const auto node = root_.at_path(name);
    if (!node) return otherwise;
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > kMostConnections) {
      say("\"" + name + "\" must be a whole number from 1 to " + std::to_string(kMostConnections) + ".");
      return otherwise;
    }
    return static_cast<std::size_t>(*value);
  }
  bool flag(const std::string& name) {
    const auto node = root_.at_path(name);
    if (!node) return false;
    const auto value = node.value_exact<bool>();
    if (!value) say("\"" + name + "\" must be true or false.");
    return value.value_or(false);
  }
  std::string path(const std::string& name) const {
    if (name.empty()) return {};
    const std::filesystem::path given(name);
    return given.is_absolute() ? name : (std::filesystem::path(directory_) / given).string();
  }
  KeySource key(const std::string& name) {
    const std::string value = text(name);
    KeySource source;
    const std::size_t colon = value.find(':');
    const std::string kind = value.substr(0, colon);
    source.name = colon == std::string::npos ? "" : value.substr(colon + 1);
    if (kind == "file") {
      source.name = path(source.name);
    } else if (kind == "environment") {
      source.kind = KeySource::Kind::environment;
    } else if (kind == "credential") {
      source.kind = KeySource::Kind::credential;
      if (source.name.find('/') != std::string::npos) source.name.clear();
    } else {
      source.name.clear();
    }
    // Not quoted back: somebody may have put the key itself here.
    if (!value.empty() && source.name.empty()) say("\"" + name + "\" must be file:PATH, environment:NAME or credential:NAME.");
    return source;
  }
  void read_listen(Config& config) {
    const std::string value = text("listen");
    if (value.empty()) return;
    const std::size_t colon = value.rfind(':');
    std::string host = value.substr(0, colon);
    const std::string port = colon == std::string::npos ? "" : value.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    unsigned char address[sizeof(in6_addr)];
    const bool numeric = ::inet_pton(AF_INET, host.c_str(), address) == 1 || ::inet_pton(AF_INET6, host.c_str(), address) == 1;
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), config.listen_port);
    if (!numeric || port.empty() || problem != std::errc() || end != port.data() + port.size()) {
      say("\"listen\" must be a numeric address and a port, such as \"127.0.0.1:8443\" or \"[::1]:8443\".");
      return;
    }
    config.listen_host = host;
  }
  void check_origin(const Config& config) {
    const std::string& origin = config.public_origin;
    if (origin.empty()) {
      if (!config.listen_host.empty() && !is_loopback(config.listen_host)) {
        say("\"public_origin\" is needed when \"listen\" is not a loopback address: logins sign it.");
      }
      return;
    }
    const bool https = origin.rfind("https://", 0) == 0;
    const bool http = origin.rfind("http://", 0) == 0;
    const std::size_t host = https ? std::strlen("https://") : std::strlen("http://");
    if ((!https && !http) || origin.size() == host || origin.find('/', host) != std::string::npos ||
        origin.find_first_of(" \"';,?#@") != std::string::npos) {
      say("\"public_origin\" must be http:// or https:// with a host and perhaps a port, and nothing after it.");
    }
  }

  const toml::table& root_;
  std::string directory_;
  std::vector<std::string> problems_;
};

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "::1" || host.rfind("127.", 0) == 0;
}

ConfigResult parse_config(std::string_view text, const std::string& directory) {
  if (text.size() > kMaxConfigBytes) return {std::nullopt, {"The configuration is larger than 64 KiB; that cannot be right."}};
  if (text.rfind(kByteOrderMark, 0) == 0) text.remove_prefix(kByteOrderMark.size());
  if (const std::size_t line = line_beyond_ascii(text); line != 0) {
    return {std::nullopt,
            {"Line " + std::to_string(line) +
             " has a character beyond ASCII; only lines that begin with # may. Give the file that it names an ASCII name."}};
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream sentence;
    sentence << "Line " << parsed.error().source().begin.line << " is not TOML: " << parsed.error().description() << ".";
    return {std::nullopt, {sentence.str()}};
  }
  return ConfigReader(parsed.table(), directory).read();
}

ConfigResult load_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxConfigBytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()) {
    return {std::nullopt, {"Cannot read the configuration " + path + ": " + std::strerror(errno) + "."}};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return parse_config(text, directory.empty() ? "." : directory);
}

namespace {

std::optional<RawKey> key_from_text(std::string_view text, const std::string& where, std::string& problem) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.size() == kKeyTextSize) {
    if (auto bytes = from_hex(text); bytes.ok()) {
      const SecretBytes secret = SecretBytes::adopt(std::move(bytes).value());
      if (auto key = RawKey::from_bytes(secret.bytes()); key.ok()) return std::move(key).value();
    }
  }
  problem = "The key in " + where + " must be 64 hexadecimal characters (32 bytes) and nothing else.";
  return std::nullopt;
}

std::optional<RawKey> key_from_file(const std::string& path, bool check_mode, std::string& problem) {
  struct stat info {};
  std::ifstream file(path, std::ios::binary);
  if (::stat(path.c_str(), &info) != 0 || !file) {
    problem = "Cannot read the key file " + path + ": " + std::strerror(errno) + ".";
    return std::nullopt;
  }
  if (check_mode && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    problem = "The key file " + path + " can be read by others than its owner; run: chmod 600 " + path;
    return std::nullopt;
  }
  constexpr std::size_t kRoom = kKeyTextSize + 8;  // a newline and a little, not a large file
  SecretBytes text(kRoom);
  file.read(reinterpret_cast<char*>(text.writable().data()), static_cast<std::streamsize>(kRoom));
  return key_from_text(as_text(text.bytes().first(static_cast<std::size_t>(file.gcount()))), path, problem);
}

}  // namespace

std::optional<RawKey> read_key(const KeySource& source, std::string& problem) {
  if (source.kind == KeySource::Kind::file) return key_from_file(source.name, true, problem);
  if (source.kind == KeySource::Kind::environment) {
    const char* value = std::getenv(source.name.c_str());
    if (value != nullptr) return key_from_text(value, "the environment variable " + source.name, problem);
    problem = "The environment variable " + source.name + ", which should hold a key, is not set.";
    return std::nullopt;
  }
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory != nullptr) return key_from_file(std::string(directory) + "/" + source.name, false, problem);
  problem = "CREDENTIALS_DIRECTORY is not set: the credential " + source.name + " needs LoadCredential= in the systemd unit.";
  return std::nullopt;
}

}  // namespace steiger::gateway
