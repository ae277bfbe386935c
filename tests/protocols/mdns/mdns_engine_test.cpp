// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_engine.hpp"

#include "tests/protocols/support/mdns_world.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

const endpoint upstream{ip_address::v4(192, 168, 1, 5), mdns_port};

bytes announcement() {
  const auto cases = load_vectors("mdns.json");
  return find_case(cases, "announcement / response (no TXT entries, as the discovery subsystem sends it)").raw;
}

bytes query() {
  const auto cases = load_vectors("mdns.json");
  return find_case(cases, "query").raw;
}

/// What upstream does with a response (wire/08 section 2): port and address, or nothing.
std::optional<endpoint> as_upstream_reads(const dns_message& x, const ip_address& source) {
  if (!x.is_response())
    return std::nullopt;
  const dns_srv* service = nullptr;
  bool pointer = false;
  for (const auto& record : x.answers) {
    if (record.type == dns_type::ptr && record.name == *dns_name::parse("_librats._tcp.local"))
      pointer = true;
    if (const auto* data = std::get_if<dns_srv>(&record.data))
      service = data;
  }
  if (!pointer || service == nullptr || service->port == 0)
    return std::nullopt;
  endpoint out{source, service->port};
  for (const auto& record : x.additionals)
    if (record.type == dns_type::a && record.name.wire_labels() == service->target.wire_labels())
      out.address = std::get<dns_address>(record.data).address;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mdns_engines)

BOOST_AUTO_TEST_CASE(upstream_is_found_by_its_announcement) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.start(0, 1, "machine");
  world.inject(upstream, announcement());
  BOOST_REQUIRE(world.engine(0).services().size() == 1u);
  const auto seen = world.engine(0).services()[0];
  BOOST_TEST(seen.instance == "rats-0badcafe");
  BOOST_TEST(seen.port == 8080);
  BOOST_TEST(seen.addresses.at(0).to_string() == "192.168.1.5");
  // It says so every minute, and nothing else has to be asked.
  for (int i = 0; i < 10; ++i) {
    world.run_for(60s);
    world.inject(upstream, announcement());
  }
  BOOST_TEST(world.count<mdns_service_lost>(0) == 0u);
  BOOST_TEST(world.count<mdns_service_updated>(0) == 0u);
  world.run_for(121s);
  BOOST_TEST(world.count<mdns_service_lost>(0) == 1u);
}

BOOST_AUTO_TEST_CASE(upstream_finds_us_by_announcement_and_answer_and_not_by_farewell) {
  mdns_world world;
  world.add({"192.168.1.10/24", "2001:db8::10/64"});
  world.start(0, 1, "My_Machine");
  world.run_for(10s);
  std::size_t understood = 0;
  for (const auto& x : world.log())
    if (const auto found = as_upstream_reads(x.message, ip_address::v4(1, 2, 3, 4))) {
      BOOST_TEST(found->to_string() == "192.168.1.10:8080");
      ++understood;
    }
  BOOST_TEST(understood == 6u); // Three announcements in each family.
  world.forget_log();
  world.inject(upstream, query());
  world.run_for(200ms);
  BOOST_REQUIRE(world.log().size() == 1u); // In the family of the question.
  BOOST_TEST(as_upstream_reads(world.log()[0].message, {})->to_string() == "192.168.1.10:8080");
  world.forget_log();
  world.engine(0).withdraw(world.now());
  world.drain(0);
  BOOST_REQUIRE(world.log().size() == 2u);
  for (const auto& x : world.log())
    BOOST_TEST(!as_upstream_reads(x.message, {}).has_value());
}

