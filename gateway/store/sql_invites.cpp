// Invites and the proofs of those who used them (S3).
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {
namespace {

constexpr char kInviteColumns[] =
    "invite, lookup, coach, kind, created, expires, terms, status, accepted_proof, accepted_chain, purpose, account, "
    "accepted_sealed";

}  // namespace

Result<std::optional<InviteRow>> SqlStore::invite(const InviteId& invite) {
  static const std::string sql = std::string("SELECT ") + kInviteColumns + " FROM invite WHERE invite = ?";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  statement->bind(1, invite.bytes());
  return one<InviteRow>(*statement, read_invite);
}

Result<std::optional<InviteRow>> SqlStore::invite_by_lookup(const Hash& lookup) {
  static const std::string sql = std::string("SELECT ") + kInviteColumns + " FROM invite WHERE lookup = ?";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  statement->bind(1, lookup);
  return one<InviteRow>(*statement, read_invite);
}

Result<std::vector<InviteRow>> SqlStore::open_invites_of(const AccountId& coach) {
  static const std::string sql =
      std::string("SELECT ") + kInviteColumns + " FROM invite WHERE coach = ? AND status = ? ORDER BY invite";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  statement->bind(1, coach.bytes()).bind(2, static_cast<std::int64_t>(InviteStatus::open));
  return all<InviteRow>(*statement, read_invite);
}

Result<std::vector<UnansweredProof>> SqlStore::unanswered_proofs(const AccountId& coach, const ProofPlace& after,
                                                                 Timestamp ends_after, const ReadLimit& limit) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT proof.invite, ordinal, hash, proof, received, refused FROM invite JOIN proof ON "
                       "proof.invite = invite.invite WHERE coach = ?1 AND refused = 0 AND (invite.invite > ?2 OR "
                       "(invite.invite = ?2 AND ordinal > ?3)) AND ((status = ?4 AND expires > ?5) OR (status = ?6 AND "
                       "hash <> accepted_proof)) ORDER BY invite.invite, ordinal LIMIT ?7"));
  statement->bind(1, coach.bytes())
      .bind(2, after.invite.bytes())
      .bind(3, after.ordinal)
      .bind(4, static_cast<std::int64_t>(InviteStatus::open))
      .bind(5, ends_after.ms)
      .bind(6, static_cast<std::int64_t>(InviteStatus::accepted))
      .bind(7, static_cast<std::int64_t>(limit.max_messages));
  std::vector<UnansweredProof> out;
  std::size_t bytes = 0;
  while (true) {
    STEIGER_TRY(const bool row, statement->step());
    if (!row) return out;
    auto proof = read_unanswered_proof(*statement);
    if (!proof.ok()) {
      statement->reset();
      return proof.error();
    }
    bytes += proof->proof.proof.size();
    if (!out.empty() && bytes > limit.max_bytes) {
      statement->reset();
      return out;
    }
    out.push_back(std::move(*proof));
  }
}

Result<std::vector<ProofRow>> SqlStore::proofs(const InviteId& invite) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT ordinal, hash, proof, received, refused FROM proof WHERE invite = ? ORDER BY ordinal"));
  statement->bind(1, invite.bytes());
  return all<ProofRow>(*statement, read_proof);
}

Result<void> SqlStore::put_invite(const InviteRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  // Not INSERT OR REPLACE: that would delete another invite with the same lookup.
  static const std::string kUpdate =
      "UPDATE invite SET lookup = ?2, coach = ?3, kind = ?4, created = ?5, expires = ?6, terms = ?7, status = ?8, "
      "accepted_proof = ?9, accepted_chain = ?10, purpose = ?11, account = ?12, accepted_sealed = ?13 WHERE invite = ?1";
  static const std::string kInsert = std::string("INSERT INTO invite(") + kInviteColumns + ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";
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
                      .bind(11, row.purpose)
                      .bind(12, row.account.bytes())
                      .bind(13, row.accepted_sealed)
                      .run());
    if (database_.changes() == 1) return {};
  }
  return kStoreMisuse;
}

Result<void> SqlStore::put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) {
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

}  // namespace steiger::gateway::sql
