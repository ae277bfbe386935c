// SPDX-License-Identifier: MIT
#include "protocols/dht/lookup.hpp"

#include "protocols/dht/secure_node_id.hpp"
#include "tests/protocols/support/dht_names.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

/// Nodes that know all others, in networks of their own, and a lookup among them that a test drives step by step.
struct fixture : test::dht_names {
  using answerer = std::function<std::optional<krpc::response>(const node_contact&, const krpc::query&)>;

  fixture() {
    target = random_id();
    for (unsigned n = 0; n < 200; ++n)
      add(n % 2 == 0);
    cfg.target = target;
    cfg.self = random_id();
    answer = [this](const node_contact& who, const krpc::query&) { return honest(who); };
  }

  node_contact& add(bool fits) {
    const auto at = new_address();
    auto id = random_id();
    if (fits)
      id = make_secure_node_id(at.address, id.raw);
    nodes.push_back({id, at});
    return nodes.back();
  }
  /// An id that shares at least ten bytes with the target.
  node_id forged_id() {
    auto out = random_id();
    std::copy_n(target.raw.begin(), 10, out.raw.begin());
    return out;
  }
  std::vector<node_contact> closest(std::size_t count, const std::function<bool(const node_contact&)>& wanted) const {
    auto all = nodes;
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& x) { return !wanted(x); }), all.end());
    std::sort(all.begin(), all.end(), [this](const auto& a, const auto& b) { return closer(target, a.id, b.id); });
    all.resize(std::min(count, all.size()));
    return all;
  }
  std::vector<node_contact> closest(std::size_t count) const {
    return closest(count, [](const node_contact&) { return true; });
  }
  static bool fits(const node_contact& x) { return is_secure_node_id(x.id, x.at.address); }

  krpc::response honest(const node_contact& who) const {
    krpc::response out;
    out.sender = who.id;
    out.nodes = closest(8);
    out.token = {1, 2, 3};
    return out;
  }
  node_contact at(const endpoint& x) const {
    const auto one = std::find_if(nodes.begin(), nodes.end(), [&](const auto& y) { return y.at == x; });
    return one == nodes.end() ? node_contact{{}, x} : *one;
  }
  std::vector<lookup_seed> seeds(std::size_t count) const {
    std::vector<lookup_seed> out;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back({nodes[i].at, nodes[i].id});
    return out;
  }

  /// Answers everything, in the order asked, until nothing is left to do.
  void run(lookup& uut) {
    drain(uut);
    std::vector<lookup::request> open;
    while (true) {
      while (auto request = uut.poll_request())
        open.push_back(std::move(*request));
      most_open = std::max(most_open, open.size());
      if (open.empty())
        break;
      const auto next = open.front();
      open.erase(open.begin());
      asked.push_back(next.to);
      queries.push_back(next.what);
      now += 10ms;
      if (const auto response = answer(at(next.to), next.what))
        uut.answered(next.handle, *response, now);
      else
        uut.failed(next.handle, now);
      drain(uut);
    }
    BOOST_TEST(uut.done());
  }
  void drain(lookup& uut) {
    while (auto event = uut.poll_event()) {
      if (auto* x = std::get_if<lookup::walked>(&*event))
        found = std::move(x->closest);
      else if (auto* peers_event = std::get_if<lookup::peers_found>(&*event))
        peers.insert(peers.end(), peers_event->peers.begin(), peers_event->peers.end());
      else if (auto* item = std::get_if<lookup::item_found>(&*event))
        items.push_back(std::move(item->item));
      else
        ++stored_everywhere;
    }
  }
  bool was_asked(const endpoint& x) const { return std::find(asked.begin(), asked.end(), x) != asked.end(); }

  node_id target;
  std::vector<node_contact> nodes;
  lookup::config cfg;
  answerer answer;
  time_point now{1h};
  std::size_t most_open = 0;
  std::vector<endpoint> asked;
  std::vector<krpc::query> queries;
  std::vector<node_contact> found;
  std::vector<endpoint> peers;
  std::vector<dht_item> items;
  int stored_everywhere = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lookups, fixture)

