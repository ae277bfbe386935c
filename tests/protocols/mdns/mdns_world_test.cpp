// SPDX-License-Identifier: MIT
//
// Engines with each other on links that carry multicast, on virtual time.
#include "tests/protocols/support/mdns_world.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

std::string address_of(std::size_t i) {
  return "192.168.1." + std::to_string(10 + i) + "/24";
}

/// So many nodes on machines of their own, all started.
void populate(mdns_world& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    world.add({address_of(i)});
  for (std::size_t i = 0; i < count; ++i)
    world.start(i, static_cast<std::uint8_t>(i + 1), "machine-" + std::to_string(i));
}

bool everybody_sees(const mdns_world& world, std::size_t count) {
  for (std::size_t i = 0; i < world.size(); ++i)
    if (world.seen_by(i).size() != count)
      return false;
  return true;
}

std::size_t multicast_answers(const mdns_world& world, std::size_t from) {
  std::size_t out = 0;
  for (const auto& x : world.log())
    out += x.from == from && x.message.is_response() && !x.what.to ? 1 : 0;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mdns_worlds)

BOOST_AUTO_TEST_CASE(nodes_find_each_other_within_two_seconds) {
  mdns_world world;
  populate(world, 5);
  BOOST_TEST(world.run_until([&] { return everybody_sees(world, 4); }, 2s));
  const auto seen = world.engine(0).services();
  BOOST_REQUIRE(seen.size() == 4u);
  BOOST_TEST(seen[0].instance == "rats-02020202");
  BOOST_TEST(seen[0].host == "machine-1.local.");
  BOOST_TEST(seen[0].port == 8080);
  BOOST_TEST(seen[0].interface == 1u);
  BOOST_REQUIRE(seen[0].addresses.size() == 1u);
  BOOST_TEST(seen[0].addresses[0].to_string() == "192.168.1.11");
  BOOST_TEST(seen[0].txt.at("id") == to_hex(bytes(32, 2)));
  BOOST_TEST(seen[0].txt.at("proto") == "librats/1.0");
}

BOOST_AUTO_TEST_CASE(two_nodes_on_one_machine_find_each_other) {
  mdns_world world;
  world.add({"192.168.1.10/24", "fe80::10/64"});
  world.add({"192.168.1.10/24", "fe80::10/64"});
  world.start(0, 1, "machine", 8080);
  world.start(1, 2, "machine", 8081);
  BOOST_TEST(world.run_until([&] { return everybody_sees(world, 1); }, 2s));
  BOOST_TEST(world.engine(0).services()[0].port == 8081);
  BOOST_TEST(world.engine(1).services()[0].instance == "rats-01010101");
  world.run_for(300s);
  // The name of the machine is both's, and neither takes the other for an intruder.
  BOOST_TEST(world.engine(0).host() == "machine.local.");
  BOOST_TEST(world.engine(1).host() == "machine.local.");
  BOOST_TEST(world.engine(0).counted().conflicts == 0u);
  BOOST_TEST(world.count<mdns_service_found>(0) == 1u);
  BOOST_TEST(world.count<mdns_service_lost>(0) == 0u);
}

BOOST_AUTO_TEST_CASE(a_node_does_not_answer_its_own_questions) {
  mdns_world world;
  world.add({"192.168.1.10/24", "2001:db8::10/64"});
  world.start(0, 1, "machine");
  world.run_for(10s);
  world.forget_log();
  world.run_for(45s);
  for (const auto& x : world.log())
    BOOST_TEST(!x.message.is_response());
  BOOST_TEST(world.engine(0).counted().own > 0u);
  BOOST_TEST(world.engine(0).services().empty());
}

