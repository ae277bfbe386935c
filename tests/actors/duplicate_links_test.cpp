// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

#include <algorithm>

namespace librats::test {

namespace {

struct planned_dial {
  bool from_a = true;
  duration when{};
};

using plan = std::vector<planned_dial>;

duration draw(runtime::sim_random& random, duration below) {
  return duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(below.count())))};
}

std::size_t link_count(sim_nodes& net, sim_node& x) {
  const auto all = net.tree(x);
  const auto* links = find_part(all, "connection_supervisor");
  return links != nullptr ? links->children.size() : 0;
}

/// Two nodes whose paths are as uneven as the seed wants them, and what must hold after any number of dials.
class duplicate_trial : public sim_nodes {
public:
  explicit duplicate_trial(std::uint64_t seed) : sim_nodes({seed, {}, true}), random_(seed) {
    for (auto [from, to] : {std::pair{&a.host, &b.host}, std::pair{&b.host, &a.host}}) {
      runtime::link_profile path;
      path.latency = 1ms + draw(random_, 40ms);
      path.jitter = draw(random_, 40ms) + 1ns;
      path.loss = random_.below(4) == 0 ? 0.05 : 0.0;
      world.set_link(*from, *to, path);
    }
    handle_channel(a, "chat");
    handle_channel(b, "chat");
  }

  runtime::sim_random& random() { return random_; }

  /// What went wrong; empty when nothing did.
  std::string run_plan(const plan& dials) {
    std::vector<answer_ptr<actors::connected_to>> replies;
    for (const auto& one : dials)
      world.at(world.now() + one.when, [this, &replies, from_a = one.from_a] {
        replies.push_back(from_a ? dial(a, b) : dial(b, a));
      });
    run(20s);
    for (const auto& one : replies)
      if (!one->value)
        return "a dial failed: " + one->error;
    return verdict();
  }

  std::string verdict() {
    for (auto* one : {&a, &b})
      if (one->heard->count("connected") != 1 || one->heard->count("disconnected") != 0)
        return one->name + " saw: " + joined(one->heard->events);
    const auto at_a = peers(a);
    const auto at_b = peers(b);
    if (at_a.size() != 1 || at_b.size() != 1)
      return "not exactly one peer at both ends";
    if (at_a[0].link.handshake_hash != at_b[0].link.handshake_hash)
      return "the ends kept different links";
    if (link_count(*this, a) != 1 || link_count(*this, b) != 1)
      return "a link was left over";
    send(a, b, "chat", "ping");
    send(b, a, "chat", "pong");
    run(2s);
    if (b.heard->frames != std::vector<std::string>{"A chat: ping"}
        || a.heard->frames != std::vector<std::string>{"B chat: pong"})
      return "frames do not flow";
    return {};
  }

  sim_node& a = add();
  sim_node& b = add();

private:
  static std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all)
      out += one + "; ";
    return out;
  }

  runtime::sim_random random_;
};

/// Runs a plan for many seeds and names those that fail.
void try_seeds(std::uint64_t count, const std::function<plan(runtime::sim_random&)>& make_plan) {
  std::size_t failures = 0;
  for (std::uint64_t seed = 1; seed <= count && failures < 5; ++seed) {
    duplicate_trial trial{seed};
    const auto why = trial.run_plan(make_plan(trial.random()));
    failures += why.empty() ? 0 : 1;
    BOOST_TEST(why == "", "seed " << seed << ": " << why);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(duplicate_links)

BOOST_AUTO_TEST_CASE(dials_from_both_ends_at_once_leave_one_link) {
  try_seeds(1000, [](auto& random) { return plan{{true, 0ms}, {false, draw(random, 60ms)}}; });
}

BOOST_AUTO_TEST_CASE(three_dials_at_once_leave_one_link) {
  try_seeds(500, [](auto& random) {
    return plan{{true, 0ms}, {false, draw(random, 60ms)}, {true, draw(random, 60ms)}};
  });
}

BOOST_AUTO_TEST_CASE(two_dials_from_the_same_end_at_once_leave_one_link) {
  try_seeds(500, [](auto& random) { return plan{{true, 0ms}, {true, draw(random, 30ms)}}; });
  try_seeds(100, [](auto& random) { return plan{{false, 0ms}, {false, draw(random, 30ms)}}; });
}

BOOST_AUTO_TEST_CASE(six_dials_at_once_leave_one_link) {
  try_seeds(200, [](auto& random) {
    plan out;
    for (int i = 0; i < 6; ++i)
      out.push_back({random.below(2) == 0, draw(random, 80ms)});
    return out;
  });
}

BOOST_AUTO_TEST_CASE(a_later_dial_by_the_same_end_takes_over) {
  for (const bool from_a : {true, false}) {
    duplicate_trial trial{77};
    BOOST_TEST(trial.run_plan({{from_a, 0ms}, {from_a, 5s}}) == "");
    BOOST_TEST(trial.a.heard->count("link changed B") == 1u);
    BOOST_TEST(trial.b.heard->count("link changed A") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_later_dial_by_the_other_end_follows_the_rule) {
  // The node with the smaller id keeps what it dialed, whichever came first.
  for (const bool first_from_a : {true, false}) {
    duplicate_trial trial{78};
    BOOST_TEST(trial.run_plan({{first_from_a, 0ms}, {!first_from_a, 5s}}) == "");
    const bool a_is_smaller = trial.a.id < trial.b.id;
    const auto role = trial.peers(trial.a)[0].link.role;
    BOOST_TEST((role == (a_is_smaller ? protocols::role::initiator : protocols::role::responder)));
    BOOST_TEST(trial.a.heard->count("link changed") == (first_from_a == a_is_smaller ? 0u : 1u));
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_came_back_replaces_its_dead_link) {
  // A loses its power, starts again with the same key and dials while B still believes in the old link.
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add([](auto& x) { x.liveness = false; });  // A ping would find out.
  BOOST_TEST_REQUIRE(net.handle_channel(b, "chat") == "");
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  a.host.power_off();
  net.run(3s);
  auto& again = net.add_on(a.host, 0);
  BOOST_TEST_REQUIRE(net.connect(again, b) == "");
  net.run(2min);
  BOOST_TEST(b.heard->count("connected A") == 1u);
  BOOST_TEST(b.heard->count("link changed A") == 1u);
  BOOST_TEST(b.heard->count("disconnected A") == 0u);
  net.send(again, b, "chat", "back again");
  net.send(b, again, "chat", "nobody handles it");
  net.run(1s);
  BOOST_TEST(b.heard->frames.size() == 1u);
}

BOOST_AUTO_TEST_CASE(frames_that_are_under_way_on_the_losing_link_are_delivered) {
  duplicate_trial trial{79};
  BOOST_TEST_REQUIRE(trial.connect(trial.a, trial.b) == "");
  for (int i = 0; i < 50; ++i)
    trial.send(trial.a, trial.b, "chat", std::to_string(i));
  BOOST_TEST_REQUIRE(trial.await(trial.dial(trial.a, trial.b)));
  trial.run(5s);
  BOOST_TEST(trial.b.heard->frame_count == 50u);
  BOOST_TEST(trial.b.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
