#include "gateway/store/audit.h"

#include <gtest/gtest.h>

#include "crypto/primitives/system_rng.h"

namespace steiger::gateway {
namespace {

TEST(Audit, RecordIsCanonicalJson) {
  const AuditEvent event{"channel.opened", {1700000000123}, {{"channel", "ab"}, {"account", "c\"d\\\n\x01"}}};
  // RFC 8785: members sorted, no white space, minimal escapes.
  EXPECT_EQ(event.record(), R"({"account":"c\"d\\\n\u0001","at":1700000000123,"channel":"ab","event":"channel.opened"})");
}

TEST(Audit, LeafHoldsOnlyTheCommitment) {
  SystemRng rng;
  const AuditSealer sealer(SecretboxKey::random(rng), rng);
  const AuditEvent event{"account.registered", {5}, {{"account", "0123456789abcdef0123456789abcdef"}}};
  const AuditRow row = sealer.seal(3, event);
  EXPECT_EQ(row.leaf.size(), std::string_view(R"({"c":"","t":5,"v":1})").size() + 64);
  EXPECT_EQ(row.leaf.substr(0, 6), R"({"c":")");
  EXPECT_EQ(row.leaf.substr(70), R"(","t":5,"v":1})");
  EXPECT_EQ(row.leaf.find("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(as_text(row.sealed).find("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(sealer.open(row).value(), event.record());
}

TEST(Audit, EqualEventsHaveUnlinkableLeaves) {
  SystemRng rng;
  const AuditSealer sealer(SecretboxKey::random(rng), rng);
  const AuditEvent event{"account.registered", {5}, {}};
  EXPECT_NE(sealer.seal(0, event).leaf, sealer.seal(0, event).leaf);
}

TEST(Audit, OpenRefusesAnotherKeyARecordOfAnotherLeafAndChangedBytes) {
  SystemRng rng;
  const AuditSealer sealer(SecretboxKey::random(rng), rng);
  const AuditSealer other(SecretboxKey::random(rng), rng);
  AuditRow row = sealer.seal(0, {"a", {1}, {}});
  EXPECT_FALSE(other.open(row).ok());
  AuditRow swapped = row;
  swapped.sealed = sealer.seal(1, {"b", {1}, {}}).sealed;
  EXPECT_STREQ(sealer.open(swapped).error().name, "bad_value");
  row.sealed.back() ^= 1;
  EXPECT_FALSE(sealer.open(row).ok());
}

}  // namespace
}  // namespace steiger::gateway