BOOST_AUTO_TEST_CASE(the_double_of_a_name_makes_us_probe_and_keep_it_when_nobody_defends_it) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  BOOST_REQUIRE(world.engine(0).publish({"rats-0badcafe", "machine", 9, {{"id", "x"}}}, world.now()));
  world.engine(0).browse(world.now());
  world.drain(0);
  world.run_for(10s);
  world.inject(upstream, announcement()); // Upstream neither probes nor defends.
  world.run_for(5s);
  BOOST_TEST(world.engine(0).instance() == "rats-0badcafe");
  BOOST_TEST(world.engine(0).counted().conflicts == 1u);
  world.engine(0).network_changed(world.now());
  world.drain(0);
  world.run_for(300ms);
  world.inject(upstream, announcement()); // While we probe, it costs us the name.
  world.run_for(5s);
  BOOST_TEST(world.engine(0).instance() == "rats-0badcafe-2");
  BOOST_TEST(world.last<mdns_renamed>(0)->instance == "rats-0badcafe-2");
  world.inject(upstream, announcement());
  BOOST_TEST(world.seen_by(0) == std::vector<std::string>{"rats-0badcafe"});
}

BOOST_AUTO_TEST_CASE(somebody_who_takes_every_name_is_waited_out) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.start(0, 1, "machine");
  for (int i = 0; i < 4000; ++i) {
    dns_message x;
    x.flags = dns_flag_response | dns_flag_authoritative;
    x.answers = {make_address_record(*dns_name::parse(world.engine(0).host()), ip_address::v4(6, 6, 6, 6), 120, true)};
    world.inject(upstream, *encode_dns(x));
    world.run_for(25ms);
  }
  // A hundred seconds: without the pause there would be a conflict for each of the 4000.
  std::size_t probes = 0;
  for (const auto& x : world.log())
    probes += x.message.authorities.empty() ? 0 : 1;
  BOOST_TEST(probes < 60u);
  world.run_for(10s);
  BOOST_TEST(world.count<mdns_announced>(0) >= 1u);
}

BOOST_AUTO_TEST_CASE(datagrams_from_beyond_the_link_are_refused) {
  mdns_engine uut{{}, 1};
  const time_point now{1h};
  uut.set_interfaces(
    {{4, "eth0", {{ip_address::v4(192, 168, 1, 10), 24}, {*ip_address::parse("2001:db8::10"), 64}}}}, now);
  uut.browse(now);
  const auto hears = [&](const char* from, bool to_group, bool untouched, unsigned interface = 4) {
    const auto before = uut.counted().refused;
    uut.handle({interface, {*ip_address::parse(from), mdns_port}, to_group, untouched}, announcement(), now);
    return uut.counted().refused == before;
  };
  BOOST_TEST(hears("10.9.9.9", true, false)); // The group is not routed.
  BOOST_TEST(!hears("10.9.9.9", false, false));
  BOOST_TEST(hears("10.9.9.9", false, true));
  BOOST_TEST(hears("192.168.1.200", false, false));
  BOOST_TEST(!hears("192.168.2.200", false, false));
  BOOST_TEST(hears("2001:db8::77", false, false));
  BOOST_TEST(!hears("2001:db8:1::77", false, false));
  BOOST_TEST(hears("fe80::77", false, false));
  BOOST_TEST(!hears("192.168.1.200", true, false, 5)); // No such interface.
}

BOOST_AUTO_TEST_CASE(what_is_no_multicast_dns_is_refused) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.start(0, 1, "machine");
  const auto refused = [&](bytes datagram, std::uint16_t port = mdns_port) {
    const auto before = world.engine(0).counted().refused;
    world.inject({upstream.address, port}, std::move(datagram));
    return world.engine(0).counted().refused > before;
  };
  BOOST_TEST(refused({}));
  BOOST_TEST(refused(bytes(11)));
  BOOST_TEST(refused(bytes(9001)));
  auto other_operation = query();
  other_operation[2] = 0x28;
  BOOST_TEST(refused(other_operation));
  auto failed = announcement();
  failed[3] = 3;
  BOOST_TEST(refused(failed));
  BOOST_TEST(refused(announcement(), 4000));
  BOOST_TEST(!refused(query(), 4000));
  BOOST_TEST(world.engine(0).services().empty());
  for (std::size_t size = 0; size < announcement().size(); ++size) {
    auto cut = announcement();
    cut.resize(size);
    world.inject(upstream, std::move(cut));
  }
  BOOST_TEST(world.engine(0).counted().malformed > 0u);
}