BOOST_AUTO_TEST_CASE(what_is_lost_on_the_way_is_made_up_for) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    mdns_world world{seed};
    world.loss = 0.2;
    populate(world, 8);
    BOOST_TEST(world.run_until([&] { return everybody_sees(world, 7); }, 70s), "seed " << seed);
    // Once everybody is known, a link that loses every fifth datagram makes hardly anybody look lost.
    std::size_t lost = 0;
    world.run_for(600s);
    for (std::size_t i = 0; i < world.size(); ++i)
      lost += world.count<mdns_service_lost>(i);
    BOOST_TEST(lost <= 2u, "seed " << seed << ": " << lost);
    world.loss = 0;
    BOOST_TEST(world.run_until([&] { return everybody_sees(world, 7); }, 62s), "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(a_goodbye_is_heard_within_a_second) {
  mdns_world world;
  populate(world, 3);
  BOOST_REQUIRE(world.run_until([&] { return everybody_sees(world, 2); }, 2s));
  world.run_for(5s);
  world.forget_log();
  world.engine(2).withdraw(world.now());
  world.engine(2).stop_browsing();
  world.drain(2);
  BOOST_REQUIRE(world.log().size() == 1u);
  const auto& bye = world.log()[0].message;
  BOOST_REQUIRE(bye.answers.size() == 1u);
  BOOST_TEST((bye.answers[0].type == dns_type::ptr));
  BOOST_TEST(bye.answers[0].ttl == 0u);
  for (const auto& x : bye.additionals)
    BOOST_TEST((x.ttl == 0 && (x.type == dns_type::srv || x.type == dns_type::txt)));
  world.run_for(1100ms);
  BOOST_TEST(world.seen_by(0) == std::vector<std::string>{"rats-02020202"});
  const auto* lost = world.last<mdns_service_lost>(0);
  BOOST_REQUIRE(lost != nullptr);
  BOOST_TEST(lost->service.instance == "rats-03030303");
  world.run_for(200s);
  BOOST_TEST(world.count<mdns_service_found>(0) == 2u);
}

BOOST_AUTO_TEST_CASE(who_falls_silent_is_lost_when_two_questions_went_without_answer) {
  mdns_world world;
  populate(world, 3);
  BOOST_REQUIRE(world.run_until([&] { return everybody_sees(world, 2); }, 2s));
  world.run_for(60s);
  world[2].hears = world[2].is_heard = false;
  const auto died = world.now();
  BOOST_TEST(world.run_until([&] { return world.seen_by(0).size() == 1; }, 121s));
  BOOST_TEST((world.now() - died < 121s));
  world[2].hears = world[2].is_heard = true;
  BOOST_TEST(world.run_until([&] { return world.seen_by(0).size() == 2; }, 61s));
}

BOOST_AUTO_TEST_CASE(known_answers_are_not_sent_again) {
  mdns_world world;
  populate(world, 10);
  BOOST_REQUIRE(world.run_until([&] { return everybody_sees(world, 9); }, 2s));
  world.run_for(20s);
  // A newcomer that offers nothing. It knows nobody at first, so everybody answers its first question; its second and
  // third list everybody, so nobody does.
  world.add({address_of(10)});
  world.forget_log();
  world.engine(10).browse(world.now());
  world.drain(10);
  world.run_for(900ms);
  BOOST_TEST(world.seen_by(10).size() == 10u);
  for (std::size_t i = 0; i < 10; ++i)
    BOOST_TEST(multicast_answers(world, i) == 1u);
  world.forget_log();
  world.run_for(3500ms);
  std::size_t questions = 0;
  for (const auto& x : world.log())
    if (x.from == 10) {
      ++questions;
      BOOST_TEST(x.message.answers.size() == 10u);
    }
  BOOST_TEST(questions == 2u);
  for (std::size_t i = 0; i < 10; ++i)
    BOOST_TEST(multicast_answers(world, i) == 0u);
}

BOOST_AUTO_TEST_CASE(long_lists_of_known_answers_go_over_several_packets) {
  mdns_world world;
  constexpr std::size_t many = 60;
  populate(world, many);
  BOOST_REQUIRE(world.run_until([&] { return everybody_sees(world, many - 1); }, 20s));
  world.run_for(20s);
  world.add({address_of(many)});
  world.engine(many).browse(world.now());
  world.drain(many);
  world.run_for(900ms);
  BOOST_REQUIRE(world.seen_by(many).size() == many);
  world.forget_log();
  world.run_for(3500ms);
  std::size_t packets = 0;
  std::size_t listed = 0;
  for (const auto& x : world.log()) {
    BOOST_TEST(!x.message.is_response());
    if (x.from != many)
      continue;
    ++packets;
    listed += x.message.answers.size();
  }
  BOOST_TEST(listed == 2 * many);
  BOOST_TEST(packets > 2u);
  BOOST_TEST(packets < 12u);
}

