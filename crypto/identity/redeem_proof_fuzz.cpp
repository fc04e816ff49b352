#include "crypto/identity/invite.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_redeem_proof, steiger::identity::encode_redeem_proof)
