// SPDX-License-Identifier: MIT
#include "apps/rats-sim/payload.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

BOOST_AUTO_TEST_SUITE(payloads)

BOOST_AUTO_TEST_CASE(a_payload_tells_what_it_is_and_that_it_is_whole) {
  for (const std::size_t size : {16, 17, 1000}) {
    const auto made = make_payload({3, 1'000'000}, size);
    BOOST_TEST(made.size() == size);
    const auto read = read_payload(made);
    BOOST_REQUIRE(read);
    BOOST_TEST(read->workload == 3u);
    BOOST_TEST(read->number == 1'000'000u);
    BOOST_TEST(read->intact);
  }
}

BOOST_AUTO_TEST_CASE(every_byte_that_differs_is_noticed) {
  const auto made = make_payload({3, 7}, 64);
  for (std::size_t i = 12; i < made.size(); ++i) { // Those before are the label itself.
    auto damaged = made;
    damaged[i] ^= 1;
    BOOST_TEST(!read_payload(damaged)->intact);
  }
  auto cut = made;
  cut.pop_back();
  BOOST_TEST(!read_payload(cut)->intact);
  cut.resize(payload_label_size - 1);
  BOOST_TEST(!read_payload(cut));
}

BOOST_AUTO_TEST_CASE(the_same_holds_for_json) {
  auto text = make_json_payload({1, 2}, 100);
  const auto read = read_json_payload(text);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->number == 2u);
  BOOST_TEST(read->intact);
  auto& one = text[text.find("\"fill\":\"") + 20];
  one = one == 'a' ? 'b' : 'a';
  BOOST_TEST(!read_json_payload(text)->intact);
  BOOST_TEST(!read_json_payload("{}"));
  BOOST_TEST(!read_json_payload("no json"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
