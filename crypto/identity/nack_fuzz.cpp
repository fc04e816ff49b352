#include "crypto/identity/nack.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_nack, steiger::identity::encode_nack)
