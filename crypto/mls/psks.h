// Where a device finds the PSKs that a commit or a Welcome names (RFC 9420 section 8.4). Secret half.
#pragma once

#include <concepts>
#include <functional>
#include <map>

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/secret_codec.h"

namespace steiger::mls {

// The external PSK of that id, if this device has it.
using PskLookup = std::function<std::optional<SecretBytes>(ByteView psk_id)>;
inline PskLookup no_psks() {
  return [](ByteView) { return std::optional<SecretBytes>(); };
}
// The resumption PSK of an epoch of another group.
using ResumptionLookup = std::function<std::optional<SecretBytes>(ByteView group_id, std::uint64_t epoch)>;

// Made from a PskLookup where only external PSKs are used. A group finds its own resumption PSKs itself.
struct PskSources {
  PskLookup external = no_psks();
  ResumptionLookup resumption = {};

  PskSources() = default;
  PskSources(PskLookup lookup, ResumptionLookup resumption_lookup)
      : external(std::move(lookup)), resumption(std::move(resumption_lookup)) {}
  template <class Lookup>
  requires std::is_invocable_r_v<std::optional<SecretBytes>, Lookup&, ByteView> PskSources(Lookup lookup)
      : external(std::move(lookup)) {}  // NOLINT(google-explicit-constructor): a lookup is a source
};

// The resumption PSKs of one group, the newest kMaxResumptionEpochs epochs.
class ResumptionPsks {
 public:
  void remember(std::uint64_t epoch, ResumptionPsk psk);
  [[nodiscard]] const ResumptionPsk* find(std::uint64_t epoch) const;
  [[nodiscard]] ResumptionPsks clone() const;
  void write(SecretWriter& writer) const;
  static Result<ResumptionPsks> read(Reader& reader);

 private:
  std::map<std::uint64_t, ResumptionPsk> epochs_;
};

// The secrets behind `ids`, in their order. kUnknownPsk.
Result<std::vector<PskWithId>> look_up(const std::vector<PreSharedKeyId>& ids, const PskSources& sources, ByteView own_group_id,
                                       const ResumptionPsks& own);

}  // namespace steiger::mls
