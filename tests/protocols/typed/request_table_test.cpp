// SPDX-License-Identifier: MIT
#include "protocols/typed/request_table.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

using admission = request_table::admission;

peer_id peer(std::uint8_t n) {
  peer_id out;
  out.raw.fill(n);
  return out;
}

constexpr time_point start{1h};

request_table::key key(std::uint8_t n, std::uint64_t id) {
  return {peer(n), id};
}

} // namespace

BOOST_AUTO_TEST_SUITE(request_waiting)

BOOST_AUTO_TEST_CASE(each_request_leaves_once) {
  request_table table{{4, 8, 100}};
  BOOST_TEST((table.add(key(1, 1), start + 1s, 10) == admission::admitted));
  BOOST_TEST((table.add(key(1, 1), start + 9s, 10) == admission::known));
  BOOST_TEST(table.waits(key(1, 1)));
  BOOST_TEST(!table.take(key(2, 1))); // Another peer's answer.
  BOOST_TEST(table.take(key(1, 1)));
  BOOST_TEST(!table.take(key(1, 1)));
  BOOST_TEST(table.take_due(start + 1h).empty());
  BOOST_TEST(table.take_peer(peer(1)).empty());
  BOOST_TEST(table.size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_due_leaves_in_the_order_of_time) {
  request_table table{{4, 8, 100}};
  BOOST_TEST(!table.poll_timeout());
  table.add(key(1, 1), start + 3s, 1);
  table.add(key(2, 1), start + 1s, 1);
  table.add(key(1, 2), start + 2s, 1);
  BOOST_TEST((table.poll_timeout() == start + 1s));
  BOOST_TEST(table.take_due(start + 1s - 1ns).empty());
  BOOST_TEST((table.take_due(start + 2s) == std::vector{key(2, 1), key(1, 2)}));
  BOOST_TEST((table.poll_timeout() == start + 3s));
}

BOOST_AUTO_TEST_CASE(a_peer_takes_all_of_its_requests_along) {
  request_table table{{4, 8, 100}};
  for (const auto& one : {key(2, 5), key(1, 1), key(2, 3), key(3, 0)})
    table.add(one, start, 1);
  BOOST_TEST((table.take_peer(peer(2)) == std::vector{key(2, 3), key(2, 5)}));
  BOOST_TEST(table.size() == 2u);
  BOOST_TEST(table.take_due(start).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_peer_has_its_share_and_all_together_have_theirs) {
  request_table table{{2, 3, 1000}};
  BOOST_TEST((table.add(key(1, 1), start, 1) == admission::admitted));
  BOOST_TEST((table.add(key(1, 2), start, 1) == admission::admitted));
  BOOST_TEST((table.add(key(1, 3), start, 1) == admission::peer_full));
  BOOST_TEST((table.add(key(2, 1), start, 1) == admission::admitted));
  BOOST_TEST((table.add(key(3, 1), start, 1) == admission::full));
  BOOST_TEST(table.take(key(1, 2)));
  BOOST_TEST((table.add(key(3, 1), start, 1) == admission::admitted));
  BOOST_TEST((request_table{{0, 3, 1}}.add(key(1, 1), start, 0) == admission::peer_full));
}

BOOST_AUTO_TEST_CASE(a_peer_holds_no_more_bytes_than_it_may) {
  request_table table{{10, 10, 100}};
  BOOST_TEST((table.add(key(1, 1), start, 101) == admission::admitted)); // Alone.
  BOOST_TEST((table.add(key(1, 2), start, 0) == admission::admitted));
  BOOST_TEST((table.add(key(1, 3), start, 1) == admission::peer_full));
  BOOST_TEST((table.add(key(2, 1), start, 60) == admission::admitted));
  BOOST_TEST((table.add(key(2, 2), start, 41) == admission::peer_full));
  BOOST_TEST((table.add(key(2, 2), start, 40) == admission::admitted));
  BOOST_TEST(table.take(key(2, 1)));
  BOOST_TEST((table.add(key(2, 3), start, 60) == admission::admitted));
}

BOOST_AUTO_TEST_SUITE_END()
