#include "crypto/mls/psks.h"

namespace steiger::mls {
namespace {

std::optional<SecretBytes> find(const PreSharedKeyId& id, const PskSources& sources, ByteView own_group_id,
                                const ResumptionPsks& own) {
  if (id.type == PskType::external) return sources.external(id.psk_id);
  if (equal(id.psk_group_id, own_group_id)) {
    if (const ResumptionPsk* psk = own.find(id.psk_epoch)) return SecretBytes::copy_of(psk->bytes());
  }
  return sources.resumption ? sources.resumption(id.psk_group_id, id.psk_epoch) : std::nullopt;
}

}  // namespace

void ResumptionPsks::remember(std::uint64_t epoch, ResumptionPsk psk) {
  epochs_.insert_or_assign(epoch, std::move(psk));
  if (epochs_.size() > kMaxResumptionEpochs) epochs_.erase(epochs_.begin());
}

const ResumptionPsk* ResumptionPsks::find(std::uint64_t epoch) const {
  const auto found = epochs_.find(epoch);
  return found == epochs_.end() ? nullptr : &found->second;
}

ResumptionPsks ResumptionPsks::clone() const {
  ResumptionPsks out;
  for (const auto& [epoch, psk] : epochs_) out.epochs_.emplace(epoch, psk.clone());
  return out;
}

void ResumptionPsks::write(SecretWriter& writer) const {
  writer.u32(static_cast<std::uint32_t>(epochs_.size()));
  for (const auto& [epoch, psk] : epochs_) writer.u64(epoch).fixed(psk.bytes());
}

Result<ResumptionPsks> ResumptionPsks::read(Reader& reader) {
  ResumptionPsks out;
  STEIGER_TRY(const std::uint32_t count, reader.u32());
  if (count > kMaxResumptionEpochs) return kStateDamaged;
  for (std::uint32_t i = 0; i < count; ++i) {
    STEIGER_TRY(const std::uint64_t epoch, reader.u64());
    STEIGER_TRY(ResumptionPsk psk, read_secret<ResumptionPsk>(reader));
    if (!out.epochs_.emplace(epoch, std::move(psk)).second) return kStateDamaged;
  }
  return out;
}

Result<std::vector<PskWithId>> look_up(const std::vector<PreSharedKeyId>& ids, const PskSources& sources, ByteView own_group_id,
                                       const ResumptionPsks& own) {
  std::vector<PskWithId> out;
  for (const PreSharedKeyId& id : ids) {
    std::optional<SecretBytes> psk = find(id, sources, own_group_id, own);
    if (!psk) return kUnknownPsk;
    out.push_back({id, std::move(*psk)});
  }
  return out;
}

}  // namespace steiger::mls
