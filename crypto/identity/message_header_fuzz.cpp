#include "crypto/identity/channel.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_message_header, steiger::identity::encode_message_header)
