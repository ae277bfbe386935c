// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace librats::runtime {

namespace {

using namespace std::chrono_literals;

struct machine_fixture {
  sim_world world;
  sim_host& host = world.add_host();

  std::error_code write(const std::string& path, std::size_t size) {
    return host.files().write_file(path, bytes(size, 'x'), file_access::owner_only);
  }

  std::unique_ptr<key_value_database> open(database_durability durability = database_durability::full) {
    auto out = host.open_database({"rows.db", durability, "test"});
    BOOST_TEST_REQUIRE(out.ok());
    return std::move(*out);
  }

  static std::string put(key_value_database& in, const std::string& key, std::size_t size) {
    const bytes value(size, 'y');
    const auto why = in.commit({{key, value, false}});
    return why ? why->sentence : "";
  }

  /// What a file that was written and never synced looks like after the power failed.
  std::string unsynced_after(sim_host::power_loss how) {
    host.set_power_loss(how);
    auto file = host.files().open({"", "part"}, open_mode::write);
    BOOST_TEST_REQUIRE(file.ok());
    BOOST_TEST(!(*file)->write_at(0, bytes(64, 'a')));
    BOOST_TEST(!(*file)->sync());
    BOOST_TEST(!host.files().sync_folder({"", ""}));
    BOOST_TEST(!(*file)->write_at(64, bytes(64 * 1024, 'b')));
    file->reset();
    host.power_off();
    const auto out = host.files().read_file("part", 1'000'000);
    return out ? std::string{as_text(*out)} : "(" + out.error().message() + ")";
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_machine_tests, machine_fixture)

BOOST_AUTO_TEST_CASE(files_and_databases_share_the_room_on_a_disk) {
  host.set_disk_capacity(1000);
  BOOST_TEST(!write("a", 600));
  auto rows = open();
  BOOST_TEST(put(*rows, "k", 300) == "");
  BOOST_TEST(host.disk_used() == 901u);
  BOOST_TEST((write("b", 200) == std::errc::no_space_on_device));
  BOOST_TEST(host.files().names() == (std::set<std::string>{"a"}), boost::test_tools::per_element());
  BOOST_TEST(put(*rows, "l", 300) == "cannot write rows.db: the disk is full");
  BOOST_TEST(put(*rows, "k", 100) == ""); // Smaller than what it replaces.
  BOOST_TEST(put(*rows, "l", 150) == "");
  BOOST_TEST(!host.files().remove({"", "a"}));
  BOOST_TEST(put(*rows, "m", 700) == "");
  BOOST_TEST(host.disk_used() == 953u);
  BOOST_TEST(rows->commit({{"m", {}, true}}).has_value() == false);
  BOOST_TEST(host.disk_used() == 252u);
}

BOOST_AUTO_TEST_CASE(a_file_that_finds_no_room_is_written_as_far_as_it_fits) {
  host.set_disk_capacity(100);
  auto file = host.files().open({"", "f"}, open_mode::write);
  BOOST_TEST_REQUIRE(file.ok());
  BOOST_TEST(((*file)->write_at(0, bytes(150, 'x')) == std::errc::no_space_on_device));
  BOOST_TEST(host.files().used() == 100u);
  host.set_disk_capacity(1000);
  BOOST_TEST(!(*file)->write_at(100, bytes(50, 'x')));
}

BOOST_AUTO_TEST_CASE(a_loss_of_power_takes_what_was_not_synced) {
  const auto synced = std::string(64, 'a');
  BOOST_TEST(unsynced_after(sim_host::power_loss::keeps) == synced + std::string(64 * 1024, 'b'));
}

BOOST_AUTO_TEST_CASE(a_loss_of_power_that_loses_leaves_what_was_synced) {
  BOOST_TEST(unsynced_after(sim_host::power_loss::loses) == std::string(64, 'a'));
  BOOST_TEST(!write("again", 10)); // The power is back.
}

BOOST_AUTO_TEST_CASE(a_loss_of_power_that_tears_leaves_some_blocks) {
  const auto out = unsynced_after(sim_host::power_loss::tears);
  BOOST_TEST(out.substr(0, 64) == std::string(64, 'a'));
  BOOST_TEST(out.size() <= 64u + 64 * 1024);
  BOOST_TEST(out.find('b') != std::string::npos);
  BOOST_TEST(out.find('\0') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_relaxed_database_loses_its_last_commits_and_its_size_with_them) {
  auto rows = open(database_durability::relaxed);
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(put(*rows, "key " + std::to_string(i), 100) == "");
  rows.reset();
  host.power_off();
  const auto left = host.databases().find("rows.db")->size();
  BOOST_TEST(left <= 10u);
  BOOST_TEST(host.disk_used() == left * 105);
}

BOOST_AUTO_TEST_CASE(a_disk_that_fails_by_chance_fails_about_as_often) {
  host.set_disk_failures(0.25);
  int failed = 0;
  for (int i = 0; i < 400; ++i)
    failed += write("a", 10) == std::errc::io_error ? 1 : 0;
  BOOST_TEST(failed > 60);
  BOOST_TEST(failed < 140);
  int broken = 0;
  for (int i = 0; i < 400; ++i)
    broken += put(*open(), "k", 10).empty() ? 0 : 1;
  BOOST_TEST(broken > 60);
  BOOST_TEST(broken < 140);
  host.set_disk_failures(0);
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(!write("a", 10));
}

BOOST_AUTO_TEST_CASE(a_read_only_disk_takes_neither_files_nor_rows) {
  auto rows = open();
  host.set_disk_read_only(true);
  BOOST_TEST((write("a", 1) == std::errc::permission_denied));
  BOOST_TEST(put(*rows, "k", 1) == "cannot write rows.db: no permission");
  host.set_disk_read_only(false);
  BOOST_TEST(!write("a", 1));
}

BOOST_AUTO_TEST_CASE(a_clock_that_drifts_is_off_by_more_and_more) {
  const auto begin = host.unix_time_ms();
  host.set_clock_drift(1000);
  world.run_for(100s);
  BOOST_TEST(host.unix_time_ms() - begin == 100'100);
  host.set_clock_drift(-1000); // What it is off by already stays.
  world.run_for(50s);
  BOOST_TEST(host.unix_time_ms() - begin == 150'050);
  host.set_clock_error(-10s);
  BOOST_TEST(host.unix_time_ms() - begin == 140'000);
  BOOST_TEST((host.clock_error() == -10s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
