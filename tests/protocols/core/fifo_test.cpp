// SPDX-License-Identifier: MIT
#include "protocols/core/fifo.hpp"

#include "tests/protocols/support/allocations.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

using namespace librats;

BOOST_AUTO_TEST_SUITE(fifos)

BOOST_AUTO_TEST_CASE(an_empty_one_has_no_memory_and_one_that_becomes_empty_keeps_little) {
  const auto before = test::allocated_bytes();
  fifo<std::uint64_t> uut;
  BOOST_TEST(test::allocated_bytes() == before);
  for (std::uint64_t i = 0; i < 1000; ++i)
    uut.push_back(i);
  BOOST_TEST(test::allocated_bytes() - before == 1024u * 8u);
  for (std::uint64_t i = 0; i < 1000; ++i)
    uut.pop_front();
  BOOST_TEST(test::allocated_bytes() == before);
  uut.push_back(1);
  uut.pop_front();
  BOOST_TEST(test::allocated_bytes() - before <= 256u);
  uut.clear();
  BOOST_TEST(test::allocated_bytes() == before);
}

BOOST_AUTO_TEST_CASE(it_is_a_queue_however_far_it_went_round) {
  fifo<std::string> uut;
  std::deque<std::string> model;
  std::uint32_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 1664525u + 1013904223u;
    // Longer and shorter by turns.
    if ((state >> 16) % 100 < (i / 1000 % 2 == 0 ? 60u : 40u) || model.empty()) {
      model.push_back("a string that is too long for its own memory " + std::to_string(i));
      uut.push_back(model.back());
    } else {
      BOOST_REQUIRE(uut.front() == model.front());
      uut.pop_front();
      model.pop_front();
    }
    BOOST_REQUIRE(uut.size() == model.size());
    if (!model.empty()) {
      BOOST_REQUIRE(uut.back() == model.back());
      BOOST_REQUIRE(uut[model.size() / 2] == model[model.size() / 2]);
    }
  }
  BOOST_TEST(std::vector<std::string>(uut.begin(), uut.end()) == std::vector<std::string>(model.begin(), model.end()),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_pushed_may_be_an_element_of_its_own) {
  fifo<std::string> uut;
  uut.push_back("a string that is too long for its own memory");
  for (int i = 0; i < 20; ++i)
    uut.push_back(uut.front());
  for (const auto& one : uut)
    BOOST_TEST(one == "a string that is too long for its own memory");
}

BOOST_AUTO_TEST_CASE(elements_die_with_it_or_when_they_leave) {
  const auto watched = std::make_shared<int>(1);
  {
    fifo<std::shared_ptr<int>> uut;
    for (int i = 0; i < 10; ++i)
      uut.push_back(watched);
    uut.pop_front();
    BOOST_TEST(watched.use_count() == 10);
    const auto copy = uut;
    BOOST_TEST(watched.use_count() == 19);
    auto moved = std::move(uut);
    BOOST_TEST(watched.use_count() == 19);
    moved = {};
    BOOST_TEST(watched.use_count() == 10);
  }
  BOOST_TEST(watched.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
