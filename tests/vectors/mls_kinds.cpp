// How each kind of MLS vector file is recognised. A kind without a verifier prints "not yet".
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
       [](const Json& d) { return first_has(d, "ref_hash", "expand_with_label", "derive_secret", "sign_with_label"); }},
      {"deserialization", [](const Json& d) { return first_has(d, "vlbytes_header", "length"); }},
      {"tree-math", [](const Json& d) { return first_has(d, "n_leaves", "n_nodes", "root", "left", "right"); }},
      {"tree-validation", [](const Json& d) { return first_has(d, "tree", "tree_hashes", "resolutions"); }},
      {"tree-operations", [](const Json& d) { return first_has(d, "tree_before", "proposal", "proposal_sender", "tree_after"); }},
      {"treekem", [](const Json& d) { return first_has(d, "ratchet_tree", "leaves_private", "update_paths"); }},
      {"key-schedule", [](const Json& d) { return first_has(d, "group_id", "initial_init_secret", "epochs"); }},
      {"secret-tree", [](const Json& d) { return first_has(d, "sender_data", "encryption_secret", "leaves"); }},
      {"transcript-hashes", [](const Json& d) { return first_has(d, "confirmation_key", "authenticated_content"); }},
      {"psk_secret", [](const Json& d) { return first_has(d, "psks", "psk_secret"); }},
      {"message-protection", [](const Json& d) { return first_has(d, "membership_key", "proposal_pub", "application_priv"); }},
      {"messages", [](const Json& d) { return first_has(d, "mls_welcome", "mls_key_package", "group_secrets"); }},
      {"welcome", [](const Json& d) { return first_has(d, "init_priv", "key_package", "signer_pub", "welcome"); }},
      {"passive-client", [](const Json& d) { return first_has(d, "signature_priv", "initial_epoch_authenticator", "epochs"); }},
  };
}

}  // namespace steiger::vectors
