#include "crypto/identity/channel.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_channel_binding, steiger::identity::encode_channel_binding)
