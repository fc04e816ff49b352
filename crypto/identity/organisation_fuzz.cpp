#include "crypto/identity/chain.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_organisation, steiger::identity::encode_organisation)
