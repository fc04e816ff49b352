// One thin, encrypting door to SQLCipher: the only folder that includes sqlite3.h; gateway and client SDK share it.
//
// Thread rules: a Database and its Statements belong to one thread at a time (the connection is opened without mutexes).
// Durability: WAL with synchronous=FULL; a committed transaction survives power loss (design law 2).
// Language: SQLCipher 3.4 is SQLite 3.15: no UPSERT, RETURNING, STRICT, window functions or JSON.
#pragma once

#include <memory>
#include <string>

#include "crypto/primitives/secret.h"
#include "gateway/sqlcipher/errors.h"

struct sqlite3;
struct sqlite3_stmt;

namespace steiger::sqlcipher {

using DatabaseKey = Secret<struct DatabaseKeyTag>;  // a raw AES key, never a passphrase: opening costs no key stretching

// Columns of the row at which step() stopped; blob and text views are valid until the next step, reset or destruction.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. Blobs and texts are not copied: they must live until the statement is reset.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, ByteView blob);
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_null(int index);

  // True at a row, false when the statement is done (it is then reset by itself and can be bound anew).
  Result<bool> step();
  // For statements without rows: one execution. kStoreMisuse when a row came.
  Result<void> run();
  void reset();

  // Columns count from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] ByteView blob(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_;
};

struct OpenOptions {
  bool create = true;  // false: a missing file is kStoreCannotOpen
  // One process at a time: holds an advisory lock on "<path>.lock" while open (kStoreInUse for the second). A second connection
  // of the same process, e.g. a reader, sets it to false.
  bool sole_owner = true;
};

class Database {
 public:
  // Opens or creates the file (mode 0600) with page size 4096, WAL, synchronous=FULL, secure_delete and foreign keys off.
  // kStoreKeyWrong: not this key, or no SQLCipher file at all (SQLCipher cannot tell them apart). kStoreNotEncrypted: a build
  // without SQLCipher was linked, which would write plain text; nothing has been written then.
  static Result<Database> open(const std::string& path, const DatabaseKey& key, const OpenOptions& options = {});
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // One or more statements without parameters or rows.
  Result<void> execute(const char* sql);
  // The statement must not outlive the database.
  Result<Statement> prepare(const char* sql);
  // First column of the first row of a statement without parameters; kStoreMisuse when there is no row.
  Result<std::int64_t> query_integer(const char* sql);
  [[nodiscard]] std::int64_t changes() const;  // rows changed by the last statement

  Result<void> begin();      // takes the write lock at once
  Result<void> commit();     // returns after fsync; on failure the transaction has been rolled back
  void rollback() noexcept;  // does nothing outside a transaction

  // Runs migrations[user_version..] one by one, each in a transaction that also raises user_version. Numbered by position,
  // append-only: a released migration never changes. kStoreTooNew when the file is from a later program.
  Result<void> migrate(std::span<const char* const> migrations);

  // Test seam: the most pages the file may grow to (a full disk without filling one); 0 lifts it.
  Result<void> limit_pages(std::int64_t pages);

 private:
  struct Handle;
  explicit Database(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace steiger::sqlcipher
