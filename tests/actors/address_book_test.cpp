// SPDX-License-Identifier: MIT
#include "protocols/address_book/address_book.hpp"

#include "actors/reconnector.hpp"
#include "tests/actors/sim_nodes.hpp"

#include <algorithm>
#include <string>

namespace librats::test {

namespace {

constexpr auto book_path = "/data/peers.json";

void with_book(actors::node_options& x) {
  x.mesh.reconnect.enabled = true;
  x.mesh.book_path = book_path;
}

struct remembering_nodes : sim_nodes {
  protocols::address_book book(sim_node& x) {
    const auto text = x.host.files().read_file(book_path, 1'000'000);
    if (!text)
      return {};
    auto loaded = protocols::address_book::load(as_text(*text), x.host.unix_time());
    BOOST_TEST_REQUIRE(loaded.ok());
    return loaded->book;
  }
  std::string book_error(sim_node& x) {
    return ask<actors::reconnect_status>(x, actors::get_reconnect_status{}).value.value().book_error;
  }
  std::size_t kept_aside(sim_node& x) {
    const auto all = x.host.files().names();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(),
      [](const auto& name) { return name.find(".bad-") != std::string::npos; }));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(books_on_disk, remembering_nodes)

BOOST_AUTO_TEST_CASE(whom_we_dialed_stands_in_the_book_and_who_dialed_us_does_not) {
  auto& a = add(with_book);
  auto& b = add(with_book);
  BOOST_TEST(connect(a, b) == "");
  run(3s);
  const auto mine = book(a);
  BOOST_TEST_REQUIRE(mine.entries().size() == 1u);
  const auto& x = mine.entries().begin()->second;
  BOOST_TEST((x.where == b.address()));
  BOOST_TEST((x.id == b.id));
  BOOST_TEST(x.connect_count == 1u);
  BOOST_TEST((a.host.unix_time() - x.last_connected < 10));
  BOOST_TEST((a.host.files().open_to_others(book_path) == false));
  BOOST_TEST(book(b).entries().empty());
}

BOOST_AUTO_TEST_CASE(a_node_that_starts_again_finds_its_peers_in_the_book) {
  auto& a = add(with_book);
  auto& b = add();
  auto& c = add();
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST(connect(a, c) == "");
  run(3s);
  a.host.power_off();
  run(1min);
  auto& again = add_on(a.host, 0, with_book);
  run(2s);
  BOOST_TEST(peer_names(again) == "B C");
}

BOOST_AUTO_TEST_CASE(a_failed_dial_is_counted_and_a_long_connection_counts_as_seen) {
  auto& a = add(with_book);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  run(3h);
  const auto before = book(a);
  const auto& seen = before.entries().at(b.address());
  BOOST_TEST((a.host.unix_time() - seen.last_seen <= 3605));
  BOOST_TEST((a.host.unix_time() - seen.last_connected >= 3 * 3600));
  b.host.kill_processes();
  run(2min);
  const auto after = book(a);
  BOOST_TEST(after.entries().at(b.address()).fail_streak >= 3u);
}

BOOST_AUTO_TEST_CASE(what_was_learned_a_moment_ago_is_written_before_the_end) {
  auto& a = add(with_book);
  auto& b = add();
  const auto reached = dial(a, b);
  BOOST_TEST(await(reached));
  BOOST_TEST(book(a).entries().empty());
  stop(a);
  BOOST_TEST(book(a).entries().size() == 1u);
}

BOOST_AUTO_TEST_CASE(somebody_else_at_a_known_address_takes_the_place_of_who_was_there) {
  auto& a = add(with_book);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  run(3s);
  a.host.power_off();
  b.host.kill_processes();
  auto& stranger = add_on(b.host, 9);
  auto& again = add_on(a.host, 0, with_book);
  run(5s);
  BOOST_TEST(peer_names(again) == names.of(stranger.id));
  const auto mine = book(again);
  BOOST_TEST((mine.entries().at(b.address()).id == stranger.id));
  const auto status = ask<actors::reconnect_status>(again, actors::get_reconnect_status{}).value.value();
  BOOST_TEST(status.targets.empty());  // Whom it looked for is not there.
}

BOOST_AUTO_TEST_CASE(a_file_that_makes_no_sense_is_kept_aside) {
  for (const std::string broken : {"{\"peers\": []}", "[{\"ip\": \"10.0.0.2\", \"port\":", "\xff\xfe", ""}) {
    auto& host = world.add_host();
    host.files().plant(book_path, to_bytes(as_bytes(broken)), runtime::file_access::owner_only);
    auto& a = add_on(host, nodes.size(), with_book);
    auto& b = add();
    BOOST_TEST(connect(a, b) == "");
    run(3s);
    BOOST_TEST(book(a).entries().size() == 1u);
    BOOST_TEST(kept_aside(a) == 1u);
    for (const auto& name : host.files().names())
      if (name != book_path)
        BOOST_TEST(as_text(*host.files().read_file(name, 1000)) == broken);
    BOOST_TEST(book_error(a) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_or_copied_is_left_alone) {
  auto& host = world.add_host();
  BOOST_TEST(!host.files().make_folder(book_path));
  auto& a = add_on(host, nodes.size(), with_book);
  run(1s);
  BOOST_TEST(book_error(a).find("cannot read") != std::string::npos);
  auto& full = world.add_host();
  full.files().plant(book_path, to_bytes(as_bytes("precious")), runtime::file_access::owner_only);
  full.files().set_full(true);
  auto& b = add_on(full, nodes.size(), with_book);
  run(1s);
  BOOST_TEST(book_error(b) != "");
  full.files().set_full(false);
  BOOST_TEST(connect(b, a) == "");
  run(10s);
  BOOST_TEST(as_text(*full.files().read_file(book_path, 100)) == "precious");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_tried_again) {
  auto& a = add(with_book);
  auto& b = add();
  a.host.files().set_full(true);
  BOOST_TEST(connect(a, b) == "");
  run(3s);
  BOOST_TEST(book_error(a).find("cannot write") != std::string::npos);
  BOOST_TEST(peer_names(a) == "B");
  a.host.files().set_full(false);
  run(61s);
  BOOST_TEST(book_error(a) == "");
  BOOST_TEST(book(a).entries().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_forgets_nobody) {
  auto& a = add(with_book);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  run(3s);
  a.host.set_clock_error(-40ll * 365 * 24 * 3600);
  a.host.power_off();
  auto& again = add_on(a.host, 0, with_book);
  run(3s);
  BOOST_TEST(peer_names(again) == "B");
}

BOOST_AUTO_TEST_CASE(a_book_survives_a_crash_at_any_byte) {
  constexpr protocols::unix_seconds now = 1'767'225'600;
  protocols::address_book before;
  before.note_connected(now, {ip_address::v4(10, 0, 0, 1), 4000}, peer_id{});
  auto after = before;
  after.note_connected(now, {ip_address::v4(10, 0, 0, 2), 4000}, peer_id{});
  const auto text = after.to_text();
  for (std::size_t step = 0; step <= text.size() + 4; ++step)
    for (const bool renames : {false, true})
      for (const bool bytes_too : {false, true}) {
        runtime::sim_disk files;
        files.plant(book_path, to_bytes(as_bytes(before.to_text())), runtime::file_access::owner_only);
        files.lose_power_after(step);
        static_cast<void>(files.write_file(book_path, as_bytes(text), runtime::file_access::owner_only));
        files.restore_power({renames, bytes_too});
        const auto found = files.read_file(book_path, 10'000);
        BOOST_TEST_REQUIRE(found.ok());
        const auto loaded = protocols::address_book::load(as_text(*found), now);
        BOOST_TEST_REQUIRE(loaded.ok(), "step " << step);
        const auto entries = loaded->book.entries().size();
        BOOST_TEST((entries == 1u || entries == 2u));
      }
}

BOOST_AUTO_TEST_CASE(a_node_survives_the_loss_of_power_while_it_writes) {
  for (std::size_t step = 0; step < 700; step += 23) {
    remembering_nodes place;
    auto& a = place.add(with_book);
    auto& b = place.add();
    auto& c = place.add();
    BOOST_TEST(place.connect(a, b) == "");
    place.run(3s);
    a.host.files().lose_power_after(step);
    BOOST_TEST(place.connect(a, c) == "");
    place.run(3s);
    a.host.power_off();
    a.host.files().restore_power({step % 2 == 0, step % 3 == 0});
    auto& again = place.add_on(a.host, 0, with_book);
    place.run(3s);
    const auto found = place.peer_names(again);
    BOOST_TEST((found == "B" || found == "B C"), "step " << step << ": " << found);
    BOOST_TEST(place.kept_aside(again) == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
