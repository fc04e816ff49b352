#include "crypto/identity/status_list.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_delegation, steiger::identity::encode_delegation)