BOOST_AUTO_TEST_CASE(no_record_is_multicast_twice_within_a_second) {
  mdns_world world;
  populate(world, 6);
  world.run_for(1500ms);
  dns_message query;
  query.questions = {
    {*dns_name::parse("_librats._tcp.local"), dns_type::ptr}, {*dns_name::parse("machine-0.local"), dns_type::a}};
  for (int i = 0; i < 400; ++i) {
    world.inject({*ip_address::parse("192.168.1.200"), mdns_port}, *encode_dns(query));
    world.run_for(25ms);
  }
  std::map<std::string, time_point> last;
  std::size_t checked = 0;
  for (const auto& x : world.log()) {
    if (!x.message.is_response() || x.what.to)
      continue;
    for (const auto* section : {&x.message.answers, &x.message.additionals})
      for (const auto& record : *section) {
        const auto raw = canonical_data(record);
        const auto key = std::to_string(x.from) + record.name.to_string() + to_hex(raw);
        const auto known = last.find(key);
        if (known != last.end()) {
          BOOST_TEST((x.at - known->second >= 1s), key);
          ++checked;
        }
        last[key] = x.at;
      }
  }
  BOOST_TEST(checked > 100u);
}

BOOST_AUTO_TEST_CASE(of_two_with_the_same_name_the_second_takes_another) {
  mdns_world world;
  world.add({address_of(0)});
  world.add({address_of(1)});
  world.start(0, 7, "machine", 1000);
  world.run_for(5s);
  world.start(1, 8, "machine", 2000);
  world.run_for(5s);
  BOOST_TEST(world.engine(0).host() == "machine.local.");
  BOOST_TEST(world.engine(1).host() == "machine-2.local.");
  BOOST_TEST(world.engine(1).instance() == "rats-08080808");
  BOOST_REQUIRE(world.count<mdns_renamed>(1) == 1u);
  BOOST_TEST(world.last<mdns_renamed>(1)->host == "machine-2.local.");
  BOOST_TEST(world.last<mdns_announced>(1)->host == "machine-2.local.");
  BOOST_TEST(world.count<mdns_renamed>(0) == 0u);
  BOOST_TEST(world.engine(0).services().at(0).host == "machine-2.local.");
  BOOST_TEST(world.engine(0).services().at(0).addresses.at(0).to_string() == "192.168.1.11");
}

BOOST_AUTO_TEST_CASE(an_instance_name_that_is_taken_gets_a_number) {
  mdns_world world;
  world.add({address_of(0)});
  world.add({address_of(1)});
  const mdns_service first{"my_service", "machine-a", 1000, {{"id", "aa"}}};
  const mdns_service second{"my service", "machine-b", 2000, {{"id", "bb"}}};
  BOOST_REQUIRE(world.engine(0).publish(first, world.now()));
  world.engine(0).browse(world.now());
  world.drain(0);
  world.run_for(5s);
  BOOST_REQUIRE(world.engine(1).publish(second, world.now()));
  world.engine(1).browse(world.now());
  world.drain(1);
  world.run_for(5s);
  BOOST_TEST(world.engine(0).instance() == "my-service");
  BOOST_TEST(world.engine(1).instance() == "my-service-2");
  BOOST_TEST(world.seen_by(0) == std::vector<std::string>{"my-service-2"});
  BOOST_TEST(world.seen_by(1) == std::vector<std::string>{"my-service"});
}

