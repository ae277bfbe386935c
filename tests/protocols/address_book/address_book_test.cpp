// SPDX-License-Identifier: MIT
#include "protocols/address_book/address_book.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr unix_seconds now = 1'700'000'100;
constexpr unix_seconds day = 24 * 3600;

peer_id id(std::uint8_t n) { return peer_id{filled(n)}; }
endpoint at(std::uint32_t n) {
  return {ip_address::v4(10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
            static_cast<std::uint8_t>(n)),
    8080};
}

address_book load(const std::string& text, unix_seconds when = now) {
  auto out = address_book::load(text, when);
  BOOST_TEST_REQUIRE(out.ok());
  return out->book;
}

} // namespace

BOOST_AUTO_TEST_SUITE(address_books)

BOOST_AUTO_TEST_CASE(every_vector_is_read_and_written_back_byte_by_byte) {
  int seen = 0;
  for (const auto& x : load_vectors("state-files.json")) {
    if (x.name == "dht_routing.json")
      continue;
    ++seen;
    BOOST_TEST_CONTEXT(x.name) {
      const auto text = std::string{as_text(x.raw)};
      const auto book = load(text);
      BOOST_TEST(book.to_text() == text);
    }
  }
  BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_CASE(a_connection_writes_what_upstream_writes) {
  const auto cases = load_vectors("state-files.json");
  const auto& x = find_case(cases, "peer book with one connected peer");
  address_book book;
  peer_id who;
  for (std::size_t i = 0; i < who.raw.size(); ++i)
    who.raw[i] = static_cast<std::uint8_t>(i);
  book.note_connected(1'700'000'000, *endpoint::parse("203.0.113.7:8080"), who);
  BOOST_TEST(book.to_text() == as_text(x.raw));
}

BOOST_AUTO_TEST_CASE(connections_failures_and_sights_are_counted) {
  address_book book;
  book.note_failed(at(1));
  book.note_seen(now, at(1));
  BOOST_TEST(book.entries().empty());  // Nothing is learned from a failure.
  book.note_connected(now, at(1), id(1));
  book.note_failed(at(1));
  book.note_failed(at(1));
  book.note_seen(now + 60, at(1));
  auto x = book.entries().at(at(1));
  BOOST_TEST(x.fail_streak == 2u);
  BOOST_TEST(x.connect_count == 1u);
  BOOST_TEST(x.last_seen == now + 60);
  BOOST_TEST(x.last_connected == now);
  book.note_connected(now + 90, at(1), id(2));  // Somebody else moved in.
  x = book.entries().at(at(1));
  BOOST_TEST(x.fail_streak == 0u);
  BOOST_TEST(x.connect_count == 2u);
  BOOST_TEST(x.first_seen == now);
  BOOST_TEST((x.id == id(2)));
  book.forget(at(1));
  BOOST_TEST(book.entries().empty());
}

BOOST_AUTO_TEST_CASE(every_change_and_nothing_else_moves_the_revision) {
  address_book book;
  book.note_connected(now, at(1), id(1));
  const auto before = book.revision();
  book.note_seen(now, at(1));
  book.note_failed(at(2));
  book.forget(at(2));
  BOOST_TEST(book.revision() == before);
  book.note_failed(at(1));
  BOOST_TEST(book.revision() > before);
}

BOOST_AUTO_TEST_CASE(the_best_are_those_that_were_connected_last_often_and_without_failure) {
  const auto book = load(R"([
    {"ip": "10.0.0.1", "port": 1, "last_seen": 1700000099, "last_connected": 0},
    {"ip": "10.0.0.2", "port": 1, "last_seen": 1700000000, "last_connected": 1700000000, "connect_count": 9},
    {"ip": "10.0.0.3", "port": 1, "last_seen": 1700000050, "last_connected": 1700000050, "connect_count": 1},
    {"ip": "10.0.0.4", "port": 1, "last_seen": 1700000000, "last_connected": 1700000000, "connect_count": 9,
     "fail_streak": 1},
    {"ip": "10.0.0.5", "port": 1, "last_seen": 1700000050, "last_connected": 1700000050, "connect_count": 2},
    {"ip": "10.0.0.6", "port": 1, "last_seen": 1700000098, "last_connected": 0}])");
  std::string order;
  for (const auto& x : book.best(5))
    order += std::to_string(x.where.address.raw()[3]) + " ";
  BOOST_TEST(order == "5 3 2 4 1 ");
  BOOST_TEST(book.best(100).size() == 6u);
}

BOOST_AUTO_TEST_CASE(foreign_members_survive_and_broken_entries_are_skipped) {
  auto loaded = address_book::load(R"([
    {"ip": "10.0.0.1", "port": 1, "last_seen": 1700000000, "note": {"by": ["a", 1]}, "connect_count": -3},
    {"ip": "no address", "port": 1, "last_seen": 1700000000},
    {"ip": "10.0.0.2", "port": 0, "last_seen": 1700000000},
    {"ip": "10.0.0.3", "port": 65536, "last_seen": 1700000000},
    {"ip": "0.0.0.0", "port": 1, "last_seen": 1700000000},
    {"port": 1}, 7, "text", null, [], {}])",
    now);
  BOOST_TEST_REQUIRE(loaded.ok());
  BOOST_TEST(loaded->skipped == 10u);
  BOOST_TEST_REQUIRE(loaded->book.entries().size() == 1u);
  BOOST_TEST(loaded->book.entries().begin()->second.connect_count == 0u);
  const auto text = loaded->book.to_text();
  BOOST_TEST(text.find("\"note\": {\n      \"by\": [\n        \"a\",\n        1\n      ]\n    }") != std::string::npos);
  BOOST_TEST(load(text).to_text() == text);
}

