// SPDX-License-Identifier: MIT
#include "protocols/dht/routing_table.hpp"

#include "protocols/dht/secure_node_id.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

/// Our id: all zeros but the last bit.
node_id own() {
  node_id out;
  out.raw[19] = 1;
  return out;
}

/// An id that shares exactly `bits` leading bits with ours; the bits that follow are `n`.
node_id sharing(std::size_t bits, unsigned n) {
  auto out = own();
  out.raw[bits / 8] = static_cast<std::uint8_t>(out.raw[bits / 8] ^ 0x80U >> bits % 8);
  for (std::size_t i = 0; i < 16; ++i) {
    const auto bit = bits + 1 + i;
    if ((n >> (15 - i) & 1) != 0)
      out.raw[bit / 8] = static_cast<std::uint8_t>(out.raw[bit / 8] ^ 0x80U >> bit % 8);
  }
  return out;
}

/// Public and in a /24 of its own; none of the ids above fits such an address.
endpoint at(unsigned n) {
  return {ip_address::v4(static_cast<std::uint8_t>(20 + n / 65536), static_cast<std::uint8_t>(n / 256),
            static_cast<std::uint8_t>(n), 1),
    6881};
}

node_contact node(std::size_t bits, unsigned n) {
  return {sharing(bits, n), at(n)};
}

struct fixture {
  time_point now{1h};
  routing_table table{own(), {}};

  void answer(const node_contact& x, duration rtt = 50ms) { table.answered(x, rtt, now); }
  void fill(std::size_t bits, unsigned from, unsigned count) {
    for (unsigned n = from; n < from + count; ++n)
      answer(node(bits, n));
  }
  bool knows(const node_contact& x) const {
    const auto all = table.nodes(now);
    return std::any_of(all.begin(), all.end(), [&](const auto& y) { return y.contact == x; });
  }
  routing_table::node_view view(const node_contact& x) const {
    const auto all = table.nodes(now);
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& y) { return y.contact == x; });
    BOOST_TEST_REQUIRE((found != all.end()));
    return *found;
  }
};

