#include "crypto/identity/invite.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_invite_terms, steiger::identity::encode_invite_terms)