BOOST_AUTO_TEST_CASE(a_foreign_part_without_measure_is_dropped) {
  const auto book = load(R"([{"ip": "10.0.0.1", "port": 1, "last_seen": 1700000000, "note": ")"
                         + std::string(2000, 'x') + "\"}]");
  BOOST_TEST(book.entries().begin()->second.foreign.empty());
}

BOOST_AUTO_TEST_CASE(whatever_is_no_array_is_refused) {
  for (const auto* text : {"", "{}", "[", "[{\"ip\": \"10.0.0.1\", \"port\": 1}", "7", "null", "[]x", "\xff"})
    BOOST_TEST((address_book::load(text, now).ok() == false), text);
}

BOOST_AUTO_TEST_CASE(an_entry_that_was_not_seen_for_thirty_days_is_gone) {
  const auto text = R"([{"ip": "10.0.0.1", "port": 1, "last_seen": 1700000000}])";
  BOOST_TEST(load(text, 1'700'000'000 + 30 * day - 1).entries().size() == 1u);
  BOOST_TEST(load(text, 1'700'000'000 + 30 * day).entries().empty());
  BOOST_TEST(load(text, 1'600'000'000).entries().size() == 1u);  // A clock that was set back forgets nobody.
}

BOOST_AUTO_TEST_CASE(a_book_keeps_the_best_4096) {
  address_book book;
  for (std::uint32_t n = 0; n < 5000; ++n)
    book.note_connected(now + n, at(n), id(1));
  BOOST_TEST(book.entries().size() == address_book::entries_max);
  BOOST_TEST(book.entries().count(at(0)) == 0u);
  BOOST_TEST(book.entries().count(at(4999)) == 1u);
  BOOST_TEST(load(book.to_text(), now).entries().size() == address_book::entries_max);
}

BOOST_AUTO_TEST_CASE(merging_adds_what_is_missing_and_changes_nothing_else) {
  address_book ours;
  ours.note_connected(now, at(1), id(1));
  address_book theirs;
  theirs.note_connected(now - 50, at(1), id(9));
  theirs.note_connected(now - 50, at(2), id(2));
  ours.merge(theirs);
  BOOST_TEST(ours.entries().size() == 2u);
  BOOST_TEST((ours.entries().at(at(1)).id == id(1)));
}

BOOST_AUTO_TEST_CASE(every_prefix_of_a_file_is_refused_or_empty) {
  address_book book;
  for (std::uint32_t n = 0; n < 3; ++n)
    book.note_connected(now, at(n), id(1));
  const auto text = book.to_text();
  for (std::size_t n = 0; n < text.size(); ++n)
    BOOST_TEST((address_book::load(text.substr(0, n), now).ok() == false));
}

BOOST_AUTO_TEST_CASE(damaged_files_never_do_more_than_fail) {
  address_book book;
  for (std::uint32_t n = 0; n < 4; ++n)
    book.note_connected(now, at(n), id(1));
  const auto text = book.to_text();
  std::mt19937_64 random{20260824};
  for (int i = 0; i < 5000; ++i) {
    auto damaged = text;
    for (int hits = 0; hits < 3; ++hits)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto x = address_book::load(damaged, now);
    if (x)
      BOOST_TEST(x->book.entries().size() + x->skipped <= 4u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
