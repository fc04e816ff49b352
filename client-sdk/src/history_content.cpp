#include "client-sdk/src/history_content.h"

#include "client-sdk/schema/content_generated.h"
#include "client-sdk/src/limits.h"

namespace steiger::sdk {
namespace {

namespace schema = steiger::content;
using Field = flatbuffers::Vector<std::uint8_t>;

ByteView view(const Field* field) {
  return field == nullptr ? ByteView() : ByteView(field->data(), field->size());
}

template <class Table, class Body>
SecretBytes encode(schema::ContentKind kind, const Body& body, Timestamp created) {
  schema::ContentT content;
  content.class_ = schema::ContentClass::signal;  // whoever does not know it cannot help
  content.kind = static_cast<std::uint16_t>(kind);
  content.created_ms = created.ms;
  content.body.Set(Table(body));
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishContentBuffer(builder, schema::Content::Pack(builder, &content));
  SecretBytes out = SecretBytes::copy_of({builder.GetBufferPointer(), builder.GetSize()});
  sodium_memzero(builder.GetBufferPointer(), builder.GetSize());
  return out;
}

Result<HistoryEntry> read_entry(const schema::HistoryEntry& from) {
  HistoryEntry out;
  out.seq = from.seq();
  out.link.kind = from.kind();
  out.link.epoch = from.epoch();
  STEIGER_TRY(out.link.account, AccountId::from_bytes(view(from.account())));
  STEIGER_TRY(out.link.device, DeviceId::from_bytes(view(from.device())));
  STEIGER_TRY(out.link.message, MessageId::from_bytes(view(from.message())));
  STEIGER_TRY(out.link.tag, to_array<32>(view(from.tag())));
  out.link.accepted = {from.accepted_ms()};
  STEIGER_TRY(out.link.payload_hash, to_array<kHashSize>(view(from.payload_hash())));
  if (view(from.franked()).size() > kMaxHistoryBytes) return kBadValue;
  out.franked = SecretBytes::copy_of(view(from.franked()));
  return out;
}

std::vector<std::unique_ptr<schema::HistoryEntryT>> written(const std::vector<HistoryEntry>& entries) {
  std::vector<std::unique_ptr<schema::HistoryEntryT>> list;
  for (const HistoryEntry& entry : entries) {
    auto out = std::make_unique<schema::HistoryEntryT>();
    out->seq = entry.seq;
    out->kind = entry.link.kind;
    out->epoch = entry.link.epoch;
    out->account = to_bytes(entry.link.account.bytes());
    out->device = to_bytes(entry.link.device.bytes());
    out->message = to_bytes(entry.link.message.bytes());
    out->tag = to_bytes(entry.link.tag);
    out->accepted_ms = entry.link.accepted.ms;
    out->payload_hash = to_bytes(entry.link.payload_hash);
    out->franked = to_bytes(entry.franked.bytes());
    list.push_back(std::move(out));
  }
  return list;
}

void wipe(std::vector<std::unique_ptr<schema::HistoryEntryT>>& entries) {
  for (auto& entry : entries) sodium_memzero(entry->franked.data(), entry->franked.size());
}

}  // namespace

Result<HistoryRequestContent> read_history_request(const schema::HistoryRequest& body) {
  HistoryRequestContent out;
  STEIGER_TRY(out.device, DeviceId::from_bytes(view(body.device())));
  STEIGER_TRY(out.key, to_array<std::tuple_size_v<DhPublicKey>>(view(body.key())));
  if (body.ranges() == nullptr || body.ranges()->size() == 0 || body.ranges()->size() > kMaxHistoryRanges) return kBadValue;
  std::uint64_t last = 0;
  std::uint64_t places = 0;
  for (const schema::HistoryRange* range : *body.ranges()) {
    if (range->from() <= last || range->to() < range->from() || range->to() - range->from() >= kMaxHistoryPlaces)
      return kBadValue;
    places += range->to() - range->from() + 1;
    if (places > kMaxHistoryPlaces) return kBadValue;
    out.ranges.push_back({range->from(), range->to()});
    last = range->to();
  }
  return out;
}

Result<HistoryContent> read_history(const schema::History& body) {
  HistoryContent out;
  if (body.entries() == nullptr || body.entries()->size() == 0 || body.entries()->size() > kMaxHistoryEntries) return kBadValue;
  for (const schema::HistoryEntry* entry : *body.entries()) {
    STEIGER_TRY(HistoryEntry read, read_entry(*entry));
    out.entries.push_back(std::move(read));
  }
  return out;
}

SecretBytes encode_history_request(const HistoryRequestContent& request, Timestamp created) {
  schema::HistoryRequestT body;
  body.device = to_bytes(request.device.bytes());
  body.key = to_bytes(request.key);
  for (const GapsRecord::Range& range : request.ranges) {
    body.ranges.push_back(std::make_unique<schema::HistoryRangeT>());
    body.ranges.back()->from = range.from;
    body.ranges.back()->to = range.to;
  }
  return encode<schema::HistoryRequestT>(schema::ContentKind::history_request, body, created);
}

SecretBytes encode_history(const HistoryContent& history, Timestamp created) {
  schema::HistoryT body;
  body.entries = written(history.entries);
  SecretBytes out = encode<schema::HistoryT>(schema::ContentKind::history, body, created);
  wipe(body.entries);
  return out;
}

Result<EarlierRequestContent> read_earlier_request(const schema::EarlierRequest& body) {
  EarlierRequestContent out;
  STEIGER_TRY(out.device, DeviceId::from_bytes(view(body.device())));
  STEIGER_TRY(out.key, to_array<std::tuple_size_v<DhPublicKey>>(view(body.key())));
  if (body.up_to() == 0) return kBadValue;
  out.up_to = body.up_to();
  return out;
}

Result<EarlierContent> read_earlier(const schema::Earlier& body) {
  EarlierContent out;
  STEIGER_TRY(out.before, to_array<kHashSize>(view(body.before())));
  if (body.entries() == nullptr) return out;
  if (body.entries()->size() > kMaxHistoryEntries) return kBadValue;
  for (const schema::HistoryEntry* entry : *body.entries()) {
    STEIGER_TRY(HistoryEntry read, read_entry(*entry));
    const bool consecutive = out.entries.empty() ? read.seq > 0 : read.seq == out.entries.back().seq + 1;
    if (!consecutive) return kBadValue;
    out.entries.push_back(std::move(read));
  }
  return out;
}

SecretBytes encode_earlier_request(const EarlierRequestContent& request, Timestamp created) {
  schema::EarlierRequestT body;
  body.device = to_bytes(request.device.bytes());
  body.up_to = request.up_to;
  body.key = to_bytes(request.key);
  return encode<schema::EarlierRequestT>(schema::ContentKind::earlier_request, body, created);
}

SecretBytes encode_earlier(const EarlierContent& earlier, Timestamp created) {
  schema::EarlierT body;
  body.before = to_bytes(earlier.before);
  body.entries = written(earlier.entries);
  SecretBytes out = encode<schema::EarlierT>(schema::ContentKind::earlier, body, created);
  wipe(body.entries);
  return out;
}

Result<ForDeviceContent> read_for_device(const schema::ForDevice& body) {
  ForDeviceContent out;
  STEIGER_TRY(out.device, DeviceId::from_bytes(view(body.device())));
  STEIGER_TRY(out.kem_output, to_array<std::tuple_size_v<DhPublicKey>>(view(body.kem_output())));
  if (view(body.sealed()).empty() || view(body.sealed()).size() > kMaxForDeviceBytes) return kBadValue;
  out.sealed = to_bytes(view(body.sealed()));
  return out;
}

SecretBytes encode_for_device(const ForDeviceContent& sealed, Timestamp created) {
  schema::ForDeviceT body;
  body.device = to_bytes(sealed.device.bytes());
  body.kem_output = to_bytes(sealed.kem_output);
  body.sealed = sealed.sealed;
  return encode<schema::ForDeviceT>(schema::ContentKind::for_device, body, created);
}

}  // namespace steiger::sdk
