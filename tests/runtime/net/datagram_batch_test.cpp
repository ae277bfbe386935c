// SPDX-License-Identifier: MIT
#include "runtime/net/datagram_batch.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace librats::runtime {
namespace {

const endpoint here{ip_address::v4(10, 0, 0, 1), 1};
const endpoint there{ip_address::v4(10, 0, 0, 2), 1};

struct batch_fixture {
  datagram_batch batch;
  std::uint8_t next = 0;

  void put(std::size_t size, const endpoint& to = here) {
    const auto room = batch.prepare(size);
    BOOST_REQUIRE(room.size() >= size);
    std::fill(room.begin(), room.end(), next++);
    batch.commit(to, size);
  }
  void put_all(std::initializer_list<std::size_t> sizes) {
    for (auto size : sizes)
      put(size);
  }
  /// How many datagrams each run has.
  std::vector<std::size_t> runs(std::size_t count_max = 64, std::size_t bytes_max = 65'000) {
    std::vector<std::size_t> out;
    for (std::size_t done = 0; done < batch.size(); done += out.back())
      out.push_back(batch.run_at(done, count_max, bytes_max).count);
    return out;
  }
  using counts = std::vector<std::size_t>;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_batch_tests, batch_fixture)

BOOST_AUTO_TEST_CASE(equal_neighbours_are_a_run_and_the_last_may_be_shorter) {
  put_all({100, 100, 100, 40});
  const auto run = batch.run_at(0, 64, 65'000);
  BOOST_TEST((*run.to == here));
  BOOST_TEST(run.segment == 100u);
  BOOST_TEST(run.count == 4u);
  BOOST_REQUIRE(run.content.size() == 340u);
  for (std::size_t i = 0; i < 340; ++i)
    BOOST_REQUIRE(run.content[i] == i / 100);
}

BOOST_AUTO_TEST_CASE(a_shorter_one_ends_its_run) {
  put_all({100, 40, 100, 100, 40, 40});
  BOOST_TEST((runs() == counts{2, 3, 1}));
}

BOOST_AUTO_TEST_CASE(a_larger_one_begins_a_run) {
  put_all({10, 20, 20, 30});
  BOOST_TEST((runs() == counts{1, 2, 1}));
}

BOOST_AUTO_TEST_CASE(an_empty_one_stands_alone) {
  put_all({0, 0, 10, 0, 10, 10, 0});
  BOOST_TEST((runs() == counts{1, 1, 1, 1, 2, 1}));
  BOOST_TEST(batch.run_at(0, 64, 65'000).content.empty());
}

BOOST_AUTO_TEST_CASE(another_destination_begins_a_run) {
  put(10, here);
  put(10, here);
  put(10, there);
  put(10, here);
  put(10, {here.address, 2});
  BOOST_TEST((runs() == counts{2, 1, 1, 1}));
  BOOST_TEST((*batch.run_at(2, 64, 65'000).to == there));
}

BOOST_AUTO_TEST_CASE(a_run_has_limits) {
  for (int i = 0; i < 10; ++i)
    put(1'000);
  BOOST_TEST((runs(4) == counts{4, 4, 2}));
  BOOST_TEST((runs(1) == counts(10, 1)));
  BOOST_TEST((runs(64, 3'000) == counts{3, 3, 3, 1}));
  BOOST_TEST((runs(64, 2'999) == counts{2, 2, 2, 2, 2}));
  BOOST_TEST((runs(64, 500) == counts(10, 1)));  // A single one is what it is.
}

BOOST_AUTO_TEST_CASE(less_may_be_committed_than_was_prepared) {
  for (int i = 0; i < 3; ++i) {
    const auto room = batch.prepare(1'500);
    std::fill(room.begin(), room.end(), static_cast<std::uint8_t>(i));
    batch.commit(here, 2);
  }
  BOOST_TEST(equal(batch.run_at(0, 64, 65'000).content, bytes{0, 0, 1, 1, 2, 2}));
}

BOOST_AUTO_TEST_CASE(a_prepared_piece_that_is_not_committed_is_forgotten) {
  batch.prepare(100);
  BOOST_TEST(batch.empty());
  put(5);
  BOOST_TEST(batch.size() == 1u);
}

BOOST_AUTO_TEST_CASE(growing_keeps_what_is_there) {
  for (int i = 0; i < 200; ++i)
    put(1'000);
  for (std::size_t i = 0; i < 200; ++i) {
    const auto one = batch.run_at(i, 1, 0);
    BOOST_REQUIRE(one.content.size() == 1'000u);
    BOOST_REQUIRE(std::count(one.content.begin(), one.content.end(), static_cast<std::uint8_t>(i)) == 1'000);
  }
}

BOOST_AUTO_TEST_CASE(it_is_full_at_its_limit_and_has_room_when_all_has_left) {
  std::size_t count = 0;
  while (!batch.prepare(1'000).empty()) {
    put(1'000);
    ++count;
  }
  BOOST_TEST(count == datagram_batch::batch_bytes_max / 1'000);
  BOOST_TEST(!batch.prepare(datagram_batch::batch_bytes_max - count * 1'000).empty());
  batch.pop(count - 1);
  BOOST_TEST(batch.prepare(1'000).empty());
  BOOST_TEST(batch.size() == 1u);
  batch.pop(1);
  BOOST_TEST(batch.empty());
  BOOST_TEST(!batch.prepare(datagram_batch::batch_bytes_max).empty());
}

BOOST_AUTO_TEST_CASE(empty_datagrams_are_limited_too) {
  std::size_t count = 0;
  while (!batch.prepare(0).empty()) {
    batch.commit(here, 0);
    ++count;
  }
  BOOST_TEST(count == datagram_batch::batch_count_max);
}

BOOST_AUTO_TEST_CASE(what_is_popped_no_longer_counts) {
  put_all({10, 10, 20, 20});
  batch.pop(1);
  BOOST_TEST(batch.size() == 3u);
  BOOST_TEST((runs() == counts{1, 2}));
  BOOST_TEST(batch.run_at(0, 64, 65'000).content[0] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
