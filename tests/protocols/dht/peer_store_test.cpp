// SPDX-License-Identifier: MIT
#include "protocols/dht/peer_store.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

info_hash hash_of(int i) {
  return info_hash_of("key " + std::to_string(i));
}

/// The peer number `i`, each at an address of its own.
endpoint peer(int i, std::uint16_t port = 1000) {
  return {ip_address::v4(
            1, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)),
    port};
}

std::set<endpoint> all_of(peer_store& uut, const info_hash& hash, time_point now) {
  const auto found = uut.sample(hash, 1000, now);
  std::set<endpoint> out{found.begin(), found.end()};
  BOOST_TEST(out.size() == found.size());
  return out;
}

struct fixture {
  peer_store::config cfg;
  info_hash hash = info_hash_of("librats/1.0");
  time_point now{1h};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(peer_stores, fixture)

BOOST_AUTO_TEST_CASE(what_was_announced_is_found) {
  peer_store uut{cfg, 1};
  BOOST_TEST(uut.announce(hash, peer(1), now));
  BOOST_TEST(uut.announce(hash, peer(2), now));
  BOOST_TEST(uut.announce(hash_of(7), peer(3), now));
  BOOST_TEST((all_of(uut, hash, now) == std::set<endpoint>{peer(1), peer(2)}));
  BOOST_TEST((all_of(uut, hash_of(7), now) == std::set<endpoint>{peer(3)}));
  BOOST_TEST(uut.sample(hash_of(8), 10, now).empty());
  BOOST_TEST((uut.hash_count() == 2u && uut.peer_count() == 3u));
}

BOOST_AUTO_TEST_CASE(nobody_at_port_or_address_zero_is_stored) {
  peer_store uut{cfg, 1};
  BOOST_TEST(!uut.announce(hash, peer(1, 0), now));
  BOOST_TEST(!uut.announce(hash, endpoint{{}, 1000}, now));
  BOOST_TEST(!uut.announce(hash, endpoint{ip_address::v6_any(), 1000}, now));
  BOOST_TEST((uut.hash_count() == 0u && uut.peer_count() == 0u));
}

BOOST_AUTO_TEST_CASE(a_peer_is_forgotten_half_an_hour_after_its_last_announcement) {
  peer_store uut{cfg, 1};
  BOOST_TEST(!uut.next_expiry());
  uut.announce(hash, peer(1), now);
  uut.announce(hash, peer(2), now + 1min);
  uut.announce(hash, peer(1), now + 20min); // Once more: stored once, and anew.
  BOOST_TEST(uut.peer_count() == 2u);
  BOOST_TEST((*uut.next_expiry() == now + 31min));
  BOOST_TEST(all_of(uut, hash, now + 31min - 1ns).size() == 2u);
  BOOST_TEST((all_of(uut, hash, now + 31min) == std::set<endpoint>{peer(1)}));
  BOOST_TEST((*uut.next_expiry() == now + 50min));
  uut.expire(now + 50min);
  BOOST_TEST((uut.hash_count() == 0u && uut.peer_count() == 0u));
  BOOST_TEST(!uut.next_expiry());
}

BOOST_AUTO_TEST_CASE(a_full_swarm_drops_whom_it_heard_from_longest_ago) {
  peer_store uut{cfg, 1};
  for (int i = 0; i < 128; ++i)
    uut.announce(hash, peer(i), now + std::chrono::seconds{i});
  uut.announce(hash, peer(0), now + 200s); // Now 1 is the oldest.
  BOOST_TEST(uut.announce(hash, peer(500), now + 201s));
  const auto found = all_of(uut, hash, now + 201s);
  BOOST_TEST(found.size() == 128u);
  BOOST_TEST((found.count(peer(0)) == 1 && found.count(peer(1)) == 0 && found.count(peer(500)) == 1));
}

BOOST_AUTO_TEST_CASE(one_source_holds_a_handful_of_a_swarm_the_latest_ones) {
  peer_store uut{cfg, 1};
  uut.announce(hash, peer(9), now);
  for (std::uint16_t port = 1; port <= 200; ++port)
    BOOST_TEST(uut.announce(hash, peer(1, port), now + std::chrono::seconds{port}));
  const auto found = all_of(uut, hash, now + 200s);
  BOOST_TEST(found.size() == 9u);
  BOOST_TEST((found.count(peer(9)) == 1 && found.count(peer(1, 193)) == 1 && found.count(peer(1, 192)) == 0));
}

BOOST_AUTO_TEST_CASE(one_source_cannot_fill_the_store) {
  peer_store uut{cfg, 1};
  for (int i = 0; i < 5000; ++i)
    BOOST_TEST(uut.announce(hash_of(i), peer(1), now) == (i < 64), i);
  BOOST_TEST((uut.hash_count() == 64u && uut.peer_count() == 64u));
  BOOST_TEST(uut.announce(hash_of(0), peer(1), now)); // What it has it may refresh.
  BOOST_TEST(uut.announce(hash_of(5000), peer(2), now));
  uut.expire(now + 30min);
  BOOST_TEST(uut.announce(hash_of(5001), peer(1), now + 30min)); // And its share comes back.
}

BOOST_AUTO_TEST_CASE(who_holds_his_share_displaces_nobody) {
  cfg.peers_per_hash_max = 4;
  cfg.hashes_max = 65;
  peer_store uut{cfg, 1};
  for (int i = 0; i < 4; ++i)
    uut.announce(hash, peer(10 + i), now);
  for (int i = 0; i < 64; ++i)
    uut.announce(hash_of(i), peer(1), now);
  BOOST_TEST(!uut.announce(hash, peer(1), now));         // The swarm is full...
  BOOST_TEST(!uut.announce(hash_of(900), peer(1), now)); // ...and so is the store.
  BOOST_TEST(all_of(uut, hash, now).size() == 4u);
  BOOST_TEST(uut.hash_count() == 65u);
}

BOOST_AUTO_TEST_CASE(a_slash_64_is_one_source) {
  peer_store uut{cfg, 1};
  for (int i = 1; i <= 100; ++i)
    uut.announce(hash, {*ip_address::parse("2001:db8::" + std::to_string(i)), 1000}, now);
  BOOST_TEST(uut.peer_count() == 8u);
}

BOOST_AUTO_TEST_CASE(a_lab_on_one_address_may_be_exempt) {
  cfg.loopback_exempt = true;
  peer_store uut{cfg, 1};
  for (std::uint16_t port = 1; port <= 100; ++port)
    BOOST_TEST(uut.announce(hash, {ip_address::v4_loopback(), port}, now));
  BOOST_TEST(uut.peer_count() == 100u);
}

BOOST_AUTO_TEST_CASE(a_full_store_drops_the_swarm_nobody_announced_to_for_longest) {
  cfg.hashes_max = 10;
  peer_store uut{cfg, 1};
  for (int i = 0; i < 10; ++i)
    for (int k = 0; k < 3; ++k)
      uut.announce(hash_of(i), peer(10 * i + k), now + std::chrono::seconds{i});
  uut.announce(hash_of(0), peer(0), now + 20s);
  uut.announce(hash_of(10), peer(1000), now + 21s);
  BOOST_TEST((uut.hash_count() == 10u && uut.peer_count() == 28u));
  BOOST_TEST(uut.sample(hash_of(1), 9, now + 21s).empty());
  BOOST_TEST(uut.sample(hash_of(0), 9, now + 21s).size() == 3u);
  BOOST_TEST(uut.sample(hash_of(10), 9, now + 21s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_number_of_peers_has_a_limit_over_all_swarms) {
  cfg.peers_max = 50;
  peer_store uut{cfg, 1};
  for (int i = 0; i < 500; ++i) {
    BOOST_TEST(uut.announce(hash_of(i % 7), peer(i), now + std::chrono::seconds{i}));
    BOOST_TEST(uut.peer_count() == static_cast<std::size_t>(std::min(i + 1, 50)));
  }
  cfg.peers_max = 1; // The peer that makes room may be the last of the very same swarm.
  peer_store tiny{cfg, 1};
  tiny.announce(hash, peer(1), now);
  tiny.announce(hash, peer(2), now);
  BOOST_TEST((all_of(tiny, hash, now) == std::set<endpoint>{peer(2)}));
}

BOOST_AUTO_TEST_CASE(samples_are_random_distinct_and_the_same_for_a_seed) {
  peer_store uut{cfg, 1};
  peer_store twin{cfg, 1};
  for (int i = 0; i < 100; ++i) {
    uut.announce(hash, peer(i), now);
    twin.announce(hash, peer(i), now);
  }
  std::set<endpoint> seen;
  for (int round = 0; round < 40; ++round) {
    const auto some = uut.sample(hash, 10, now);
    BOOST_TEST(some.size() == 10u);
    BOOST_TEST((std::set<endpoint>{some.begin(), some.end()}.size() == 10u));
    BOOST_TEST((some == twin.sample(hash, 10, now)));
    seen.insert(some.begin(), some.end());
  }
  BOOST_TEST(seen.size() > 90u); // 40 rounds leave each out with a chance of 1.5 %.
  BOOST_TEST(uut.sample(hash, 0, now).empty());
}

BOOST_AUTO_TEST_CASE(few_info_hashes_are_sampled_completely) {
  peer_store uut{cfg, 1};
  BOOST_TEST(uut.sample_hashes(now).samples.empty());
  for (int i = 0; i < 20; ++i)
    uut.announce(hash_of(i), peer(i), now);
  const auto report = uut.sample_hashes(now);
  BOOST_TEST((report.samples.size() == 20u && report.stored == 20 && report.interval == 0s));
  BOOST_TEST(uut.sample_hashes(now + 30min).stored == 0);
}

BOOST_AUTO_TEST_CASE(of_many_info_hashes_one_choice_is_handed_out_for_an_interval) {
  peer_store uut{cfg, 1};
  for (int i = 0; i < 300; ++i)
    uut.announce(hash_of(i), peer(i), now);
  const auto first = uut.sample_hashes(now);
  BOOST_TEST((first.samples.size() == 20u && first.stored == 300 && first.interval == 600s));
  BOOST_TEST((std::set<info_hash>{first.samples.begin(), first.samples.end()}.size() == 20u));
  BOOST_TEST((uut.sample_hashes(now + 599s).samples == first.samples));
  BOOST_TEST((uut.sample_hashes(now + 600s).samples != first.samples));
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_not_sampled) {
  peer_store uut{cfg, 1};
  for (int i = 0; i < 50; ++i)
    uut.announce(hash_of(i), peer(i), now);
  const auto later = now + 25min;
  for (int i = 25; i < 50; ++i)
    uut.announce(hash_of(i), peer(i), later);
  BOOST_TEST(uut.sample_hashes(later).samples.size() == 20u);
  const auto report = uut.sample_hashes(now + 30min); // The same choice, less what expired.
  BOOST_TEST(report.stored == 25);
  BOOST_TEST(report.samples.size() < 20u);
  for (const auto& x : report.samples)
    BOOST_TEST(!uut.sample(x, 1, now + 30min).empty());
}

BOOST_AUTO_TEST_CASE(whatever_is_announced_every_limit_holds) {
  cfg.hashes_max = 12;
  cfg.peers_max = 40;
  cfg.peers_per_hash_max = 6;
  cfg.peers_per_source_max = 9;
  cfg.swarm_per_source_max = 3;
  cfg.ttl = 60s;
  peer_store uut{cfg, 1};
  small_random random{77};
  std::size_t stored_most = 0;
  for (int round = 0; round < 20000; ++round) {
    now += std::chrono::milliseconds{random.below(900)};
    const auto at = hash_of(static_cast<int>(random.below(30)));
    const auto who = peer(static_cast<int>(random.below(25)), static_cast<std::uint16_t>(1 + random.below(5)));
    const bool stored = uut.announce(at, who, now);
    stored_most = std::max(stored_most, uut.peer_count());
    BOOST_TEST_REQUIRE((uut.hash_count() <= 12 && uut.peer_count() <= 40));
    if (round % 50 != 0)
      continue;
    std::map<ip_address, std::size_t> of_source;
    std::size_t total = 0;
    for (int i = 0; i < 30; ++i) {
      const auto members = all_of(uut, hash_of(i), now);
      BOOST_TEST(members.size() <= 6u);
      std::map<ip_address, std::size_t> of_source_here;
      for (const auto& x : members) {
        BOOST_TEST(++of_source_here[x.address] <= 3u);
        BOOST_TEST(++of_source[x.address] <= 9u);
      }
      total += members.size();
    }
    BOOST_TEST(total == uut.peer_count());
    BOOST_TEST(all_of(uut, at, now).count(who) == (stored ? 1u : 0u));
  }
  BOOST_TEST(stored_most == 40u);
  uut.expire(now + 60s);
  BOOST_TEST((uut.peer_count() == 0u && uut.hash_count() == 0u));
}

BOOST_AUTO_TEST_SUITE_END()
