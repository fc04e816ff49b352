#include "crypto/identity/root_succession.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_root_successions, steiger::identity::encode_root_successions)