// -- the walk ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(it_ends_at_the_eight_closest_with_three_queries_at_a_time) {
  lookup uut{cfg, seeds(3), now};
  run(uut);
  BOOST_TEST((found == closest(8)));
  BOOST_TEST(most_open == 3u);
  BOOST_TEST(uut.counted().sent < 30u);
  BOOST_TEST(uut.counted().hops == 1u);
  BOOST_TEST((uut.counted().took == uut.counted().sent * 10ms));
  BOOST_TEST(stored_everywhere == 0);
}

BOOST_AUTO_TEST_CASE(without_anybody_to_ask_it_ends_at_once) {
  lookup uut{cfg, {}, now};
  BOOST_TEST(uut.done());
  BOOST_TEST(!uut.poll_request());
  run(uut);
  BOOST_TEST(found.empty());
}

BOOST_AUTO_TEST_CASE(bootstrap_nodes_are_asked_first_and_count_once_their_id_is_known) {
  nodes.resize(1);
  lookup uut{cfg, {{nodes[0].at, std::nullopt}}, now};
  run(uut);
  BOOST_TEST((found == nodes));
}

BOOST_AUTO_TEST_CASE(who_is_slow_makes_room_and_does_not_hold_up_the_end) {
  lookup uut{cfg, seeds(4), now};
  std::vector<lookup::request> first;
  while (auto request = uut.poll_request())
    first.push_back(*request);
  BOOST_TEST_REQUIRE(first.size() == 3u);
  uut.slow(first[0].handle, now);
  BOOST_TEST(uut.poll_request().has_value());
  BOOST_TEST(!uut.poll_request());
}

BOOST_AUTO_TEST_CASE(a_late_answer_is_waited_for_when_there_is_no_other) {
  lookup uut{cfg, seeds(1), now};
  const auto request = uut.poll_request();
  uut.slow(request->handle, now);
  BOOST_TEST(!uut.done());
  uut.answered(request->handle, honest(nodes[0]), now);
  run(uut);
  BOOST_TEST((found == closest(8)));
}

BOOST_AUTO_TEST_CASE(the_dead_are_replaced_by_the_next) {
  const auto dead = closest(4);
  answer = [&](const node_contact& who, const krpc::query&) -> std::optional<krpc::response> {
    if (std::find(dead.begin(), dead.end(), who) != dead.end())
      return std::nullopt;
    auto out = honest(who);
    out.nodes = closest(20); // More than are taken: each names those around it.
    std::rotate(out.nodes.begin(), out.nodes.begin() + static_cast<std::ptrdiff_t>(random.below(12)), out.nodes.end());
    out.nodes.resize(8);
    return out;
  };
  lookup uut{cfg, seeds(8), now};
  run(uut);
  auto expected = closest(12);
  expected.erase(expected.begin(), expected.begin() + 4);
  BOOST_TEST((found == expected));
  BOOST_TEST(uut.counted().failed == 4u);
}

BOOST_AUTO_TEST_CASE(ourselves_the_other_network_and_nowhere_are_not_asked) {
  const endpoint ours = new_address();
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    out.nodes = {{cfg.self, ours}, {forged_id(), {ip_address::v4(127, 0, 0, 1), 1}},
      {forged_id(), {ip_address::v4(10, 0, 0, 1), 1}}, {forged_id(), {ip_address::v4(224, 0, 0, 1), 1}},
      {forged_id(), {new_address().address, 0}}, {forged_id(), {ip_address{}, 1}}};
    out.nodes6 = {{forged_id(), {*ip_address::parse("2001:db8::1"), 1}}};
    return out;
  };
  lookup uut{cfg, seeds(1), now};
  run(uut);
  BOOST_TEST(asked.size() == 1u);
  BOOST_TEST(uut.counted().refused == 5u);
}

BOOST_AUTO_TEST_CASE(a_walk_of_the_other_family_uses_its_nodes) {
  cfg.family = address_family::v6;
  cfg.what = lookup::purpose::find_node;
  const auto v6 = endpoint{*ip_address::parse("2001:db8::1"), 6881};
  const auto next = node_contact{random_id(), {*ip_address::parse("2001:db9::1"), 6881}};
  answer = [&](const node_contact& who, const krpc::query&) {
    krpc::response out;
    out.sender = who.at == v6 ? target : next.id;
    out.nodes = closest(8);
    out.nodes6 = {next};
    return out;
  };
  lookup uut{cfg, {{v6, std::nullopt}}, now};
  run(uut);
  BOOST_TEST(asked.size() == 2u);
  const auto& query = std::get<krpc::find_node>(queries.front());
  BOOST_TEST((query.want.n6 && !query.want.n4));
}

