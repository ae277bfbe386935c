// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

#include <algorithm>

namespace librats::test {

namespace {

using lines = std::vector<std::string>;

const std::vector<std::string> permanent_parts{"io_broker-0", "peer_directory", "connection_supervisor",
  "typed_messaging", "liveness", "datagram_mux", "gossip_router", "transfers"};

void collect_idle(const runtime::tree_node& x, lines& out) {
  if (x.state != "running")
    out.push_back(x.name + " is " + x.state);
  for (const auto& one : x.children)
    collect_idle(one, out);
}

/// A in the middle, B dialed by it, C dialing it.
struct star : sim_nodes {
  star() {
    for (auto* one : {&a, &b, &c})
      BOOST_TEST_REQUIRE(handle_channel(*one, "chat") == "");
    tell(a, actors::register_typed{"move", a.watcher});
    BOOST_TEST_REQUIRE(connect(a, b) == "");
    BOOST_TEST_REQUIRE(connect(c, a) == "");
  }

  /// Everything that must work whatever happened to the parts of A.
  void expect_healthy(const lines& hit = {}) {
    const auto all = tree(a);
    lines idle;
    collect_idle(all, idle);
    BOOST_TEST(idle == lines{});
    BOOST_TEST(all.children.size() == permanent_parts.size());
    for (const auto& one : all.children) {
      const auto times = static_cast<std::uint32_t>(std::count(hit.begin(), hit.end(), one.name));
      BOOST_TEST(one.restarts == times, one.name << " was restarted " << one.restarts << " times");
    }
    const auto now = status(a);
    BOOST_TEST((now.listening && now.listening->port == sim_node::port));
    for (auto* one : {&a, &b, &c})
      one->heard->frames.clear();
    broadcast(a, "chat", "to all");
    send(b, a, "chat", "from B");
    send(c, a, "chat", "from C");
    run(1s);
    send_typed(b, a, "move", "1");
    run(1s);
    BOOST_TEST(b.heard->frames == lines{"A chat: to all"});
    BOOST_TEST(c.heard->frames == lines{"A chat: to all"});
    auto& mine = a.heard->frames;
    std::sort(mine.begin(), mine.end());
    const lines expected{"B chat: from B", "B typed move: 1", "C chat: from C"};
    BOOST_TEST(mine == expected);
    // Newcomers, from both sides, with everything that was registered before.
    auto& in = add();
    auto& out = add();
    BOOST_TEST(connect(in, a) == "");
    BOOST_TEST(connect(a, out) == "");
    BOOST_TEST(a.heard->count("connected " + in.name) == 1u);
    BOOST_TEST(a.heard->count("identified " + out.name) == 1u);
    send(in, a, "chat", "from a newcomer");
    send_typed(out, a, "move", "2");
    run(1s);
    BOOST_TEST(a.heard->frame_count >= 5u);
    BOOST_TEST(a.heard->frames.size() == 5u);
    BOOST_TEST(peers(a).size() == static_cast<std::size_t>(status(a).peers));
  }