/// A node whose id fits its address, with at least `bits` bits like ours: found by trying.
node_contact fitting(std::size_t bits, unsigned& n, secret_random& random) {
  while (true) {
    const auto where = at(++n);
    const auto id = make_secure_node_id(where.address, random.draw<node_id::size>());
    if (common_prefix_bits(id, own()) == bits)
      return {id, where};
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(routing_tables, fixture)

// -- buckets ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(buckets_have_the_sizes_that_the_network_knows) {
  for (std::size_t bits = 0; bits < 12; ++bits)
    fill(bits, static_cast<unsigned>(bits) * 300, 200);
  std::array<std::size_t, 12> sizes{};
  for (const auto& x : table.nodes(now))
    ++sizes[common_prefix_bits(x.contact.id, own())];
  const std::array<std::size_t, 12> expected{128, 64, 32, 16, 8, 8, 8, 8, 8, 8, 8, 8};
  BOOST_TEST(sizes == expected, boost::test_tools::per_element());
  BOOST_TEST(table.bucket_count() == 13u);
  BOOST_TEST(table.spares() == 8u * 12);
}

BOOST_AUTO_TEST_CASE(only_the_last_bucket_splits) {
  fill(0, 0, 128);
  BOOST_TEST(table.bucket_count() == 1u);
  fill(1, 1000, 1);
  BOOST_TEST(table.bucket_count() == 2u);
  fill(0, 2000, 100);
  BOOST_TEST(table.bucket_count() == 2u);
  BOOST_TEST(table.size() == 129u);
}

BOOST_AUTO_TEST_CASE(nodes_that_all_lie_near_us_split_as_often_as_it_takes) {
  routing_table::config laboratory;
  laboratory.restrict_addresses = false;
  table = routing_table{own(), laboratory};
  fill(20, 0, 129);
  BOOST_TEST(table.bucket_count() == 22u);
  BOOST_TEST(table.size() == 8u);
}

BOOST_AUTO_TEST_CASE(the_table_stays_small_whatever_is_told_to_it) {
  secret_random random{{1}};
  for (unsigned n = 0; n < 50'000; ++n) {
    node_contact x{{random.draw<20>()}, at(n)};
    const auto bits = random.below(30);
    for (std::size_t bit = 0; bit < bits; bit += 8)
      x.id.raw[bit / 8] = 0;
    if (n % 2 == 0)
      table.heard_of(x, now);
    else
      answer(x);
  }
  BOOST_TEST(table.size() < 600u);
  BOOST_TEST(table.memory() < 130'000u);
}

// -- who is told to others --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(who_never_answered_is_told_to_nobody) {
  table.heard_of(node(0, 1), now);
  BOOST_TEST(table.size() == 1u);
  BOOST_TEST(table.confirmed() == 0u);
  BOOST_TEST(table.closest_confirmed(own(), 8).empty());
  BOOST_TEST(table.closest_known(own(), 8).size() == 1u);
  answer(node(0, 1));
  BOOST_TEST(table.closest_confirmed(own(), 8).size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_failed_last_is_told_to_nobody_until_it_answers) {
  answer(node(0, 1));
  table.failed(node(0, 1), now);
  BOOST_TEST(table.closest_confirmed(own(), 8).empty());
  answer(node(0, 1));
  BOOST_TEST(table.closest_confirmed(own(), 8).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_closest_are_the_closest_for_any_target) {
  secret_random random{{7}};
  for (unsigned n = 0; n < 3000; ++n)
    answer({{random.draw<20>()}, at(n)});
  const auto all = table.nodes(now);
  BOOST_TEST_REQUIRE(all.size() > 250u);
  for (int round = 0; round < 300; ++round) {
    node_id target{random.draw<20>()};
    if (round % 3 == 0) // Near us, where the small buckets are.
      std::fill_n(target.raw.begin(), 1 + round % 2, std::uint8_t{0});
    std::vector<node_id> expected;
    for (const auto& x : all)
      expected.push_back(x.contact.id);
    std::sort(
      expected.begin(), expected.end(), [&](const node_id& a, const node_id& b) { return closer(target, a, b); });
    const auto found = table.closest_confirmed(target, 8);
    BOOST_TEST_REQUIRE(found.size() == 8u);
    for (std::size_t i = 0; i < found.size(); ++i)
      BOOST_TEST_REQUIRE((found[i].id == expected[i]));
  }
}

// -- states and failures ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_node_is_good_for_fifteen_minutes_then_questionable) {
  using state = routing_table::state;
  const auto x = node(0, 1);
  table.heard_of(x, now);
  BOOST_TEST((view(x).now == state::unconfirmed));
  answer(x);
  now += 14min;
  BOOST_TEST((view(x).now == state::good));
  now += 1min;
  BOOST_TEST((view(x).now == state::questionable));
  table.heard_of(x, now); // A query proves nothing.
  BOOST_TEST((view(x).now == state::questionable));
  table.failed(x, now);
  BOOST_TEST((view(x).now == state::bad));
  answer(x);
  BOOST_TEST((view(x).now == state::good));
}

BOOST_AUTO_TEST_CASE(who_never_answered_goes_at_the_first_failure) {
  table.heard_of(node(0, 1), now);
  table.failed(node(0, 1), now);
  BOOST_TEST(table.size() == 0u);
}

BOOST_AUTO_TEST_CASE(who_answered_goes_at_the_fifth_failure_when_nobody_waits) {
  answer(node(0, 1));
  for (int i = 0; i < 4; ++i)
    table.failed(node(0, 1), now);
  BOOST_TEST(table.size() == 1u);
  table.failed(node(0, 1), now);
  BOOST_TEST(table.size() == 0u);
}

BOOST_AUTO_TEST_CASE(who_answered_goes_at_once_for_one_that_answered) {
  fill(0, 0, 128);
  fill(1, 1000, 1);
  fill(0, 500, 1); // Waits.
  table.failed(node(0, 3), now);
  BOOST_TEST(!knows(node(0, 3)));
  BOOST_TEST(knows(node(0, 500)));
}

BOOST_AUTO_TEST_CASE(one_lost_datagram_does_not_give_a_place_to_strangers) {
  fill(0, 0, 128);
  fill(1, 1000, 1);
  table.heard_of(node(0, 500), now); // Waits, and never answered.
  table.failed(node(0, 3), now);
  BOOST_TEST(knows(node(0, 3)));
  table.failed(node(0, 3), now);
  BOOST_TEST(!knows(node(0, 3)));
  BOOST_TEST(knows(node(0, 500)));
}

BOOST_AUTO_TEST_CASE(who_answers_while_it_waits_gets_the_next_place) {
  table.heard_of(node(0, 0), now);
  fill(0, 1, 127);
  fill(1, 1000, 1);
  fill(0, 500, 1); // Takes the place of the one that never answered, who waits now.
  BOOST_TEST(!knows(node(0, 0)));
  answer(node(0, 0));
  BOOST_TEST(!knows(node(0, 0)));
  table.failed(node(0, 3), now);
  table.failed(node(0, 4), now);
  BOOST_TEST(knows(node(0, 0)));
  BOOST_TEST(table.size() == 129u); // One failed and was replaced, the other stays: nobody waits any more.
}

BOOST_AUTO_TEST_CASE(the_quicker_one_moves_up_and_no_one_is_displaced_for_being_slower) {
  fill(0, 0, 128);
  fill(1, 1000, 1);
  answer(node(0, 500), 300ms);
  answer(node(0, 501), 5ms);
  answer(node(0, 502), 100ms);
  for (unsigned n = 0; n < 128; ++n)
    BOOST_TEST_REQUIRE(knows(node(0, n)));
  table.failed(node(0, 3), now);
  BOOST_TEST(knows(node(0, 501)));
}

// -- what liars try ---------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(one_address_has_one_place_in_the_table) {
  answer(node(0, 1));
  answer({sharing(1, 2), at(1)}); // The same socket: its id has changed.
  BOOST_TEST(!knows(node(0, 1)));
  BOOST_TEST(knows({sharing(1, 2), at(1)}));
  answer({sharing(2, 3), {at(1).address, 7000}}); // Another socket there.
  table.heard_of({sharing(2, 4), {at(1).address, 7001}}, now);
  BOOST_TEST(table.size() == 1u);
}

BOOST_AUTO_TEST_CASE(one_network_has_one_place_in_a_bucket) {
  for (std::uint8_t host = 1; host < 100; ++host)
    answer({sharing(0, host), {ip_address::v4(20, 1, 1, host), 6881}});
  BOOST_TEST(table.size() == 1u);
  for (std::uint8_t host = 1; host < 100; ++host) {
    const std::array<std::uint8_t, 16> raw{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, host, 0, 0, 0, 0, 0, 0, 1};
    answer({sharing(0, 1000U + host), {*ip_address::from_bytes(raw), 6881}});
  }
  BOOST_TEST(table.size() == 2u);
}

BOOST_AUTO_TEST_CASE(laboratories_and_private_networks_know_no_such_limit) {
  for (std::uint8_t host = 1; host < 100; ++host)
    answer({sharing(0, host), {ip_address::v4(192, 168, 1, host), 6881}});
  BOOST_TEST(table.size() == 99u);
  routing_table::config laboratory;
  laboratory.restrict_addresses = false;
  table = routing_table{own(), laboratory};
  for (std::uint16_t port = 1; port < 100; ++port)
    answer({sharing(0, port), {ip_address::v4(20, 1, 1, 1), port}});
  BOOST_TEST(table.size() == 99u);
}

BOOST_AUTO_TEST_CASE(a_query_takes_no_place_from_who_is_known) {
  answer(node(0, 1));
  table.heard_of({sharing(0, 1), at(2)}, now);                            // His id from elsewhere.
  table.heard_of({sharing(1, 9), at(1)}, now);                            // His address with another id.
  table.heard_of({sharing(0, 7), {ip_address::v4(20, 0, 1, 9), 1}}, now); // His network.
  BOOST_TEST(table.size() == 1u);
  BOOST_TEST(knows(node(0, 1)));
}

BOOST_AUTO_TEST_CASE(an_id_moves_to_another_address_only_when_the_old_one_is_silent) {
  answer(node(0, 1));
  answer({sharing(0, 1), at(2)});
  BOOST_TEST(knows(node(0, 1)));
  table.failed(node(0, 1), now);
  answer({sharing(0, 1), at(2)});
  BOOST_TEST(!knows(node(0, 1)));
  BOOST_TEST(knows({sharing(0, 1), at(2)}));
}

BOOST_AUTO_TEST_CASE(an_id_that_fits_its_address_displaces_one_that_does_not) {
  fill(0, 0, 128);
  fill(1, 1000, 1);
  secret_random random{{3}};
  unsigned n = 100'000;
  const auto good = fitting(0, n, random);
  table.heard_of(good, now);
  BOOST_TEST(!knows(good)); // Not before it answered.
  answer(good);
  BOOST_TEST(knows(good));
  BOOST_TEST(view(good).fits_address);
  BOOST_TEST(table.size() == 129u);
  for (int i = 0; i < 300; ++i)
    answer(fitting(0, n, random));
  const auto all = table.nodes(now);
  BOOST_TEST(std::count_if(all.begin(), all.end(), [](const auto& x) { return x.fits_address; }) == 128);
  fill(0, 2000, 50); // And they come back no more.
  for (unsigned i = 2000; i < 2050; ++i)
    BOOST_TEST_REQUIRE(!knows(node(0, i)));
}

BOOST_AUTO_TEST_CASE(ids_forged_around_ours_find_little_room) {
  fill(40, 0, 1000); // A thousand networks, all nearer to us than any honest node.
  BOOST_TEST(table.size() == 0u);
  fill(24, 2000, 1000);
  BOOST_TEST(table.size() == 8u);
  fill(0, 4000, 200);
  BOOST_TEST(table.size() == 128u + 8);
}

BOOST_AUTO_TEST_CASE(ids_forged_around_one_key_get_one_place) {
  const auto key = sharing(1, 4711);
  fill(1, 1, 5);
  for (unsigned n = 0; n < 100; ++n) {
    auto id = key;
    id.raw[18] = static_cast<std::uint8_t>(n + 1);
    answer({id, at(1000 + n)});
  }
  BOOST_TEST(table.size() == 6u);
}

BOOST_AUTO_TEST_CASE(half_of_every_answer_has_ids_that_fit) {
  secret_random random{{3}};
  unsigned n = 100'000;
  for (int i = 0; i < 20; ++i)
    answer(fitting(1, n, random));
  fill(0, 0, 100);
  const auto target = sharing(0, 50);
  const auto found = table.closest_confirmed(target, 8);
  BOOST_TEST(found.size() == 8u);
  BOOST_TEST(std::count_if(found.begin(), found.end(), [](const node_contact& x) {
    return is_secure_node_id(x.id, x.at.address);
  }) == 4);
  BOOST_TEST((found.front() == node(0, 50)));
}

BOOST_AUTO_TEST_CASE(what_nobody_can_reach_and_ourselves_are_refused) {
  answer({sharing(0, 1), {at(1).address, 0}});
  answer({sharing(0, 1), {ip_address{}, 6881}});
  answer({own(), at(1)});
  BOOST_TEST(table.size() == 0u);
}

// -- maintenance ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(whoever_was_touched_least_recently_is_pinged_next) {
  for (unsigned n = 0; n < 3; ++n) {
    now += 1min;
    answer(node(0, n));
  }
  table.heard_of(node(0, 7), now);
  BOOST_TEST((table.least_recently_touched(true) == node(0, 0)));
  BOOST_TEST((table.least_recently_touched(false) == node(0, 7)));
  now += 1min;
  table.tried(node(0, 0), now);
  BOOST_TEST((table.least_recently_touched(true) == node(0, 1)));
  table.failed(node(0, 7), now);
  BOOST_TEST(!table.least_recently_touched(false));
}