// -- peers and announcements ------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(peers_are_handed_on_once_as_they_come) {
  const endpoint a{ip_address::v4(30, 1, 1, 1), 1};
  const endpoint b{ip_address::v4(30, 2, 1, 1), 1};
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    out.values = asked.size() == 1 ? std::vector{a} : std::vector{b, a, b};
    return out;
  };
  lookup uut{cfg, seeds(1), now};
  const auto request = uut.poll_request();
  BOOST_TEST(std::holds_alternative<krpc::get_peers>(request->what));
  asked.push_back(request->to);
  uut.answered(request->handle, *answer(nodes[0], request->what), now);
  drain(uut);
  BOOST_TEST((peers == std::vector{a}));
  BOOST_TEST(!uut.done());
  run(uut);
  BOOST_TEST((peers == std::vector{a, b}));
  BOOST_TEST(uut.peers().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_flood_of_peers_is_cut_per_answer_network_address_and_reach) {
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    for (unsigned n = 0; n < 500; ++n) // All in networks of their own.
      out.values.push_back(
        {ip_address::v4(40, static_cast<std::uint8_t>(random.next()), static_cast<std::uint8_t>(random.next()), 1), 1});
    return out;
  };
  lookup one{cfg, seeds(1), now};
  auto request = one.poll_request();
  one.answered(request->handle, *answer(nodes[0], {}), now);
  BOOST_TEST(one.peers().size() <= lookup::peers_per_answer_max);
  BOOST_TEST(one.peers().size() > lookup::peers_per_answer_max - 5);

  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    for (std::uint16_t n = 1; n < 20; ++n) {
      out.values.push_back({ip_address::v4(40, 1, 1, 1), n});
      out.values.push_back({ip_address::v4(40, 1, 2, static_cast<std::uint8_t>(n)), 1});
      out.values.push_back({ip_address::v4(10, 0, 0, static_cast<std::uint8_t>(n)), 1});
      out.values.push_back({ip_address::v4(40, 1, 3, static_cast<std::uint8_t>(n)), 0});
    }
    return out;
  };
  lookup other{cfg, seeds(1), now};
  request = other.poll_request();
  other.answered(request->handle, *answer(nodes[0], {}), now);
  BOOST_TEST(other.peers().size() == lookup::peers_per_address_max + lookup::peers_per_network_max);
}

BOOST_AUTO_TEST_CASE(an_announcement_goes_with_its_token_to_the_closest_of_both_kinds) {
  lookup uut{cfg, seeds(3), now};
  uut.store(lookup::announcement{8080, true}, now);
  answer = [&](const node_contact& who, const krpc::query& what) {
    auto out = honest(who);
    out.nodes = asked.size() % 2 == 0 ? closest(8) : closest(8, fits);
    out.token = {who.id.raw[0]};
    if (const auto* announced = std::get_if<krpc::announce_peer>(&what)) {
      BOOST_TEST(announced->port == 8080);
      BOOST_TEST(announced->implied_port);
      BOOST_TEST((announced->target == target));
      BOOST_TEST((announced->token == bytes{who.id.raw[0]}));
    }
    return out;
  };
  run(uut);
  BOOST_TEST(stored_everywhere == 1);
  const auto stores = static_cast<std::size_t>(std::count_if(queries.begin(), queries.end(),
    [](const krpc::query& x) { return std::holds_alternative<krpc::announce_peer>(x); }));
  BOOST_TEST(uut.counted().stores_sent == stores);
  BOOST_TEST(uut.counted().stored == stores);
  BOOST_TEST(stores > 8u);
  BOOST_TEST(stores <= 16u);
  for (const auto& x : closest(8, fits)) {
    const auto last = std::find(asked.rbegin(), asked.rbegin() + static_cast<std::ptrdiff_t>(stores), x.at);
    BOOST_TEST((last != asked.rbegin() + static_cast<std::ptrdiff_t>(stores)));
  }
}

