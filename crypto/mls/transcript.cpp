#include "crypto/mls/transcript.h"

namespace steiger::mls {

Hash confirmed_transcript_hash(ByteView interim_before, const AuthenticatedContent& commit) {
  Writer input;
  input.u16(static_cast<std::uint16_t>(commit.wire_format));
  commit.content.write(input);
  input.opaque(commit.auth.signature);
  return sha256({interim_before, input.view()});
}

Hash interim_transcript_hash(ByteView confirmed, ByteView confirmation_tag) {
  Writer input;
  input.opaque(confirmation_tag);
  return sha256({confirmed, input.view()});
}

}  // namespace steiger::mls
