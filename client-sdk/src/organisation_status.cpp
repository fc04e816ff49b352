#include "client-sdk/src/organisation_status.h"

#include <algorithm>

#include "crypto/identity/fields.h"
#include "crypto/mls/secret_codec.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kAuthorityVersion = 1;
constexpr std::uint8_t kBookVersion = 1;

Result<identity::StatusEntry> read_entry(Reader& in) {
  identity::StatusEntry out;
  STEIGER_TRY(out.key, in.array<kHashSize>());
  STEIGER_TRY(const std::uint8_t standing, in.u8());
  if (standing < static_cast<std::uint8_t>(identity::Standing::ended)) return kBadStatusBook;
  if (standing > static_cast<std::uint8_t>(identity::Standing::compromised)) return kBadStatusBook;
  out.standing = static_cast<identity::Standing>(standing);
  STEIGER_TRY(out.since, identity::read_timestamp(in));
  return out;
}

Result<StatusBook> read_book(ByteView bytes) {
  Reader in(bytes);
  StatusBook out;
  STEIGER_CHECK(identity::read_version(in, kBookVersion));
  STEIGER_TRY(out.version, in.u64());
  STEIGER_TRY(out.issued, identity::read_timestamp(in));
  STEIGER_TRY(out.next_update, identity::read_timestamp(in));
  STEIGER_TRY(out.entries, in.vector<identity::StatusEntry>(identity::kMaxStatusEntries, read_entry));
  STEIGER_CHECK(in.done());
  return out;
}

Result<StatusAuthority> read_authority(ByteView bytes) {
  Reader in(bytes);
  STEIGER_CHECK(identity::read_version(in, kAuthorityVersion));
  STEIGER_TRY(const ByteView seed_bytes, in.fixed(SigningKey::Seed::size()));
  STEIGER_TRY(auto seed, SigningKey::Seed::from_bytes(seed_bytes));
  STEIGER_TRY(const ByteView delegation_bytes, in.opaque());
  STEIGER_CHECK(in.done());
  STEIGER_TRY(auto delegation, identity::decode_delegation(delegation_bytes));
  SigningKey key(std::move(seed));
  if (key.verify_key() != delegation.key) return kBadStatusKey;
  return StatusAuthority{delegation, std::move(key)};
}

}  // namespace

SecretBytes StatusAuthority::serialize() const {
  mls::SecretWriter out;
  out.u8(kAuthorityVersion).fixed(key.seed().bytes()).opaque(identity::encode_delegation(delegation));
  return std::move(out).take();
}

Result<StatusAuthority> StatusAuthority::deserialize(ByteView bytes) {
  auto authority = read_authority(bytes);
  if (!authority.ok()) return kBadStatusKey;
  return authority;
}

Result<StatusAuthority> appoint_status_key(const Organisation& organisation, SigningKey key, Timestamp now) {
  identity::Delegation wanted{organisation.facts.id, key.verify_key(), now, now + identity::kMaxDelegationLife, {}};
  STEIGER_TRY(auto delegation, identity::issue_delegation(organisation.root, wanted));
  return StatusAuthority{delegation, std::move(key)};
}

Result<void> StatusBook::note(const Hash& key, identity::Standing standing, Timestamp since) {
  using identity::Standing;
  const auto known = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
  if (known == entries.end()) {
    if (entries.size() == identity::kMaxStatusEntries) return kStatusBookFull;
    entries.push_back({key, standing, since});
    return {};
  }
  if (known->standing == Standing::compromised && standing != Standing::compromised) return kStandingFinal;
  known->standing = standing;
  known->since = std::min(known->since, since);
  return {};
}

Bytes StatusBook::encode() const {
  Writer out;
  out.u8(kBookVersion).u64(version);
  identity::write_timestamp(out, issued);
  identity::write_timestamp(out, next_update);
  out.vector(entries, [](Writer& inner, const identity::StatusEntry& entry) {
    inner.fixed(entry.key).u8(static_cast<std::uint8_t>(entry.standing));
    identity::write_timestamp(inner, entry.since);
  });
  return std::move(out).take();
}

Result<StatusBook> StatusBook::decode(ByteView bytes) {
  auto book = read_book(bytes);
  if (!book.ok()) return kBadStatusBook;
  return book;
}

Result<SignedStatus> sign_next_status(const identity::OrganisationPublic& organisation, const StatusAuthority& authority,
                                      const StatusBook& book, Timestamp now) {
  SignedStatus out;
  out.book = book;
  ++out.book.version;

  out.book.issued = now;
  out.book.next_update = now + identity::kMaxStatusListLife;  // S1: at most 14 days
  identity::StatusList list;
  list.organisation = organisation.id;
  list.version = out.book.version;
  list.issued = out.book.issued;
  list.next_update = out.book.next_update;
  list.entries = book.entries;
  list.delegation = authority.delegation;
  STEIGER_TRY(out.list, identity::sign_status_list(authority.key, std::move(list)));
  STEIGER_CHECK(identity::verify_status_list(out.list, organisation.root_key, organisation.id));
  return out;
}

}  // namespace steiger::sdk
