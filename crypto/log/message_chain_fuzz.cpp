#include "crypto/log/chain.h"
#include "tests/fuzz/fuzz.h"

STEIGER_FUZZ_DECODER(steiger::log::MessageChain::decode, [](const steiger::log::MessageChain& chain) { return chain.encode(); })
