// SPDX-License-Identifier: MIT
#include "runtime/database/sqlite_handle.hpp"

#include <sqlite3.h>

namespace librats::runtime {

void sqlite_connection::closer::operator()(sqlite3* x) const noexcept {
  sqlite3_close(x);
}

int sqlite_connection::open(const std::string& path, bool create) {
  sqlite3* raw = nullptr;
  // One thread uses it at a time, so SQLite needs no lock of its own.
  const auto flags =
    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (create ? SQLITE_OPEN_CREATE : 0);
  const auto code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  handle_.reset(raw);
  return code;
}

int sqlite_connection::run(const char* sql) {
  return sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
}

int sqlite_connection::number(const char* sql, std::int64_t& out) {
  sqlite_statement query;
  auto code = query.prepare(*this, sql);
  if (code == SQLITE_OK && (code = query.step()) == SQLITE_ROW) {
    out = query.number(0);
    code = SQLITE_OK;
  }
  return code;
}

int sqlite_connection::text(const char* sql, std::string& out) {
  sqlite_statement query;
  auto code = query.prepare(*this, sql);
  if (code == SQLITE_OK && (code = query.step()) == SQLITE_ROW) {
    out = as_text(query.blob(0));
    code = SQLITE_OK;
  }
  return code;
}

void sqlite_statement::finalizer::operator()(sqlite3_stmt* x) const noexcept {
  sqlite3_finalize(x);
}

int sqlite_statement::prepare(const sqlite_connection& on, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const auto code = sqlite3_prepare_v3(on.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  handle_.reset(raw);
  return code;
}

void sqlite_statement::bind(int index, std::string_view blob) {
  bind(index, bytes_view{reinterpret_cast<const std::uint8_t*>(blob.data()), blob.size()});
}

void sqlite_statement::bind(int index, bytes_view blob) {
  if (blob.empty())
    sqlite3_bind_zeroblob(handle_.get(), index, 0); // A null pointer would mean NULL.
  else
    sqlite3_bind_blob64(handle_.get(), index, blob.data(), blob.size(), SQLITE_STATIC);
}

int sqlite_statement::step() {
  return sqlite3_step(handle_.get());
}

void sqlite_statement::reset() {
  sqlite3_reset(handle_.get());
}

int sqlite_statement::run() {
  const auto code = step();
  reset();
  return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

bytes_view sqlite_statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)) : 0};
}

std::int64_t sqlite_statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

bool says_damaged(int code) noexcept {
  const auto primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

database_error describe_sqlite(int code, const std::string& path) {
  const auto why = std::string{" (SQLite: "} + sqlite3_errstr(code) + ", code " + std::to_string(code) + ")";
  switch (code & 0xff) {
  case SQLITE_FULL:
    return {database_trouble::full, "cannot write " + path + ": the disk is full; make room and it goes on"};
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return {database_trouble::read_only, "cannot write " + path + ": no permission, or a read-only file system" + why};
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return {database_trouble::in_use, path + " is in use by another process"};
  case SQLITE_CANTOPEN:
    return {database_trouble::read_only, "cannot open " + path + ": check that its folder is there and may be written"};
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return {database_trouble::broken, path + " is damaged" + why};
  default: return {database_trouble::broken, "cannot use " + path + why};
  }
}

} // namespace librats::runtime
