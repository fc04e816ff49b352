#include "crypto/identity/roster_certificates.h"

#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::identity::decode_certificates, steiger::identity::encode_certificates)
