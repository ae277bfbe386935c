// SPDX-License-Identifier: MIT
#include "apps/rats-sim/machine.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

namespace {

scenario of_nodes(std::size_t count) {
  scenario out;
  auto& group = out.groups.emplace_back();
  group.name = "all";
  group.count = count;
  group.dial = scenario::topology::random;
  group.dials = 4;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(machine)

BOOST_AUTO_TEST_CASE(the_estimate_grows_with_nodes_and_links) {
  const auto few = estimate_memory(of_nodes(10));
  BOOST_TEST(few < estimate_memory(of_nodes(1000)));
  auto meshed = of_nodes(1000);
  meshed.groups.front().dial = scenario::topology::mesh;
  BOOST_TEST(estimate_memory(of_nodes(1000)) < estimate_memory(meshed));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_with_a_way_out) {
  constexpr std::uint64_t mib = 1 << 20;
  BOOST_TEST(refuse_for_memory(of_nodes(1000), 16 * 1024 * mib) == "");
  const auto why = refuse_for_memory(of_nodes(100'000), 1024 * mib);
  BOOST_TEST(why.find("this machine has 1024 MiB") != std::string::npos, why);
  BOOST_TEST(why.find("--set group.all.count=") != std::string::npos, why);
  BOOST_TEST(refuse_for_memory(of_nodes(100'000), 0) == ""); // The machine does not say.
  auto limited = of_nodes(1000);
  limited.memory_max = 32 * mib;
  BOOST_TEST(
    refuse_for_memory(limited, 16 * 1024 * mib).find("scenario.memory_max allows 32 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(linux_says_what_it_has) {
#ifdef __linux__
  BOOST_TEST(memory_available() > 0u);
  BOOST_TEST(memory_peak() > 1u << 20);
#endif
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
