#include "crypto/identity/grant.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_grant, steiger::identity::encode_grant)
