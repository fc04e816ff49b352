// The messages that pass through: written, acknowledged, expired.
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {

Result<void> SqlStore::append(const RelayBatch& batch, const AuditEvent& event) {
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
    STEIGER_CHECK(head->bind(1, to_sql(row->epoch)).bind(2, to_sql(row->head_seq)).bind(3, row->head).bind(4, row->number).run());
    if (database_.changes() != 1) return kStoreMisuse;
  }
  STEIGER_TRY(Statement * counter, prepared("UPDATE device SET accepted_counter = ? WHERE device = ?"));
  for (const auto& row : batch.counters) {
    STEIGER_CHECK(counter->bind(1, to_sql(row.accepted_counter)).bind(2, row.device.bytes()).run());
    if (database_.changes() != 1) return kStoreMisuse;
  }
  return {};
}

Result<void> SqlStore::acknowledge(const AcknowledgeBatch& batch) {
  STEIGER_TRY(Statement * position,
              prepared("UPDATE stay SET acknowledged_seq = ? WHERE channel = ? AND device = ? AND joined_seq = ?"));
  for (const auto& row : batch.positions) {
    STEIGER_CHECK(position->bind(1, to_sql(row.acknowledged_seq))
                      .bind(2, row.channel)
                      .bind(3, row.device.bytes())
                      .bind(4, to_sql(row.joined_seq))
                      .run());
    if (database_.changes() != 1) return kStoreMisuse;
  }
  STEIGER_TRY(Statement * gone, prepared("DELETE FROM stay WHERE channel = ? AND device = ? AND joined_seq = ?"));
  for (const auto& row : batch.gone) {
    STEIGER_CHECK(gone->bind(1, row.channel).bind(2, row.device.bytes()).bind(3, to_sql(row.joined_seq)).run());
  }
  STEIGER_TRY(Statement * seen, prepared("INSERT OR REPLACE INTO seen(device, day) VALUES(?, ?)"));
  for (const auto& row : batch.seen) STEIGER_CHECK(seen->bind(1, row.device.bytes()).bind(2, row.day).run());
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

Result<std::vector<MessageRow>> SqlStore::messages(ChannelNumber channel, std::uint64_t from, const ReadLimit& limit) {
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

Result<std::optional<WelcomeRow>> SqlStore::welcome(ChannelNumber channel, std::uint64_t seq) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT key, epoch, first_link_seq, welcome, generation FROM welcome WHERE key = ?"));
  statement->bind(1, message_key(channel, seq));
  return one<WelcomeRow>(*statement, [](const Statement& row) {
    return Result<WelcomeRow>({seq_of(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
                               static_cast<std::uint64_t>(row.integer(2)), to_bytes(row.blob(3)),
                               static_cast<std::uint32_t>(row.integer(4))});
  });
}

Result<std::optional<MessageRow>> SqlStore::commit_of(ChannelNumber channel, std::uint64_t epoch) {
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT key, id, kind, epoch, account, device, counter, tag, accepted, payload_hash, chain, NULL FROM message "
               "WHERE key BETWEEN ? AND ? AND kind = ? AND epoch = ? ORDER BY key DESC LIMIT 1"));
  statement->bind(1, message_key(channel, 1))
      .bind(2, message_key(channel, kMaxSeq))
      .bind(3, static_cast<std::int64_t>(MessageKind::commit))
      .bind(4, to_sql(epoch));
  return one<MessageRow>(*statement, read_message);
}

Result<std::vector<ChannelId>> SqlStore::channels_overdue(Timestamp before) {
  // One look-up a channel: its oldest message that nobody has looked at yet. expired_seq passes over handshakes, which stay.
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT c.channel FROM channel c JOIN message m ON m.key = (c.number << 32 | (max(c.dropped_seq, c.expired_seq) "
               "+ 1)) WHERE m.accepted <= ? ORDER BY c.number"));
  statement->bind(1, before.ms);
  return all<ChannelId>(*statement, [](const Statement& row) { return ChannelId::from_bytes(row.blob(0)); });
}

Result<std::vector<std::pair<ChannelId, MemberRow>>> SqlStore::stays_overdue(Timestamp before) {
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT s.device, s.account, s.joined_seq, s.acknowledged_seq, s.removed_seq, s.nacked_seq, s.resync_day, "
               "s.resyncs, c.channel FROM stay s JOIN channel c ON c.number = s.channel WHERE s.removed_seq <> 0 AND "
               "(EXISTS(SELECT 1 FROM message m WHERE m.key = (s.channel << 32 | s.removed_seq) AND m.accepted <= ?) OR "
               "EXISTS(SELECT 1 FROM device d WHERE d.device = s.device AND d.revoked <> 0)) ORDER BY s.channel, s.device"));
  statement->bind(1, before.ms);
  using Overdue = std::pair<ChannelId, MemberRow>;
  return all<Overdue>(*statement, [](const Statement& row) -> Result<Overdue> {
    STEIGER_TRY(MemberRow stay, read_member(row));
    STEIGER_TRY(const ChannelId channel, ChannelId::from_bytes(row.blob(8)));
    return Overdue(channel, std::move(stay));
  });
}

Result<void> SqlStore::expire(ChannelNumber channel, std::uint64_t up_to_seq, const std::vector<UndeliveredRow>& undelivered,
                              const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * expired, prepared("UPDATE channel SET expired_seq = ? WHERE number = ?"));
  STEIGER_TRY(Statement * payloads,
              prepared("UPDATE message SET payload = NULL WHERE kind = ?1 AND key <= ?2 AND key > "
                       "(SELECT number << 32 | max(dropped_seq, expired_seq) FROM channel WHERE number = ?3)"));
  STEIGER_CHECK(payloads->bind(1, static_cast<std::int64_t>(MessageKind::application))
                    .bind(2, message_key(channel, up_to_seq))
                    .bind(3, channel)
                    .run());
  STEIGER_CHECK(expired->bind(1, to_sql(up_to_seq)).bind(2, channel).run());
  if (database_.changes() != 1) return kStoreMisuse;
  STEIGER_TRY(Statement * insert, prepared("INSERT OR REPLACE INTO undelivered(key, device, id, told) VALUES(?, ?, ?, ?)"));
  for (const UndeliveredRow& row : undelivered) {
    STEIGER_CHECK(insert->bind(1, message_key(channel, row.seq))
                      .bind(2, row.device.bytes())
                      .bind(3, row.id.bytes())
                      .bind(4, row.told.ms)
                      .run());
  }
  return {};
}

Result<std::vector<UndeliveredRow>> SqlStore::undelivered(const DeviceId& device) {
  STEIGER_TRY(Statement * statement, prepared("SELECT u.device, c.channel, u.key, u.id, u.told FROM undelivered u "
                                              "JOIN channel c ON c.number = u.key >> 32 WHERE u.device = ? ORDER BY u.key"));
  statement->bind(1, device.bytes());
  return all<UndeliveredRow>(*statement, read_undelivered);
}

Result<void> SqlStore::told_undelivered(const DeviceId& device, Timestamp now, Timestamp forget_before) {
  STEIGER_TRY(Statement * forget, prepared("DELETE FROM undelivered WHERE device = ? AND told <> 0 AND told <= ?"));
  STEIGER_CHECK(forget->bind(1, device.bytes()).bind(2, forget_before.ms).run());
  STEIGER_TRY(Statement * told, prepared("UPDATE undelivered SET told = ? WHERE device = ? AND told = 0"));
  return told->bind(1, now.ms).bind(2, device.bytes()).run();
}

}  // namespace steiger::gateway::sql
