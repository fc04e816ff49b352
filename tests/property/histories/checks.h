// What must hold when a history has come to rest. Each check says what is wrong in a line of words; nothing said: all is well.
#pragma once

#include "tests/property/histories/cast.h"

namespace steiger::sdk::histories {

// Nothing is on its way any more: worth looking.
bool at_rest(Cast& cast);
// Why it is not; one line per reason.
std::vector<std::string> unrest(Cast& cast);
std::vector<std::string> check(Cast& cast);

}  // namespace steiger::sdk::histories
