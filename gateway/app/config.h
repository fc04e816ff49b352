// The configuration file: TOML, every key known by name, every problem a sentence. `steiger-gateway --help` shows an example.
//
//   listen = "127.0.0.1:8443"                  numeric address and port; port 0: any free one
//   public_origin = "https://chat.example.nl"  what browsers and apps call this gateway (S6 signs it); needed beyond loopback
//   organisation = "organisation.public"       made by `steiger organisation create`
//   web = "web"                                optional: directory of the page
//   [store]
//   path = "gateway.db"
//   key = "file:store.key"                     64 hexadecimal characters from file:PATH (0600), environment:NAME or
//   audit_key = "file:audit.key"               credential:NAME (systemd)
//   [limits]
//   max_connections = 10000
//   [health]
//   counts = false                             show totals on /health; off: a stranger could watch when people write
// Relative paths start at the directory of the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/primitives/secret.h"

namespace steiger::gateway {

// Where a raw 32-byte key comes from.
struct KeySource {
  enum class Kind : std::uint8_t { file, environment, credential };
  Kind kind = Kind::file;
  std::string name;  // path (absolute or from the working directory) or variable or credential name
};

struct Config {
  std::string listen_host;  // numeric
  std::uint16_t listen_port = 0;
  std::string public_origin;  // empty: http:// and the listening address
  std::string organisation_file;
  std::string web_directory;  // empty: none
  std::string store_path;
  KeySource store_key;
  KeySource audit_key;
  std::size_t max_connections = 0;
  bool health_counts = false;
};

struct ConfigResult {
  std::optional<Config> config;       // absent when there are problems
  std::vector<std::string> problems;  // sentences for the operator, all of them at once
};

// `directory`: what relative paths start from.
ConfigResult parse_config(std::string_view text, const std::string& directory);
ConfigResult load_config(const std::string& path);

// Only this machine can reach the address.
bool is_loopback(const std::string& host);

using RawKey = Secret<struct RawKeyTag>;

// The key, or a sentence in `problem` that says what is wrong and never what the key was.
std::optional<RawKey> read_key(const KeySource& source, std::string& problem);

}  // namespace steiger::gateway
