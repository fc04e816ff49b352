// Transcript hashes (RFC 9420 section 8.2). Public half: the gateway follows them too. Thread-safe.
#pragma once

#include "crypto/mls/messages.h"
#include "crypto/primitives/hash.h"

namespace steiger::mls {

// `commit` must be a commit (its confirmation tag is not part of this hash).
Hash confirmed_transcript_hash(ByteView interim_before, const AuthenticatedContent& commit);
Hash interim_transcript_hash(ByteView confirmed, ByteView confirmation_tag);

}  // namespace steiger::mls
