#include "client-sdk/src/own_records.h"

#include "client-sdk/src/record_codec.h"

namespace steiger::sdk {
namespace {

using namespace record_codec;

template <class Io, Is<PurposeRecord> R>
void fields(Io& io, R& r) {
  io(r.purpose), io(r.account), io(r.channel), io(r.until), io(r.reason), io(r.lost), io(r.asked), io(r.device), io(r.sealed);
}

template <class Io, Is<DevicesRecord> R>
void fields(Io& io, R& r) {
  io(r.chain_unsent), io(r.next_seed), io(r.next_list), io(r.pass_key);
  io.list(r.rooms, [](auto& inner, auto& room) {
    inner(room.channel), inner(room.label);
    inner.list(room.names, [](auto& innermost, auto& name) { innermost(name.account), innermost(name.name); });
  });
}

template <class Io, Is<NewKeyRecord> R>
void fields(Io& io, R& r) {
  io(r.chain), io(r.since);
}

}  // namespace

SecretBytes PurposeRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes DevicesRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
Result<PurposeRecord> PurposeRecord::decode(ByteView bytes) {
  return read_record<PurposeRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<DevicesRecord> DevicesRecord::decode(ByteView bytes) {
  return read_record<DevicesRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes NewKeyRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
Result<NewKeyRecord> NewKeyRecord::decode(ByteView bytes) {
  return read_record<NewKeyRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}

}  // namespace steiger::sdk
