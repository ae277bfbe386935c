// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "runtime/database/key_value_database.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace librats::runtime {

/// A connection to a file of SQLite's. Calls return SQLite's extended result codes.
class sqlite_connection {
public:
  sqlite_connection() = default;

  /// Makes the file when `create` is set and there is none.
  int open(const std::string& path, bool create);
  void close() noexcept { handle_.reset(); }
  [[nodiscard]] bool is_open() const noexcept { return handle_ != nullptr; }

  int run(const char* sql);
  /// Runs a query for one number.
  int number(const char* sql, std::int64_t& out);
  int text(const char* sql, std::string& out);

  [[nodiscard]] sqlite3* get() const noexcept { return handle_.get(); }

private:
  struct closer {
    void operator()(sqlite3* x) const noexcept;
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

/// A prepared statement. Ends before its connection.
class sqlite_statement {
public:
  sqlite_statement() = default;

  int prepare(const sqlite_connection& on, const char* sql);
  /// Bind what stays where it is until the statement was run.
  void bind(int index, std::string_view blob);
  void bind(int index, bytes_view blob);
  /// SQLITE_ROW, SQLITE_DONE or an error.
  int step();
  void reset();
  /// Runs it to its end: SQLITE_OK or an error. Ready to be run again.
  int run();
  [[nodiscard]] bytes_view blob(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

private:
  struct finalizer {
    void operator()(sqlite3_stmt* x) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// Bytes as SQLite's text.
inline std::string_view as_text(bytes_view x) {
  return {reinterpret_cast<const char*>(x.data()), x.size()};
}

/// Whether a code says that the file itself is not what it should be.
[[nodiscard]] bool says_damaged(int code) noexcept;
/// What a code means for whoever uses the database of that name.
database_error describe_sqlite(int code, const std::string& path);

} // namespace librats::runtime
