#include "crypto/identity/channel.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_chain_position, steiger::identity::encode_chain_position)
