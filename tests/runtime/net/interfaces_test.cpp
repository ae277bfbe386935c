// SPDX-License-Identifier: MIT
#include "runtime/net/interfaces.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace librats::runtime {

BOOST_AUTO_TEST_SUITE(interfaces_tests)

BOOST_AUTO_TEST_CASE(the_loopback_interface_is_described) {
  const auto all = system_interfaces();
  const auto found = std::find_if(all.begin(), all.end(),
    [](const auto& x) { return x.address == ip_address::v4_loopback(); });
  BOOST_TEST_REQUIRE((found != all.end()));
  BOOST_TEST(!found->interface.empty());
  BOOST_TEST(found->index != 0u);
  BOOST_TEST(found->prefix_length == 8);
  BOOST_TEST(found->loopback);
  BOOST_TEST(found->running);
}

BOOST_AUTO_TEST_CASE(names_and_numbers_belong_together) {
  std::set<std::pair<std::string, std::uint32_t>> pairs;
  std::set<std::string> names;
  std::set<std::uint32_t> numbers;
  for (const auto& x : system_interfaces()) {
    BOOST_TEST(x.prefix_length <= (x.address.is_v4() ? 32 : 128));
    pairs.emplace(x.interface, x.index);
    names.insert(x.interface);
    numbers.insert(x.index);
  }
  BOOST_TEST(pairs.size() == names.size());
  BOOST_TEST(pairs.size() == numbers.size());
}

BOOST_AUTO_TEST_CASE(an_interface_made_anew_under_its_old_name_is_another_one) {
  const interface_address before{"veth0", ip_address::v4(10, 0, 0, 1), 4, 24};
  auto after = before;
  BOOST_TEST(same_interfaces({before}, {after}));
  after.index = 5;
  BOOST_TEST(!same_interfaces({before}, {after}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
