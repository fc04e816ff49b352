#include "gateway/store/sql_store.h"

#include <unordered_map>

#include "gateway/store/sql_rows.h"
#include "gateway/store/sql_schema.h"

namespace steiger::gateway {
namespace {

using namespace sql;
using sqlcipher::Database;
using sqlcipher::Statement;

std::int64_t to_sql(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

constexpr char kInviteColumns[] = "invite, lookup, coach, kind, created, expires, terms, status, accepted_proof, accepted_chain";

class SqlStore final : public Store {
 public:
  SqlStore(Database database, SecretboxKey audit_key, Rng& rng)
      : database_(std::move(database)), rng_(rng), sealer_(std::move(audit_key), rng) {}

  Result<void> load() {
    STEIGER_TRY(const std::int64_t rows, database_.query_integer("SELECT coalesce(max(number) + 1, 0) FROM audit"));
    audit_next_ = static_cast<std::uint64_t>(rows);
    return {};
  }

  Result<StoreIdentity> bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) override {
    STEIGER_TRY(auto known, meta("organisation"));
    if (!known) {
      SigningKey head_key = SigningKey::generate(rng_);
      ByteArray<kIdSize> incarnation{};
      rng_.fill(incarnation);
      STEIGER_CHECK(begin());
      auto done = create_identity(organisation, root, incarnation, head_key, now);
      if (!done.ok()) {
        rollback();
        return done.error();
      }
      STEIGER_CHECK(commit());
      return StoreIdentity{organisation, root, incarnation, std::move(head_key)};
    }
    STEIGER_TRY(const auto known_root, meta("organisation_root"));
    STEIGER_TRY(const auto incarnation, meta("incarnation"));
    STEIGER_TRY(auto seed, meta("head_key_seed"));
    if (!known_root || !incarnation || !seed) return kStoreCorrupt;
    if (!equal(*known, organisation.bytes()) || !equal(*known_root, root.bytes())) return kStoreOtherOrganisation;
    STEIGER_TRY(const auto incarnation_bytes, to_array<kIdSize>(*incarnation));
    const SecretBytes wiped = SecretBytes::adopt(std::move(*seed));
    STEIGER_TRY(auto head_seed, SigningKey::Seed::from_bytes(wiped.bytes()));
    return StoreIdentity{organisation, root, incarnation_bytes, SigningKey(std::move(head_seed))};
  }

  Result<void> begin() override {
    STEIGER_TRY(Statement * statement, prepared("BEGIN IMMEDIATE"));
    audit_before_ = audit_next_;
    return statement->run();
  }
  Result<void> commit() override {
    auto done = database_.commit();
    if (!done.ok()) audit_next_ = audit_before_;
    return done;
  }
  void rollback() noexcept override {
    database_.rollback();
    audit_next_ = audit_before_;
  }

  Result<std::optional<AccountRow>> account(const AccountId& account) override {
    STEIGER_TRY(Statement * statement, prepared("SELECT account, key, role, chain, registered FROM account WHERE account = ?"));
    statement->bind(1, account.bytes());
    return one<AccountRow>(*statement, read_account);
  }
  Result<std::optional<DeviceRow>> device(const DeviceId& device) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT device, account, key, accepted_counter, revoked FROM device WHERE device = ?"));
    statement->bind(1, device.bytes());
    return one<DeviceRow>(*statement, read_device);
  }
  Result<std::vector<DeviceRow>> devices_of(const AccountId& account) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT device, account, key, accepted_counter, revoked FROM device WHERE account = ? ORDER BY device"));
    statement->bind(1, account.bytes());
    return all<DeviceRow>(*statement, read_device);
  }
  Result<void> put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    STEIGER_TRY(Statement * put,
                prepared("INSERT OR REPLACE INTO account(account, key, role, chain, registered) VALUES(?, ?, ?, ?, ?)"));
    STEIGER_CHECK(put->bind(1, account.account.bytes())
                      .bind(2, account.key.bytes())
                      .bind(3, account.role)
                      .bind(4, account.chain)
                      .bind(5, account.registered.ms)
                      .run());
    STEIGER_TRY(Statement * update, prepared("UPDATE device SET key = ?3, revoked = ?4 WHERE device = ?1 AND account = ?2"));
    STEIGER_TRY(Statement * insert,
                prepared("INSERT INTO device(device, account, key, revoked, accepted_counter) VALUES(?1, ?2, ?3, ?4, ?5)"));
    for (const DeviceRow& row : devices) {
      STEIGER_CHECK(update->bind(1, row.device.bytes())
                        .bind(2, row.account.bytes())
                        .bind(3, row.key.bytes())
                        .bind(4, row.revoked ? 1 : 0)
                        .run());
      if (database_.changes() != 0) continue;
      STEIGER_CHECK(insert->bind(1, row.device.bytes())
                        .bind(2, row.account.bytes())
                        .bind(3, row.key.bytes())
                        .bind(4, row.revoked ? 1 : 0)
                        .bind(5, to_sql(row.accepted_counter))
                        .run());
    }
    return {};
  }

  Result<std::optional<ChannelRow>> channel(const ChannelId& channel) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT number, channel, group_id, epoch, head_seq, head, dropped_seq FROM channel WHERE channel = ?"));
    statement->bind(1, channel.bytes());
    return one<ChannelRow>(*statement, read_channel);
  }
  Result<std::vector<MemberRow>> members(ChannelNumber channel) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT device, account, joined_seq, acknowledged_seq FROM member WHERE channel = ? ORDER BY device"));
    statement->bind(1, channel);
    return all<MemberRow>(*statement, read_member);
  }
  Result<std::vector<ChannelId>> channels_of(const DeviceId& device) override {
    STEIGER_TRY(Statement * statement, prepared("SELECT c.channel FROM member m JOIN channel c ON c.number = m.channel "
                                                "WHERE m.device = ? ORDER BY c.number"));
    statement->bind(1, device.bytes());
    return all<ChannelId>(*statement, [](const Statement& row) { return ChannelId::from_bytes(row.blob(0)); });
  }
  Result<Bytes> public_group(ChannelNumber channel) override {
    STEIGER_TRY(Statement * statement, prepared("SELECT public_group FROM channel_group WHERE number = ?"));
    statement->bind(1, channel);
    STEIGER_TRY(auto found, one<Bytes>(*statement, [](const Statement& row) { return Result<Bytes>(to_bytes(row.blob(0))); }));
    if (!found) return kStoreMisuse;
    return std::move(*found);
  }
  Result<ChannelNumber> open_channel(const ChannelRow& row, const std::vector<MemberRow>& members, ByteView public_group,
                                     const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    STEIGER_TRY(const std::int64_t number, database_.query_integer("SELECT coalesce(max(number), 0) + 1 FROM channel"));
    STEIGER_TRY(Statement * insert, prepared("INSERT INTO channel(number, channel, group_id, epoch, head_seq, head, dropped_seq) "
                                             "VALUES(?, ?, ?, ?, ?, ?, ?)"));
    STEIGER_CHECK(insert->bind(1, number)
                      .bind(2, row.channel.bytes())
                      .bind(3, row.group_id)
                      .bind(4, to_sql(row.epoch))
                      .bind(5, to_sql(row.head_seq))
                      .bind(6, row.head)
                      .bind(7, to_sql(row.dropped_seq))
                      .run());
    STEIGER_TRY(Statement * group, prepared("INSERT INTO channel_group(number, public_group) VALUES(?, ?)"));
    STEIGER_CHECK(group->bind(1, number).bind(2, public_group).run());
    STEIGER_CHECK(add_members(static_cast<ChannelNumber>(number), members));
    return static_cast<ChannelNumber>(number);
  }
  Result<void> advance_group(ChannelNumber channel, ByteView public_group, const std::vector<MemberRow>& added,
                             const std::optional<WelcomeRow>& welcome, const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    STEIGER_TRY(Statement * group, prepared("UPDATE channel_group SET public_group = ? WHERE number = ?"));
    STEIGER_CHECK(group->bind(1, public_group).bind(2, channel).run());
    if (database_.changes() != 1) return kStoreMisuse;
    STEIGER_CHECK(add_members(channel, added));
    if (!welcome) return {};
    STEIGER_TRY(Statement * insert, prepared("INSERT INTO welcome(key, epoch, first_link_seq, welcome) VALUES(?, ?, ?, ?)"));
    return insert->bind(1, message_key(channel, welcome->seq))
        .bind(2, to_sql(welcome->epoch))
        .bind(3, to_sql(welcome->first_link_seq))
        .bind(4, welcome->welcome)
        .run();
  }

  Result<void> append(const RelayBatch& batch, const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    STEIGER_TRY(Statement * insert, prepared("INSERT INTO message(key, id, kind, epoch, account, device, counter, tag, accepted, "
                                             "payload_hash, chain, payload) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const auto& appended : batch.appended) {
      for (const MessageRow* message : appended.messages) {
        insert->bind(1, message_key(appended.channel, message->seq))
            .bind(2, message->id.bytes())
            .bind(3, static_cast<std::int64_t>(message->kind))
            .bind(4, to_sql(message->epoch))
            .bind(5, message->account.bytes())
            .bind(6, message->device.bytes())
            .bind(7, to_sql(message->counter))
            .bind(8, message->tag)
            .bind(9, message->accepted.ms)
            .bind(10, message->payload_hash)
            .bind(11, message->chain);
        message->payload ? insert->bind(12, *message->payload) : insert->bind_null(12);
        STEIGER_CHECK(insert->run());
      }
    }
    STEIGER_TRY(Statement * head, prepared("UPDATE channel SET epoch = ?, head_seq = ?, head = ? WHERE number = ?"));
    for (const ChannelRow* row : batch.heads) {
      STEIGER_CHECK(
          head->bind(1, to_sql(row->epoch)).bind(2, to_sql(row->head_seq)).bind(3, row->head).bind(4, row->number).run());
      if (database_.changes() != 1) return kStoreMisuse;
    }
    STEIGER_TRY(Statement * counter, prepared("UPDATE device SET accepted_counter = ? WHERE device = ?"));
    for (const auto& row : batch.counters) {
      STEIGER_CHECK(counter->bind(1, to_sql(row.accepted_counter)).bind(2, row.device.bytes()).run());
      if (database_.changes() != 1) return kStoreMisuse;
    }
    return {};
  }

  Result<void> acknowledge(const AcknowledgeBatch& batch) override {
    STEIGER_TRY(Statement * position, prepared("UPDATE member SET acknowledged_seq = ? WHERE channel = ? AND device = ?"));
    for (const auto& row : batch.positions) {
      STEIGER_CHECK(position->bind(1, to_sql(row.acknowledged_seq)).bind(2, row.channel).bind(3, row.device.bytes()).run());
      if (database_.changes() != 1) return kStoreMisuse;
    }
    STEIGER_TRY(Statement * payloads, prepared("UPDATE message SET payload = NULL WHERE key > ? AND key <= ?"));
    STEIGER_TRY(Statement * welcomes, prepared("DELETE FROM welcome WHERE key > ? AND key <= ?"));
    STEIGER_TRY(Statement * dropped, prepared("UPDATE channel SET dropped_seq = ? WHERE number = ?"));
    for (const auto& drop : batch.drops) {
      const std::int64_t after = message_key(drop.channel, drop.after_seq);
      const std::int64_t up_to = message_key(drop.channel, drop.up_to_seq);
      STEIGER_CHECK(payloads->bind(1, after).bind(2, up_to).run());
      STEIGER_CHECK(welcomes->bind(1, after).bind(2, up_to).run());
      STEIGER_CHECK(dropped->bind(1, to_sql(drop.up_to_seq)).bind(2, drop.channel).run());
      if (database_.changes() != 1) return kStoreMisuse;
    }
    return {};
  }

  Result<std::vector<MessageRow>> messages(ChannelNumber channel, std::uint64_t from, const ReadLimit& limit) override {
    // NULL in place of a payload nobody asked for, so that its overflow pages stay unread.
    const char* const sql =
        limit.with_payload ? "SELECT key, id, kind, epoch, account, device, counter, tag, accepted, payload_hash, chain, payload "
                             "FROM message WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?"
                           : "SELECT key, id, kind, epoch, account, device, counter, tag, accepted, payload_hash, chain, NULL "
                             "FROM message WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?";
    STEIGER_TRY(Statement * statement, prepared(sql));
    statement->bind(1, message_key(channel, from))
        .bind(2, message_key(channel, kMaxSeq))
        .bind(3, static_cast<std::int64_t>(limit.max_messages));
    std::vector<MessageRow> out;
    std::size_t bytes = 0;
    while (true) {
      STEIGER_TRY(const bool row, statement->step());
      if (!row) return out;
      auto message = read_message(*statement);
      if (!message.ok()) {
        statement->reset();
        return message.error();
      }
      bytes += message->payload ? message->payload->size() : 0;
      if (!out.empty() && bytes > limit.max_bytes) {
        statement->reset();
        return out;
      }
      out.push_back(std::move(*message));
    }
  }
  Result<std::optional<WelcomeRow>> welcome(ChannelNumber channel, std::uint64_t seq) override {
    STEIGER_TRY(Statement * statement, prepared("SELECT key, epoch, first_link_seq, welcome FROM welcome WHERE key = ?"));
    statement->bind(1, message_key(channel, seq));
    return one<WelcomeRow>(*statement, [](const Statement& row) {
      return Result<WelcomeRow>({seq_of(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
                                 static_cast<std::uint64_t>(row.integer(2)), to_bytes(row.blob(3))});
    });
  }

  Result<std::optional<InviteRow>> invite(const InviteId& invite) override {
    static const std::string sql = std::string("SELECT ") + kInviteColumns + " FROM invite WHERE invite = ?";
    STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
    statement->bind(1, invite.bytes());
    return one<InviteRow>(*statement, read_invite);
  }
  Result<std::optional<InviteRow>> invite_by_lookup(const Hash& lookup) override {
    static const std::string sql = std::string("SELECT ") + kInviteColumns + " FROM invite WHERE lookup = ?";
    STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
    statement->bind(1, lookup);
    return one<InviteRow>(*statement, read_invite);
  }
  Result<std::vector<InviteRow>> open_invites_of(const AccountId& coach) override {
    static const std::string sql =
        std::string("SELECT ") + kInviteColumns + " FROM invite WHERE coach = ? AND status = ? ORDER BY invite";
    STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
    statement->bind(1, coach.bytes()).bind(2, static_cast<std::int64_t>(InviteStatus::open));
    return all<InviteRow>(*statement, read_invite);
  }
  Result<std::vector<InviteRow>> contested_invites_of(const AccountId& coach) override {
    static const std::string sql = std::string("SELECT ") + kInviteColumns +
                                   " FROM invite WHERE coach = ? AND status = ? AND EXISTS(SELECT 1 FROM proof WHERE "
                                   "proof.invite = invite.invite AND refused = 0 AND hash <> accepted_proof) ORDER BY invite";
    STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
    statement->bind(1, coach.bytes()).bind(2, static_cast<std::int64_t>(InviteStatus::accepted));
    return all<InviteRow>(*statement, read_invite);
  }
  Result<std::vector<ProofRow>> proofs(const InviteId& invite) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT ordinal, hash, proof, received, refused FROM proof WHERE invite = ? ORDER BY ordinal"));
    statement->bind(1, invite.bytes());
    return all<ProofRow>(*statement, read_proof);
  }
  Result<void> put_invite(const InviteRow& row, const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    // Not INSERT OR REPLACE: that would delete another invite with the same lookup.
    static const std::string kUpdate =
        "UPDATE invite SET lookup = ?2, coach = ?3, kind = ?4, created = ?5, expires = ?6, terms = ?7, status = ?8, "
        "accepted_proof = ?9, accepted_chain = ?10 WHERE invite = ?1";
    static const std::string kInsert = std::string("INSERT INTO invite(") + kInviteColumns + ") VALUES(?,?,?,?,?,?,?,?,?,?)";
    for (const std::string* sql : {&kUpdate, &kInsert}) {
      STEIGER_TRY(Statement * statement, prepared(sql->c_str()));
      STEIGER_CHECK(statement->bind(1, row.invite.bytes())
                        .bind(2, row.lookup)
                        .bind(3, row.coach.bytes())
                        .bind(4, row.kind)
                        .bind(5, row.created.ms)
                        .bind(6, row.expires.ms)
                        .bind(7, row.terms)
                        .bind(8, static_cast<std::int64_t>(row.status))
                        .bind(9, row.accepted_proof)
                        .bind(10, row.accepted_chain)
                        .run());
      if (database_.changes() == 1) return {};
    }
    return kStoreMisuse;
  }
  Result<void> put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) override {
    STEIGER_CHECK(record(event));
    STEIGER_TRY(Statement * statement, prepared("INSERT OR REPLACE INTO proof(invite, ordinal, hash, proof, received, refused) "
                                                "VALUES(?, ?, ?, ?, ?, ?)"));
    return statement->bind(1, invite.bytes())
        .bind(2, row.ordinal)
        .bind(3, row.hash)
        .bind(4, row.proof)
        .bind(5, row.received.ms)
        .bind(6, row.refused ? 1 : 0)
        .run();
  }

  Result<std::vector<AuditRow>> audit(std::uint64_t from, std::size_t max) override {
    STEIGER_TRY(Statement * statement,
                prepared("SELECT number, leaf, sealed FROM audit WHERE number >= ? ORDER BY number LIMIT ?"));
    statement->bind(1, to_sql(from)).bind(2, static_cast<std::int64_t>(max));
    return all<AuditRow>(*statement, [](const Statement& row) {
      return Result<AuditRow>({static_cast<std::uint64_t>(row.integer(0)), std::string(row.text(1)), to_bytes(row.blob(2))});
    });
  }
  [[nodiscard]] const AuditSealer& sealer() const override { return sealer_; }

 private:
  // One prepared statement per SQL text, found by the text's address (literals and statics only).
  Result<Statement*> prepared(const char* sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return &found->second;
    STEIGER_TRY(Statement statement, database_.prepare(sql));
    return &statements_.emplace(sql, std::move(statement)).first->second;
  }
  template <class T, class Read>
  Result<std::optional<T>> one(Statement& statement, Read&& read) {
    STEIGER_TRY(const bool row, statement.step());
    if (!row) return std::optional<T>();
    auto value = read(statement);
    statement.reset();
    if (!value.ok()) return kStoreCorrupt;
    return std::optional<T>(std::move(*value));
  }
  template <class T, class Read>
  Result<std::vector<T>> all(Statement& statement, Read&& read) {
    std::vector<T> out;
    while (true) {
      STEIGER_TRY(const bool row, statement.step());
      if (!row) return out;
      auto value = read(statement);
      if (!value.ok()) {
        statement.reset();
        return kStoreCorrupt;
      }
      out.push_back(std::move(*value));
    }
  }

  Result<std::optional<Bytes>> meta(const char* name) {
    STEIGER_TRY(Statement * statement, prepared("SELECT value FROM meta WHERE name = ?"));
    statement->bind_text(1, name);
    return one<Bytes>(*statement, [](const Statement& row) { return Result<Bytes>(to_bytes(row.blob(0))); });
  }
  Result<void> put_meta(const char* name, ByteView value) {
    STEIGER_TRY(Statement * statement, prepared("INSERT INTO meta(name, value) VALUES(?, ?)"));
    return statement->bind_text(1, name).bind(2, value).run();
  }
  Result<void> create_identity(const OrganisationId& organisation, const VerifyKey& root, const ByteArray<kIdSize>& incarnation,
                               const SigningKey& head_key, Timestamp now) {
    STEIGER_CHECK(put_meta("organisation", organisation.bytes()));
    STEIGER_CHECK(put_meta("organisation_root", root.bytes()));
    STEIGER_CHECK(put_meta("incarnation", incarnation));
    STEIGER_CHECK(put_meta("head_key_seed", head_key.seed().bytes()));
    return record({"store.created", now, {{"organisation", organisation.text()}}});
  }

  Result<void> add_members(ChannelNumber channel, const std::vector<MemberRow>& members) {
    STEIGER_TRY(Statement * insert, prepared("INSERT INTO member(channel, device, account, joined_seq, acknowledged_seq) "
                                             "VALUES(?, ?, ?, ?, ?)"));
    for (const MemberRow& row : members) {
      STEIGER_CHECK(insert->bind(1, channel)
                        .bind(2, row.device.bytes())
                        .bind(3, row.account.bytes())
                        .bind(4, to_sql(row.joined_seq))
                        .bind(5, to_sql(row.acknowledged_seq))
                        .run());
    }
    return {};
  }

  // Law 5: the leaf is written with the change or the change is not made.
  Result<void> record(const AuditEvent& event) {
    const AuditRow row = sealer_.seal(audit_next_, event);
    STEIGER_TRY(Statement * insert, prepared("INSERT INTO audit(number, leaf, sealed) VALUES(?, ?, ?)"));
    STEIGER_CHECK(insert->bind(1, to_sql(row.index)).bind_text(2, row.leaf).bind(3, row.sealed).run());
    ++audit_next_;
    return {};
  }

  Database database_;
  std::unordered_map<const char*, Statement> statements_;  // finalised before the database closes
  Rng& rng_;
  AuditSealer sealer_;
  std::uint64_t audit_next_ = 0;
  std::uint64_t audit_before_ = 0;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sql_store(SqlStoreOptions options, Rng& rng) {
  STEIGER_TRY(Database database, Database::open(options.path, options.key));
  STEIGER_CHECK(database.migrate(kSqlMigrations));
  auto store = std::make_unique<SqlStore>(std::move(database), std::move(options.audit_key), rng);
  STEIGER_CHECK(store->load());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace steiger::gateway