BOOST_AUTO_TEST_CASE(who_gave_no_token_gets_no_announcement) {
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    out.token.clear();
    return out;
  };
  lookup uut{cfg, seeds(3), now};
  uut.store(lookup::announcement{8080, false}, now);
  run(uut);
  BOOST_TEST(uut.counted().stores_sent == 0u);
  BOOST_TEST(stored_everywhere == 1);
}

BOOST_AUTO_TEST_CASE(an_announcement_that_some_do_not_acknowledge_still_ends) {
  answer = [&](const node_contact& who, const krpc::query& what) -> std::optional<krpc::response> {
    if (std::holds_alternative<krpc::announce_peer>(what) && who.id.raw[19] % 2 == 0)
      return std::nullopt;
    return honest(who);
  };
  lookup uut{cfg, seeds(3), now};
  uut.store(lookup::announcement{8080, false}, now);
  run(uut);
  BOOST_TEST(stored_everywhere == 1);
  BOOST_TEST(uut.counted().stored + uut.counted().failed == uut.counted().stores_sent);
}

// -- items ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_immutable_item_is_taken_when_it_is_what_was_asked_for) {
  const bytes value{'5', ':', 'h', 'e', 'l', 'l', 'o'};
  cfg.what = lookup::purpose::get_item;
  cfg.target = immutable_target(value);
  answer = [&](const node_contact& who, const krpc::query& what) {
    BOOST_TEST(std::holds_alternative<krpc::get>(what));
    auto out = honest(who);
    out.value = asked.size() % 2 == 0 ? value : bytes{'4', ':', 'l', 'i', 'e', 's'};
    return out;
  };
  lookup uut{cfg, seeds(8), now};
  run(uut);
  BOOST_TEST_REQUIRE(items.size() == 1u);
  BOOST_TEST((items[0].value == value));
}

BOOST_AUTO_TEST_CASE(of_a_mutable_item_the_newest_valid_version_wins) {
  const auto key = item_key_pair::from_seed({1, 2, 3});
  const bytes salt{'s'};
  cfg.what = lookup::purpose::get_item;
  cfg.salt = salt;
  cfg.target = mutable_target(key.public_key, salt);
  const auto version = [&](std::int64_t seq) { return sign_item(key, salt, seq, {'i', '1', 'e'}); };
  const auto respond = [&](const dht_item& item, bool broken) {
    krpc::response out = honest(nodes[0]);
    out.value = item.value;
    out.key = item.proof->key;
    out.seq = item.proof->seq;
    out.signature = item.proof->signature;
    (*out.signature)[3] = static_cast<std::uint8_t>((*out.signature)[3] ^ (broken ? 1 : 0));
    return out;
  };
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = asked.size() == 1 ? respond(version(4), false)
      : asked.size() == 2        ? respond(version(9), true)
      : asked.size() == 3        ? respond(version(7), false)
                                 : respond(version(5), false);
    out.sender = who.id;
    return out;
  };
  lookup uut{cfg, seeds(8), now};
  run(uut);
  BOOST_TEST_REQUIRE(items.size() == 2u);
  BOOST_TEST(items[0].proof->seq == 4);
  BOOST_TEST(items[1].proof->seq == 7);
  BOOST_TEST((uut.item() == items[1]));

  uut.store(lookup::item_to_store{version(8), 7}, now);
  run(uut);
  const auto* put = std::get_if<krpc::put>(&queries.back());
  BOOST_TEST_REQUIRE(put != nullptr);
  BOOST_TEST((put->item == version(8)));
  BOOST_TEST((put->cas == 7));
  BOOST_TEST(stored_everywhere == 1);
}

// -- what liars try ---------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(who_answers_with_another_id_than_it_was_named_with_is_none) {
  const auto first = closest(1).front();
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    if (who == first)
      out.sender = target; // Could not be closer.
    return out;
  };
  lookup uut{cfg, seeds(4), now};
  run(uut);
  BOOST_TEST(was_asked(first.at));
  BOOST_TEST((std::find(found.begin(), found.end(), first) == found.end()));
  BOOST_TEST(uut.counted().failed == 1u);
}

BOOST_AUTO_TEST_CASE(one_answer_adds_eight_candidates_at_most) {
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    out.nodes = closest(100);
    return out;
  };
  lookup uut{cfg, seeds(1), now};
  const auto request = uut.poll_request();
  uut.answered(request->handle, *answer(nodes[0], {}), now);
  BOOST_TEST(uut.counted().refused == 92u);
}

