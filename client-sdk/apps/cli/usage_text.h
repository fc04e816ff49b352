// What was wrong with the command line, in one line of the person's language. CLI11 says it in English, as an exception.
#pragma once

#include <string>

#include "client-sdk/apps/cli/catalogue.h"

namespace CLI {
class ParseError;
}

namespace steiger::cli {

// `rest`: what was not understood after it, if anything. `command`: the words of the command so far ("invite", "organisation create", or nothing), for "steiger <command> --help".
std::string usage_text(const Catalogue& texts, const CLI::ParseError& wrong, const std::string& command, const std::string& rest);

}  // namespace steiger::cli
