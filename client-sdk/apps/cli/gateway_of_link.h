// Which gateway an invite link belongs to: the page is served by the gateway itself unless somebody says otherwise.
#pragma once

#include <string>
#include <string_view>

namespace steiger::cli {

// "https://host:port/path#..." -> "wss://host:port/", "http://..." -> "ws://..."; empty when it is no link.
std::string gateway_of_link(std::string_view link);

}  // namespace steiger::cli
