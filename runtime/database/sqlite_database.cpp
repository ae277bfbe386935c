// SPDX-License-Identifier: MIT
#include "runtime/database/sqlite_database.hpp"

#include "runtime/database/sqlite_handle.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

namespace librats::runtime {

namespace fs = std::filesystem;

namespace {

/// "rats" in ASCII: tells our files from those of others (sqlite.org/pragma.html#pragma_application_id).
constexpr std::int64_t application_id = 0x72617473;
/// Of the two tables below. A later one is not for this program.
constexpr std::int64_t layout_version = 1;

constexpr auto make_tables = "BEGIN IMMEDIATE;"
                             "CREATE TABLE entries(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
                             "CREATE TABLE about(name TEXT PRIMARY KEY, value BLOB);"
                             "PRAGMA application_id = 1918989427;"
                             "PRAGMA user_version = 1;";
static_assert(application_id == 1918989427 && layout_version == 1);

constexpr auto upsert_sql =
  "INSERT INTO entries(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value";

/// A file in the middle of being made from a damaged one. Not there otherwise.
std::string unfinished(const std::string& path) {
  return path + ".new";
}
std::string log_of(const std::string& path) {
  return path + "-wal";
}

std::uint64_t size_of(const std::string& path) {
  std::error_code none;
  const auto size = fs::file_size(path, none);
  return none ? 0 : size;
}

bool is_there(const std::string& path) {
  std::error_code unknown;
  return fs::exists(path, unknown);
}

void remove_all_of(const std::string& path) {
  std::error_code ignored;
  for (const auto* tail : {"", "-wal", "-shm", "-journal"})
    fs::remove(path + tail, ignored);
}

/// Makes names durable, as far as the file system lets us.
void sync_folder_of([[maybe_unused]] const std::string& path) {
#ifndef _WIN32
  const auto folder = fs::path{path}.parent_path().string();
  const auto fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)::fsync(fd);
  ::close(fd);
#endif
}

class sqlite_database final : public key_value_database {
public:
  explicit sqlite_database(std::string path) : path_(std::move(path)) {}

  /// Empty when it is open; `damaged` tells whether another file would help.
  std::optional<database_error> open(const database_options& what, bool& damaged);

