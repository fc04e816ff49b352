#include "gateway/net/static_files.h"

#include <filesystem>
#include <fstream>

namespace steiger::gateway {
namespace {

namespace fs = std::filesystem;

// nullptr for a kind that the page does not use: such files are not served.
const char* content_type_of(const std::string& extension) {
  static const std::map<std::string, const char*> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  };
  const auto found = kTypes.find(extension);
  return found == kTypes.end() ? nullptr : found->second;
}

// Scripts, workers and wasm from here only; connections to this gateway only; nothing may frame or be framed.
std::string content_policy(const std::string& origin) {
  const std::string socket = origin.rfind("http", 0) == 0 ? "ws" + origin.substr(4) : origin;
  return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' " + socket +
         "; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'";
}

std::shared_ptr<const Bytes> read_file(const fs::path& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return nullptr;
  const auto size = static_cast<std::size_t>(file.tellg());
  if (size > most) return nullptr;
  Bytes bytes(size);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) return nullptr;
  return std::make_shared<const Bytes>(std::move(bytes));
}

}  // namespace

void add_security_headers(transport::HttpResponse& response) {
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.headers.emplace_back("referrer-policy", "no-referrer");  // an invite link names the gateway to nobody
  response.headers.emplace_back("cross-origin-opener-policy", "same-origin");
  response.headers.emplace_back("cross-origin-resource-policy", "same-origin");
  response.headers.emplace_back("cache-control", "no-cache");
}

std::optional<StaticFiles> StaticFiles::load(const std::string& directory, const std::string& origin, std::string& problem) {
  StaticFiles out;
  out.policy_ = content_policy(origin);
  std::error_code why;
  std::size_t total = 0;
  fs::recursive_directory_iterator at(directory, why);
  for (const fs::recursive_directory_iterator end; !why && at != end; at.increment(why)) {
    const fs::directory_entry& entry = *at;
    if (entry.path().filename().string().front() == '.') {
      if (entry.is_directory(why)) at.disable_recursion_pending();
      continue;
    }
    if (entry.is_symlink(why) || !entry.is_regular_file(why)) continue;
    const char* type = content_type_of(entry.path().extension().string());
    if (type == nullptr) continue;
    auto body = read_file(entry.path(), kMaxStaticBytes - total);
    if (body == nullptr || out.files_.size() == kMaxStaticFiles) {
      problem = "The web directory " + directory + " holds an unreadable file, or more than 64 MiB or 1,000 files.";
      return std::nullopt;
    }
    total += body->size();
    out.files_.emplace("/" + entry.path().lexically_relative(directory).generic_string(), File{type, std::move(body)});
  }
  if (why) {
    problem = "Cannot read the web directory " + directory + ": " + why.message() + ".";
    return std::nullopt;
  }
  return out;
}

transport::HttpResponse StaticFiles::get(const std::string& path) const {
  transport::HttpResponse response;
  const auto found = files_.find(path == "/" ? "/index.html" : path);
  if (found == files_.end()) {
    static const auto kNotFound = std::make_shared<const Bytes>(to_bytes("not found\n"));
    response.status = 404;
    response.body = kNotFound;
  } else {
    response.content_type = found->second.content_type;
    response.body = found->second.body;
    response.headers.emplace_back("content-security-policy", policy_);
  }
  add_security_headers(response);
  return response;
}

}  // namespace steiger::gateway
