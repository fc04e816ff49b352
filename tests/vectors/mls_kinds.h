// The verifiers of the MLS kinds (mlswg/mls-implementations, test-vectors.md), one group per mls_*.cpp file.
#pragma once

#include "crypto/mls/types.h"
#include "crypto/primitives/hpke.h"
#include "tests/vectors/vectors.h"

namespace steiger::vectors {

// mls_crypto.cpp
Outcome verify_crypto_basics(const Json& entry);
Outcome verify_deserialization(const Json& entry);
Outcome verify_key_schedule(const Json& entry);
Outcome verify_secret_tree(const Json& entry);
Outcome verify_transcript_hashes(const Json& entry);
Outcome verify_psk_secret(const Json& entry);
// mls_tree.cpp
Outcome verify_tree_math(const Json& entry);
Outcome verify_tree_validation(const Json& entry);
Outcome verify_tree_operations(const Json& entry);
Outcome verify_treekem(const Json& entry);
// mls_messages.cpp
Outcome verify_message_protection(const Json& entry);
Outcome verify_messages(const Json& entry);
Outcome verify_welcome(const Json& entry);
Outcome verify_passive_client(const Json& entry);

inline bool is_suite3(const Json& entry) {
  return number(entry, "cipher_suite") == mls::kSuite3;
}
// "what: mls_bad_tree"
inline Outcome refused(std::string_view what, const Error& error) {
  return Outcome::fail(std::string(what) + ": " + error.name);
}

// A fixed-size secret from a hexadecimal member.
template <class SecretType>
SecretType secret(const Json& object, const char* key) {
  return SecretType::from_bytes(hex(object, key)).value();
}
inline HpkeKeyPair key_pair(const Json& object, const char* key) {
  return HpkeKeyPair::from_private_key(secret<DhPrivateKey>(object, key));
}

}  // namespace steiger::vectors

// Binds the value of a Result, or returns a failure that names what was refused.
#define STEIGER_OPEN(declaration, what, expression) \
  STEIGER_OPEN_INNER(STEIGER_CONCAT(steiger_opened_, __LINE__), declaration, what, expression)
#define STEIGER_OPEN_INNER(name, declaration, what, expression) \
  auto name = (expression);                                     \
  if (!name.ok()) return refused(what, name.error());           \
  declaration = std::move(name).value()
#define STEIGER_HOLDS(what, expression)                             \
  do {                                                              \
    if (auto steiger_holds_ = (expression); !steiger_holds_.ok()) { \
      return refused(what, steiger_holds_.error());                 \
    }                                                               \
  } while (false)
