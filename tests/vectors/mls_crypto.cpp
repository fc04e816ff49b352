// crypto-basics, deserialization, key-schedule, secret-tree, transcript-hashes, psk_secret.
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/labels.h"
#include "crypto/mls/message_protection.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/transcript.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/mls_kinds.h"

namespace steiger::vectors {
namespace {

using namespace mls;  // NOLINT(google-build-using-namespace): verifiers speak the names of the RFC

Outcome verify_sign(const Json& entry) {
  const SigningKey key(secret<SigningKey::Seed>(entry, "priv"));
  const std::string label = entry.at("label");
  const Bytes content = hex(entry, "content");
  STEIGER_EXPECT(expect_equal("pub", hex(entry, "pub"), key.verify_key().bytes()));
  STEIGER_HOLDS("signature", verify_with_label(hex(entry, "pub"), label, content, hex(entry, "signature")));
  return expect_equal("own signature", hex(entry, "signature"), sign_with_label(key, label, content));
}

Outcome verify_encrypt(const Json& entry) {
  const HpkeKeyPair key = key_pair(entry, "priv");
  const std::string label = entry.at("label");
  const Bytes context = hex(entry, "context");
  const Bytes plaintext = hex(entry, "plaintext");
  STEIGER_EXPECT(expect_equal("pub", hex(entry, "pub"), key.public_key));
  const mls::HpkeCiphertext sealed{hex(entry, "kem_output"), hex(entry, "ciphertext")};
  STEIGER_OPEN(const SecretBytes opened, "decrypt_with_label", decrypt_with_label(key, label, context, sealed));
  STEIGER_EXPECT(expect_equal("plaintext", plaintext, opened.bytes()));
  SystemRng rng;
  STEIGER_OPEN(const mls::HpkeCiphertext ours, "encrypt_with_label",
               encrypt_with_label(rng, key.public_key, label, context, plaintext));
  STEIGER_OPEN(const SecretBytes again, "own ciphertext", decrypt_with_label(key, label, context, ours));
  return expect_equal("own plaintext", plaintext, again.bytes());
}

Outcome verify_epoch(const Json& epoch, const Bytes& group_id, std::uint64_t number, InitSecret& init) {
  GroupContext context;
  context.group_id = group_id;
  context.epoch = number;
  context.tree_hash = hex(epoch, "tree_hash");
  context.confirmed_transcript_hash = hex(epoch, "confirmed_transcript_hash");
  const Bytes context_bytes = encode(context);
  STEIGER_EXPECT(expect_equal("group_context", hex(epoch, "group_context"), context_bytes));

  const JoinerSecret joiner = joiner_secret(init, secret<CommitSecret>(epoch, "commit_secret"), context_bytes);
  STEIGER_EXPECT(expect_equal("joiner_secret", hex(epoch, "joiner_secret"), joiner.bytes()));
  const MemberSecret member = member_secret(joiner, secret<PskSecret>(epoch, "psk_secret"));
  STEIGER_EXPECT(expect_equal("welcome_secret", hex(epoch, "welcome_secret"), welcome_secret(member).bytes()));
  const EpochSecret epoch_key = epoch_secret(member, context_bytes);
  EpochSecrets secrets = EpochSecrets::derive(epoch_key);
  const std::pair<const char*, ByteView> expected[] = {
      {"sender_data_secret", secrets.sender_data.bytes()},
      {"exporter_secret", secrets.exporter.bytes()},
      {"external_secret", secrets.external.bytes()},
      {"confirmation_key", secrets.confirmation_key.bytes()},
      {"membership_key", secrets.membership_key.bytes()},
      {"resumption_psk", secrets.resumption_psk.bytes()},
      {"epoch_authenticator", secrets.epoch_authenticator.bytes()},
      {"init_secret", secrets.init.bytes()},
  };
  for (const auto& [name, value] : expected) STEIGER_EXPECT(expect_equal(name, hex(epoch, name), value));
  STEIGER_EXPECT(expect_equal("encryption_secret", hex(epoch, "encryption_secret"), encryption_secret(epoch_key).bytes()));
  STEIGER_EXPECT(expect_equal("external_pub", hex(epoch, "external_pub"), external_public_key(secrets.external)));

  const Json& exporter = epoch.at("exporter");
  STEIGER_OPEN(const SecretBytes exported, "exporter",
               export_secret(secrets.exporter, exporter.at("label").get<std::string>(), hex(exporter, "context"),
                             exporter.at("length").get<std::size_t>()));
  STEIGER_EXPECT(expect_equal("exporter", hex(exporter, "secret"), exported.bytes()));
  init = std::move(secrets.init);
  return Outcome::pass();
}

Outcome verify_generation(const Json& entry, SecretTree& tree, LeafIndex leaf, RatchetKind kind, const std::string& name) {
  const std::string key_name = name + "_key";
  const std::string nonce_name = name + "_nonce";
  STEIGER_OPEN(Ratchet ratchet, name, tree.ratchet(leaf, kind));
  STEIGER_OPEN(const KeyAndNonce key, name, ratchet.take(entry.at("generation").get<std::uint32_t>()));
  tree.put(leaf, kind, std::move(ratchet));
  STEIGER_EXPECT(expect_equal(key_name, hex(entry, key_name.c_str()), key.key.bytes()));
  return expect_equal(nonce_name, hex(entry, nonce_name.c_str()), key.nonce.bytes());
}

}  // namespace

Outcome verify_crypto_basics(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  const Json& reference = entry.at("ref_hash");
  STEIGER_EXPECT(expect_equal("ref_hash", hex(reference, "out"),
                              ref_hash(reference.at("label").get<std::string>(), hex(reference, "value"))));
  const Json& expand = entry.at("expand_with_label");
  Bytes out(expand.at("length").get<std::size_t>());
  expand_with_label(hex(expand, "secret"), expand.at("label").get<std::string>(), hex(expand, "context"), out);
  STEIGER_EXPECT(expect_equal("expand_with_label", hex(expand, "out"), out));
  const Json& derive = entry.at("derive_secret");
  const auto derived = derive_secret<EpochSecret>(hex(derive, "secret"), derive.at("label").get<std::string>());
  STEIGER_EXPECT(expect_equal("derive_secret", hex(derive, "out"), derived.bytes()));
  const Json& tree = entry.at("derive_tree_secret");
  if (tree.at("length") != TreeSecret::size()) return Outcome::fail("derive_tree_secret of another length");
  const auto tree_secret = derive_tree_secret<TreeSecret>(hex(tree, "secret"), tree.at("label").get<std::string>(),
                                                          tree.at("generation").get<std::uint32_t>());
  STEIGER_EXPECT(expect_equal("derive_tree_secret", hex(tree, "out"), tree_secret.bytes()));
  STEIGER_EXPECT(verify_sign(entry.at("sign_with_label")));
  return verify_encrypt(entry.at("encrypt_with_label"));
}

Outcome verify_deserialization(const Json& entry) {
  const Bytes header = hex(entry, "vlbytes_header");
  Reader reader(header);
  STEIGER_OPEN(const std::uint32_t length, "vlbytes_header", reader.length());
  STEIGER_HOLDS("trailing bytes", reader.done());
  if (entry.at("length") != length) return Outcome::fail("length: got " + std::to_string(length));
  Writer writer;
  writer.length(length);
  return expect_equal("written header", header, writer.view());
}

Outcome verify_key_schedule(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  InitSecret init = secret<InitSecret>(entry, "initial_init_secret");
  std::uint64_t number = 0;
  for (const Json& epoch : entry.at("epochs")) STEIGER_EXPECT(verify_epoch(epoch, hex(entry, "group_id"), number++, init));
  return Outcome::pass();
}

Outcome verify_secret_tree(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  const Json& sender = entry.at("sender_data");
  const KeyAndNonce sender_key =
      sender_data_key(secret<SenderDataSecret>(sender, "sender_data_secret"), hex(sender, "ciphertext"));
  STEIGER_EXPECT(expect_equal("sender data key", hex(sender, "key"), sender_key.key.bytes()));
  STEIGER_EXPECT(expect_equal("sender data nonce", hex(sender, "nonce"), sender_key.nonce.bytes()));

  const Json& leaves = entry.at("leaves");
  const auto leaf_count = static_cast<std::uint32_t>(leaves.size());
  SecretTree tree(std::bit_ceil(leaf_count), secret<EncryptionSecret>(entry, "encryption_secret"));
  for (std::uint32_t i = 0; i < leaf_count; ++i) {
    for (const Json& generation : leaves.at(i)) {
      STEIGER_EXPECT(verify_generation(generation, tree, {i}, RatchetKind::application, "application"));
      STEIGER_EXPECT(verify_generation(generation, tree, {i}, RatchetKind::handshake, "handshake"));
    }
  }
  return Outcome::pass();
}

Outcome verify_transcript_hashes(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  STEIGER_OPEN(const AuthenticatedContent commit, "authenticated_content",
               decode<AuthenticatedContent>(hex(entry, "authenticated_content")));
  if (commit.content.type() != ContentType::commit || !commit.auth.confirmation_tag) return Outcome::fail("not a commit");
  const Hash confirmed = confirmed_transcript_hash(hex(entry, "interim_transcript_hash_before"), commit);
  STEIGER_EXPECT(expect_equal("confirmed", hex(entry, "confirmed_transcript_hash_after"), confirmed));
  const Hash interim = interim_transcript_hash(confirmed, *commit.auth.confirmation_tag);
  STEIGER_EXPECT(expect_equal("interim", hex(entry, "interim_transcript_hash_after"), interim));
  return expect_equal("confirmation tag", *commit.auth.confirmation_tag,
                      confirmation_tag(secret<ConfirmationKey>(entry, "confirmation_key"), confirmed));
}

Outcome verify_psk_secret(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  std::vector<PskWithId> psks;
  for (const Json& item : entry.at("psks")) {
    PreSharedKeyId id;
    id.psk_id = hex(item, "psk_id");
    id.psk_nonce = hex(item, "psk_nonce");
    psks.push_back({std::move(id), SecretBytes::adopt(hex(item, "psk"))});
  }
  return expect_equal("psk_secret", hex(entry, "psk_secret"), psk_secret(psks).bytes());
}

}  // namespace steiger::vectors
