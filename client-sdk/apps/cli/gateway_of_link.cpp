#include "client-sdk/apps/cli/gateway_of_link.h"

namespace steiger::cli {

std::string gateway_of_link(std::string_view link) {
  struct Scheme {
    std::string_view page, socket;
  };
  for (const auto& scheme : {Scheme{"https://", "wss://"}, Scheme{"http://", "ws://"}}) {
    if (!link.starts_with(scheme.page)) continue;
    link.remove_prefix(scheme.page.size());
    const auto host = link.substr(0, link.find_first_of("/?#"));
    if (host.empty()) return "";
    return std::string(scheme.socket) + std::string(host) + "/";
  }
  return "";
}

}  // namespace steiger::cli
