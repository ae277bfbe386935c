// SPDX-License-Identifier: MIT
#include "runtime/io/io_broker.hpp"

#include "tests/runtime/sim/sim_fixture.hpp"
#include "tests/runtime/support/broker_client.hpp"
#include "tests/runtime/support/ending.hpp"

#include <caf/exit_reason.hpp>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct broker_fixture : sim_fixture {
  struct side {
    explicit side(sim_host& x)
      : host(x), broker(spawn_pinned<io_broker>(x.system(), x.loop(0))),
        client(spawn_pinned<broker_client>(x.system(), x.loop(0), broker)) {
      host.own(broker);
      host.own(client);
    }
    broker_client& operator*() const { return behind<broker_client>(client); }
    broker_client* operator->() const { return &behind<broker_client>(client); }

    sim_host& host;
    caf::actor broker;
    caf::actor client;
  };

  side left{a};
  side right{b};

  static void run(const side& on, std::function<void(broker_client&)> what) { inside<broker_client>(on.client, what); }

  void listen(const side& on, const open_listener& request) {
    run(on, [request](broker_client& x) { x.listen(request); });
    world.settle();
  }
  static open_listener at_port(std::uint16_t wanted, std::uint16_t attempts = 5) {
    open_listener out;
    out.options.local = {ip_address::v6_any(), wanted};
    out.port_attempts = attempts;
    return out;
  }
  void dial(const side& from, const endpoint& to, duration timeout = 15s, std::uint64_t id = 1) {
    run(from, [=](broker_client& x) { x.dial({id, to, timeout}); });
    world.settle();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(io_broker_tests, broker_fixture)

BOOST_AUTO_TEST_CASE(listening_on_port_0_tells_the_port) {
  listen(right, at_port(0));
  BOOST_REQUIRE(right->opened.has_value());
  BOOST_TEST(right->opened->port != 0);
}

BOOST_AUTO_TEST_CASE(a_dialed_stream_and_its_accepted_end_wait_to_be_claimed) {
  listen(right, at_port(port));
  dial(left, {b.address(), port});
  world.run_for(1s);
  BOOST_REQUIRE(left->dialed.size() == 1u);
  BOOST_REQUIRE(right->accepted.size() == 1u);
  BOOST_TEST((left->dialed[0].remote == endpoint{b.address(), port}));
  BOOST_TEST((right->accepted[0].remote.address == a.address()));
  BOOST_TEST((left->dialed[0].kind == transport::tcp));
  dialer.own(a.loop(0)->streams().claim(left->dialed[0].stream.id));
  listener.own(b.loop(0)->streams().claim(right->accepted[0].stream.id));
  dialer.mine->write(pattern(100));
  world.run_for(1min);
  BOOST_TEST((listener.received == pattern(100)));
  BOOST_TEST(!dialer.closed.has_value());  // A claimed stream is nobody's business any more.
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_followed_by_the_next_free_one) {
  door first{b, {ip_address{}, port}};
  door second{b, {ip_address{}, port + 1}};
  listen(right, at_port(port));
  BOOST_REQUIRE(right->opened.has_value());
  BOOST_TEST(right->opened->port == port + 2);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_a_sentence_that_says_what_to_do) {
  door first{b, {ip_address{}, port}};
  listen(right, at_port(port, 1));
  BOOST_TEST(!right->opened.has_value());
  BOOST_TEST(right->why == "cannot listen on [::]:7000: Address already in use; choose another listen_port or stop the "
                           "program that holds it");
}

BOOST_AUTO_TEST_CASE(ports_in_use_are_counted_in_the_sentence) {
  std::vector<std::unique_ptr<door>> doors;
  for (std::uint16_t i = 0; i < 3; ++i)
    doors.push_back(std::make_unique<door>(b, endpoint{ip_address{}, static_cast<std::uint16_t>(port + i)}));
  listen(right, at_port(port, 3));
  BOOST_TEST(right->why.find("the next 2 ports are taken too") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(attempts_end_at_the_last_port) {
  door last{b, {ip_address{}, 65535}};
  listen(right, at_port(65535, 5));
  BOOST_TEST(!right->opened.has_value());
  BOOST_TEST(right->why.find("Address already in use") != std::string::npos);
  BOOST_TEST(right->why.find("the next") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_foreign_bind_address_is_a_sentence_that_says_so) {
  auto request = at_port(port);
  request.options.local.address = a.address();
  listen(right, request);
  BOOST_TEST(right->why.find("bind_address is not an address of this machine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(listening_again_closes_the_former_port) {
  listen(right, at_port(port));
  listen(right, at_port(port + 10));
  dial(left, {b.address(), port});
  world.run_for(1s);
  BOOST_TEST(left->why == std::make_error_code(std::errc::connection_refused).message());
}

BOOST_AUTO_TEST_CASE(a_refused_dial_is_answered_with_its_cause) {
  dial(left, {b.address(), port});
  world.run_for(1s);
  BOOST_TEST(left->why == std::make_error_code(std::errc::connection_refused).message());
}

BOOST_AUTO_TEST_CASE(a_dial_without_an_answer_ends_exactly_at_its_deadline) {
  dial(left, {ip_address::v4(10, 9, 9, 9), port}, 3s, 1);
  dial(left, {ip_address::v4(10, 9, 9, 9), port}, 2s, 2);
  dial(left, {ip_address::v4(10, 9, 9, 9), port}, 4s, 3);
  world.run_for(2s - 1ns);
  BOOST_TEST(left->failed.empty());
  world.run_for(1ns);
  BOOST_TEST((left->failed == std::vector<std::uint64_t>{2}));
  BOOST_TEST(left->why == "no answer in time");
  world.run_for(1s);
  BOOST_TEST((left->failed == std::vector<std::uint64_t>{2, 1}));
  world.run_for(1s);
  BOOST_TEST((left->failed == std::vector<std::uint64_t>{2, 1, 3}));
}

BOOST_AUTO_TEST_CASE(a_cancelled_dial_is_answered_at_once_and_others_go_on) {
  listen(right, at_port(port));
  dial(left, {b.address(), port}, 15s, 1);
  dial(left, {b.address(), port}, 15s, 2);
  run(left, [](broker_client& x) { x.tell(x.broker, cancel_dial{1}); });
  world.settle();
  BOOST_TEST((left->failed == std::vector<std::uint64_t>{1}));
  BOOST_TEST(left->why == "the dial was cancelled");
  world.run_for(1s);
  BOOST_TEST(left->dialed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(nobody_cancels_the_dials_of_others) {
  const auto other = spawn_pinned<broker_client>(a.system(), a.loop(0), left.broker);
  a.own(other);
  listen(right, at_port(port));
  dial(left, {b.address(), port}, 15s, 1);
  inside<broker_client>(other, [](broker_client& x) { x.tell(x.broker, cancel_dial{1}); });
  run(left, [](broker_client& x) { x.tell(x.broker, cancel_dial{99}); });
  world.run_for(1s);
  BOOST_TEST(left->dialed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_nobody_claims_is_closed_after_five_seconds) {
  listen(right, at_port(port));
  caller call{a, {b.address(), port}};
  world.run_for(20ms);
  BOOST_REQUIRE(call.outgoing);
  dialer.own(std::move(call.outgoing));
  world.run_for(5s - 1ns);  // It waits since the 10th millisecond; the news takes 10 more.
  BOOST_TEST(!dialer.closed.has_value());
  BOOST_TEST(b.loop(0)->streams().size() == 0u);
  world.run_for(1ns);
  BOOST_TEST(dialer.closed.has_value());
}

BOOST_AUTO_TEST_CASE(each_unclaimed_stream_has_five_seconds_of_its_own) {
  listen(right, at_port(port));
  caller first{a, {b.address(), port}};
  world.run_for(3s);
  caller second{a, {b.address(), port}};
  world.run_for(2s + 10ms);
  BOOST_TEST(b.loop(0)->streams().size() == 1u);
  world.run_for(3s - 1ns);
  BOOST_TEST(b.loop(0)->streams().size() == 1u);
  world.run_for(1ns);
  BOOST_TEST(b.loop(0)->streams().size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_dropped_stream_is_closed_at_once) {
  listen(right, at_port(port));
  dial(left, {b.address(), port});
  world.run_for(1s);
  BOOST_REQUIRE(left->dialed.size() == 1u);
  run(left, [](broker_client& x) { x.tell(x.broker, drop_stream{x.dialed[0].stream}); });
  world.settle();
  BOOST_TEST(a.loop(0)->streams().size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_new_broker_minds_the_streams_that_the_former_one_left) {
  listen(right, at_port(port));
  caller call{a, {b.address(), port}};
  world.run_for(1s);
  BOOST_TEST(b.loop(0)->streams().size() == 1u);
  caf::anon_send(right.broker, inject_crash{"planted"});
  world.settle();
  const auto next = spawn_pinned<io_broker>(b.system(), b.loop(0));
  b.own(next);
  world.settle();
  BOOST_TEST(b.loop(0)->streams().size() == 1u);  // Its owner may be on the way.
  caller late{a, {b.address(), port}};
  world.run_for(5s);
  BOOST_TEST(b.loop(0)->streams().size() == 0u);
  BOOST_TEST((late.why == std::errc::connection_refused));
}

BOOST_AUTO_TEST_CASE(a_broker_that_starts_leaves_the_streams_of_others_on_its_loop) {
  listen(right, at_port(port));
  dial(left, {b.address(), port});
  world.run_for(1s);
  BOOST_REQUIRE(left->dialed.size() == 1u);
  b.own(spawn_pinned<io_broker>(b.system(), b.loop(0)));
  a.own(spawn_pinned<io_broker>(a.system(), a.loop(0)));
  world.settle();
  BOOST_TEST((a.loop(0)->streams().claim(left->dialed[0].stream.id) != nullptr));
  BOOST_TEST(b.loop(0)->streams().size() == 1u);
}

BOOST_AUTO_TEST_CASE(names_are_resolved_or_refused_with_a_sentence) {
  b.set_name("seed.example");
  run(left, [](broker_client& x) {
    x.resolve("seed.example");
    x.resolve("nobody.example");
  });
  world.run_for(1s);
  BOOST_REQUIRE(left->addresses.size() == 1u);
  BOOST_TEST((left->addresses[0] == b.address()));
  BOOST_TEST(left->why.find("cannot resolve nobody.example: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_dead_broker_answers_no_dial) {
  caf::anon_send_exit(left.broker, caf::exit_reason::kill);
  world.settle();
  dial(left, {b.address(), port});
  BOOST_TEST(left->failed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_dial_under_way_fails_when_its_broker_crashes) {
  listen(right, at_port(port));
  dial(left, {b.address(), port});
  caf::anon_send(left.broker, inject_crash{"planted"});
  world.run_for(1min);
  BOOST_TEST(left->failed.size() + left->dialed.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
