// Channels: their groups and who is in them.
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {

Result<std::optional<ChannelRow>> SqlStore::channel(const ChannelId& channel) {
  STEIGER_TRY(Statement * statement, prepared("SELECT number, channel, group_id, epoch, head_seq, head, dropped_seq, generation, "
                                              "expired_seq FROM channel WHERE channel = ?"));
  statement->bind(1, channel.bytes());
  return one<ChannelRow>(*statement, read_channel);
}

Result<std::vector<MemberRow>> SqlStore::members(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT device, account, joined_seq, acknowledged_seq, removed_seq, nacked_seq, resync_day, resyncs "
                       "FROM stay WHERE channel = ? ORDER BY device, joined_seq"));
  statement->bind(1, channel);
  return all<MemberRow>(*statement, read_member);
}

Result<std::vector<ChannelId>> SqlStore::channels_of(const DeviceId& device) {
  STEIGER_TRY(Statement * statement, prepared("SELECT DISTINCT c.channel FROM stay s JOIN channel c ON c.number = s.channel "
                                              "WHERE s.device = ? ORDER BY c.number"));
  statement->bind(1, device.bytes());
  return all<ChannelId>(*statement, [](const Statement& row) { return ChannelId::from_bytes(row.blob(0)); });
}

Result<Bytes> SqlStore::group_part(const char* sql, ChannelNumber channel) {
  STEIGER_TRY(Statement * statement, prepared(sql));
  statement->bind(1, channel);
  STEIGER_TRY(auto found, one<Bytes>(*statement, [](const Statement& row) { return Result<Bytes>(to_bytes(row.blob(0))); }));
  if (!found) return kStoreMisuse;
  return std::move(*found);
}
Result<Bytes> SqlStore::public_group(ChannelNumber channel) {
  return group_part("SELECT public_group FROM channel_group WHERE number = ?", channel);
}
Result<Bytes> SqlStore::group_info(ChannelNumber channel) {
  return group_part("SELECT group_info FROM channel_group WHERE number = ?", channel);
}
Result<Bytes> SqlStore::certificates(ChannelNumber channel) {
  return group_part("SELECT certificates FROM channel_group WHERE number = ?", channel);
}

Result<std::vector<FormerRow>> SqlStore::former(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement, prepared("SELECT device, account, account_key, removed_in, removed_seq, silent FROM former "
                                              "WHERE channel = ? ORDER BY device"));
  statement->bind(1, channel);
  return all<FormerRow>(*statement, read_former);
}

Result<std::vector<AccountId>> SqlStore::carried_over(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement, prepared("SELECT account FROM carried_over WHERE channel = ? ORDER BY account"));
  statement->bind(1, channel);
  return all<AccountId>(*statement, [](const Statement& row) { return AccountId::from_bytes(row.blob(0)); });
}

