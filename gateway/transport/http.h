// The little HTTP that the server answers besides WebSocket upgrades: GET of health and of static files.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"

namespace steiger::transport {

// A GET or HEAD request; every other method is answered 405 before a handler sees it. Bodies are never read.
struct HttpRequest {
  std::string path;  // percent-decoded, starts with '/'; without the query
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  // lower-case names
  std::shared_ptr<const Bytes> body;                         // shared: a cached file is not copied per request
};

}  // namespace steiger::transport
