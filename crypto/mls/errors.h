// Errors of crypto/mls (3xx). "caller": we used the interface wrongly; "peer": bytes from another party break RFC 9420 or our
// profile.
#pragma once

#include "crypto/base/error.h"

namespace steiger::mls {

// Framing and types
inline constexpr Error kUnknownVersion{301, "mls_unknown_version", ErrorFamily::peer};
inline constexpr Error kUnsupportedSuite{302, "mls_unsupported_suite", ErrorFamily::peer};
inline constexpr Error kUnknownWireFormat{303, "mls_unknown_wire_format", ErrorFamily::peer};
inline constexpr Error kUnexpectedMessage{304, "mls_unexpected_message",
                                          ErrorFamily::peer};  // decodes, but is not what was asked for
inline constexpr Error kUnknownCredential{305, "mls_unknown_credential", ErrorFamily::peer};
inline constexpr Error kUnknownProposal{306, "mls_unknown_proposal", ErrorFamily::peer};
inline constexpr Error kApplicationDataInPublic{307, "mls_application_data_in_public_message", ErrorFamily::peer};
inline constexpr Error kNonZeroPadding{308, "mls_non_zero_padding", ErrorFamily::peer};
inline constexpr Error kUnsupportedSender{309, "mls_unsupported_sender", ErrorFamily::peer};

// Leaves and key packages (RFC 9420 sections 7.3 and 10.1)
inline constexpr Error kBadLeafSignature{310, "mls_bad_leaf_signature", ErrorFamily::peer};
inline constexpr Error kBadLeafSource{311, "mls_bad_leaf_source", ErrorFamily::peer};
inline constexpr Error kUnsupportedCapability{312, "mls_unsupported_capability", ErrorFamily::peer};
inline constexpr Error kExpiredKeyPackage{313, "mls_expired_key_package", ErrorFamily::peer};
inline constexpr Error kLifetimeTooLong{314, "mls_lifetime_too_long", ErrorFamily::peer};
inline constexpr Error kBadKeyPackageSignature{315, "mls_bad_key_package_signature", ErrorFamily::peer};
inline constexpr Error kInitKeyReused{316, "mls_init_key_reused",
                                      ErrorFamily::peer};  // init key equals the leaf's encryption key
inline constexpr Error kDuplicateExtension{317, "mls_duplicate_extension", ErrorFamily::peer};
inline constexpr Error kBadKey{318, "mls_bad_key", ErrorFamily::peer};  // a public key without the suite's length

// Ratchet tree (sections 7.7 to 7.9 and 12.4.3.1)
inline constexpr Error kBadTree{320, "mls_bad_tree", ErrorFamily::peer};  // node kinds do not alternate, trailing blank, empty
inline constexpr Error kBadUnmergedLeaves{321, "mls_bad_unmerged_leaves", ErrorFamily::peer};
inline constexpr Error kBadParentHash{322, "mls_bad_parent_hash", ErrorFamily::peer};
inline constexpr Error kDuplicateKey{323, "mls_duplicate_key", ErrorFamily::peer};
inline constexpr Error kTreeHashMismatch{324, "mls_tree_hash_mismatch", ErrorFamily::peer};
inline constexpr Error kUnknownLeaf{325, "mls_unknown_leaf", ErrorFamily::peer};  // index beyond the tree, or blank
inline constexpr Error kTreeFull{326, "mls_tree_full", ErrorFamily::caller};
inline constexpr Error kMissingTree{327, "mls_missing_tree", ErrorFamily::peer};

// Commits and proposals (sections 12.2 and 12.4)
inline constexpr Error kWrongGroup{330, "mls_wrong_group", ErrorFamily::peer};
inline constexpr Error kWrongEpoch{331, "mls_wrong_epoch", ErrorFamily::peer};
inline constexpr Error kUnsupportedProposal{332, "mls_unsupported_proposal",
                                            ErrorFamily::peer};  // this kind may not be here, or not from this sender
inline constexpr Error kProposalByReference{333, "mls_proposal_by_reference", ErrorFamily::peer};  // where only values may be
// 334 was kUnsupportedExternalCommit.
inline constexpr Error kProposalByCommitter{335, "mls_proposal_by_committer", ErrorFamily::peer};  // its own Update or Remove
inline constexpr Error kConflictingProposals{336, "mls_conflicting_proposals", ErrorFamily::peer};
inline constexpr Error kDuplicateMember{337, "mls_duplicate_member", ErrorFamily::peer};
inline constexpr Error kDuplicatePsk{338, "mls_duplicate_psk", ErrorFamily::peer};
inline constexpr Error kBadPskNonce{339, "mls_bad_psk_nonce", ErrorFamily::peer};
inline constexpr Error kUnsupportedPsk{340, "mls_unsupported_psk",
                                       ErrorFamily::peer};                            // a usage or kind that does not belong here
inline constexpr Error kUnknownPsk{341, "mls_unknown_psk", ErrorFamily::peer, true};  // retry when the PSK has arrived (S5)
inline constexpr Error kMissingPath{342, "mls_missing_path", ErrorFamily::peer};
inline constexpr Error kBadPath{343, "mls_bad_path",
                                ErrorFamily::peer};  // wrong number of nodes or ciphertexts, or keys that do not fit
inline constexpr Error kMissingConfirmationTag{344, "mls_missing_confirmation_tag", ErrorFamily::peer};
inline constexpr Error kBadConfirmationTag{345, "mls_bad_confirmation_tag", ErrorFamily::peer};
inline constexpr Error kBadMembershipTag{346, "mls_bad_membership_tag", ErrorFamily::peer};
inline constexpr Error kBadMessageSignature{347, "mls_bad_message_signature", ErrorFamily::peer};
inline constexpr Error kBadGroupInfoSignature{348, "mls_bad_group_info_signature", ErrorFamily::peer};
inline constexpr Error kUnknownReference{354, "mls_unknown_proposal_reference", ErrorFamily::peer};
inline constexpr Error kTooManyProposals{355, "mls_too_many_proposals", ErrorFamily::peer, true};  // retry in the next epoch
inline constexpr Error kBadExternalCommit{356, "mls_bad_external_commit", ErrorFamily::peer};
inline constexpr Error kMissingExternalPub{357, "mls_missing_external_pub", ErrorFamily::peer};
inline constexpr Error kGroupOver{358, "mls_group_over", ErrorFamily::caller};         // removed from it, or it was reinitialised
inline constexpr Error kNotASuccessor{359, "mls_not_a_successor", ErrorFamily::peer};  // sections 11.2 and 11.3
inline constexpr Error kOwnCommit{349, "mls_own_commit", ErrorFamily::caller};         // merge the PendingCommit instead
inline constexpr Error kEpochExhausted{350, "mls_epoch_exhausted", ErrorFamily::caller};

// Bundles as the gateway checks them (S7)
inline constexpr Error kNotEpochZero{351, "mls_not_epoch_zero", ErrorFamily::peer};
inline constexpr Error kGroupInfoMismatch{352, "mls_group_info_mismatch", ErrorFamily::peer};
inline constexpr Error kWelcomeMismatch{353, "mls_welcome_mismatch", ErrorFamily::peer};

// Joining
inline constexpr Error kNotForUs{360, "mls_welcome_not_for_us", ErrorFamily::peer};
inline constexpr Error kNotInTree{361, "mls_own_leaf_not_in_tree", ErrorFamily::peer};
inline constexpr Error kBadPathSecret{362, "mls_bad_path_secret", ErrorFamily::peer};

// Application messages
inline constexpr Error kGenerationTooFar{370, "mls_generation_too_far", ErrorFamily::peer};
inline constexpr Error kGenerationConsumed{371, "mls_generation_consumed",
                                           ErrorFamily::peer};  // replayed, or its key was dropped
inline constexpr Error kOwnMessage{372, "mls_own_message", ErrorFamily::caller};
inline constexpr Error kGenerationExhausted{373, "mls_generation_exhausted", ErrorFamily::caller};
inline constexpr Error kEpochForgotten{374, "mls_epoch_forgotten",
                                       ErrorFamily::peer};  // older than the one past epoch we keep (S12)
inline constexpr Error kProposalsWaiting{375, "mls_proposals_waiting", ErrorFamily::caller, true};  // commit first, then retry

// Stored state
inline constexpr Error kStateVersion{380, "mls_state_version", ErrorFamily::caller};
inline constexpr Error kStateDamaged{381, "mls_state_damaged", ErrorFamily::caller};

}  // namespace steiger::mls