Result<ChannelNumber> SqlStore::open_channel(const ChannelRow& row, const GroupChange& first, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(const std::int64_t number, database_.query_integer("SELECT coalesce(max(number), 0) + 1 FROM channel"));
  STEIGER_TRY(Statement * insert, prepared("INSERT INTO channel(number, channel, group_id, epoch, head_seq, head, dropped_seq, "
                                           "generation, expired_seq) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  STEIGER_CHECK(insert->bind(1, number)
                    .bind(2, row.channel.bytes())
                    .bind(3, row.group_id)
                    .bind(4, to_sql(row.epoch))
                    .bind(5, to_sql(row.head_seq))
                    .bind(6, row.head)
                    .bind(7, to_sql(row.dropped_seq))
                    .bind(8, row.generation)
                    .bind(9, to_sql(row.expired_seq))
                    .run());
  STEIGER_TRY(Statement * group, prepared("INSERT INTO channel_group(number, public_group) VALUES(?, ?)"));
  STEIGER_CHECK(group->bind(1, number).bind(2, first.public_group).run());
  STEIGER_CHECK(put_roster(static_cast<ChannelNumber>(number), first));
  return static_cast<ChannelNumber>(number);
}

Result<void> SqlStore::change_group(const GroupChange& change, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  return put_roster(change.channel, change);
}

Result<void> SqlStore::put_roster(ChannelNumber channel, const GroupChange& change) {
  STEIGER_TRY(Statement * group,
              prepared("UPDATE channel_group SET public_group = ?, group_info = ?, certificates = ? WHERE number = ?"));
  STEIGER_CHECK(
      group->bind(1, change.public_group).bind(2, change.group_info).bind(3, change.certificates).bind(4, channel).run());
  if (database_.changes() != 1) return kStoreMisuse;
  if (change.generation) STEIGER_CHECK(begin_generation(channel, *change.generation));
  for (const MemberRow& stay : change.changed) STEIGER_CHECK(change_stay(channel, stay));
  STEIGER_CHECK(add_stays(channel, change.added));
  STEIGER_TRY(Statement * here, prepared("DELETE FROM carried_over WHERE channel = ? AND account = ?"));
  for (const MemberRow& stay : change.added) STEIGER_CHECK(here->bind(1, channel).bind(2, stay.account.bytes()).run());
  STEIGER_TRY(Statement * back, prepared("DELETE FROM former WHERE channel = ? AND device = ?"));
  for (const DeviceId& device : change.back) STEIGER_CHECK(back->bind(1, channel).bind(2, device.bytes()).run());
  STEIGER_TRY(Statement * former, prepared("INSERT OR REPLACE INTO former(channel, device, account, account_key, removed_in, "
                                           "removed_seq, silent) VALUES(?, ?, ?, ?, ?, ?, ?)"));
  for (const FormerRow& row : change.removed) {
    STEIGER_CHECK(former->bind(1, channel)
                      .bind(2, row.device.bytes())
                      .bind(3, row.account.bytes())
                      .bind(4, row.account_key.bytes())
                      .bind(5, to_sql(row.removed_in))
                      .bind(6, to_sql(row.removed_seq))
                      .bind(7, row.silent ? 1 : 0)
                      .run());
  }
  STEIGER_TRY(Statement * settled, prepared("DELETE FROM nack WHERE channel = ? AND device = ?"));
  for (const DeviceId& device : change.freed) STEIGER_CHECK(settled->bind(1, channel).bind(2, device.bytes()).run());
  if (!change.welcome) return {};
  const WelcomeRow& welcome = *change.welcome;
  STEIGER_TRY(Statement * insert,
              prepared("INSERT INTO welcome(key, epoch, first_link_seq, welcome, generation) VALUES(?, ?, ?, ?, ?)"));
  return insert->bind(1, message_key(channel, welcome.seq))
      .bind(2, to_sql(welcome.epoch))
      .bind(3, to_sql(welcome.first_link_seq))
      .bind(4, welcome.welcome)
      .bind(5, welcome.generation)
      .run();
}

Result<void> SqlStore::begin_generation(ChannelNumber channel, const GroupChange::Generation& generation) {
  STEIGER_TRY(Statement * update, prepared("UPDATE channel SET generation = ?, group_id = ? WHERE number = ?"));
  STEIGER_CHECK(update->bind(1, generation.number).bind(2, generation.group_id).bind(3, channel).run());
  if (database_.changes() != 1) return kStoreMisuse;
  STEIGER_TRY(Statement * forget, prepared("DELETE FROM carried_over WHERE channel = ?"));
  STEIGER_CHECK(forget->bind(1, channel).run());
  STEIGER_TRY(Statement * carry, prepared("INSERT INTO carried_over(channel, account) VALUES(?, ?)"));
  for (const AccountId& account : generation.carried_over) {
    STEIGER_CHECK(carry->bind(1, channel).bind(2, account.bytes()).run());
  }
  return {};
}

Result<void> SqlStore::add_stays(ChannelNumber channel, const std::vector<MemberRow>& stays) {
  STEIGER_TRY(Statement * insert,
              prepared("INSERT INTO stay(channel, device, account, joined_seq, acknowledged_seq, removed_seq, nacked_seq, "
                       "resync_day, resyncs) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const MemberRow& row : stays) {
    STEIGER_CHECK(insert->bind(1, channel)
                      .bind(2, row.device.bytes())
                      .bind(3, row.account.bytes())
                      .bind(4, to_sql(row.joined_seq))
                      .bind(5, to_sql(row.acknowledged_seq))
                      .bind(6, to_sql(row.removed_seq))
                      .bind(7, to_sql(row.nacked_seq))
                      .bind(8, row.resync_day)
                      .bind(9, row.resyncs)
                      .run());
  }
  return {};
}

Result<void> SqlStore::change_stay(ChannelNumber channel, const MemberRow& stay) {
  STEIGER_TRY(Statement * update, prepared("UPDATE stay SET removed_seq = ?, nacked_seq = ?, resync_day = ?, resyncs = ? "
                                           "WHERE channel = ? AND device = ? AND joined_seq = ?"));
  STEIGER_CHECK(update->bind(1, to_sql(stay.removed_seq))
                    .bind(2, to_sql(stay.nacked_seq))
                    .bind(3, stay.resync_day)
                    .bind(4, stay.resyncs)
                    .bind(5, channel)
                    .bind(6, stay.device.bytes())
                    .bind(7, to_sql(stay.joined_seq))
                    .run());
  if (database_.changes() != 1) return kStoreMisuse;
  return {};
}

Result<std::vector<NackRow>> SqlStore::nacks(ChannelNumber channel) {
  STEIGER_TRY(Statement * statement, prepared("SELECT device, seq, nack FROM nack WHERE channel = ? ORDER BY device"));
  statement->bind(1, channel);
  return all<NackRow>(*statement, read_nack);
}

Result<void> SqlStore::put_nack(ChannelNumber channel, const NackRow& nack, const MemberRow& stay, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * put, prepared("INSERT OR REPLACE INTO nack(channel, device, seq, nack) VALUES(?, ?, ?, ?)"));
  STEIGER_CHECK(put->bind(1, channel).bind(2, nack.device.bytes()).bind(3, to_sql(nack.seq)).bind(4, nack.nack).run());
  return change_stay(channel, stay);
}

Result<std::optional<DayNumber>> SqlStore::last_seen(const DeviceId& device) {
  STEIGER_TRY(Statement * statement, prepared("SELECT day FROM seen WHERE device = ?"));
  statement->bind(1, device.bytes());
  return one<DayNumber>(*statement, [](const Statement& row) { return Result<DayNumber>(row.integer(0)); });
}

Result<void> SqlStore::watch_unseen(DayNumber today) {
  STEIGER_TRY(Statement * statement, prepared("INSERT OR IGNORE INTO seen(device, day) SELECT device, ? FROM device"));
  return statement->bind(1, today).run();
}

Result<std::vector<RosterTaskRow>> SqlStore::roster_tasks(const DeviceId& device, DayNumber silent_before) {
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT 1, c.channel, o.account, o.device FROM stay s JOIN stay o ON o.channel = s.channel AND o.removed_seq = 0 "
               "AND o.device <> s.device JOIN device d ON d.device = o.device AND d.revoked <> 0 JOIN channel c ON c.number = "
               "s.channel WHERE s.device = ?1 AND s.removed_seq = 0 "
               "UNION ALL SELECT 2, c.channel, o.account, o.device FROM stay s JOIN stay o ON o.channel = s.channel AND "
               "o.removed_seq = 0 AND o.device <> s.device JOIN device d ON d.device = o.device AND d.revoked = 0 JOIN seen p ON "
               "p.device = o.device AND p.day < ?2 JOIN channel c ON c.number = s.channel WHERE s.device = ?1 AND "
               "s.removed_seq = 0 "
               "UNION ALL SELECT 3, c.channel, f.account, f.device FROM stay s JOIN former f ON f.channel = s.channel AND "
               "f.silent <> 0 JOIN device d ON d.device = f.device AND d.revoked = 0 JOIN seen p ON p.device = f.device AND "
               "p.day >= ?2 JOIN channel c ON c.number = s.channel WHERE s.device = ?1 AND s.removed_seq = 0 "
               "ORDER BY 1, 2, 3, 4"));
  statement->bind(1, device.bytes()).bind(2, silent_before);
  return all<RosterTaskRow>(*statement, read_roster_task);
}

Result<std::vector<ChannelId>> SqlStore::channels_with_tasks(DayNumber silent_before) {
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT c.channel FROM channel c WHERE c.number IN ("
               "SELECT o.channel FROM stay o JOIN device d ON d.device = o.device WHERE o.removed_seq = 0 AND d.revoked <> 0 "
               "UNION SELECT o.channel FROM stay o JOIN seen p ON p.device = o.device WHERE o.removed_seq = 0 AND p.day < ?1 "
               "UNION SELECT f.channel FROM former f JOIN seen p ON p.device = f.device WHERE f.silent <> 0 AND p.day >= ?1) "
               "ORDER BY c.number"));
  statement->bind(1, silent_before);
  return all<ChannelId>(*statement, [](const Statement& row) { return ChannelId::from_bytes(row.blob(0)); });
}

}  // namespace steiger::gateway::sql
