// Audit records (S24, design section 5): every mutating Store call takes an AuditEvent, and the record is written in the same
// transaction (law 5).
//   record = canonical JSON (RFC 8785, no floats) of the event      kept outside the tree, sealed with a key of its own
//   leaf   = canonical JSON {"c","t","v"}, c = SHA-256(salt || record), t = milliseconds UTC, v = 1: nothing personal
// The Merkle tree over the leaves comes later; the rows are complete for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/secretbox.h"

namespace steiger::gateway {

inline constexpr std::size_t kAuditSaltSize = 32;
inline constexpr int kAuditLeafVersion = 1;

// Names are ours: lower-case ASCII. Values are hexadecimal ids and hashes or names, never what a person wrote.
struct AuditEvent {
  const char* name = "";  // e.g. "channel.opened"
  Timestamp at;
  std::vector<std::pair<const char*, std::string>> fields;

  // The canonical JSON of the record: keys sorted, strings escaped by RFC 8785.
  [[nodiscard]] std::string record() const;
};

struct AuditRow {
  std::uint64_t index = 0;  // 0, 1, 2, ... without gaps
  std::string leaf;
  Bytes sealed;  // secretbox(salt || record)
};

class AuditSealer {
 public:
  AuditSealer(SecretboxKey key, Rng& rng) : key_(std::move(key)), rng_(rng) {}
  [[nodiscard]] AuditRow seal(std::uint64_t index, const AuditEvent& event) const;
  // The record, checked against the leaf's commitment. kDecryptionFailed, kBadValue.
  [[nodiscard]] Result<std::string> open(const AuditRow& row) const;

 private:
  SecretboxKey key_;
  Rng& rng_;
};

}  // namespace steiger::gateway
