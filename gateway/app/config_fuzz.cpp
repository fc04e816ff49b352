// The operator's file may hold anything: a configuration or sentences about what is wrong, never a crash or an exception.
#include "gateway/app/config.h"

#include <cstdint>
#include <cstdlib>

#include "crypto/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto result = steiger::gateway::parse_config(steiger::as_text({data, size}), "/etc/steiger");
  if (result.config.has_value() != result.problems.empty()) std::abort();
  return 0;
}
