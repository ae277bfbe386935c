// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_record.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

const auto host = *dns_name::parse("host.local");

dns_record address(const char* text, std::uint32_t ttl = 120) {
  return make_address_record(host, *ip_address::parse(text), ttl, true);
}

} // namespace

BOOST_AUTO_TEST_SUITE(dns_records)

BOOST_AUTO_TEST_CASE(data_is_written_without_compression) {
  BOOST_TEST(to_hex(canonical_data(address("192.168.1.5"))) == "c0a80105");
  BOOST_TEST(to_hex(canonical_data(make_srv_record(host, 8080, host, 120, true)))
    == "000000001f90"             // priority, weight, port
       "04686f7374056c6f63616c00" // host.local.
  );
  BOOST_TEST(to_hex(canonical_data(make_txt_record(host, {"flag", "v=1"}, 120, true))) == "04666c616703763d31");
  BOOST_TEST(to_hex(canonical_data(make_txt_record(host, {}, 120, true))) == "00");
}

BOOST_AUTO_TEST_CASE(nsec_names_types_in_windows) {
  const auto low = make_nsec_record(host, {dns_type::aaaa, dns_type::a, dns_type::a}, 120, true);
  BOOST_TEST(canonical_data(low) == unhex("04686f7374056c6f63616c00  00 04 40000008"));
  const auto high = make_nsec_record(host, {static_cast<dns_type>(257), dns_type::srv}, 120, true);
  BOOST_TEST(canonical_data(high) == unhex("04686f7374056c6f63616c00  00 05 0000000040  01 01 40"));
}

BOOST_AUTO_TEST_CASE(records_are_the_same_whatever_their_time_to_live_and_the_case_of_names) {
  auto a = make_srv_record(host, 1, *dns_name::parse("a.local"), 120, true);
  auto b = make_srv_record(*dns_name::parse("HOST.local"), 1, *dns_name::parse("A.LOCAL"), 10, false);
  BOOST_TEST(same_record(a, b));
  b = make_srv_record(host, 2, *dns_name::parse("a.local"), 120, true);
  BOOST_TEST(!same_record(a, b));
  BOOST_TEST(!same_record(address("10.0.0.1"), address("10.0.0.2")));
  BOOST_TEST(same_record(address("10.0.0.1"), address("10.0.0.1", 1)));
  BOOST_TEST(!same_record(make_txt_record(host, {"a"}, 1, true), make_txt_record(host, {"A"}, 1, true)));
}

// The two examples of RFC 6762 section 8.2.
BOOST_AUTO_TEST_CASE(probes_are_ordered_as_the_rfc_orders_them) {
  BOOST_TEST(compare_for_probe(address("169.254.99.200"), address("169.254.200.50")) < 0);
  BOOST_TEST(compare_for_probe(address("169.254.200.50"), address("169.254.99.200")) > 0);
  BOOST_TEST(compare_for_probe(address("10.0.0.1", 1), address("10.0.0.1", 2)) == 0);
  BOOST_TEST(compare_for_probe(address("255.0.0.1"), address("fe80::1")) < 0); // By type before data.
}

BOOST_AUTO_TEST_SUITE_END()
