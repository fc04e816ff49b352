// Law 10 for every type of secret there is, and a look through the sources that finds a type which this list forgot.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <type_traits>

#include "crypto/franking/franking.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/treekem.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/secretbox.h"
#include "crypto/primitives/sign.h"
#include "tests/wiping/marker.h"

namespace steiger {
namespace {

template <class SecretType>
class SecretTypes : public testing::Test {};

using Named =
    testing::Types<AeadKey, AeadNonce, DhPrivateKey, DhSharedSecret, PseudoRandomKey, KemSharedSecret, HpkeExporterSecret,
                   SecretboxKey, SigningKey::Seed, franking::FrankingKey, mls::InitSecret, mls::CommitSecret, mls::JoinerSecret,
                   mls::PskSecret, mls::MemberSecret, mls::WelcomeSecret, mls::EpochSecret, mls::SenderDataSecret,
                   mls::EncryptionSecret, mls::ExporterSecret, mls::ExternalSecret, mls::ConfirmationKey, mls::MembershipKey,
                   mls::ResumptionPsk, mls::EpochAuthenticator, decltype(mls::KeyAndNonce::key),
                   decltype(mls::KeyAndNonce::nonce), mls::TreeSecret, mls::RatchetSecret, mls::PathSecret>;
TYPED_TEST_SUITE(SecretTypes, Named);

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TYPED_TEST(SecretTypes, IsMoveOnlyUnprintableAndWiped) {
  static_assert(!std::is_copy_constructible_v<TypeParam> && !std::is_copy_assignable_v<TypeParam>);
  static_assert(std::is_nothrow_move_constructible_v<TypeParam> && !Printable<TypeParam>);
  alignas(TypeParam) static std::uint8_t arena[sizeof(TypeParam)];
  auto* secret = new (arena) TypeParam;
  test::plant(secret->writable());
  const TypeParam taken = std::move(*secret);
  const volatile std::uint8_t* left = arena;
  for (std::size_t i = 0; i < sizeof arena; ++i) ASSERT_EQ(left[i], 0) << "after a move, at " << i;
  test::plant(secret->writable());
  secret->~TypeParam();
  for (std::size_t i = 0; i < sizeof arena; ++i) ASSERT_EQ(left[i], 0) << "after destruction, at " << i;
}

// Types that are named in one source file only, or that this program does not link. They are the same template.
const std::set<std::string> kElsewhere = {"DatabaseKeyTag",  "DhResultsTag", "InviteDigitsTag",
                                          "InviteLookupTag", "InvitePskTag", "LinkPskTag",
                                          "RawKeyTag",       "RedeemKeyTag", "SigningExpandedTag"};
const std::set<std::string> kTestedHere = {
    "AeadKeyTag",         "AeadNonceTag",          "DhPrivateKeyTag",     "DhSharedSecretTag",   "PseudoRandomKeyTag",
    "KemSharedSecretTag", "HpkeExporterSecretTag", "SecretboxKeyTag",     "SigningSeedTag",      "FrankingKeyTag",
    "InitSecretTag",      "CommitSecretTag",       "JoinerSecretTag",     "PskSecretTag",        "MemberSecretTag",
    "WelcomeSecretTag",   "EpochSecretTag",        "SenderDataSecretTag", "EncryptionSecretTag", "ExporterSecretTag",
    "ExternalSecretTag",  "ConfirmationKeyTag",    "MembershipKeyTag",    "ResumptionPskTag",    "EpochAuthenticatorTag",
    "MessageKeyTag",      "MessageNonceTag",       "TreeSecretTag",       "RatchetSecretTag",    "PathSecretTag"};

std::set<std::string> tags_in(const std::string& text) {
  static const std::regex kDeclared("Secret<struct (\\w+)");
  std::set<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), kDeclared), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

TEST(SecretTypeList, NoTypeInTheSourcesIsForgotten) {
  EXPECT_EQ(tags_in("using A = Secret<struct ATag>; Secret<struct BTag, 12> b;"), (std::set<std::string>{"ATag", "BTag"}));
  std::set<std::string> declared;
  for (const char* room : {"crypto", "gateway", "client-sdk"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(STEIGER_SOURCE_DIR) + "/" + room)) {
      const std::string path = entry.path().string();
      const bool source = path.ends_with(".h") || path.ends_with(".cpp");
      if (!source || path.ends_with("_test.cpp") || path.find("/node_modules/") != std::string::npos) continue;
      std::ifstream file(path);
      declared.merge(tags_in(std::string(std::istreambuf_iterator<char>(file), {})));
    }
  }
  std::set<std::string> known = kTestedHere;
  known.insert(kElsewhere.begin(), kElsewhere.end());
  EXPECT_EQ(declared, known);
}

}  // namespace
}  // namespace steiger
