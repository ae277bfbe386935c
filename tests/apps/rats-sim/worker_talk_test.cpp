// SPDX-License-Identifier: MIT
#include "apps/rats-sim/worker_talk.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

BOOST_AUTO_TEST_SUITE(worker_talk)

BOOST_AUTO_TEST_CASE(every_word_comes_back_as_it_was) {
  BOOST_TEST(parse_worker_word(to_text(worker_hello{})).hello.has_value());
  const auto here = parse_worker_word(to_text(worker_here{"ab", "1.2", 7})).here;
  BOOST_TEST_REQUIRE(here.has_value());
  BOOST_TEST(here->build == "ab");
  BOOST_TEST(here->version == "1.2");
  BOOST_TEST(here->jobs == 7u);
  const auto run = parse_worker_word(to_text(worker_run{"ab", "[scenario]\n", INT64_MAX})).run;
  BOOST_TEST_REQUIRE(run.has_value());
  BOOST_TEST(run->scenario == "[scenario]\n");
  BOOST_TEST(run->seed == std::uint64_t{INT64_MAX});
  const auto done = parse_worker_word(to_text(worker_done{3, 1, "said \xff", "why"})).done;
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST(done->seed == 3u);
  BOOST_TEST(done->code == 1);
  BOOST_TEST(done->refused == "why");
}

BOOST_AUTO_TEST_CASE(what_is_no_word_is_none) {
  for (const auto* text : {"", "{}", "[]", "7", "{\"kind\":\"run\"}", "{\"kind\":7}",
         "{\"kind\":\"done\",\"seed\":\"x\",\"code\":1,\"said\":\"\",\"refused\":\"\"}"}) {
    const auto x = parse_worker_word(text);
    BOOST_TEST(!(x.hello || x.here || x.run || x.done), text);
  }
}

BOOST_AUTO_TEST_CASE(addresses_are_host_and_port) {
  BOOST_TEST(parse_worker_address("example.com:70")->host == "example.com");
  BOOST_TEST(parse_worker_address("[::1]:70")->host == "::1");
  BOOST_TEST(parse_worker_address("[::1]:70")->port == 70u);
  for (const auto* text : {"", "host", "host:", ":70", "host:0", "host:65536", "::1:70", "[]:70"})
    BOOST_TEST(!parse_worker_address(text), text);
}

BOOST_AUTO_TEST_CASE(a_build_is_known_by_what_it_consists_of) {
  const auto own = own_build("worker_talk_test");
  BOOST_TEST(own.size() == 64u);
  BOOST_TEST(own == own_build("another name of the same file"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