BOOST_AUTO_TEST_CASE(a_refreshing_target_lies_in_the_bucket_that_needs_it) {
  secret_random random{{5}};
  fill(0, 0, 128);
  fill(1, 1000, 60);
  fill(2, 2000, 20);
  const auto full = table.refresh_target(sharing(0, 1), random, now);
  BOOST_TEST(!full);
  for (int i = 0; i < 50; ++i) {
    const auto in_second = table.refresh_target(sharing(1, 1), random, now);
    BOOST_TEST_REQUIRE(in_second.has_value());
    BOOST_TEST(common_prefix_bits(*in_second, own()) == 1u);
    BOOST_TEST(!table.refresh_target(sharing(1, 9), random, now)); // Has just been done.
    const auto in_last = table.refresh_target(sharing(2, 1), random, now);
    BOOST_TEST_REQUIRE(in_last.has_value());
    BOOST_TEST(common_prefix_bits(*in_last, own()) >= 2u);
    now += routing_table::refresh_interval;
  }
  BOOST_TEST(table.refresh_target(sharing(0, 1), random, now).has_value());
}

BOOST_AUTO_TEST_CASE(another_id_keeps_the_contacts) {
  secret_random random{{9}};
  for (unsigned n = 0; n < 200; ++n)
    answer({{random.draw<20>()}, at(n)});
  const auto before = table.size() + table.spares();
  const node_id next{random.draw<20>()};
  table.set_own_id(next, now);
  BOOST_TEST((table.own_id() == next));
  BOOST_TEST(table.size() + table.spares() > before * 9 / 10);
  BOOST_TEST(table.confirmed() == table.size());
  const auto all = table.nodes(now);
  std::set<endpoint> addresses;
  for (const auto& x : all)
    addresses.insert(x.contact.at);
  BOOST_TEST(addresses.size() == all.size());
}

BOOST_AUTO_TEST_CASE(round_trips_are_smoothed_in_milliseconds) {
  const auto x = node(0, 1);
  answer(x, 100ms);
  BOOST_TEST((view(x).rtt == 100ms));
  answer(x, 200ms);
  BOOST_TEST((view(x).rtt == 125ms));
  answer(node(0, 2), 1h);
  BOOST_TEST((view(node(0, 2)).rtt == 1min));
}

BOOST_AUTO_TEST_SUITE_END()
