#include "client-sdk/src/room_records.h"

#include "client-sdk/src/record_codec.h"

namespace steiger::sdk {
namespace {

struct Fields {
  template <class Io, record_codec::Is<RoomRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.ended), io(r.generation);
    io.list(r.former, [](auto& inner, auto& f) {
      inner(f.account), inner(f.device), inner(f.account_key), inner(f.removed_in), inner(f.silent), inner(f.role), inner(f.name);
    });
    io.list(r.notices, [](auto& inner, auto& n) {
      inner(n.seq), inner(n.kind), inner(n.account), inner(n.device), inner(n.name), inner(n.role), inner(n.when);
    });
    io.list(r.resyncs, [](auto& inner, auto& when) { inner(when); });
    io.list(r.older_certificates, [](auto& inner, auto& bytes) { inner(bytes); });
    io.list(r.carried_over, [](auto& inner, auto& account) { inner(account); });
    io.list(r.earlier_chains, [](auto& inner, auto& bytes) { inner(bytes); });
  }
  template <class Io, record_codec::Is<WishRecord> R>
  void operator()(Io& io, R& r) const {
    const auto each = [](auto& inner, auto& bytes) { inner(bytes); };
    io(r.number), io(r.kind), io(r.account), io(r.device), io(r.invite), io(r.remove_older), io(r.silent), io(r.committed);
    io(r.not_before), io(r.evidence), io(r.certificate);
    io.list(r.chains, each), io.list(r.packages, each), io.list(r.package_chains, each);
  }
  template <class Io, record_codec::Is<QuestionRecord> R>
  void operator()(Io& io, R& r) const {
    io(r.id), io(r.kind), io(r.channel), io(r.account), io(r.name), io(r.role), io(r.reason);
    io(r.until), io(r.asked), io(r.expires), io(r.answered), io(r.yes), io(r.evidence), io(r.key);
  }
};

}  // namespace

SecretBytes RoomRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
SecretBytes WishRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
SecretBytes QuestionRecord::encode() const {
  return record_codec::write_record(*this, Fields());
}
Result<RoomRecord> RoomRecord::decode(ByteView bytes) {
  return record_codec::read_record<RoomRecord>(bytes, Fields());
}
Result<WishRecord> WishRecord::decode(ByteView bytes) {
  return record_codec::read_record<WishRecord>(bytes, Fields());
}
Result<QuestionRecord> QuestionRecord::decode(ByteView bytes) {
  return record_codec::read_record<QuestionRecord>(bytes, Fields());
}

}  // namespace steiger::sdk
