// SPDX-License-Identifier: MIT
#include "runtime/database/sqlite_database.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>
#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace librats::runtime {
namespace {

namespace fs = std::filesystem;

/// A folder of its own, with one database in it.
struct fixture {
  fs::path folder;
  std::string path;

  fixture() {
    std::string name = (fs::temp_directory_path() / "rats-database-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    path = (folder / "one.db").string();
  }
  ~fixture() {
    std::error_code ignored;
    fs::permissions(folder, fs::perms::owner_all, ignored);
    fs::remove_all(folder, ignored);
  }

  auto try_open(const std::string& purpose = "tests", database_durability durability = database_durability::relaxed) {
    return open_sqlite_database({path, durability, purpose}, 1'700'000'000);
  }

  std::unique_ptr<key_value_database> open() {
    auto out = try_open();
    BOOST_REQUIRE_MESSAGE(out.ok(), (out.ok() ? "" : out.error().sentence));
    return std::move(*out);
  }

  static std::optional<database_error> put(key_value_database& x, const std::string& key, const std::string& value) {
    return x.commit({{key, bytes_view{reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}}});
  }

  static std::string all(key_value_database& x, std::size_t page = 1 << 20) {
    std::string out;
    std::string after;
    for (bool done = false; !done;) {
      const auto rows = x.read(after, page);
      BOOST_TEST_REQUIRE(rows.ok());
      for (const auto& [key, value] : rows->rows)
        out += key + "=" + std::string{as_text(bytes_view{value})} + " ";
      if (!rows->rows.empty())
        after = rows->rows.back().first;
      done = rows->done;
    }
    return out;
  }

  void overwrite(std::size_t from, std::size_t count) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(from));
    for (std::size_t i = 0; i < count; ++i)
      file.put('\x5a');
  }

