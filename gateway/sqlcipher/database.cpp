#include "gateway/sqlcipher/database.h"

#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

// SQLCipher hides its key functions behind this macro, which its pkg-config file does not set.
#ifndef SQLITE_HAS_CODEC
#error "define SQLITE_HAS_CODEC: without sqlite3_key the store would be plain text"
#endif

namespace steiger::sqlcipher {
namespace {

constexpr int kBusyTimeoutMs = 5000;  // another connection of this process checkpoints for milliseconds, never seconds
constexpr mode_t kOwnerOnly = 0600;

Error error_of(int code) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return kStoreKeyWrong;
    case SQLITE_FULL:
      return kStoreDiskFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return kStoreInUse;
    case SQLITE_CORRUPT:
      return kStoreCorrupt;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return kStoreCannotOpen;
    case SQLITE_IOERR:
      return kStoreInputOutput;
    case SQLITE_CONSTRAINT:
      return kStoreConstraint;
    default:
      return kStoreMisuse;
  }
}

// Creates the file with owner-only rights before SQLite would create it with the umask's, and refuses directories.
Result<void> ensure_file(const std::string& path, bool create) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), kOwnerOnly);
  if (descriptor < 0) return kStoreCannotOpen;
  ::close(descriptor);
  return {};
}

}  // namespace

struct Database::Handle {
  sqlite3* connection = nullptr;
  int lock = -1;

  ~Handle() {
    if (connection != nullptr) sqlite3_close_v2(connection);
    if (lock >= 0) ::close(lock);  // also releases the advisory lock; kept until the connection is gone
  }
};

Statement::Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}
Statement::~Statement() {
  sqlite3_finalize(statement_);
}

// A bind can only fail on a wrong index or a blob above the limit; step() then reports the unbound parameter's effect, so that a
// wrong index is caught here as the programming error it is.
Statement& Statement::bind(int index, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) std::abort();
  return *this;
}
Statement& Statement::bind(int index, ByteView blob) {
  if (blob.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) std::abort();
  // A null pointer would bind NULL; an empty blob is not NULL.
  const void* data = blob.empty() ? static_cast<const void*>("") : blob.data();
  if (sqlite3_bind_blob(statement_, index, data, static_cast<int>(blob.size()), SQLITE_STATIC) != SQLITE_OK) std::abort();
  return *this;
}
Statement& Statement::bind_text(int index, std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) std::abort();
  const char* data = text.empty() ? "" : text.data();
  if (sqlite3_bind_text(statement_, index, data, static_cast<int>(text.size()), SQLITE_STATIC) != SQLITE_OK) std::abort();
  return *this;
}
Statement& Statement::bind_null(int index) {
  if (sqlite3_bind_null(statement_, index) != SQLITE_OK) std::abort();
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_);
  if (code == SQLITE_DONE) return false;
  return error_of(code);
}
Result<void> Statement::run() {
  STEIGER_TRY(const bool row, step());
  if (row) {
    reset();
    return kStoreMisuse;
  }
  return {};
}
void Statement::reset() {
  sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
ByteView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Database::Database(Database&& other) noexcept = default;
Database& Database::operator=(Database&& other) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, const DatabaseKey& key, const OpenOptions& options) {
  auto handle = std::make_unique<Handle>();
  STEIGER_CHECK(ensure_file(path, options.create));
  if (options.sole_owner) {
    handle->lock = ::open((path + ".lock").c_str(), O_RDWR | O_CLOEXEC | O_CREAT, kOwnerOnly);
    if (handle->lock < 0) return kStoreCannotOpen;
    if (::flock(handle->lock, LOCK_EX | LOCK_NB) != 0) return kStoreInUse;
  }
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (const int code = sqlite3_open_v2(path.c_str(), &handle->connection, flags, nullptr); code != SQLITE_OK)
    return error_of(code);
  sqlite3_busy_timeout(handle->connection, kBusyTimeoutMs);
  Database database(std::move(handle));
  // Before anything else: a library without a codec (plain SQLite in its place) answers this pragma with no row at all.
  {
    STEIGER_TRY(Statement version, database.prepare("PRAGMA cipher_version"));
    STEIGER_TRY(const bool row, version.step());
    if (!row || version.text(0).empty()) return kStoreNotEncrypted;
  }
  // The form x'<64 hexadecimal digits>' is a raw key. The text of the key is wiped again.
  static constexpr char kDigits[] = "0123456789abcdef";
  SecretBytes pragma(3 + 2 * DatabaseKey::size());
  std::size_t at = 0;
  const auto put = [&](char c) { pragma.writable()[at++] = static_cast<std::uint8_t>(c); };
  put('x');
  put('\'');
  for (const std::uint8_t byte : key.bytes()) {
    put(kDigits[byte >> 4]);
    put(kDigits[byte & 0x0f]);
  }
  put('\'');
  if (sqlite3_key(database.handle_->connection, pragma.bytes().data(), static_cast<int>(pragma.size())) != SQLITE_OK)
    return kStoreKeyWrong;

  STEIGER_CHECK(database.execute("PRAGMA cipher_page_size = 4096"));
  // The first read: a wrong key shows here (sqlite3_key itself never fails).
  STEIGER_TRY([[maybe_unused]] const std::int64_t tables, database.query_integer("SELECT count(*) FROM sqlite_master"));
  {
    STEIGER_TRY(Statement mode, database.prepare("PRAGMA journal_mode = WAL"));
    STEIGER_TRY(const bool row, mode.step());
    if (!row || mode.text(0) != "wal") return kStoreCannotOpen;
  }
  STEIGER_CHECK(database.execute("PRAGMA synchronous = FULL"));
  STEIGER_TRY([[maybe_unused]] const std::int64_t secure, database.query_integer("PRAGMA secure_delete = ON"));
  STEIGER_CHECK(database.execute("PRAGMA temp_store = MEMORY"));  // nothing decrypted in temporary files
  return database;
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_->connection, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(code);
  return {};
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_->connection, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return error_of(code);
  return Statement(statement);
}