BOOST_AUTO_TEST_CASE(who_names_three_dead_nodes_is_not_believed_further) {
  const auto liar = nodes[0];
  answer = [&](const node_contact& who, const krpc::query&) -> std::optional<krpc::response> {
    if (who.id.is_zero())
      return std::nullopt; // Nobody is there.
    auto out = honest(who);
    if (who == liar) {
      out.nodes.clear();
      for (int i = 0; i < 8; ++i)
        out.nodes.push_back({forged_id(), new_address()});
    }
    return out;
  };
  lookup uut{cfg, seeds(3), now};
  run(uut);
  BOOST_TEST((found == closest(8)));
  BOOST_TEST(uut.counted().distrusted > 0u);
  BOOST_TEST(uut.counted().failed < 8u);
}

BOOST_AUTO_TEST_CASE(one_network_has_one_candidate_and_a_fitting_id_goes_before_others) {
  const auto victim = closest(1, fits).front();
  auto shadow = victim.at;
  shadow.port = 1;
  auto raw = to_bytes(victim.at.address.raw());
  raw[3] = 99;
  shadow.address = *ip_address::from_bytes(raw);
  answer = [&](const node_contact& who, const krpc::query&) -> std::optional<krpc::response> {
    if (who.id.is_zero())
      return std::nullopt;
    auto out = honest(who);
    if (asked.size() == 1) {
      out.nodes.assign(1, {forged_id(), shadow});
      out.nodes.push_back(victim);
    }
    return out;
  };
  lookup uut{cfg, seeds(3), now};
  run(uut);
  BOOST_TEST(was_asked(victim.at));
  BOOST_TEST(!was_asked(shadow));
}

BOOST_AUTO_TEST_CASE(ids_forged_around_the_target_do_not_keep_us_from_the_fitting_ones) {
  std::vector<node_contact> gang;
  for (int i = 0; i < 30; ++i)
    gang.push_back({forged_id(), new_address()});
  const auto honest_ones = closest(8, fits);
  nodes.insert(nodes.end(), gang.begin(), gang.end());
  answer = [&](const node_contact& who, const krpc::query&) {
    auto out = honest(who);
    const bool forged = std::find(gang.begin(), gang.end(), who) != gang.end();
    out.nodes = closest(8, [&](const node_contact& x) { return std::find(gang.begin(), gang.end(), x) != gang.end(); });
    if (!forged) // An honest node names what it knows: some of the gang, and honest ones.
      std::copy_n(honest_ones.begin(), 4, out.nodes.begin());
    return out;
  };
  const auto announced_to_honest = [&](bool also_fitting) {
    auto walk = cfg;
    walk.also_fitting = also_fitting;
    asked.clear();
    queries.clear();
    lookup uut{walk, seeds(8), now};
    uut.store(lookup::announcement{8080, false}, now);
    run(uut);
    std::size_t out = 0;
    for (std::size_t i = 0; i < asked.size(); ++i)
      if (std::holds_alternative<krpc::announce_peer>(queries[i]))
        out += std::find(honest_ones.begin(), honest_ones.end(), at(asked[i])) != honest_ones.end() ? 1 : 0;
    return out;
  };
  BOOST_TEST(announced_to_honest(false) == 0u);
  BOOST_TEST(announced_to_honest(true) >= 4u);
}

BOOST_AUTO_TEST_CASE(endless_new_names_do_not_keep_a_walk_going_for_ever) {
  // Every node names eight new ones, each nearer to the target than any before.
  std::size_t bits = 8;
  answer = [&](const node_contact& who, const krpc::query&) {
    krpc::response out;
    out.sender = who.id;
    for (int i = 0; i < 8; ++i) {
      auto id = random_id();
      std::copy_n(target.raw.begin(), std::min<std::size_t>(bits++ / 16, 19), id.raw.begin());
      nodes.push_back({id, new_address()});
      out.nodes.push_back(nodes.back());
    }
    return out;
  };
  lookup uut{cfg, seeds(1), now};
  run(uut);
  BOOST_TEST(asked.size() < 200u);
}

BOOST_AUTO_TEST_SUITE_END()
