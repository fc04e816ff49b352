// Welcomes by a member who lies: properly sealed and signed, and wrong inside (RFC 9420 section 12.4.3.1).
#include <gtest/gtest.h>

#include <functional>

#include "crypto/mls/group_secrets.h"
#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::kNow;
using test::SeededRng;

// A right Welcome, taken apart with the newcomer's keys, changed, and put together again.
class ForgedWelcome : public ::testing::Test {
 protected:
  struct Parts {
    GroupSecrets secrets;
    GroupInfo info;
    RatchetTree tree;
  };

  ForgedWelcome()
      : committer_(rng_, "committer"),
        newcomer_(rng_, "newcomer"),
        group_(committer_.create(rng_)),
        other_(rng_, "other"),
        other_group_(join_other()),
        pending_(group_.commit(rng_, {.adds = {newcomer_.verified()}, .now = kNow}).value()) {}

  Error join_after(const std::function<void(Parts&)>& change, bool rewrite_tree = true, const SigningKey* signer = nullptr) {
    const Welcome welcome = decode_message<Welcome>(*pending_.welcome).value();
    const HpkeKeyPair init_key = HpkeKeyPair::from_private_key(newcomer_.package.secrets.init_key.clone());
    Parts parts{open_group_secrets(welcome, newcomer_.key_package().ref(), init_key).value(), {}, {}};
    parts.info = open_group_info(key_of(parts.secrets), welcome.encrypted_group_info).value();
    Bytes& tree_bytes = tree_extension(parts.info);
    parts.tree = decode<RatchetTree>(tree_bytes).value();
    change(parts);
    if (rewrite_tree) {
      tree_extension(parts.info) = encode(parts.tree);
      parts.info.context.tree_hash = to_bytes(parts.tree.tree_hash());
    }
    parts.info.sign(signer != nullptr ? *signer : committer_.key);
    Welcome forged;
    forged.encrypted_group_info = seal_group_info(key_of(parts.secrets), parts.info);
    forged.secrets.push_back(
        seal_group_secrets(rng_, parts.secrets, newcomer_.key_package(), forged.encrypted_group_info).value());
    const Result<JoinResult> joined = newcomer_.join(encode_message(forged));
    return joined.ok() ? Error{} : joined.error();
  }

  static Bytes& tree_extension(GroupInfo& info) {
    for (Extension& extension : info.extensions) {
      if (extension.type == static_cast<std::uint16_t>(ExtensionType::ratchet_tree)) return extension.data;
    }
    std::abort();
  }
  static WelcomeSecret key_of(const GroupSecrets& secrets) {
    return welcome_secret(member_secret(secrets.joiner, psk_secret({})));
  }
  Group join_other() {
    PendingCommit pending = group_.commit(rng_, {.adds = {other_.verified()}, .now = kNow}).value();
    Group joined = other_.join(*pending.welcome).value().group;
    group_ = std::move(pending).merge(group_).value();
    return joined;
  }

  SeededRng rng_{1};
  Device committer_;
  Device newcomer_;
  Group group_;
  Device other_;
  Group other_group_;
  PendingCommit pending_;
};

TEST_F(ForgedWelcome, TheControlIsAccepted) {
  // Rebuilt without a change it still opens, but the context is the same only because nothing was rewritten.
  EXPECT_EQ(join_after([](Parts&) {}), Error{});
}

TEST_F(ForgedWelcome, AForeignSignatureIsRefused) {
  EXPECT_EQ(join_after([](Parts&) {}, true, &other_.key), kBadGroupInfoSignature);
  EXPECT_EQ(join_after([](Parts& p) { p.info.signer = {9}; }), kUnknownLeaf);
  EXPECT_EQ(join_after([](Parts& p) { p.info.signer = {1}; }), kBadGroupInfoSignature);
}

TEST_F(ForgedWelcome, AContextThatIsNotTheGroupsIsRefused) {
  EXPECT_EQ(join_after([](Parts& p) { ++p.info.context.epoch; }), kBadConfirmationTag);
  EXPECT_EQ(join_after([](Parts& p) { p.info.context.confirmed_transcript_hash[0] ^= 1; }), kBadConfirmationTag);
  EXPECT_EQ(join_after([](Parts& p) { p.info.confirmation_tag[0] ^= 1; }), kBadConfirmationTag);
  EXPECT_EQ(join_after([](Parts& p) { p.info.context.cipher_suite = 1; }), kUnsupportedSuite);
  EXPECT_EQ(join_after([](Parts& p) { p.info.context.tree_hash[0] ^= 1; }, false), kTreeHashMismatch);
  EXPECT_EQ(join_after([](Parts& p) { p.info.context.extensions.push_back({0xf111, {}}); }), kUnsupportedCapability);
}

