// Channels, their rosters, and the messages that pass through.
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {

Result<std::optional<ChannelRow>> SqlStore::channel(const ChannelId& channel) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT number, channel, group_id, epoch, head_seq, head, dropped_seq FROM channel WHERE channel = ?"));
  statement->bind(1, channel.bytes());
  return one<ChannelRow>(*statement, read_channel);
}

Result<std::vector<MemberRow>> SqlStore::members(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT device, account, joined_seq, acknowledged_seq FROM member WHERE channel = ? ORDER BY device"));
  statement->bind(1, channel);
  return all<MemberRow>(*statement, read_member);
}

Result<std::vector<ChannelId>> SqlStore::channels_of(const DeviceId& device) {
  STEIGER_TRY(Statement * statement, prepared("SELECT c.channel FROM member m JOIN channel c ON c.number = m.channel "
                                              "WHERE m.device = ? ORDER BY c.number"));
  statement->bind(1, device.bytes());
  return all<ChannelId>(*statement, [](const Statement& row) { return ChannelId::from_bytes(row.blob(0)); });
}

Result<Bytes> SqlStore::public_group(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement, prepared("SELECT public_group FROM channel_group WHERE number = ?"));
  statement->bind(1, channel);
  STEIGER_TRY(auto found, one<Bytes>(*statement, [](const Statement& row) { return Result<Bytes>(to_bytes(row.blob(0))); }));
  if (!found) return kStoreMisuse;
  return std::move(*found);
}

Result<ChannelNumber> SqlStore::open_channel(const ChannelRow& row, const std::vector<MemberRow>& members, ByteView public_group,
                                             const AuditEvent& event) {
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

Result<void> SqlStore::advance_group(ChannelNumber channel, ByteView public_group, const std::vector<MemberRow>& added,
                                     const std::optional<WelcomeRow>& welcome, const AuditEvent& event) {
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

Result<void> SqlStore::add_members(ChannelNumber channel, const std::vector<MemberRow>& members) {
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
  STEIGER_TRY(Statement * statement, prepared("SELECT key, epoch, first_link_seq, welcome FROM welcome WHERE key = ?"));
  statement->bind(1, message_key(channel, seq));
  return one<WelcomeRow>(*statement, [](const Statement& row) {
    return Result<WelcomeRow>({seq_of(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
                               static_cast<std::uint64_t>(row.integer(2)), to_bytes(row.blob(3))});
  });
}

}  // namespace steiger::gateway::sql
