// SPDX-License-Identifier: MIT
#include "tests/actors/gossip_nodes.hpp"

#include <algorithm>
#include <set>

namespace librats::test {

namespace {

/// Few members in a mesh, so that gossip about what others have goes around too.
void small_mesh(actors::node_options& x) {
  x.gossip.mesh.d_out = 1;
  x.gossip.mesh.d_low = 2;
  x.gossip.mesh.d = 3;
  x.gossip.mesh.d_high = 4;
}

/// Eight nodes, every two connected, all in two topics.
struct busy_nodes : gossip_nodes {
  busy_nodes() {
    for (int i = 0; i < 4; ++i)
      add(small_mesh);
    for (auto x = nodes.begin(); x != nodes.end(); ++x)
      for (auto y = std::next(x); y != nodes.end(); ++y)
        BOOST_TEST_REQUIRE(connect(*x, *y) == "");
    for (auto& one : nodes)
      for (const auto* name : {"news", "talk"})
        BOOST_TEST_REQUIRE(join(one, name, true) == "");
    run(5s);
    for (auto& one : nodes)
      one.heard->events.clear();
  }

  /// A, C and D publish to both topics, ten times in each of `seconds`; `hit` is done in between, each second.
  template <class Hit>
  void publish_for(int seconds, Hit hit) {
    for (int i = 0; i < seconds; ++i) {
      for (int k = 0; k < 10; ++k) {
        for (auto* one : {&a, &c, &d})
          for (const auto* name : {"news", "talk"}) {
            request<actors::published>(*one, one->node,
              actors::publish_to_topic{name, {byte_slice::copy_of(std::to_string(i) + "." + std::to_string(k))}});
          }
        if (k == 5)
          hit();
        run(100ms);
      }
    }
    run(10s);
  }

  void expect_no_line_twice() {
    for (auto& one : nodes)
      for (const auto& [name, all] : one.heard->topics) {
        std::set<std::string> unique;
        for (const auto& line : all)
          // By author and text, whoever brought it.
          BOOST_TEST(unique.insert(line.substr(0, 1) + line.substr(line.find(':'))).second,
            one.name << " heard twice on " << name << ": " << line);
      }
  }

  void expect_healthy() {
    for (auto& one : nodes) {
      one.heard->topics.clear();
      BOOST_TEST(one.heard->count("disconnected") == 0u);
    }
    for (const auto* name : {"news", "talk"}) {
      BOOST_TEST(publish(a, name, "to all") == "");
      BOOST_TEST(publish(b, name, "from B") == "");
    }
    run(3s);
    for (auto& one : nodes)
      for (const auto* name : {"news", "talk"}) {
        auto got = one.heard->topics[name];
        BOOST_TEST(got.size() == 2u, one.name << " has " << got.size() << " of 2 on " << name);
      }
    for (const auto* name : {"news", "talk"}) {
      const auto mine = topic(b, name);
      BOOST_TEST(mine.subscribers.size() == nodes.size() - 1);
      // Who has B in its mesh is in B's.
      for (auto& one : nodes) {
        if (one.id == b.id)
          continue;
        const auto theirs = topic(one, name).mesh;
        const auto has = [](const std::vector<peer_id>& x, const peer_id& id) {
          return std::find(x.begin(), x.end(), id) != x.end();
        };
        BOOST_TEST(has(theirs, b.id) == has(mine.mesh, one.id), one.name << " and B disagree about " << name);
      }
    }
  }

  quiet_log quiet;
  sim_node& a = add(small_mesh);
  sim_node& b = add(small_mesh);
  sim_node& c = add(small_mesh);
  sim_node& d = add(small_mesh);
};

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_restarts)

BOOST_FIXTURE_TEST_CASE(a_topic_that_crashes_under_load_returns_and_the_others_notice_nothing, busy_nodes) {
  int crashes = 0;
  publish_for(10, [&] {
    crash(b, "topic news");
    ++crashes;
  });
  BOOST_TEST(crashes == 10);
  const auto all = tree(b);
  const auto* hit = find_part(all, "topic news");
  BOOST_TEST_REQUIRE(hit != nullptr);
  BOOST_TEST(hit->restarts == 10u);
  BOOST_TEST(find_part(all, "topic talk")->restarts == 0u);
  BOOST_TEST(find_part(all, "gossip_router")->restarts == 0u);
  expect_no_line_twice();
  for (auto& one : nodes)
    BOOST_TEST(one.heard->topics["talk"].size() == 300u, one.name << " missed something on the other topic");
  // Of the topic itself some may be lost in the milliseconds of a restart, at B and behind it.
  BOOST_TEST(b.heard->topics["news"].size() >= 290u);
  BOOST_TEST(c.heard->topics["news"].size() >= 290u);
  // Nobody has heard of it.
  for (auto& one : nodes)
    BOOST_TEST((one.heard->count("A joined") + one.heard->count("B left")) == 0u);
  expect_healthy();
}

BOOST_FIXTURE_TEST_CASE(the_router_crashes_under_load_and_everything_returns, busy_nodes) {
  int crashes = 0;
  publish_for(20, [&] {
    if (++crashes % 4 == 0)
      crash(b, "gossip_router");
  });
  const auto all = tree(b);
  BOOST_TEST_REQUIRE(find_part(all, "gossip_router") != nullptr);
  BOOST_TEST(find_part(all, "gossip_router")->restarts == 5u);
  expect_no_line_twice();
  for (const auto* name : {"news", "talk"})
    BOOST_TEST(c.heard->topics[name].size() >= 590u);
  for (auto& one : nodes)
    BOOST_TEST((one.heard->count("A joined") + one.heard->count("A left")) == 0u);
  expect_healthy();
}

BOOST_FIXTURE_TEST_CASE(a_validator_crashes_under_load_and_another_one_takes_over, busy_nodes) {
  auto [handle, its] = add_validator(*this, b);
  tell(b, actors::set_topic_validator{"news", handle, nullptr});
  run(1ms);
  std::size_t asked = 0;
  publish_for(6, [&, handle = handle, its = its]() mutable {
    asked += its->asked.size();
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    run(1ms);
    std::tie(handle, its) = add_validator(*this, b);
    tell(b, actors::set_topic_validator{"news", handle, nullptr});
  });
  BOOST_TEST(asked > 100u);
  expect_no_line_twice();
  BOOST_TEST(b.heard->topics["talk"].size() == 180u);
  BOOST_TEST(b.heard->topics["news"].size() >= 150u);
  tell(b, actors::set_topic_validator{"news", nullptr, nullptr});
  run(1ms);
  expect_healthy();
}

BOOST_FIXTURE_TEST_CASE(publications_and_questions_wait_for_a_topic_that_restarts, busy_nodes) {
  crash(b, "topic news");
  world.settle(); // What a crash finds in the mailbox is answered with an error.
  const auto first = request<actors::published>(b, b.node,
    actors::publish_to_topic{"news", {byte_slice::copy_of(std::string_view{"in between"})}});
  BOOST_TEST(await(first));
  BOOST_TEST(first->error == "");
  run(3s);
  for (auto& one : nodes)
    BOOST_TEST(one.heard->topics["news"].size() == 1u, one.name << " missed it");
}

BOOST_FIXTURE_TEST_CASE(a_node_that_stops_answers_what_waits, busy_nodes) {
  const auto waiting = request<actors::topic_has_room>(b, b.node, actors::await_topic_room{"news"});
  BOOST_TEST(await(waiting));
  stop(b);
  BOOST_TEST(b.end->has_value());
  BOOST_TEST(join(b, "more") != "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
