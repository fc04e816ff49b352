// C2SP/wycheproof: edge cases collected from broken implementations. A test of a group carries the group's own parameters with
// it.
#include "crypto/primitives/aead.h"
#include "crypto/primitives/dh.h"
#include "crypto/primitives/sign.h"
#include "tests/vectors/vectors.h"

namespace steiger::vectors {
namespace {

bool is_group_type(const Json& document, std::string_view type) {
  if (!has_keys(document, {"testGroups", "algorithm"})) return false;
  const Json& groups = document["testGroups"];
  return groups.is_array() && !groups.empty() && groups.front().is_object() && groups.front().value("type", "") == type;
}

// {"group": parameters of the group, "test": the test}
std::vector<Json> tests_with_group(const Json& document) {
  std::vector<Json> out;
  for (const Json& group : document.at("testGroups")) {
    Json parameters = group;
    parameters.erase("tests");
    parameters["algorithm"] = document.at("algorithm");
    for (const Json& test : group.at("tests")) out.push_back({{"group", parameters}, {"test", test}});
  }
  return out;
}

enum class Expected { valid, invalid, acceptable };
Expected expected_result(const Json& test) {
  const std::string result = test.at("result");
  if (result == "valid") return Expected::valid;
  if (result == "invalid") return Expected::invalid;
  if (result == "acceptable") return Expected::acceptable;
  throw std::invalid_argument("unknown result " + result);
}

bool has_flag(const Json& test, std::string_view flag) {
  for (const Json& name : test.at("flags")) {
    if (name == flag) return true;
  }
  return false;
}

Outcome judge(bool expected, bool actual) {
  if (expected == actual) return Outcome::pass();
  return Outcome::fail(actual ? "accepted, must be refused" : "refused, must be accepted");
}

Outcome verify_x25519(const Json& entry) {
  const Json& test = entry.at("test");
  if (text(entry.at("group"), "curve") != "curve25519") return Outcome::skip("curve");
  const auto private_key = DhPrivateKey::from_bytes(hex(test, "private"));
  const auto public_key = to_array<32>(hex(test, "public"));
  const bool invalid = expected_result(test) == Expected::invalid;
  if (!private_key.ok() || !public_key.ok()) return judge(!invalid, false);
  const auto shared = dh(*private_key, *public_key);
  // RFC 9180 section 7.1.4 settles what Wycheproof leaves open: an all-zero result is refused, any other "acceptable" key works.
  if (invalid || has_flag(test, "ZeroSharedSecret")) return judge(false, shared.ok());
  if (!shared.ok()) return judge(true, false);
  return expect_equal("shared", hex(test, "shared"), shared->bytes());
}

Outcome verify_ed25519(const Json& entry) {
  const Json& test = entry.at("test");
  const Json& group = entry.at("group");
  const Json& key_parameters = group.contains("publicKey") ? group["publicKey"] : group.at("key");
  if (text(key_parameters, "curve") != "edwards25519") return Outcome::skip("curve");
  const Bytes message = hex(test, "msg");
  const Bytes signature = hex(test, "sig");
  const auto key = VerifyKey::from_bytes(hex(key_parameters, "pk"));
  const bool accepted = key.ok() && key->verify(message, signature).ok();
  STEIGER_EXPECT(judge(expected_result(test) == Expected::valid, accepted));
  if (accepted && key_parameters.contains("sk")) {
    const SigningKey signing(SigningKey::Seed::from_bytes(hex(key_parameters, "sk")).value());
    return expect_equal("signature", signature, signing.sign(message));
  }
  return Outcome::pass();
}

Outcome verify_chacha20_poly1305(const Json& entry) {
  const Json& test = entry.at("test");
  const Json& group = entry.at("group");
  if (text(group, "algorithm") != "CHACHA20-POLY1305") return Outcome::skip("algorithm");
  constexpr std::size_t kBitsPerByte = 8;
  if (number(group, "ivSize") != kAeadNonceSize * kBitsPerByte) return Outcome::skip("nonce is not 12 bytes");
  const Bytes key = hex(test, "key");
  const Bytes nonce = hex(test, "iv");
  const Bytes aad = hex(test, "aad");
  const Bytes message = hex(test, "msg");
  Bytes sealed = hex(test, "ct");
  append(sealed, hex(test, "tag"));
  if (key.size() != AeadKey::size() || nonce.size() != kAeadNonceSize) return Outcome::fail("key or nonce of another length");
  const auto opened = aead_open(key, nonce, aad, sealed);
  STEIGER_EXPECT(judge(expected_result(test) == Expected::valid, opened.ok()));
  if (!opened.ok()) return Outcome::pass();
  STEIGER_EXPECT(expect_equal("msg", message, opened->bytes()));
  return expect_equal("ct || tag", sealed, aead_seal(key, nonce, aad, message));
}

}  // namespace

std::vector<Kind> wycheproof_kinds() {
  return {
      {"wycheproof-x25519", [](const Json& d) { return is_group_type(d, "XdhComp"); }, &verify_x25519, &tests_with_group},
      {"wycheproof-ed25519", [](const Json& d) { return is_group_type(d, "EddsaVerify"); }, &verify_ed25519, &tests_with_group},
      {"wycheproof-chacha20-poly1305", [](const Json& d) { return is_group_type(d, "AeadTest"); }, &verify_chacha20_poly1305,
       &tests_with_group},
  };
}

}  // namespace steiger::vectors