Result<std::int64_t> Database::query_integer(const char* sql) {
  STEIGER_TRY(Statement statement, prepare(sql));
  STEIGER_TRY(const bool row, statement.step());
  if (!row) return kStoreMisuse;
  return statement.integer(0);
}

std::int64_t Database::changes() const {
  return sqlite3_changes(handle_->connection);
}

Result<void> Database::begin() {
  return execute("BEGIN IMMEDIATE");
}

Result<void> Database::commit() {
  auto done = execute("COMMIT");
  if (!done.ok()) rollback();
  return done;
}

void Database::rollback() noexcept {
  if (sqlite3_get_autocommit(handle_->connection) == 0) sqlite3_exec(handle_->connection, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Database::migrate(std::span<const char* const> migrations) {
  STEIGER_TRY(const std::int64_t version, query_integer("PRAGMA user_version"));
  if (version < 0 || static_cast<std::size_t>(version) > migrations.size()) return kStoreTooNew;
  for (std::size_t next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
    STEIGER_CHECK(begin());
    auto done = execute(migrations[next]);
    if (done.ok()) done = execute(("PRAGMA user_version = " + std::to_string(next + 1)).c_str());
    if (!done.ok()) {
      rollback();
      return done;
    }
    STEIGER_CHECK(commit());
  }
  return {};
}

Result<void> Database::limit_pages(std::int64_t pages) {
  constexpr std::int64_t kSqliteMaximum = 1073741823;
  const std::string sql = "PRAGMA max_page_count = " + std::to_string(pages == 0 ? kSqliteMaximum : pages);
  STEIGER_TRY([[maybe_unused]] const std::int64_t now, query_integer(sql.c_str()));
  return {};
}

}  // namespace steiger::sqlcipher
