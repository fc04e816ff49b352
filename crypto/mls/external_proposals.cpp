#include "crypto/mls/external_proposals.h"

namespace steiger::mls {
namespace {

Bytes signed_proposal(FramedContent content, const SigningKey& key) {
  AuthenticatedContent out;
  out.content = std::move(content);
  out.sign(key, {});  // the context is not under the signature of these senders
  return encode_message(PublicMessage{std::move(out.content), std::move(out.auth), std::nullopt});
}

}  // namespace

Bytes propose_as_external_sender(ByteView group_id, std::uint64_t epoch, std::uint32_t index, const SigningKey& key,
                                 const Proposal& proposal, ByteView authenticated_data) {
  return signed_proposal({to_bytes(group_id), epoch, {SenderType::external, index}, to_bytes(authenticated_data), proposal}, key);
}

Bytes propose_own_add(ByteView group_id, std::uint64_t epoch, const KeyPackage& key_package, const SigningKey& key,
                      ByteView authenticated_data) {
  return signed_proposal(
      {to_bytes(group_id), epoch, {SenderType::new_member_proposal, 0}, to_bytes(authenticated_data), Proposal{Add{key_package}}},
      key);
}

}  // namespace steiger::mls