TEST_F(ForgedWelcome, ATreeWithGhostsOrChangesIsRefused) {
  const auto with_leaf = [&](LeafIndex index, const std::function<void(LeafNode&)>& change) {
    return join_after([&](Parts& p) {
      LeafNode leaf = *p.tree.leaf(index);
      change(leaf);
      p.tree.set_leaf(index, std::move(leaf));
    });
  };
  EXPECT_EQ(with_leaf({0}, [](LeafNode& leaf) { leaf.extensions.clear(); }), kBadLeafSignature);
  // Another's leaf is also under the parent hash of the committer's path.
  EXPECT_EQ(with_leaf({1}, [](LeafNode& leaf) { leaf.extensions.clear(); }), kBadParentHash);
  EXPECT_EQ(with_leaf({1}, [&](LeafNode& leaf) { leaf.signature_key = to_bytes(committer_.key.verify_key().bytes()); }),
            kDuplicateKey);
  EXPECT_EQ(with_leaf({0},
                      [&](LeafNode& leaf) {
                        leaf.extensions.clear();
                        leaf.sign(committer_.key, {as_bytes("group"), {0}});
                      }),
            kBadConfirmationTag);  // well-formed: only the key schedule notices
  EXPECT_EQ(with_leaf({0},
                      [&](LeafNode& leaf) {
                        leaf.parent_hash[0] ^= 1;
                        leaf.sign(committer_.key, {as_bytes("group"), {0}});
                      }),
            kBadParentHash);
  EXPECT_EQ(join_after([](Parts& p) { ASSERT_TRUE(p.tree.remove_leaf({2}).ok()); }), kNotInTree);
  EXPECT_EQ(join_after([](Parts& p) { ForgedWelcome::tree_extension(p.info).pop_back(); }, false), kTruncated);
  EXPECT_EQ(join_after([](Parts& p) { p.info.extensions.clear(); }, false), kMissingTree);
}

TEST_F(ForgedWelcome, WrongSecretsAreRefused) {
  EXPECT_EQ(join_after([&](Parts& p) { p.secrets.path_secret = PathSecret::random(rng_); }), kBadPathSecret);
  EXPECT_EQ(join_after([&](Parts& p) { p.secrets.joiner = JoinerSecret::random(rng_); }), kBadConfirmationTag);
  const auto with_psk = [&](const PreSharedKeyId& id) { return join_after([&](Parts& p) { p.secrets.psks = {id}; }); };
  PreSharedKeyId id;
  id.psk_nonce = Bytes(kHashSize);
  EXPECT_EQ(with_psk(id), kUnknownPsk);
  // Section 12.2, here for what the commit behind this Welcome must have held.
  EXPECT_EQ(join_after([&](Parts& p) { p.secrets.psks = {id, id}; }), kDuplicatePsk);
  PreSharedKeyId other_nonce = id;
  other_nonce.psk_nonce[0] ^= 1;
  EXPECT_EQ(join_after([&](Parts& p) { p.secrets.psks = {id, other_nonce}; }), kUnknownPsk);
  id.psk_nonce.pop_back();
  EXPECT_EQ(with_psk(id), kBadPskNonce);
  id.type = PskType::resumption;
  id.psk_nonce = Bytes(kHashSize);
  EXPECT_EQ(with_psk(id), kUnknownPsk);
  id.usage = ResumptionUsage::branch;  // without the group that it comes from
  EXPECT_EQ(with_psk(id), kUnknownPsk);
}

TEST_F(ForgedWelcome, OnlyTheRightKeysOpenIt) {
  const Welcome welcome = decode_message<Welcome>(*pending_.welcome).value();
  const auto join = [&](const KeyPackageSecrets& secrets, const SigningKey& key) {
    return Group::join(welcome, newcomer_.key_package(), secrets, key, no_psks());
  };
  EXPECT_EQ(join(newcomer_.package.secrets, other_.key).error(), kBadKey);
  EXPECT_EQ(join(other_.package.secrets, newcomer_.key).error(), kDecryptionFailed);
  EXPECT_TRUE(join(newcomer_.package.secrets, newcomer_.key).ok());
}

}  // namespace
}  // namespace steiger::mls
