// Proposals from outside the group (RFC 9420 sections 12.1.8.1 and 12.1.8.2). They are PublicMessages without membership tag.
#pragma once

#include "crypto/mls/messages.h"

namespace steiger::mls {

// By the sender at `index` of the group's external_senders, for `epoch` of the group.
Bytes propose_as_external_sender(ByteView group_id, std::uint64_t epoch, std::uint32_t index, const SigningKey& key,
                                 const Proposal& proposal, ByteView authenticated_data = {});
// A newcomer asks to be added; `key` is the one in its KeyPackage.
Bytes propose_own_add(ByteView group_id, std::uint64_t epoch, const KeyPackage& key_package, const SigningKey& key,
                      ByteView authenticated_data = {});

}  // namespace steiger::mls
