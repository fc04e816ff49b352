#include "crypto/identity/handover.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_handover_offer, steiger::identity::encode_handover_offer)
