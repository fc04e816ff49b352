// From columns to rows: how the gateway's tables are read. Internal to the SqlStore.
#pragma once

#include "gateway/sqlcipher/database.h"
#include "gateway/store/rows.h"

namespace steiger::gateway::sql {

using sqlcipher::Statement;

inline constexpr std::int64_t kSeqBits = 32;

// Key of a message or Welcome.
inline std::int64_t message_key(ChannelNumber channel, std::uint64_t seq) {
  return (static_cast<std::int64_t>(channel) << kSeqBits) | static_cast<std::int64_t>(seq);
}
inline std::uint64_t seq_of(std::int64_t key) {
  return static_cast<std::uint64_t>(key) & kMaxSeq;
}

// Columns as typed values. A stored blob of another length can only come from damage below the page's authentication code.
class Row {
 public:
  explicit Row(const Statement& statement) : statement_(statement) {}
  template <class IdType>
  void id(IdType& out) {
    take(IdType::from_bytes(statement_.blob(column_++)), out);
  }
  template <std::size_t N>
  void array(ByteArray<N>& out) {
    take(to_array<N>(statement_.blob(column_++)), out);
  }
  void key(VerifyKey& out) { take(VerifyKey::from_bytes(statement_.blob(column_++)), out); }
  void bytes(Bytes& out) { out = to_bytes(statement_.blob(column_++)); }
  void optional_bytes(std::optional<Bytes>& out) {
    if (!statement_.is_null(column_)) out = to_bytes(statement_.blob(column_));
    ++column_;
  }
  template <class Integer>
  void integer(Integer& out) {
    out = static_cast<Integer>(statement_.integer(column_++));
  }
  void time(Timestamp& out) { integer(out.ms); }
  [[nodiscard]] Result<void> done() const {
    if (!good_) return kStoreCorrupt;
    return {};
  }

 private:
  template <class T, class Out>
  void take(Result<T> value, Out& out) {
    if (value.ok()) {
      out = *value;
    } else {
      good_ = false;
    }
  }
  const Statement& statement_;
  int column_ = 0;
  bool good_ = true;
};

inline Result<AccountRow> read_account(const Statement& statement) {
  AccountRow out;
  Row row(statement);
  row.id(out.account);
  row.key(out.key);
  row.integer(out.role);
  row.bytes(out.chain);
  row.time(out.registered);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<DeviceRow> read_device(const Statement& statement) {
  DeviceRow out;
  Row row(statement);
  row.id(out.device);
  row.id(out.account);
  row.key(out.key);
  row.integer(out.accepted_counter);
  row.integer(out.revoked);
  row.key(out.account_key);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<ChannelRow> read_channel(const Statement& statement) {
  ChannelRow out;
  Row row(statement);
  row.integer(out.number);
  row.id(out.channel);
  row.bytes(out.group_id);
  row.integer(out.epoch);
  row.integer(out.head_seq);
  row.array(out.head);
  row.integer(out.dropped_seq);
  row.integer(out.generation);
  row.integer(out.expired_seq);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<MemberRow> read_member(const Statement& statement) {
  MemberRow out;
  Row row(statement);
  row.id(out.device);
  row.id(out.account);
  row.integer(out.joined_seq);
  row.integer(out.acknowledged_seq);
  row.integer(out.removed_seq);
  row.integer(out.nacked_seq);
  row.integer(out.resync_day);
  row.integer(out.resyncs);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<FormerRow> read_former(const Statement& statement) {
  FormerRow out;
  Row row(statement);
  row.id(out.device);
  row.id(out.account);
  row.key(out.account_key);
  row.integer(out.removed_in);
  row.integer(out.removed_seq);
  row.integer(out.silent);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<NackRow> read_nack(const Statement& statement) {
  NackRow out;
  Row row(statement);
  row.id(out.device);
  row.integer(out.seq);
  row.bytes(out.nack);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<RosterTaskRow> read_roster_task(const Statement& statement) {
  RosterTaskRow out;
  Row row(statement);
  row.integer(out.kind);
  row.id(out.channel);
  row.id(out.account);
  row.id(out.device);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<UndeliveredRow> read_undelivered(const Statement& statement) {
  UndeliveredRow out;
  Row row(statement);
  row.id(out.device);
  row.id(out.channel);
  std::int64_t key = 0;
  row.integer(key);
  out.seq = seq_of(key);
  row.id(out.id);
  row.time(out.told);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<MessageRow> read_message(const Statement& statement) {
  MessageRow out;
  Row row(statement);
  std::int64_t key = 0;
  row.integer(key);
  out.seq = seq_of(key);
  row.id(out.id);
  row.integer(out.kind);
  row.integer(out.epoch);
  row.id(out.account);
  row.id(out.device);
  row.integer(out.counter);
  row.array(out.tag);
  row.time(out.accepted);
  row.array(out.payload_hash);
  row.array(out.chain);
  row.optional_bytes(out.payload);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<InviteRow> read_invite(const Statement& statement) {
  InviteRow out;
  Row row(statement);
  row.id(out.invite);
  row.array(out.lookup);
  row.id(out.coach);
  row.integer(out.kind);
  row.time(out.created);
  row.time(out.expires);
  row.bytes(out.terms);
  row.integer(out.status);
  row.array(out.accepted_proof);
  row.bytes(out.accepted_chain);
  row.integer(out.purpose);
  row.id(out.account);
  row.bytes(out.accepted_sealed);
  STEIGER_CHECK(row.done());
  return out;
}
inline void read_proof_fields(Row& row, ProofRow& out) {
  row.integer(out.ordinal);
  row.array(out.hash);
  row.bytes(out.proof);
  row.time(out.received);
  row.integer(out.refused);
}
inline Result<ProofRow> read_proof(const Statement& statement) {
  ProofRow out;
  Row row(statement);
  read_proof_fields(row, out);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<KeyPackageRow> read_key_package(const Statement& statement) {
  KeyPackageRow out;
  Row row(statement);
  row.id(out.device);
  row.array(out.hash);
  row.time(out.expires);
  row.integer(out.last_resort);
  row.integer(out.claimed);
  row.bytes(out.key_package);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<OfferRow> read_offer(const Statement& statement) {
  OfferRow out;
  Row row(statement);
  row.id(out.channel);
  row.id(out.leaving);
  row.id(out.successor);
  row.time(out.issued);
  row.time(out.expires);
  row.bytes(out.offer);
  row.bytes(out.chain);
  STEIGER_CHECK(row.done());
  return out;
}
inline Result<UnansweredProof> read_unanswered_proof(const Statement& statement) {
  UnansweredProof out;
  Row row(statement);
  row.id(out.invite);
  read_proof_fields(row, out.proof);
  STEIGER_CHECK(row.done());
  return out;
}

}  // namespace steiger::gateway::sql