  /// Files whose names begin so.
  std::size_t count(const std::string& prefix) {
    std::size_t out = 0;
    for (const auto& one : fs::directory_iterator{folder})
      out += one.path().filename().string().compare(0, prefix.size(), prefix) == 0 ? 1 : 0;
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(sqlite_databases, fixture)

BOOST_AUTO_TEST_CASE(what_is_committed_is_there_the_next_time) {
  {
    auto x = open();
    BOOST_TEST(x->opening().created);
    BOOST_TEST(x->opening().set_aside.empty());
    BOOST_TEST(!put(*x, "b", "1").has_value());
    BOOST_TEST(!put(*x, "a", "2").has_value());
    BOOST_TEST(!put(*x, "c", "").has_value());
    const bytes other{'3'};
    BOOST_TEST(
      !x->commit({{"b", other}, {"c", {}, true}, {"never was", {}, true}, {std::string_view{"\0d", 2}, other}}));
    BOOST_TEST(x->disk_bytes() > 0u);
  }
  auto x = open();
  BOOST_TEST(!x->opening().created);
  BOOST_TEST(all(*x) == std::string("\0d=3 a=2 b=3 ", 13));
  BOOST_TEST(all(*x, 1) == std::string("\0d=3 a=2 b=3 ", 13)); // A row at a time.
}

BOOST_AUTO_TEST_CASE(a_large_value_and_many_rows_come_back) {
  auto x = open();
  const std::string large(8'000'000, 'x');
  BOOST_TEST(!put(*x, "large", large).has_value());
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i)
    keys.push_back("key " + std::to_string(i));
  std::vector<database_write> batch;
  const bytes value(100, 7);
  for (const auto& key : keys)
    batch.push_back({key, value});
  BOOST_TEST(!x->commit(batch).has_value());
  std::size_t rows = 0;
  std::string after;
  for (bool done = false; !done;) {
    const auto page = x->read(after, 64 * 1024);
    rows += page->rows.size();
    after = page->rows.back().first;
    done = page->done;
  }
  BOOST_TEST(rows == 20'001u);
}

BOOST_AUTO_TEST_CASE(only_one_may_have_it_open) {
  auto x = open();
  BOOST_TEST(!put(*x, "a", "1").has_value());
  const auto second = try_open();
  BOOST_TEST_REQUIRE(!second.ok());
  BOOST_TEST((second.error().kind == database_trouble::in_use));
  BOOST_TEST(second.error().sentence == path + " is in use by another process");
  x.reset();
  BOOST_TEST(all(*open()) == "a=1 ");
}

BOOST_AUTO_TEST_CASE(a_database_of_another_purpose_or_program_is_refused_and_not_touched) {
  open().reset();
  const auto other = try_open("something else");
  BOOST_TEST_REQUIRE(!other.ok());
  BOOST_TEST((other.error().kind == database_trouble::foreign));
  BOOST_TEST(
    other.error().sentence == path + " was made as \"tests\", not as \"something else\"; set what it was made with");
  BOOST_TEST(try_open().ok());

  path = (folder / "foreign.db").string();
  sqlite3* theirs = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(path.c_str(), &theirs) == SQLITE_OK);
  BOOST_TEST(
    sqlite3_exec(theirs, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(theirs);
  std::ifstream before{path, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{before}, {}};
  const auto foreign = try_open();
  BOOST_TEST_REQUIRE(!foreign.ok());
  BOOST_TEST((foreign.error().kind == database_trouble::foreign));
  std::ifstream after{path, std::ios::binary};
  BOOST_TEST((content == std::string{std::istreambuf_iterator<char>{after}, {}}));
  BOOST_TEST(count("foreign.db") == 1u);
}

BOOST_AUTO_TEST_CASE(a_later_layout_is_left_to_the_program_that_knows_it) {
  open().reset();
  sqlite3* raw = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(raw, "PRAGMA user_version = 2", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(raw);
  const auto x = try_open();
  BOOST_TEST_REQUIRE(!x.ok());
  BOOST_TEST((x.error().kind == database_trouble::foreign));
  BOOST_TEST(count("one.db.damaged") == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_without_sense_is_set_aside) {
  for (const std::string& content : {std::string{"this is no database at all, and longer than any header would be......"
                                                "......................................................."},
         std::string(5000, '\0'), std::string{}}) {
    fs::remove(path);
    std::ofstream{path, std::ios::binary} << content;
    auto x = open();
    BOOST_TEST(x->opening().created);
    BOOST_TEST_REQUIRE(x->opening().set_aside.size() == 1u);
    const auto aside = x->opening().set_aside.front();
    BOOST_TEST(aside.find(path + ".damaged-1700000000") == 0u);
    BOOST_TEST(fs::file_size(aside) == content.size());
    BOOST_TEST(!put(*x, "k", "v").has_value());
  }
  BOOST_TEST(count("one.db.damaged") == 3u); // None in the place of another.
  BOOST_TEST(all(*open()) == "k=v ");
}

BOOST_AUTO_TEST_CASE(of_a_damaged_database_what_can_be_read_is_saved) {
  constexpr int rows = 5000;
  {
    auto x = open();
    std::vector<std::string> keys;
    for (int i = 0; i < rows; ++i)
      keys.push_back("key " + std::to_string(100'000 + i));
    std::vector<database_write> batch;
    const bytes value(200, 'v');
    for (const auto& key : keys)
      batch.push_back({key, value});
    BOOST_TEST(!x->commit(batch).has_value());
  }
  const auto size = fs::file_size(path);
  BOOST_TEST(size > 1'000'000u);
  overwrite(size / 2, 40'000);
  auto x = open();
  BOOST_TEST_REQUIRE(x->opening().set_aside.size() == 1u);
  BOOST_TEST(x->opening().salvaged > rows / 2);
  BOOST_TEST(x->opening().salvaged < rows);
  BOOST_TEST(fs::file_size(x->opening().set_aside.front()) == size);
  x.reset();
  x = open();
  BOOST_TEST(x->opening().set_aside.empty()); // It is sound now.
  std::size_t found = 0;
  std::string after;
  for (bool done = false; !done;) {
    const auto page = x->read(after, 1 << 20);
    BOOST_TEST_REQUIRE(page.ok());
    found += page->rows.size();
    after = page->rows.back().first;
    done = page->done;
  }
  BOOST_TEST(found > rows / 2u);
}

BOOST_AUTO_TEST_CASE(a_crash_between_the_two_renames_loses_nothing) {
  open().reset();
  {
    auto x = open();
    BOOST_TEST(!put(*x, "k", "v").has_value());
  }
  fs::rename(path, path + ".new"); // The damaged one has its new name, the complete new one not yet.
  BOOST_TEST(all(*open()) == "k=v ");
  BOOST_TEST(count("one.db") == 1u + count("one.db-"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_removed_while_it_is_open_takes_no_more_writes) {
  auto x = open();
  BOOST_TEST(!put(*x, "a", "1").has_value());
  fs::remove(path);
  const auto error = put(*x, "b", "2");
  BOOST_TEST_REQUIRE(error.has_value());
  BOOST_TEST((error->kind == database_trouble::broken));
  x.reset();
  x = open();
  BOOST_TEST(x->opening().created);
  BOOST_TEST(!put(*x, "b", "2").has_value());
}

BOOST_AUTO_TEST_CASE(a_folder_that_may_not_be_written_is_a_clear_error) {
  const bool root = ::geteuid() == 0;
  fs::permissions(
    folder, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  if (root)
    BOOST_TEST_REQUIRE(::seteuid(65'534) == 0); // The superuser may write anywhere.
  const auto x = try_open();
  if (root)
    BOOST_TEST_REQUIRE(::seteuid(0) == 0);
  BOOST_TEST_REQUIRE(!x.ok());
  BOOST_TEST((x.error().kind == database_trouble::read_only));
  BOOST_TEST(x.error().sentence.find(path) != std::string::npos);
  path = (folder / "no such folder" / "one.db").string();
  BOOST_TEST((try_open().error().kind == database_trouble::read_only));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