  [[nodiscard]] const database_opening& opening() const noexcept override { return opening_; }
  database_opening& found() noexcept { return opening_; }
  result<database_page, database_error> read(std::string_view after, std::size_t bytes_max) override;
  std::optional<database_error> commit(const std::vector<database_write>& batch) override;
  [[nodiscard]] std::uint64_t disk_bytes() const override { return size_of(path_) + size_of(log_of(path_)); }
  /// Folds the log into the file. For a file that will get another name.
  int fold() { return connection_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

private:
  int identify(const database_options& what, std::optional<database_error>& refused);
  int make(const database_options& what);
  int commit_all(const std::vector<database_write>& batch);
  [[nodiscard]] bool has_moved() const;

  std::string path_;
  database_opening opening_;
  sqlite_connection connection_;
  sqlite_statement begin_, commit_, upsert_, erase_, read_;
};

std::optional<database_error> sqlite_database::open(const database_options& what, bool& damaged) {
  damaged = false;
  // A file without a byte is what a truncation leaves; our own are never so short, as their making ends with a fold.
  if (is_there(path_) && size_of(path_) == 0 && size_of(log_of(path_)) == 0) {
    damaged = true;
    return database_error{database_trouble::broken, path_ + " is empty"};
  }
  opening_.created = !is_there(path_);
  std::optional<database_error> refused;
  auto code = connection_.open(path_, true);
  if (code == SQLITE_OK)
    code = identify(what, refused);
  if (refused)
    return refused;
  if (code == SQLITE_OK)
    code = connection_.run(
      what.durability == database_durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (code == SQLITE_OK)
    code = begin_.prepare(connection_, "BEGIN IMMEDIATE");
  if (code == SQLITE_OK)
    code = commit_.prepare(connection_, "COMMIT");
  if (code == SQLITE_OK)
    code = upsert_.prepare(connection_, upsert_sql);
  if (code == SQLITE_OK)
    code = erase_.prepare(connection_, "DELETE FROM entries WHERE key = ?1");
  if (code == SQLITE_OK)
    code = read_.prepare(connection_, "SELECT key, value FROM entries WHERE key > ?1 ORDER BY key");
  if (code == SQLITE_OK)
    return std::nullopt;
  damaged = says_damaged(code);
  return describe_sqlite(code, path_);
}

/// Finds out whose it is before anything is changed in it, then checks it.
int sqlite_database::identify(const database_options& what, std::optional<database_error>& refused) {
  // Nobody else may open it meanwhile; and no shared memory is needed for the log.
  auto code = connection_.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF;");
  std::int64_t id = 0;
  std::int64_t version = 0;
  std::int64_t tables = 0;
  if (code == SQLITE_OK)
    code = connection_.number("PRAGMA application_id", id);
  if (code == SQLITE_OK)
    code = connection_.number("PRAGMA user_version", version);
  if (code == SQLITE_OK)
    code = connection_.number("SELECT count(*) FROM sqlite_master", tables);
  if (code != SQLITE_OK)
    return code;
  if (sqlite3_db_readonly(connection_.get(), "main") == 1)
    return SQLITE_READONLY;
  if (id == 0 && tables == 0)
    return make(what);
  if (id != application_id) {
    refused = {database_trouble::foreign, path_ + " is a database of another program; choose another folder"};
    return SQLITE_OK;
  }
  if (version != layout_version) {
    refused = {database_trouble::foreign,
      path_ + " has layout " + std::to_string(version) + ", and this program knows " + std::to_string(layout_version)
        + "; use the program that wrote it"};
    return SQLITE_OK;
  }
  code = connection_.run("PRAGMA journal_mode = WAL");
  std::string verdict;
  if (code == SQLITE_OK)
    code = connection_.text("PRAGMA quick_check(1)", verdict);
  if (code == SQLITE_OK && verdict != "ok")
    return SQLITE_CORRUPT;
  std::string purpose;
  if (code == SQLITE_OK)
    code = connection_.text("SELECT value FROM about WHERE name = 'purpose'", purpose);
  if (code == SQLITE_ERROR || code == SQLITE_DONE)
    return SQLITE_CORRUPT; // Ours, without what each of ours has.
  if (code == SQLITE_OK && purpose != what.purpose)
    refused = {database_trouble::foreign,
      path_ + " was made as \"" + purpose + "\", not as \"" + what.purpose + "\"; set what it was made with"};
  return code;
}

int sqlite_database::make(const database_options& what) {
  auto code = connection_.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  if (code == SQLITE_OK)
    code = connection_.run(make_tables);
  if (code == SQLITE_OK) {
    sqlite_statement about;
    code = about.prepare(connection_, "INSERT INTO about(name, value) VALUES('purpose', ?1)");
    if (code == SQLITE_OK) {
      about.bind(1, what.purpose);
      code = about.run();
    }
  }
  if (code == SQLITE_OK)
    code = connection_.run("COMMIT");
  if (code == SQLITE_OK)
    code = fold();
  sync_folder_of(path_);
  return code;
}

result<database_page, database_error> sqlite_database::read(std::string_view after, std::size_t bytes_max) {
  database_page out;
  std::size_t taken = 0;
  read_.bind(1, after);
  auto code = read_.step();
  for (; code == SQLITE_ROW && (out.rows.empty() || taken < bytes_max); code = read_.step()) {
    const auto key = read_.blob(0);
    const auto value = read_.blob(1);
    taken += key.size() + value.size();
    out.rows.emplace_back(as_text(key), to_bytes(value));
  }
  read_.reset();
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    return describe_sqlite(code, path_);
  out.done = code == SQLITE_DONE;
  return out;
}

std::optional<database_error> sqlite_database::commit(const std::vector<database_write>& batch) {
  if (has_moved())
    return database_error{database_trouble::broken, path_ + " was removed or renamed while it was open"};
  const auto code = commit_all(batch);
  if (code == SQLITE_OK)
    return std::nullopt;
  if (sqlite3_get_autocommit(connection_.get()) == 0)
    connection_.run("ROLLBACK");
  return describe_sqlite(code, path_);
}

int sqlite_database::commit_all(const std::vector<database_write>& batch) {
  auto code = begin_.run();
  for (auto one = batch.begin(); one != batch.end() && code == SQLITE_OK; ++one) {
    auto& what = one->erase ? erase_ : upsert_;
    what.bind(1, one->key);
    if (!one->erase)
      what.bind(2, one->value);
    code = what.run();
  }
  return code == SQLITE_OK ? commit_.run() : code;
}

/// What is written into a file without a name is lost with the process.
bool sqlite_database::has_moved() const {
  int moved = 0;
  return sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

// -- damage -----------------------------------------------------------------------------------------------------------

/// Copies what can be read of a damaged database, from both ends, into another one. How many rows.
std::size_t salvage(const std::string& from, key_value_database& to) {
  sqlite_connection old;
  if (old.open(from, false) != SQLITE_OK)
    return 0;
  // The log stays as it is, for whoever looks into the damage.
  sqlite3_db_config(old.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  constexpr std::size_t batch_bytes = 1 << 20;
  std::size_t rows = 0;
  for (const auto* sql :
    {"SELECT key, value FROM entries ORDER BY key", "SELECT key, value FROM entries ORDER BY key DESC"}) {
    sqlite_statement query;
    if (query.prepare(old, sql) != SQLITE_OK)
      break;
    std::vector<std::pair<bytes, bytes>> taken;
    std::size_t size = 0;
    const auto hand_over = [&] {
      std::vector<database_write> batch;
      for (const auto& [key, value] : taken)
        batch.push_back({as_text(bytes_view{key}), value, false});
      if (!to.commit(batch))
        rows += taken.size();
      taken.clear();
      size = 0;
    };
    int code = SQLITE_OK;
    while ((code = query.step()) == SQLITE_ROW) {
      taken.emplace_back(to_bytes(query.blob(0)), to_bytes(query.blob(1)));
      size += taken.back().first.size() + taken.back().second.size();
      if (size >= batch_bytes)
        hand_over();
    }
    hand_over();
    if (code == SQLITE_DONE)
      break; // All of it; the other end has nothing more.
  }
  return rows;
}

/// Puts a new database in the place of a damaged one. After a crash at any moment the damaged one is still there, or
/// the new one is complete.
result<std::unique_ptr<sqlite_database>, database_error> replace_damaged(
  const database_options& what, std::int64_t unix_time) {
  const auto fresh = unfinished(what.path);
  remove_all_of(fresh);
  std::size_t rows = 0;
  {
    sqlite_database copy{fresh};
    bool damaged = false;
    if (auto error = copy.open({fresh, database_durability::full, what.purpose}, damaged))
      return *error;
    rows = salvage(what.path, copy);
    if (const auto code = copy.fold(); code != SQLITE_OK)
      return describe_sqlite(code, fresh);
  }
  auto aside = what.path + ".damaged-" + std::to_string(unix_time);
  for (int again = 2; is_there(aside); ++again)
    aside = what.path + ".damaged-" + std::to_string(unix_time) + "-" + std::to_string(again);
  std::error_code error;
  fs::rename(what.path, aside, error);
  if (!error) {
    std::error_code none;
    fs::rename(log_of(what.path), log_of(aside), none);
    fs::remove(what.path + "-shm", none);
    fs::rename(fresh, what.path, error);
  }
  if (error)
    return database_error{database_trouble::read_only,
      what.path + " is damaged and cannot be renamed to " + aside + ": " + error.message()};
  sync_folder_of(what.path);
  auto out = std::make_unique<sqlite_database>(what.path);
  bool damaged = false;
  if (auto refused = out->open(what, damaged))
    return *refused;
  out->found() = {true, {aside}, rows};
  return out;
}

} // namespace

result<std::unique_ptr<key_value_database>, database_error> open_sqlite_database(
  const database_options& what, std::int64_t unix_time) {
  // A damaged file was renamed, and then the power failed: the new one is complete.
  if (const auto fresh = unfinished(what.path); !is_there(what.path) && is_there(fresh)) {
    std::error_code ignored;
    fs::rename(fresh, what.path, ignored);
  }
  auto out = std::make_unique<sqlite_database>(what.path);
  bool damaged = false;
  const auto error = out->open(what, damaged);
  if (!error)
    return std::unique_ptr<key_value_database>{std::move(out)};
  out.reset();
  if (!damaged)
    return *error;
  auto replaced = replace_damaged(what, unix_time);
  if (!replaced)
    return replaced.error();
  return std::unique_ptr<key_value_database>{std::move(*replaced)};
}

} // namespace librats::runtime
