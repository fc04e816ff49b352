#include "crypto/identity/room_past.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_room_past, steiger::identity::encode_room_past)
