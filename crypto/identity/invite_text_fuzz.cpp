#include <cstdlib>

#include "crypto/identity/invite_secret.h"

// Whatever people type: no crash, and what is accepted means the same when written out in any form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger::identity;
  const auto secret = parse_invite_text(steiger::as_text({data, size}));
  if (!secret.ok()) return 0;
  for (const std::string& form : {invite_text(*secret), invite_typed_text(*secret), invite_url("https://x.example/", *secret)}) {
    const auto again = parse_invite_text(form);
    if (!again.ok() || !(*again == *secret)) std::abort();
  }
  return 0;
}
