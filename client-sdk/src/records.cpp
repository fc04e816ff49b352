#include "client-sdk/src/records.h"

#include "crypto/mls/secret_codec.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kRecordVersion = 1;

// One field list per record serves writing (Out) and reading (In, whose first failure sticks).
class Out {
 public:
  Out() { writer_.u8(kRecordVersion); }
  void operator()(std::uint8_t v) { writer_.u8(v); }
  void operator()(std::uint16_t v) { writer_.u16(v); }
  void operator()(std::uint64_t v) { writer_.u64(v); }
  void operator()(bool v) { writer_.u8(v ? 1 : 0); }
  void operator()(Timestamp v) { writer_.u64(static_cast<std::uint64_t>(v.ms)); }
  void operator()(const std::string& v) { writer_.opaque(as_bytes(v)); }
  void operator()(const Bytes& v) { writer_.opaque(v); }
  void operator()(const SecretBytes& v) { writer_.opaque(v.bytes()); }
  template <class T>
  void operator()(const Id<T>& v) {
    writer_.fixed(v.bytes());
  }
  template <std::size_t N>
  void operator()(const ByteArray<N>& v) {
    writer_.fixed(v);
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(E v) { writer_.u8(static_cast<std::uint8_t>(v)); }
  template <class T, class Fields>
  void list(const std::vector<T>& items, Fields&& fields) {
    writer_.u64(items.size());
    for (const T& item : items) fields(*this, item);
  }
  [[nodiscard]] SecretBytes take() && { return std::move(writer_).take(); }

 private:
  mls::SecretWriter writer_;
};

class In {
 public:
  explicit In(ByteView bytes) : reader_(bytes) {}
  void operator()(std::uint8_t& v) { set(v, reader_.u8()); }
  void operator()(std::uint16_t& v) { set(v, reader_.u16()); }
  void operator()(std::uint64_t& v) { set(v, reader_.u64()); }
  void operator()(bool& v) {
    std::uint8_t byte = 0;
    (*this)(byte);
    if (byte > 1) failed_ = true;
    v = byte == 1;
  }
  void operator()(Timestamp& v) {
    std::uint64_t ms = 0;
    (*this)(ms);
    v.ms = static_cast<std::int64_t>(ms);
  }
  void operator()(std::string& v) { v = std::string(as_text(opaque())); }
  void operator()(Bytes& v) { v = to_bytes(opaque()); }
  void operator()(SecretBytes& v) { v = SecretBytes::copy_of(opaque()); }
  template <class T>
  void operator()(Id<T>& v) {
    ByteArray<kIdSize> bytes{};
    (*this)(bytes);
    v = Id<T>(bytes);
  }
  template <std::size_t N>
  void operator()(ByteArray<N>& v) {
    set(v, reader_.array<N>());
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(E& v) {
    std::uint8_t byte = 0;
    (*this)(byte);
    v = static_cast<E>(byte);
  }
  template <class T, class Fields>
  void list(std::vector<T>& items, Fields&& fields) {
    std::uint64_t count = 0;
    (*this)(count);
    if (count > reader_.rest().size()) failed_ = true;  // every item takes at least a byte
    for (std::uint64_t i = 0; i < count && !failed_; ++i) {
      T item;
      fields(*this, item);
      items.push_back(std::move(item));
    }
  }
  [[nodiscard]] bool finished() const { return !failed_ && reader_.empty(); }

 private:
  template <class T>
  void set(T& v, Result<T> result) {
    if (failed_ || !result.ok()) {
      failed_ = true;
      return;
    }
    v = std::move(result).value();
  }
  ByteView opaque() {
    auto view = reader_.opaque();
    if (failed_ || !view.ok()) {
      failed_ = true;
      return {};
    }
    return *view;
  }
  Reader reader_;
  bool failed_ = false;
};

template <class R, class T>
concept Is = std::is_same_v<std::remove_const_t<R>, T>;

template <class Io, class T>
void optional_field(Io& io, T& value) {
  if constexpr (std::is_same_v<Io, Out>) {
    io(value.has_value());
    if (value.has_value()) io(*value);
  } else {
    bool present = false;
    io(present);
    if (present) io(value.emplace());
  }
}

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

template <class Record>
SecretBytes write(const Record& record) {
  Out out;
  fields(out, record);
  return std::move(out).take();
}

template <class Record>
Result<Record> read(ByteView bytes) {
  if (bytes.empty()) return kStoreCorrupt;
  if (bytes.front() > kRecordVersion) return kStoreFormat;
  if (bytes.front() != kRecordVersion) return kStoreCorrupt;
  In in(bytes.subspan(1));
  Record record;
  fields(in, record);
  if (!in.finished()) return kStoreCorrupt;
  return record;
}

}  // namespace

SecretBytes SelfRecord::encode() const {
  return write(*this);
}
SecretBytes CounterRecord::encode() const {
  return write(*this);
}
SecretBytes JoinRecord::encode() const {
  return write(*this);
}
SecretBytes InviteRecord::encode() const {
  return write(*this);
}
SecretBytes ChannelRecord::encode() const {
  return write(*this);
}
SecretBytes LinkRecord::encode() const {
  return write(*this);
}
SecretBytes MessageRecord::encode() const {
  return write(*this);
}
SecretBytes DeferredRecord::encode() const {
  return write(*this);
}
SecretBytes OutboxRecord::encode() const {
  return write(*this);
}
SecretBytes PendingRecord::encode() const {
  return write(*this);
}
SecretBytes StandingRecord::encode() const {
  return write(*this);
}
SecretBytes PackageRecord::encode() const {
  return write(*this);
}

Result<SelfRecord> SelfRecord::decode(ByteView bytes) {
  return read<SelfRecord>(bytes);
}
Result<CounterRecord> CounterRecord::decode(ByteView bytes) {
  return read<CounterRecord>(bytes);
}
Result<JoinRecord> JoinRecord::decode(ByteView bytes) {
  return read<JoinRecord>(bytes);
}
Result<InviteRecord> InviteRecord::decode(ByteView bytes) {
  return read<InviteRecord>(bytes);
}
Result<ChannelRecord> ChannelRecord::decode(ByteView bytes) {
  return read<ChannelRecord>(bytes);
}
Result<LinkRecord> LinkRecord::decode(ByteView bytes) {
  return read<LinkRecord>(bytes);
}
Result<MessageRecord> MessageRecord::decode(ByteView bytes) {
  return read<MessageRecord>(bytes);
}
Result<DeferredRecord> DeferredRecord::decode(ByteView bytes) {
  return read<DeferredRecord>(bytes);
}
Result<OutboxRecord> OutboxRecord::decode(ByteView bytes) {
  return read<OutboxRecord>(bytes);
}
Result<PendingRecord> PendingRecord::decode(ByteView bytes) {
  return read<PendingRecord>(bytes);
}
Result<StandingRecord> StandingRecord::decode(ByteView bytes) {
  return read<StandingRecord>(bytes);
}
Result<PackageRecord> PackageRecord::decode(ByteView bytes) {
  return read<PackageRecord>(bytes);
}

}  // namespace steiger::sdk
