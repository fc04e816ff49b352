#include "crypto/identity/nack.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kNackVersion = 1;

void write_content(Writer& out, const Nack& nack) {
  out.u8(kNackVersion).fixed(nack.organisation.bytes()).fixed(nack.channel.bytes()).opaque(nack.group_id).u64(nack.epoch);
  out.fixed(nack.commit).u8(static_cast<std::uint8_t>(nack.reason)).fixed(nack.account.bytes()).fixed(nack.device.bytes());
}

Bytes signed_bytes(const Nack& nack) {
  Writer content;
  write_content(content, nack);
  return to_be_signed(labels::kNack, content.view());
}

Result<void> check_rules(const Nack& nack) {
  const bool named = !nack.organisation.is_none() && !nack.channel.is_none() && !nack.account.is_none() && !nack.device.is_none();
  if (!named || nack.group_id.empty() || nack.group_id.size() > kMaxNackGroupId) return kBadNack;
  return {};
}

}  // namespace

Result<Nack> sign_nack(const SigningKey& leaf_key, Nack nack) {
  STEIGER_CHECK(check_rules(nack));
  nack.signature = leaf_key.sign(signed_bytes(nack));
  return nack;
}

Result<void> verify_nack(const Nack& nack, const VerifyKey& leaf_key) {
  STEIGER_CHECK(check_rules(nack));
  if (!leaf_key.verify(signed_bytes(nack), nack.signature).ok()) return kBadNack;
  return {};
}

Bytes encode_nack(const Nack& nack) {
  Writer out;
  write_content(out, nack);
  out.fixed(nack.signature);
  return std::move(out).take();
}

Result<Nack> decode_nack(ByteView bytes) {
  Reader in(bytes);
  Nack out;
  STEIGER_CHECK(read_version(in, kNackVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.channel, read_id<ChannelId>(in));
  STEIGER_TRY(const ByteView group_id, in.opaque(kMaxNackGroupId));
  out.group_id = to_bytes(group_id);
  STEIGER_TRY(out.epoch, in.u64());
  STEIGER_TRY(out.commit, in.array<kHashSize>());
  STEIGER_TRY(const std::uint8_t reason, in.u8());
  if (reason < static_cast<std::uint8_t>(NackReason::invalid) || reason > static_cast<std::uint8_t>(NackReason::lost_state)) {
    return kBadValue;
  }
  out.reason = static_cast<NackReason>(reason);
  STEIGER_TRY(out.account, read_id<AccountId>(in));
  STEIGER_TRY(out.device, read_id<DeviceId>(in));
  STEIGER_TRY(out.signature, in.array<kSignatureSize>());
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
