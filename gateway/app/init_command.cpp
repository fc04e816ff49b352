#include "gateway/app/init_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "crypto/primitives/system_rng.h"
#include "gateway/app/system_clock.h"
#include "gateway/sqlcipher/errors.h"

namespace steiger::gateway {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFile = 0600;

// A new file only; false with errno.
bool write_new_file(const std::string& path, ByteView content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kPrivateFile);
  if (fd < 0) return false;
  const bool written = ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) && ::fsync(fd) == 0;
  return ::close(fd) == 0 && written;
}

// 32 random bytes as text. The text is wiped.
bool write_new_key(const std::string& path, Rng& rng) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const RawKey key = RawKey::random(rng);
  SecretBytes text(key.size() * 2 + 1);
  auto out = text.writable();
  for (std::size_t i = 0; i < key.size(); ++i) {
    out[2 * i] = static_cast<std::uint8_t>(kDigits[key.bytes()[i] >> 4]);
    out[2 * i + 1] = static_cast<std::uint8_t>(kDigits[key.bytes()[i] & 0x0f]);
  }
  out.back() = '\n';
  return write_new_file(path, text.bytes());
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string config_text(const InitOptions& options) {
  std::string text = "# Steiger gateway; `steiger-gateway --help` explains every key. Paths start at this file's directory.\n";
  text += "listen = " + quoted(options.listen) + "\n";
  if (!options.public_origin.empty()) text += "public_origin = " + quoted(options.public_origin) + "\n";
  text += "organisation = \"organisation.pub\"\n";
  if (!options.web_directory.empty()) text += "web = " + quoted(fs::absolute(options.web_directory).string()) + "\n";
  text += "\n[store]\npath = \"gateway.db\"\nkey = \"file:store.key\"\naudit_key = \"file:audit.key\"\n";
  return text;
}

ExitCode fail(ExitCode code, const std::string& sentence) {
  std::cerr << sentence << "\n";
  return code;
}

}  // namespace

ExitCode init_gateway(const InitOptions& options) {
  std::string problem;
  const auto organisation = read_organisation_file(options.organisation_file, problem);
  if (!organisation) return fail(ExitCode::configuration, problem);
  const std::string text = config_text(options);
  const ConfigResult parsed = parse_config(text, options.directory);
  if (!parsed.config) return fail(ExitCode::configuration, parsed.problems.front());

  std::error_code why;
  fs::create_directories(options.directory, why);
  if (!why) fs::permissions(options.directory, fs::perms::owner_all, why);
  if (why) return fail(ExitCode::environment, "Cannot make the directory " + options.directory + ": " + why.message() + ".");
  const std::string base = options.directory + "/";
  for (const char* name : {"gateway.toml", "organisation.pub", "store.key", "audit.key", "gateway.db", "head-key.pub"}) {
    if (!fs::exists(base + name, why)) continue;
    return fail(ExitCode::configuration, base + name + " is already there; nothing was changed. Choose another directory.");
  }
  SystemRng rng;
  // The configuration last: when it is there, everything that it names is.
  const bool written = write_new_key(base + "store.key", rng) && write_new_key(base + "audit.key", rng) &&
                       write_new_file(base + "organisation.pub", identity::encode_organisation(*organisation));
  if (!written) return fail(ExitCode::environment, "Cannot write into " + options.directory + ": " + std::strerror(errno) + ".");
  const auto inputs = read_inputs(*parsed.config, problem);
  if (!inputs) return fail(ExitCode::environment, problem);
  const auto store = open_store(*parsed.config, *inputs, rng, MissingStore::create, problem);
  if (store == nullptr) return fail(ExitCode::environment, problem);
  const auto bound = store->bind(organisation->id, organisation->root_key, SystemClock().now());
  if (!bound) return fail(ExitCode::environment, explain_store_error(bound.error()));
  const std::string head_key = to_hex(bound->head_key.verify_key().bytes());
  if (!write_new_file(base + "head-key.pub", as_bytes(head_key + "\n")) ||
      !write_new_file(base + "gateway.toml", as_bytes(text))) {
    return fail(ExitCode::environment, "Cannot write into " + options.directory + ": " + std::strerror(errno) + ".");
  }
  std::cout << "Made " << base << "gateway.toml with its keys and an empty store.\n"
            << "Keep store.key and audit.key safe: without them the store cannot be read by anyone.\n"
            << "Publish " << base << "head-key.pub: with it anybody can check a proof of messages (steiger disclose verify).\n"
            << "Start: steiger-gateway --config " << base << "gateway.toml\n";
  return ExitCode::ok;
}

}  // namespace steiger::gateway
