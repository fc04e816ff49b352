// How each kind of MLS vector file is recognised. The verifiers are in mls_crypto.cpp, mls_tree.cpp and mls_messages.cpp.
#include "tests/vectors/mls_kinds.h"

namespace steiger::vectors {
namespace {

template <class... Keys>
bool first_has(const Json& document, Keys... keys) {
  return has_keys(first_entry(document), {keys...});
}

}  // namespace

std::vector<Kind> mls_kinds() {
  return {
      {"crypto-basics",
       [](const Json& d) { return first_has(d, "ref_hash", "expand_with_label", "derive_secret", "sign_with_label"); },
       verify_crypto_basics},
      {"deserialization", [](const Json& d) { return first_has(d, "vlbytes_header", "length"); }, verify_deserialization},
      {"tree-math", [](const Json& d) { return first_has(d, "n_leaves", "n_nodes", "root", "left", "right"); }, verify_tree_math},
      {"tree-validation", [](const Json& d) { return first_has(d, "tree", "tree_hashes", "resolutions"); },
       verify_tree_validation},
      {"tree-operations", [](const Json& d) { return first_has(d, "tree_before", "proposal", "proposal_sender", "tree_after"); },
       verify_tree_operations},
      {"treekem", [](const Json& d) { return first_has(d, "ratchet_tree", "leaves_private", "update_paths"); }, verify_treekem},
      {"key-schedule", [](const Json& d) { return first_has(d, "group_id", "initial_init_secret", "epochs"); },
       verify_key_schedule},
      {"secret-tree", [](const Json& d) { return first_has(d, "sender_data", "encryption_secret", "leaves"); },
       verify_secret_tree},
      {"transcript-hashes", [](const Json& d) { return first_has(d, "confirmation_key", "authenticated_content"); },
       verify_transcript_hashes},
      {"psk_secret", [](const Json& d) { return first_has(d, "psks", "psk_secret"); }, verify_psk_secret},
      {"message-protection", [](const Json& d) { return first_has(d, "membership_key", "proposal_pub", "application_priv"); },
       verify_message_protection},
      {"messages", [](const Json& d) { return first_has(d, "mls_welcome", "mls_key_package", "group_secrets"); },
       verify_messages},
      {"welcome", [](const Json& d) { return first_has(d, "init_priv", "key_package", "signer_pub", "welcome"); },
       verify_welcome},
      {"passive-client", [](const Json& d) { return first_has(d, "signature_priv", "initial_epoch_authenticator", "epochs"); },
       verify_passive_client},
  };
}

}  // namespace steiger::vectors
