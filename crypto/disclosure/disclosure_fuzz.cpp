#include "crypto/disclosure/disclosure.h"
#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::disclosure::decode_disclosure, steiger::disclosure::encode_disclosure)
