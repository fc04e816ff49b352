// S26: "holds no decrypting code" means that no symbol of the MLS secret half, of HPKE open or of AEAD open is in the gateway.
// Looks at the release programs themselves, so that nothing hides between a rule and what is shipped.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/structure/program.h"

namespace steiger::structure {
namespace {

// From CMake: paths with ':' between them, as generator expressions give them.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + ":") {
    if (c != ':') {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

// What opens or agrees secretly in libsodium. crypto_secretbox stays allowed: the gateway seals its own records with it.
const std::vector<std::string> kOpeningFunctions = {"crypto_aead_", "crypto_scalarmult",    "crypto_box",
                                                    "crypto_kx_",   "crypto_secretstream_", "crypto_stream_"};

std::vector<std::string> opening_imports(const std::string& program) {
  std::vector<std::string> found;
  for (const auto& name : imported_symbols(program)) {
    for (const auto& prefix : kOpeningFunctions) {
      if (name.rfind(prefix, 0) == 0) found.push_back(name);
    }
  }
  return found;
}

std::set<std::string> secret_symbols() {
  std::set<std::string> secret;
  for (const auto& archive : split(STEIGER_SECRET_ARCHIVES)) {
    const auto more = defined_symbols(archive);
    EXPECT_FALSE(more.empty()) << archive << " has no symbols: stripped, or not there";
    secret.insert(more.begin(), more.end());
  }
  // A function that both halves define (an inline one that was not inlined) proves nothing.
  for (const auto& archive : split(STEIGER_PUBLIC_ARCHIVES)) {
    for (const auto& name : defined_symbols(archive)) secret.erase(name);
  }
  return secret;
}

std::vector<std::string> secret_symbols_in(const std::string& program) {
  const auto secret = secret_symbols();
  const auto present = defined_symbols(program);
  EXPECT_GT(present.size(), 10U) << program << " is stripped: nothing can be said about it";
  std::vector<std::string> found;
  std::set_intersection(secret.begin(), secret.end(), present.begin(), present.end(), std::back_inserter(found));
  return found;
}

TEST(GatewaySymbols, NothingOfTheDecryptingHalfIsLinked) {
  for (const auto& program : split(STEIGER_GATEWAY_PROGRAMS)) {
    const auto found = secret_symbols_in(program);
    EXPECT_TRUE(found.empty()) << program << " defines " << found.front();
    const auto imports = opening_imports(program);
    EXPECT_TRUE(imports.empty()) << program << " imports " << imports.front();
  }
}

// The planted control: the same look at a program that does decrypt finds it.
TEST(GatewaySymbols, AProgramThatDecryptsIsRecognised) {
  for (const auto& program : split(STEIGER_DECRYPTING_PROGRAMS)) {
    EXPECT_FALSE(secret_symbols_in(program).empty()) << program;
    EXPECT_FALSE(opening_imports(program).empty()) << program;
  }
}

}  // namespace
}  // namespace steiger::structure
