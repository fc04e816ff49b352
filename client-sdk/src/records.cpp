#include "client-sdk/src/records.h"

#include "client-sdk/src/record_codec.h"

namespace steiger::sdk {
namespace {

using namespace record_codec;

template <class Io, Is<SelfRecord> R>
void fields(Io& io, R& r) {
  io(r.membership), io(r.role), io(r.name), io(r.gateway_url), io(r.organisation), io(r.account), io(r.device);
  io(r.account_seed), io(r.leaf_seed), io(r.chain), io(r.send_read_receipts), optional_field(io, r.head_key), io(r.stop_code);
}

template <class Io, Is<CounterRecord> R>
void fields(Io& io, R& r) {
  io(r.assigned), io(r.accepted), io(r.next_order);
}

template <class Io, Is<JoinRecord> R>
void fields(Io& io, R& r) {
  io(r.step), io(r.secret), io(r.invite), io(r.terms), io(r.proof), io(r.key_package), io(r.key_package_secrets);
}

template <class Io, Is<InviteRecord> R>
void fields(Io& io, R& r) {
  io(r.state), io(r.todo), io(r.kind), io(r.id), io(r.label), io(r.page_url), io(r.secret), io(r.expires), io(r.terms);
  io(r.proof), io(r.second_proof), io(r.chain), io(r.channel);
  io.list(r.proofs_seen, [](auto& inner, auto& hash) { inner(hash); });
}

template <class Io, Is<ChannelRecord> R>
void fields(Io& io, R& r) {
  io(r.id), io(r.label), io(r.binding), io(r.invite), io(r.base_seq), io(r.base_head), io(r.processed), io(r.head);
  io(r.head_signature), io(r.read_seq), io(r.receipt_stored_sent), io(r.receipt_read_sent), io(r.stop_code);
  io.list(r.members, [](auto& inner, auto& m) {
    inner(m.account), inner(m.role), inner(m.name), inner(m.verified_at_intake), inner(m.chain), inner(m.stored_up_to),
        inner(m.read_up_to);
  });
  io.list(r.psks, [](auto& inner, auto& psk) { inner(psk.id), inner(psk.psk); });
}

template <class Io, Is<LinkRecord> R>
void fields(Io& io, R& r) {
  io(r.kind), io(r.epoch), io(r.account), io(r.device), io(r.message), io(r.tag), io(r.accepted), io(r.payload_hash), io(r.head);
}

template <class Io, Is<MessageRecord> R>
void fields(Io& io, R& r) {
  io(r.id), io(r.sender), io(r.device), io(r.accepted), io(r.franked), io(r.content);
}

template <class Io, Is<DeferredRecord> R>
void fields(Io& io, R& r) {
  io(r.sender), io(r.content);
}

template <class Io, Is<OutboxRecord> R>
void fields(Io& io, R& r) {
  io(r.order), io(r.kind), io(r.channel), io(r.id), io(r.created), io(r.visible), io(r.franked), io(r.content), io(r.tag),
      io(r.counter);
  io(r.epoch), io(r.payload), io(r.accepted), io(r.failed);
}

template <class Io, Is<PendingRecord> R>
void fields(Io& io, R& r) {
  io(r.id), io(r.invite), io(r.epoch), io(r.links_from), io(r.commit);
  io.list(r.before, [](auto& inner, auto& b) { inner(b.id), inner(b.tag), inner(b.payload); });
}

template <class Io, Is<StandingRecord> R>
void fields(Io& io, R& r) {
  io(r.status_list), io(r.root_successions);
}

template <class Io, Is<PackageRecord> R>
void fields(Io& io, R& r) {
  io(r.last_resort), io(r.made), io(r.expires), io(r.key_package), io(r.secrets);
}

}  // namespace

SecretBytes SelfRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes CounterRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes JoinRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes InviteRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes ChannelRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes LinkRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes MessageRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes DeferredRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes OutboxRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes PendingRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes StandingRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}
SecretBytes PackageRecord::encode() const {
  return write_record(*this, [](auto& io, auto& r) { fields(io, r); });
}

Result<SelfRecord> SelfRecord::decode(ByteView bytes) {
  return read_record<SelfRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<CounterRecord> CounterRecord::decode(ByteView bytes) {
  return read_record<CounterRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<JoinRecord> JoinRecord::decode(ByteView bytes) {
  return read_record<JoinRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<InviteRecord> InviteRecord::decode(ByteView bytes) {
  return read_record<InviteRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<ChannelRecord> ChannelRecord::decode(ByteView bytes) {
  return read_record<ChannelRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<LinkRecord> LinkRecord::decode(ByteView bytes) {
  return read_record<LinkRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<MessageRecord> MessageRecord::decode(ByteView bytes) {
  return read_record<MessageRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<DeferredRecord> DeferredRecord::decode(ByteView bytes) {
  return read_record<DeferredRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<OutboxRecord> OutboxRecord::decode(ByteView bytes) {
  return read_record<OutboxRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<PendingRecord> PendingRecord::decode(ByteView bytes) {
  return read_record<PendingRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<StandingRecord> StandingRecord::decode(ByteView bytes) {
  return read_record<StandingRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}
Result<PackageRecord> PackageRecord::decode(ByteView bytes) {
  return read_record<PackageRecord>(bytes, [](auto& io, auto& r) { fields(io, r); });
}

}  // namespace steiger::sdk
