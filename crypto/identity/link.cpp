#include "crypto/identity/link.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"
#include "crypto/primitives/hkdf.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSeedAt = 1;  // after the version

using LinkPsk = Secret<struct LinkPskTag>;

LinkPsk link_psk(const InviteSecret& secret) {
  return hkdf_derive<LinkPsk>(secret.secret_bytes(), as_bytes(labels::kInviteLink));
}

Bytes link_info(ByteView terms) {
  return to_be_signed(labels::kInviteLink, sha256(terms));
}

Result<std::string> read_name(Reader& in) {
  STEIGER_TRY(const ByteView name, in.opaque(kMaxLinkedNameBytes));
  return std::string(as_text(name));
}

Result<LinkedName> read_linked_name(Reader& in) {
  LinkedName out;
  STEIGER_TRY(out.account, read_id<AccountId>(in));
  STEIGER_TRY(out.name, read_name(in));
  return out;
}

Result<LinkedRoom> read_linked_room(Reader& in) {
  LinkedRoom out;
  STEIGER_TRY(out.channel, read_id<ChannelId>(in));
  STEIGER_TRY(out.label, read_name(in));
  STEIGER_TRY(out.names, in.vector<LinkedName>(kMaxLinkedNames, read_linked_name));
  return out;
}

// Everything but version and seed, so that the growing buffer never holds the seed.
Bytes encode_rest(const LinkPackage& package) {
  Writer out;
  write_chain(out, package.chain);
  out.opaque(package.name).fixed(package.head_key.bytes()).opaque(package.status_list).opaque(package.root_successions);
  out.vector(package.rooms, [](Writer& inner, const LinkedRoom& room) {
    inner.fixed(room.channel.bytes()).opaque(room.label);
    inner.vector(room.names,
                 [](Writer& innermost, const LinkedName& name) { innermost.fixed(name.account.bytes()).opaque(name.name); });
  });
  return std::move(out).take();
}

}  // namespace

SecretBytes encode_link_package(const LinkPackage& package) {
  const Bytes rest = encode_rest(package);
  SecretBytes out(kSeedAt + SigningKey::Seed::size() + rest.size());
  const auto bytes = out.writable();
  bytes[0] = kVersion;
  std::copy(package.account_seed.bytes().begin(), package.account_seed.bytes().end(), bytes.begin() + kSeedAt);
  std::copy(rest.begin(), rest.end(), bytes.begin() + kSeedAt + SigningKey::Seed::size());
  return out;
}

Result<LinkPackage> decode_link_package(ByteView bytes) {
  if (bytes.size() > kMaxSealedLinkBytes) return kTooLarge;
  Reader in(bytes);
  LinkPackage out;
  STEIGER_CHECK(read_version(in, kVersion));
  STEIGER_TRY(const ByteView seed, in.fixed(SigningKey::Seed::size()));
  STEIGER_TRY(out.account_seed, SigningKey::Seed::from_bytes(seed));
  STEIGER_TRY(out.chain, read_chain(in));
  STEIGER_TRY(out.name, read_name(in));
  STEIGER_TRY(out.head_key, read_verify_key(in));
  STEIGER_TRY(const ByteView status_list, in.opaque());
  out.status_list = to_bytes(status_list);
  STEIGER_TRY(const ByteView root_successions, in.opaque());
  out.root_successions = to_bytes(root_successions);
  STEIGER_TRY(out.rooms, in.vector<LinkedRoom>(kMaxLinkedRooms, read_linked_room));
  STEIGER_CHECK(in.done());
  return out;
}

Result<Bytes> seal_link_package(Rng& rng, const InviteSecret& secret, ByteView terms, ByteView init_key,
                                const LinkPackage& package) {
  STEIGER_TRY(const InviteTerms about, decode_invite_terms(terms));
  STEIGER_TRY(const auto recipient, to_array<std::tuple_size_v<DhPublicKey>>(init_key));
  const SecretBytes plaintext = encode_link_package(package);
  const LinkPsk psk = link_psk(secret);
  STEIGER_TRY(auto setup, hpke_setup_sender(rng, recipient, link_info(terms), HpkePsk{psk.bytes(), about.invite.bytes()}));
  STEIGER_TRY(const Bytes ciphertext, setup.context.seal({}, plaintext.bytes()));
  if (setup.kem_output.size() + ciphertext.size() > kMaxSealedLinkBytes) return kTooLarge;
  Writer out;
  out.fixed(setup.kem_output).fixed(ciphertext);
  return std::move(out).take();
}

Result<LinkPackage> open_link_package(const InviteSecret& secret, ByteView terms, const HpkeKeyPair& init_key, ByteView sealed) {
  if (sealed.size() > kMaxSealedLinkBytes) return kTooLarge;
  STEIGER_TRY(const InviteTerms about, decode_invite_terms(terms));
  Reader in(sealed);
  STEIGER_TRY(const DhPublicKey kem_output, in.array<std::tuple_size_v<DhPublicKey>>());
  const LinkPsk psk = link_psk(secret);
  STEIGER_TRY(auto context,
              hpke_setup_recipient(kem_output, init_key, link_info(terms), HpkePsk{psk.bytes(), about.invite.bytes()}));
  STEIGER_TRY(const SecretBytes plaintext, context.open({}, in.rest()));
  return decode_link_package(plaintext.bytes());
}

}  // namespace steiger::identity
