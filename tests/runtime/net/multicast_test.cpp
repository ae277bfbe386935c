// SPDX-License-Identifier: MIT
#include "runtime/net/multicast.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::runtime {
namespace {

multicast_options sound_options() {
  multicast_options out;
  out.group = ip_address::v4(224, 0, 0, 251);
  out.port = 5353;
  out.interface = {"eth0", ip_address::v4(192, 168, 1, 2), 2};
  return out;
}

bool refused(const multicast_options& x) {
  return check_multicast_options(x) == std::errc::invalid_argument;
}

} // namespace

BOOST_AUTO_TEST_SUITE(multicast_tests)

BOOST_AUTO_TEST_CASE(sound_options_pass) {
  auto x = sound_options();
  BOOST_TEST(!check_multicast_options(x));
  x.group = *ip_address::parse("ff02::fb");
  x.interface.address = *ip_address::parse("fe80::1");
  BOOST_TEST(!check_multicast_options(x));
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
  auto x = sound_options();
  x.group = ip_address::v4(192, 168, 1, 9);
  BOOST_TEST(refused(x));
  x = sound_options();
  x.group = *ip_address::parse("ff02::fb");
  BOOST_TEST(refused(x));
  x = sound_options();
  x.port = 0;
  BOOST_TEST(refused(x));
  x = sound_options();
  x.hops = 0;
  BOOST_TEST(refused(x));
  x = sound_options();
  x.interface.index = 0;
  BOOST_TEST(refused(x));
  x = sound_options();
  x.interface.address = ip_address{};
  BOOST_TEST(refused(x));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