BOOST_AUTO_TEST_CASE(simultaneous_probes_end_with_one_winner_and_a_new_name) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    mdns_world world{seed};
    for (std::size_t i = 0; i < 3; ++i)
      world.add({address_of(i)});
    for (std::size_t i = 0; i < 3; ++i) {
      BOOST_REQUIRE(world.engine(i).publish(
        {"same", "same-host", static_cast<std::uint16_t>(1000 + i), {{"id", std::to_string(i)}}}, world.now()));
      world.engine(i).browse(world.now());
      world.drain(i);
    }
    const auto settled = [&] {
      for (std::size_t i = 0; i < 3; ++i)
        if (world.count<mdns_announced>(i) == 0 || world.seen_by(i).size() != 2)
          return false;
      return true;
    };
    BOOST_TEST(world.run_until(settled, 15s), "seed " << seed);
    std::set<std::string> instances;
    std::set<std::string> hosts;
    for (std::size_t i = 0; i < 3; ++i) {
      instances.insert(world.engine(i).instance());
      hosts.insert(world.engine(i).host());
    }
    BOOST_TEST((instances == std::set<std::string>{"same", "same-2", "same-3"}), "seed " << seed);
    BOOST_TEST((hosts == std::set<std::string>{"same-host.local.", "same-host-2.local.", "same-host-3.local."}),
      "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(links_that_are_joined_settle_their_conflicts) {
  mdns_world world;
  world.add({address_of(0)});
  world.add({address_of(1)});
  world.set_interfaces(1, {{1u, 1, {address_of(1)}}});
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_REQUIRE(world.engine(i).publish(
      {"same", "host", static_cast<std::uint16_t>(1000 + i), {{"id", std::to_string(i)}}}, world.now()));
    world.engine(i).browse(world.now());
    world.drain(i);
  }
  world.run_for(10s);
  BOOST_TEST(world.engine(0).instance() == world.engine(1).instance());
  world[1].links[1] = 0; // Somebody puts in a cable, and neither notices by itself.
  BOOST_TEST(world.run_until([&] { return everybody_sees(world, 1); }, 90s));
  BOOST_TEST(world.engine(0).instance() != world.engine(1).instance());
  BOOST_TEST(world.engine(0).host() != world.engine(1).host());
}

BOOST_AUTO_TEST_CASE(a_changed_text_is_told) {
  mdns_world world;
  populate(world, 2);
  world.run_for(5s);
  auto txt = node_txt(peer_id{}, "librats/1.0", {{"mood", "good"}});
  txt["id"] = to_hex(bytes(32, 1));
  BOOST_REQUIRE(world.engine(0).publish({"rats-01010101", "machine-0", 8080, txt}, world.now()));
  world.drain(0);
  BOOST_TEST(world.run_until([&] { return world.count<mdns_service_updated>(1) == 1; }, 1100ms));
  BOOST_TEST(world.last<mdns_service_updated>(1)->service.txt.at("mood") == "good");
  BOOST_TEST(world.count<mdns_service_lost>(1) == 0u);
  BOOST_TEST(world.count<mdns_announced>(0) == 1u); // No new claim.
}

BOOST_AUTO_TEST_CASE(another_name_takes_the_old_one_back) {
  mdns_world world;
  populate(world, 2);
  world.run_for(5s);
  BOOST_REQUIRE(world.engine(0).publish({"new-name", "machine-0", 8080, {{"id", "x"}}}, world.now()));
  world.drain(0);
  world.run_for(2500ms);
  BOOST_TEST(world.seen_by(1) == std::vector<std::string>{"new-name"});
  BOOST_TEST(world.last<mdns_service_lost>(1)->service.instance == "rats-01010101");
}

BOOST_AUTO_TEST_CASE(interfaces_that_come_are_used_and_those_that_go_are_forgotten) {
  mdns_world world;
  world.add({address_of(0)});
  world.add({"10.0.0.2/8"});
  world.set_interfaces(1, {{1u, 1, {"10.0.0.2/8"}}});
  world.start(0, 1, "machine-0");
  world.start(1, 2, "machine-1");
  world.run_for(5s);
  BOOST_TEST(everybody_sees(world, 0));
  world.set_interfaces(0, {{1u, 0, {address_of(0)}}, {2u, 1, {"10.0.0.1/8"}}});
  BOOST_TEST(world.run_until([&] { return everybody_sees(world, 1); }, 2s));
  const auto seen = world.engine(0).services();
  BOOST_TEST(seen[0].interface == 2u);
  BOOST_TEST(world.engine(1).services()[0].addresses.at(0).to_string() == "10.0.0.1");
  world.set_interfaces(0, {{1u, 0, {address_of(0)}}});
  BOOST_TEST(world.seen_by(0).empty());
  BOOST_TEST(world.count<mdns_service_lost>(0) == 1u);
}

