// The page's files, read once at start: what is not in the map does not exist, so a request cannot walk out of the directory.
// Changed files are seen after a restart.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gateway/transport/http.h"

namespace steiger::gateway {

// Beyond these load() fails: the page is a few megabytes.
inline constexpr std::size_t kMaxStaticFiles = 1000;
inline constexpr std::size_t kMaxStaticBytes = std::size_t{64} << 20;

class StaticFiles {
 public:
  StaticFiles() = default;  // no page
  // Regular files of known kinds below `directory`; hidden files and symbolic links are left out. `origin` is the gateway's public
  // origin: the page may connect to it and to nothing else. A sentence in `problem` on failure.
  static std::optional<StaticFiles> load(const std::string& directory, const std::string& origin, std::string& problem);

  // `path` as requested; "/" is /index.html. 404 when unknown.
  [[nodiscard]] transport::HttpResponse get(const std::string& path) const;

 private:
  struct File {
    const char* content_type;
    std::shared_ptr<const Bytes> body;
  };
  std::map<std::string, File> files_;
  std::string policy_;
};

// The response headers that every answer carries.
void add_security_headers(transport::HttpResponse& response);

}  // namespace steiger::gateway