BOOST_AUTO_TEST_CASE(a_source_that_floods_is_not_read) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.start(0, 1, "machine");
  for (int i = 0; i < 1000; ++i)
    world.inject(upstream, query());
  BOOST_TEST(world.engine(0).counted().refused == 800u);
  world.inject({ip_address::v4(192, 168, 1, 6), mdns_port}, announcement());
  BOOST_TEST(world.engine(0).services().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_published_changes_nothing) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  BOOST_TEST(!world.engine(0).publish({"a", "b", 0, {}}, world.now()));
  BOOST_TEST(!world.engine(0).publish({"a", "b", 1, {{"=", ""}}}, world.now()));
  BOOST_TEST(world.engine(0).instance().empty());
  BOOST_TEST(!world.engine(0).next_wakeup().has_value());
  BOOST_TEST(world.engine(0).publish({"", "", 1, {}}, world.now()));
  BOOST_TEST(world.engine(0).instance() == "librats-node");
  BOOST_TEST(world.engine(0).host() == "unknown-host.local.");
}

BOOST_AUTO_TEST_CASE(a_service_type_of_ones_own_is_a_world_of_its_own) {
  mdns_world world;
  mdns_engine::config chess;
  chess.type = "_chess._tcp";
  world.add({"192.168.1.10/24"}, chess);
  world.add({"192.168.1.11/24"}, chess);
  world.add({"192.168.1.12/24"});
  for (std::size_t i = 0; i < 3; ++i)
    world.start(i, static_cast<std::uint8_t>(i + 1), "machine-" + std::to_string(i));
  world.run_for(3s);
  BOOST_TEST(world.seen_by(0) == std::vector<std::string>{"rats-02020202"});
  BOOST_TEST(world.seen_by(2).empty());
}

BOOST_AUTO_TEST_CASE(an_interface_without_address_is_silent) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.set_interfaces(0, {{1u, 0, {}}});
  world.start(0, 1, "machine");
  world.run_for(10s);
  BOOST_TEST(world.log().empty());
  world.set_interfaces(0, {{1u, 0, {"192.168.1.10/24"}}});
  world.run_for(3s);
  BOOST_TEST(world.count<mdns_announced>(0) == 1u);
}

BOOST_AUTO_TEST_CASE(a_changed_network_is_claimed_and_asked_again) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.start(0, 1, "machine");
  world.run_for(20s);
  world.forget_log();
  world.engine(0).network_changed(world.now());
  world.drain(0);
  world.run_for(1500ms);
  std::size_t probes = 0;
  std::size_t questions = 0;
  for (const auto& x : world.log()) {
    probes += x.message.authorities.empty() ? 0 : 1;
    questions += !x.message.is_response() && x.message.authorities.empty() ? 1 : 0;
  }
  BOOST_TEST(probes == 3u);
  BOOST_TEST(questions == 2u);
  BOOST_TEST(world.count<mdns_announced>(0) == 2u);
}

BOOST_AUTO_TEST_CASE(who_looks_no_more_remembers_nobody) {
  mdns_world world;
  world.add({"192.168.1.10/24"});
  world.engine(0).browse(world.now());
  world.inject(upstream, announcement());
  BOOST_TEST(world.engine(0).services().size() == 1u);
  world.engine(0).stop_browsing();
  world.drain(0);
  BOOST_TEST(world.engine(0).services().empty());
  BOOST_TEST(world.count<mdns_service_lost>(0) == 0u);
  BOOST_TEST(!world.engine(0).next_wakeup().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
