#include "crypto/identity/device_list.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_device_list, steiger::identity::encode_device_list)