  void expect_undisturbed() {
    for (auto* one : {&b, &c}) {
      BOOST_TEST(one->heard->count("connected A") == 1u);
      BOOST_TEST(one->heard->count("disconnected") == 0u);
      BOOST_TEST(one->heard->count("link changed") == 0u);
    }
    BOOST_TEST(a.heard->count("disconnected") == 0u);
    BOOST_TEST(a.heard->count("link changed") == 0u);
  }

  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
  sim_node& c = add(over_tcp);
};

} // namespace

BOOST_AUTO_TEST_SUITE(supervision)

BOOST_AUTO_TEST_CASE(any_part_may_crash_and_no_peer_notices) {
  for (const auto& part : permanent_parts) {
    BOOST_TEST_CONTEXT(part) {
      star net;
      net.crash(net.a, part);
      net.run(5s);
      net.expect_undisturbed();
      net.expect_healthy({part});
    }
  }
}

BOOST_AUTO_TEST_CASE(any_part_may_be_killed_and_no_peer_notices) {
  for (const auto& part : permanent_parts) {
    BOOST_TEST_CONTEXT(part) {
      star net;
      net.kill(net.a, part);
      net.run(5s);
      net.expect_undisturbed();
      net.expect_healthy({part});
    }
  }
}

BOOST_AUTO_TEST_CASE(any_two_parts_may_crash_at_the_same_time) {
  for (const auto& first : permanent_parts) {
    for (const auto& second : permanent_parts) {
      if (first == second)
        continue;
      BOOST_TEST_CONTEXT(first << " and " << second) {
        star net;
        const auto victims = std::pair{net.part(net.a, first), net.part(net.a, second)};
        caf::anon_send(victims.first, runtime::inject_crash{"first"});
        caf::anon_send(victims.second, runtime::inject_crash{"second"});
        net.run(5s);
        net.expect_undisturbed();
        net.expect_healthy({first, second});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(all_parts_may_crash_one_after_another) {
  star net;
  for (const auto& part : permanent_parts) {
    net.crash(net.a, part);
    net.run(5s);
  }
  net.expect_undisturbed();
  net.expect_healthy(permanent_parts);
}

BOOST_AUTO_TEST_CASE(all_parts_may_crash_at_once) {
  star net;
  std::vector<caf::actor> victims;
  for (const auto& part : permanent_parts)
    victims.push_back(net.part(net.a, part));
  for (const auto& one : victims)
    caf::anon_send(one, runtime::inject_crash{"all at once"});
  net.run(5s);
  net.expect_undisturbed();
  net.expect_healthy(permanent_parts);
}

BOOST_AUTO_TEST_CASE(a_link_that_crashes_takes_only_its_own_peer_along) {
  for (const bool by_exception : {true, false}) {
    BOOST_TEST_CONTEXT((by_exception ? "crashed" : "killed")) {
      star net;
      const auto link = net.a.heard->links.at(net.b.id).front().link;
      if (by_exception)
        caf::anon_send(link, runtime::inject_crash{"crashed by the test"});
      else
        caf::anon_send_exit(link, caf::exit_reason::kill);
      net.run(5s);
      BOOST_TEST(net.b.heard->count("disconnected A") == 1u);
      BOOST_TEST(net.c.heard->count("disconnected A") == 0u);
      BOOST_TEST(net.a.heard->count(by_exception ? "disconnected B: crashed by the test"
                                                 : "disconnected B: it was killed") == 1u);
      BOOST_TEST(net.connect(net.a, net.b) == "");
      net.expect_healthy();
    }
  }
}

BOOST_AUTO_TEST_CASE(a_dialer_that_crashes_fails_its_dial) {
  for (const bool by_exception : {true, false}) {
    star net;
    const auto reply = net.dial(net.a, "10.0.0.99");
    net.run(1s);
    if (by_exception)
      net.crash(net.a, "dialer");
    else
      net.kill(net.a, "dialer");
    net.run(100ms);
    BOOST_TEST_REQUIRE(reply->done);
    BOOST_TEST(reply->error == (by_exception ? "crashed by the test" : "it was killed"));
    net.run(30s);
    net.expect_undisturbed();
    net.expect_healthy();
  }
}

BOOST_AUTO_TEST_CASE(a_part_that_crashes_during_a_handshake_does_not_spoil_it) {
  // At every step of connecting: the request, the TCP handshake, the Noise handshake, the verdict, identify.
  for (const auto& part : {"peer_directory", "io_broker-0", "connection_supervisor"}) {
    for (auto when = 0ms; when <= 60ms; when += 5ms) {
      BOOST_TEST_CONTEXT(part << " after " << when.count() << " ms") {
        star net;
        auto& d = net.add(over_tcp);
        BOOST_TEST_REQUIRE(net.handle_channel(d, "chat") == "");
        net.run(1s);
        const auto victim = net.part(net.a, part);
        const auto reply = net.dial(d, net.a);  // A is the one that is called.
        net.run(when);
        caf::anon_send(victim, runtime::inject_crash{"in the middle"});
        net.run(20s);
        BOOST_TEST_REQUIRE(reply->done);
        if (reply->value) {
          BOOST_TEST(net.peer_names(d) == "A");
          BOOST_TEST(net.peer_names(net.a) == "B C D");
          BOOST_TEST(d.heard->count("disconnected") == 0u);
          BOOST_TEST(net.a.heard->count("connected D") == 1u);
        } else {
          BOOST_TEST(net.peer_names(d) == "");
          BOOST_TEST(net.peer_names(net.a) == "B C");
        }
        net.expect_undisturbed();
        if (!reply->value)
          BOOST_TEST(net.connect(d, net.a) == "");
        net.expect_healthy({part});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_part_of_the_dialer_that_crashes_leaves_no_dial_without_an_answer) {
  for (const auto& part : {"peer_directory", "io_broker-0", "connection_supervisor"}) {
    for (auto when = 0ms; when <= 60ms; when += 5ms) {
      BOOST_TEST_CONTEXT(part << " after " << when.count() << " ms") {
        star net;
        auto& d = net.add(over_tcp);
        net.run(1s);
        const auto victim = net.part(net.a, part);
        const auto reply = net.dial(net.a, d);
        net.run(when);
        caf::anon_send(victim, runtime::inject_crash{"in the middle"});
        net.run(20s);
        BOOST_TEST_REQUIRE(reply->done);
        // Whatever the answer, the two ends agree.
        const bool connected = net.peer_names(net.a) == "B C D";
        BOOST_TEST(net.peer_names(d) == (connected ? "A" : ""));
        BOOST_TEST((connected || !reply->value));
        net.expect_undisturbed();
        BOOST_TEST(net.connect(net.a, d) == "");
        net.expect_healthy({part});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_dial_after_a_restart_is_never_answered_with_the_peer_of_an_older_one) {
  star net;
  auto& slow = net.add();
  auto& other = net.add();
  runtime::link_profile far;
  far.latency = 300ms;
  net.world.set_link(net.a.host, slow.host, far);
  net.world.set_link(slow.host, net.a.host, far);
  // As many dials as the first incarnation had, so that the numbers would meet.
  const auto first = net.dial(net.a, slow);
  net.run(700ms);  // The stream is open and the handshake under way.
  net.crash(net.a, "connection_supervisor");
  net.run(20ms);
  std::vector<answer_ptr<actors::connected_to>> later;
  for (int i = 0; i < 4; ++i)
    later.push_back(net.dial(net.a, "10.0.0.99"));
  later.push_back(net.dial(net.a, other));
  net.run(60s);
  BOOST_TEST_REQUIRE(first->done);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(later[static_cast<std::size_t>(i)]->error == "no answer from 10.0.0.99 port 4000 in time");
  BOOST_TEST_REQUIRE(later.back()->value.has_value());
  BOOST_TEST((later.back()->value->id == other.id));
}

BOOST_AUTO_TEST_CASE(a_crash_of_the_supervisor_answers_the_dials_that_it_had) {
  star net;
  const auto reply = net.dial(net.a, "10.0.0.99");
  net.run(1s);
  net.crash(net.a, "connection_supervisor");
  net.run(1s);
  BOOST_TEST_REQUIRE(reply->done);
  BOOST_TEST(reply->error != "");
  net.run(30s);
  net.expect_undisturbed();
  net.expect_healthy({"connection_supervisor"});
}

BOOST_AUTO_TEST_CASE(a_link_that_ends_while_the_directory_is_down_is_noticed) {
  star net;
  net.crash(net.a, "peer_directory");
  net.stop(net.b);
  net.run(10s);
  BOOST_TEST(net.a.heard->count("disconnected B") == 1u);
  BOOST_TEST(net.a.heard->count("disconnected C") == 0u);
  BOOST_TEST(net.peer_names(net.a) == "C");
  BOOST_TEST(net.status(net.a).peers == 1u);
}

BOOST_AUTO_TEST_CASE(survivors_of_a_supervisor_end_with_the_node) {
  star net;
  net.crash(net.a, "connection_supervisor");
  net.run(5s);
  net.stop(net.a);
  net.run(5s);
  BOOST_TEST(net.b.heard->count("disconnected A") == 1u);
  BOOST_TEST(net.c.heard->count("disconnected A") == 1u);
}

BOOST_AUTO_TEST_CASE(a_killed_node_takes_everything_along) {
  star net;
  caf::anon_send_exit(net.a.node, caf::exit_reason::kill);
  net.run(5s);
  BOOST_TEST(net.b.heard->count("disconnected A") == 1u);
  BOOST_TEST(net.c.heard->count("disconnected A") == 1u);
  BOOST_TEST(net.connect(net.b, net.a) == "cannot connect to 10.0.0.1:4000 over UDP: Connection refused");
}

BOOST_AUTO_TEST_CASE(a_part_that_never_heals_ends_the_node_with_a_reason) {
  star net;
  std::size_t crashes = 0;
  while (!net.a.end->has_value() && crashes < 50) {
    if (const auto victim = net.part(net.a, "typed_messaging")) {
      caf::anon_send(victim, runtime::inject_crash{"again"});
      ++crashes;
    }
    net.run(100ms);
  }
  BOOST_TEST(crashes == runtime::restart_limits{}.restarts_max + 1);
  BOOST_TEST_REQUIRE(net.a.end->has_value());
  BOOST_TEST(runtime::describe_error(**net.a.end) == "restart budget spent on typed_messaging");
  net.run(5s);
  BOOST_TEST(net.b.heard->count("disconnected A") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
