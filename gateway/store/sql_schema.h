// The tables of the gateway's database, as numbered migrations: append-only, a released one never changes.
#pragma once

namespace steiger::gateway {

inline constexpr const char* kSqlMigrations[] = {
    // 1: accounts, channels, messages, invites, audit.
    // message.key is channel number << 32 | seq: clustered by channel, so that a batch touches one page a channel and catching up
    // is
    // one range scan; no second index. payload stands last, so that dropping it rewrites only the cell's tail.
    R"sql(
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE account(
      account BLOB PRIMARY KEY, key BLOB NOT NULL, role INTEGER NOT NULL, chain BLOB NOT NULL, registered INTEGER NOT NULL)
      WITHOUT ROWID;
    CREATE TABLE device(
      device BLOB PRIMARY KEY, account BLOB NOT NULL, key BLOB NOT NULL, accepted_counter INTEGER NOT NULL,
      revoked INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX device_account ON device(account);
    CREATE TABLE channel(
      number INTEGER PRIMARY KEY, channel BLOB NOT NULL UNIQUE, group_id BLOB NOT NULL, epoch INTEGER NOT NULL,
      head_seq INTEGER NOT NULL, head BLOB NOT NULL, dropped_seq INTEGER NOT NULL);
    CREATE TABLE channel_group(number INTEGER PRIMARY KEY, public_group BLOB NOT NULL);
    CREATE TABLE member(
      channel INTEGER NOT NULL, device BLOB NOT NULL, account BLOB NOT NULL, joined_seq INTEGER NOT NULL,
      acknowledged_seq INTEGER NOT NULL, PRIMARY KEY(channel, device)) WITHOUT ROWID;
    CREATE INDEX member_device ON member(device);
    CREATE TABLE message(
      key INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL, epoch INTEGER NOT NULL, account BLOB NOT NULL,
      device BLOB NOT NULL, counter INTEGER NOT NULL, tag BLOB NOT NULL, accepted INTEGER NOT NULL, payload_hash BLOB NOT NULL,
      chain BLOB NOT NULL, payload BLOB);
    CREATE TABLE welcome(
      key INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, first_link_seq INTEGER NOT NULL, welcome BLOB NOT NULL);
    CREATE TABLE invite(
      invite BLOB PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, coach BLOB NOT NULL, kind INTEGER NOT NULL, created INTEGER NOT NULL,
      expires INTEGER NOT NULL, terms BLOB NOT NULL, status INTEGER NOT NULL, accepted_proof BLOB NOT NULL,
      accepted_chain BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX invite_coach ON invite(coach, status);
    CREATE TABLE proof(
      invite BLOB NOT NULL, ordinal INTEGER NOT NULL, hash BLOB NOT NULL, proof BLOB NOT NULL, received INTEGER NOT NULL,
      refused INTEGER NOT NULL, PRIMARY KEY(invite, ordinal)) WITHOUT ROWID;
    CREATE TABLE audit(number INTEGER PRIMARY KEY, leaf TEXT NOT NULL, sealed BLOB NOT NULL);
    )sql",
    // 2: account keys that changed (S2), purposes of invites, key packages (S14), standing (S1), handover offers (S10).
    R"sql(
    ALTER TABLE device ADD COLUMN account_key BLOB NOT NULL DEFAULT x'';
    UPDATE device SET account_key = coalesce((SELECT a.key FROM account a WHERE a.account = device.account), x'');
    CREATE TABLE earlier_key(
      account BLOB NOT NULL, key BLOB NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(account, key)) WITHOUT ROWID;
    ALTER TABLE invite ADD COLUMN purpose INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invite ADD COLUMN account BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
    ALTER TABLE invite ADD COLUMN accepted_sealed BLOB NOT NULL DEFAULT x'';
    CREATE TABLE key_package(
      device BLOB NOT NULL, hash BLOB NOT NULL, expires INTEGER NOT NULL, last_resort INTEGER NOT NULL, claimed INTEGER NOT NULL,
      key_package BLOB NOT NULL, PRIMARY KEY(device, hash)) WITHOUT ROWID;
    CREATE INDEX key_package_expires ON key_package(expires);
    CREATE TABLE standing(one INTEGER PRIMARY KEY CHECK(one = 1), status_list BLOB NOT NULL, root_successions BLOB NOT NULL);
    CREATE TABLE offer(
      channel BLOB NOT NULL, leaving BLOB NOT NULL, successor BLOB NOT NULL, issued INTEGER NOT NULL, expires INTEGER NOT NULL,
      offer BLOB NOT NULL, chain BLOB NOT NULL, PRIMARY KEY(channel, leaving)) WITHOUT ROWID;
    CREATE INDEX offer_successor ON offer(successor);
    )sql",
    // 3: rosters. A device may be in a channel more than once, one stay after the other; group generations; who was removed, who cannot
    // follow, who was heard of when, and what nobody fetched in time.
    R"sql(
    ALTER TABLE channel ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE channel ADD COLUMN expired_seq INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE channel_group ADD COLUMN group_info BLOB NOT NULL DEFAULT x'';
    ALTER TABLE channel_group ADD COLUMN certificates BLOB NOT NULL DEFAULT x'';
    ALTER TABLE welcome ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE stay(
      channel INTEGER NOT NULL, device BLOB NOT NULL, joined_seq INTEGER NOT NULL, account BLOB NOT NULL,
      acknowledged_seq INTEGER NOT NULL, removed_seq INTEGER NOT NULL DEFAULT 0, nacked_seq INTEGER NOT NULL DEFAULT 0,
      resync_day INTEGER NOT NULL DEFAULT 0, resyncs INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY(channel, device, joined_seq)) WITHOUT ROWID;
    INSERT INTO stay(channel, device, joined_seq, account, acknowledged_seq)
      SELECT channel, device, joined_seq, account, acknowledged_seq FROM member;
    DROP TABLE member;
    CREATE INDEX stay_device ON stay(device);
    CREATE TABLE former(
      channel INTEGER NOT NULL, device BLOB NOT NULL, account BLOB NOT NULL, account_key BLOB NOT NULL,
      removed_in INTEGER NOT NULL, removed_seq INTEGER NOT NULL, silent INTEGER NOT NULL, PRIMARY KEY(channel, device))
      WITHOUT ROWID;
    CREATE TABLE carried_over(channel INTEGER NOT NULL, account BLOB NOT NULL, PRIMARY KEY(channel, account)) WITHOUT ROWID;
    CREATE TABLE nack(
      channel INTEGER NOT NULL, device BLOB NOT NULL, seq INTEGER NOT NULL, nack BLOB NOT NULL, PRIMARY KEY(channel, device))
      WITHOUT ROWID;
    CREATE TABLE seen(device BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE undelivered(
      key INTEGER PRIMARY KEY, device BLOB NOT NULL, id BLOB NOT NULL, told INTEGER NOT NULL);
    CREATE INDEX undelivered_device ON undelivered(device);
    )sql",
};

}  // namespace steiger::gateway
