// SPDX-License-Identifier: MIT
#include "actors/advertised_addresses.hpp"

#include "protocols/control/identify.hpp"
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

#include <memory>
#include <vector>

namespace librats::test {

namespace {

const auto outside = ip_address::v4(203, 0, 113, 7);

/// A node, another one that hears what it says of itself, and strangers that say where they see it.
struct observed_node : sim_nodes {
  observed_node() { BOOST_TEST(connect(friendly, node) == ""); }

  void claim(std::uint8_t key_byte, const ip_address& seen) {
    strangers.push_back(std::make_unique<wire_peer>(world.add_host(), node.address(), key_byte));
    BOOST_TEST(strangers.back()->establish());
    say(*strangers.back(), seen);
  }
  void say(wire_peer& who, const ip_address& seen) {
    protocols::identify x;
    x.observed = endpoint{seen, 0};
    who.send(protocols::message_type::control, encode(x));
    run(1s);
  }
  /// The addresses that the other node was told last.
  std::string told() {
    std::string out;
    for (const auto& one : friendly.heard->identified.at(node.id).info.addresses)
      out += (out.empty() ? "" : " ") + one.to_string();
    return out;
  }

  sim_node& node = add();
  sim_node& friendly = add();
  std::vector<std::unique_ptr<wire_peer>> strangers;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(own_addresses, observed_node)

BOOST_AUTO_TEST_CASE(a_public_address_that_two_see_is_told_to_all_and_comes_first) {
  BOOST_TEST(told() == "10.0.0.1:4000");
  claim(0x71, outside);
  BOOST_TEST(told() == "10.0.0.1:4000");  // One alone may say anything.
  claim(0x72, outside);
  BOOST_TEST(told() == "203.0.113.7:4000 10.0.0.1:4000");
  BOOST_TEST(status(node).addresses.front().to_string() == "203.0.113.7:4000");
  BOOST_TEST(status(node).observed_addresses.front().to_string() == "203.0.113.7:4000");
}

BOOST_AUTO_TEST_CASE(an_address_that_nobody_sees_any_more_is_told_no_longer) {
  claim(0x71, outside);
  claim(0x72, outside);
  BOOST_TEST(told() == "203.0.113.7:4000 10.0.0.1:4000");
  strangers.back()->close();
  run(1s);
  BOOST_TEST(told() == "10.0.0.1:4000");
}

BOOST_AUTO_TEST_CASE(the_same_word_again_is_no_news) {
  claim(0x71, outside);
  claim(0x72, outside);
  const auto before = friendly.heard->count("identified");
  for (int i = 0; i < 5; ++i)
    say(*strangers.front(), outside);
  BOOST_TEST(friendly.heard->count("identified") == before);
}

BOOST_AUTO_TEST_CASE(private_addresses_are_not_told_as_external_ones) {
  claim(0x71, ip_address::v4(192, 168, 1, 1));
  claim(0x72, ip_address::v4(192, 168, 1, 1));
  BOOST_TEST(told() == "10.0.0.1:4000");
}

BOOST_AUTO_TEST_CASE(a_new_address_of_the_machine_is_told_to_every_peer) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  const auto told = [&] {
    std::string out;
    for (const auto& one : a.heard->identified.at(b.id).info.addresses)
      out += (out.empty() ? "" : " ") + one.to_string();
    return out;
  };
  BOOST_TEST(told() == "10.0.0.2:4000");
  b.host.set_addresses({b.host.address(), ip_address::v4(10, 0, 7, 7)});
  net.run(2s);
  BOOST_TEST(told() == "10.0.0.2:4000 10.0.7.7:4000");
  BOOST_TEST(net.connect(net.add(), "10.0.7.7") == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
