// An address may come out of an invite: any text is taken apart or refused.
#include "gateway/transport/client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto url = steiger::transport::parse_gateway_url(steiger::as_text({data, size}));
  const auto breaks_lines = [](const std::string& part) { return part.find_first_of("\r\n \t") != std::string::npos; };
  if (url.ok() && (breaks_lines(url->host) || breaks_lines(url->path))) __builtin_trap();
  if (url.ok() && (url->host.empty() || url->port == 0 || url->path.empty() || url->path.front() != '/')) __builtin_trap();
  return 0;
}