BOOST_AUTO_TEST_CASE(a_new_address_is_told_and_the_old_one_is_flushed) {
  mdns_world world;
  populate(world, 2);
  world.run_for(5s);
  world.set_interfaces(0, {{1u, 0, {"192.168.1.77/24", "192.168.1.10/24"}}});
  world.run_for(3s);
  BOOST_TEST(world.engine(1).services().at(0).addresses.size() == 2u);
  world.set_interfaces(0, {{1u, 0, {"192.168.1.77/24"}}});
  world.run_for(5s); // A record that was heard within the last second outlives its first replacement.
  BOOST_REQUIRE(world.engine(1).services().at(0).addresses.size() == 1u);
  BOOST_TEST(world.engine(1).services()[0].addresses[0].to_string() == "192.168.1.77");
  BOOST_TEST(world.count<mdns_service_lost>(1) == 0u);
}

BOOST_AUTO_TEST_CASE(nodes_with_both_families_tell_both_and_speak_to_those_with_one) {
  mdns_world world;
  world.add({"192.168.1.10/24", "2001:db8::10/64"});
  world.add({"192.168.1.11/24"});
  world.add({"2001:db8::12/64"});
  for (std::size_t i = 0; i < 3; ++i)
    world.start(i, static_cast<std::uint8_t>(i + 1), "machine-" + std::to_string(i));
  world.run_for(3s);
  BOOST_TEST(world.seen_by(0).size() == 2u);
  BOOST_TEST(world.seen_by(1) == std::vector<std::string>{"rats-01010101"});
  BOOST_TEST(world.seen_by(2) == std::vector<std::string>{"rats-01010101"});
  BOOST_TEST(world.engine(1).services()[0].addresses.size() == 2u);
  BOOST_TEST(world.count<mdns_service_updated>(0) == 0u);
}

BOOST_AUTO_TEST_CASE(two_interfaces_on_one_link_are_no_conflict) {
  mdns_world world;
  world.add({address_of(0)});
  world.add({address_of(5)});
  world.set_interfaces(0, {{1u, 0, {"192.168.1.10/24"}}, {2u, 0, {"192.168.1.11/24"}}});
  world.start(0, 1, "machine-0");
  world.start(1, 2, "machine-1");
  world.run_for(120s);
  BOOST_TEST(world.engine(0).counted().conflicts == 0u);
  BOOST_TEST(world.engine(0).instance() == "rats-01010101");
  BOOST_TEST(world.seen_by(0).size() == 2u); // Once per interface.
  BOOST_TEST(world.seen_by(1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(idle_nodes_are_quiet) {
  mdns_world world;
  populate(world, 10);
  world.run_for(60s);
  world.forget_log();
  world.run_for(600s);
  // Ten nodes ask twenty times each at most, and each answers once a minute. Questions are shared, so it is far less.
  BOOST_TEST(world.log().size() <= 10u * 10 * 2);
  BOOST_TEST(world.log().size() >= 10u);
  BOOST_TEST(everybody_sees(world, 9));
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_history) {
  const auto run = [](std::uint64_t seed) {
    mdns_world world{seed};
    world.loss = 0.2;
    populate(world, 5);
    world.run_for(100s);
    bytes out;
    for (const auto& x : world.log())
      out.insert(out.end(), x.what.datagram.begin(), x.what.datagram.end());
    return std::make_pair(out, world.log().back().at);
  };
  BOOST_TEST((run(3) == run(3)));
  BOOST_TEST((run(3) != run(4)));
}

BOOST_AUTO_TEST_SUITE_END()
