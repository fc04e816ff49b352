// The verifiers of the MLS kinds (mlswg/mls-implementations, test-vectors.md), one group per mls_*.cpp file.
#pragma once

#include "tests/vectors/vectors.h"

namespace steiger::vectors {}  // namespace steiger::vectors
