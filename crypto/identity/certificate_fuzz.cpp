#include "crypto/identity/certificate.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_certificate, steiger::identity::encode_certificate)
