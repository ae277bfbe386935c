// SPDX-License-Identifier: MIT
#include "apps/rats-sim/store_books.hpp"
#include "apps/rats-sim/transfer_books.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

namespace {

peer_id someone(std::uint8_t byte) {
  peer_id out;
  out.raw.fill(byte);
  return out;
}

protocols::storage_record record(std::uint64_t stamp, std::uint8_t origin, const std::string& text) {
  return {1, false, {stamp, someone(origin)}, byte_slice::copy_of(text)};
}

const std::vector<std::size_t> both{0, 1};

} // namespace

BOOST_AUTO_TEST_SUITE(store_books_tests)

BOOST_AUTO_TEST_CASE(equal_stores_do_not_differ) {
  store_books x;
  x.found(0, {{"a", record(5, 1, "v")}});
  x.found(1, {{"a", record(5, 1, "v")}});
  BOOST_TEST(!x.compare(both).has_value());
}

BOOST_AUTO_TEST_CASE(any_difference_is_found) {
  const store_books::content usual{{"a", record(5, 1, "v")}, {"b", record(6, 1, "w")}};
  const std::initializer_list<std::pair<store_books::content, const char*>> others{
    {{{"a", record(5, 1, "v")}}, "b"},
    {{{"a", record(5, 1, "v")}, {"aa", record(1, 1, "")}, {"b", record(6, 1, "w")}}, "aa"},
    {{{"a", record(5, 2, "v")}, {"b", record(6, 1, "w")}}, "a"},
    {{{"a", record(4, 1, "v")}, {"b", record(6, 1, "w")}}, "a"},
    {{{"a", record(5, 1, "v")}, {"b", record(6, 1, "x")}}, "b"},
  };
  for (const auto& [content, key] : others) {
    store_books x;
    x.found(0, usual);
    x.found(1, content);
    const auto out = x.compare(both);
    BOOST_TEST_REQUIRE(out.has_value());
    BOOST_TEST(out->key == key);
    BOOST_TEST(out->members == (std::vector<std::size_t>{1}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(who_did_not_answer_differs) {
  store_books x;
  x.found(1, {});
  const auto out = x.compare(both);
  BOOST_TEST_REQUIRE(out.has_value());
  BOOST_TEST(out->members == (std::vector<std::size_t>{0}), boost::test_tools::per_element());
  x.found(0, {});
  BOOST_TEST(!x.compare(both).has_value());
  x.begin_audit();
  BOOST_TEST(x.compare(both)->members.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_acknowledged_put_may_give_way_to_a_newer_one_alone) {
  store_books x;
  x.acknowledged(0, 0, "k", {5, someone(1)});
  x.found(0, {{"k", record(5, 1, "v")}});
  x.found(1, {{"k", record(7, 1, "w")}});
  BOOST_TEST(x.find_losses({}, both).empty());
  x.found(1, {{"k", record(4, 1, "u")}});
  BOOST_TEST_REQUIRE(x.find_losses({}, both).size() == 1u);
  BOOST_TEST(x.find_losses({}, both).front().member == 1u);
  x.found(1, {{"k", record(5, 0, "of a lesser origin")}});
  BOOST_TEST(x.find_losses({}, both).size() == 1u);
  x.found(1, {});
  BOOST_TEST(x.find_losses({}, both).size() == 1u);
  x.removal_asked("k");
  BOOST_TEST(x.find_losses({}, both).empty()); // It may be gone, and not older.
  x.found(1, {{"k", record(4, 1, "u")}});
  BOOST_TEST(x.find_losses({}, both).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_put_is_owed_by_those_who_were_told_and_are_there) {
  store_books x;
  x.acknowledged(0, 2, "k", {9, someone(3)});
  x.acknowledged(1, 0, "k", {5, someone(1)});
  x.found(0, {{"k", record(5, 1, "v")}});
  x.found(1, {{"k", record(5, 1, "v")}});
  BOOST_TEST(x.find_losses({}, both).empty()); // Who was told of 9 is down, and may have it alone.
  x.found(2, {{"k", record(5, 1, "v")}});
  BOOST_TEST(x.find_losses({}, {0, 1, 2}).size() == 3u);
  BOOST_TEST(x.find_losses(1, {0, 1, 2}).empty()); // Of the other workload nothing is lost.
  BOOST_TEST(x.acknowledgements() == 2u);
  BOOST_TEST(x.key_count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(transfer_books_tests)

BOOST_AUTO_TEST_CASE(each_file_has_a_name_and_content_of_its_own) {
  transfer_books x{7};
  transfer_books::file what;
  what.size = 1000;
  const auto first = x.open(what);
  what.number = 1;
  const auto second = x.open(what);
  what.workload = 1;
  const auto third = x.open(what);
  BOOST_TEST(first != second);
  BOOST_TEST(second != third);
  BOOST_TEST(x.content_of(first).size() == 1000u);
  BOOST_TEST((x.content_of(first) == x.content_of(first)));
  BOOST_TEST((x.content_of(first) != x.content_of(second)));
  BOOST_TEST((x.content_of(second) != x.content_of(third)));
  transfer_books other{8};
  what.workload = 0;
  what.number = 0;
  BOOST_TEST((other.content_of(other.open(what)) != x.content_of(first)));
  BOOST_TEST(x.find("nothing") == nullptr);
  x.find(first)->arrived = true;
  x.find(second)->refused = true;
  BOOST_TEST(x.count(0).begun == 2u);
  BOOST_TEST(x.count(0).arrived == 1u);
  BOOST_TEST(x.count(0).bytes_arrived == 1000u);
  BOOST_TEST(x.count(0).refused == 1u);
  BOOST_TEST(x.count(1).begun == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
