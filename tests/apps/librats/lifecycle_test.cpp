// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <thread>

namespace librats::test {

using nlohmann::json;

BOOST_AUTO_TEST_SUITE(lifecycle)

BOOST_AUTO_TEST_CASE(a_client_has_an_id_before_it_starts) {
  RatsClient client{0};
  const auto id = client.get_our_peer_id();
  BOOST_TEST(id.size() == 64u);
  BOOST_TEST(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  BOOST_TEST(!client.is_running());
  BOOST_TEST(client.get_peer_count() == 0);
  BOOST_TEST(client.get_max_peers() == 10);
  BOOST_TEST(client.get_bind_address().empty());
  BOOST_REQUIRE(client.start());
  BOOST_TEST(client.get_our_peer_id() == id);
  BOOST_TEST(RatsClient{0}.get_our_peer_id() != id);
}

BOOST_AUTO_TEST_CASE(starting_and_stopping_twice_is_starting_and_stopping_once) {
  RatsClient client{0, 10, "127.0.0.1"};
  client.stop();
  BOOST_TEST(client.start());
  BOOST_TEST(client.start());
  BOOST_TEST(client.is_running());
  BOOST_TEST(client.get_listen_port() > 0);
  client.stop();
  client.stop();
  BOOST_TEST(!client.is_running());
  BOOST_TEST(client.get_listen_port() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_client_can_start_again, connected_pair) {
  inbox<std::string> got;
  b.client.on("m", [&](const std::string&, const json& data) { got.push(data.get<std::string>()); });
  b.client.stop();
  a.left.pop();
  BOOST_TEST((b.left.pop() == at_b));
  BOOST_TEST(b.client.get_peer_count() == 0);
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(a.came.pop().second == at_a.second);  // It is still the same.
  b.came.pop();
  a.client.send("m", "again");
  BOOST_TEST(got.pop() == "again");
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_not_replaced_by_another_one) {
  observed_client first;
  BOOST_REQUIRE(first.client.start());
  RatsClient second{first.client.get_listen_port(), 10, "127.0.0.1"};
  BOOST_TEST(!second.start());
  BOOST_TEST(!second.is_running());
  first.client.stop();
  BOOST_TEST(second.start());  // Now it is free.
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_arguments_shows_at_the_start) {
  for (const int port : {-1, 65536, 1 << 20}) {
    RatsClient client{port};
    BOOST_TEST(!client.start());
  }
  RatsClient client{0, 10, "not an address"};
  BOOST_TEST(!client.start());
  BOOST_TEST(client.get_bind_address() == "not an address");
  RatsClient unlimited{0, 0, NatTraversalConfig{}, "127.0.0.1"};
  BOOST_TEST(unlimited.start());
  BOOST_TEST(!unlimited.is_peer_limit_reached());
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_stop_its_client, client_pair) {
  inbox<bool> stopped;
  b.client.on("stop", [&](const std::string&, const json&) {
    b.client.stop();
    stopped.push(b.client.is_running());
  });
  connect();
  a.client.send("stop", nullptr);
  BOOST_TEST(!stopped.pop());
  BOOST_TEST((a.left.pop() == at_a));
  BOOST_TEST((b.left.pop() == at_b));  // After the callback that stopped it.
  BOOST_TEST(b.client.start());
}

BOOST_FIXTURE_TEST_CASE(nothing_is_delivered_after_a_stop, connected_pair) {
  std::promise<void> entered;
  std::promise<void> leave;
  inbox<int> got;
  b.client.on("n", [&](const std::string&, const json& data) {
    got.push(data.get<int>());
    if (data == 0) {
      entered.set_value();
      leave.get_future().wait_for(deadline);
    }
  });
  for (int i = 0; i < 100; ++i)
    a.client.send("n", i);
  BOOST_REQUIRE(entered.get_future().wait_for(deadline) == std::future_status::ready);
  std::thread stopper{[&] { b.client.stop(); }};
  a.left.pop();  // The stop is under way.
  leave.set_value();
  stopper.join();
  BOOST_TEST(got.pop() == 0);
  BOOST_TEST(got.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_destructor_waits_for_a_running_callback_and_starts_none) {
  client_pair pair;
  auto doomed = std::make_unique<observed_client>();
  std::promise<void> entered;
  std::promise<void> leave;
  inbox<int> got;
  doomed->client.on("n", [&](const std::string&, const json& data) {
    entered.set_value();  // Throws at the second message, which must not come.
    leave.get_future().wait_for(deadline);
    got.push(data.get<int>());
  });
  BOOST_REQUIRE(doomed->client.start());
  BOOST_REQUIRE(pair.a.client.start());
  BOOST_REQUIRE(pair.a.dial(*doomed));
  const auto peer = pair.a.came.pop();
  for (int i = 0; i < 100; ++i)
    pair.a.client.send("n", i);
  BOOST_REQUIRE(entered.get_future().wait_for(deadline) == std::future_status::ready);
  auto destroyed = std::async(std::launch::async, [&] { doomed.reset(); });
  BOOST_TEST((pair.a.left.pop() == peer));
  BOOST_TEST((destroyed.wait_for(std::chrono::seconds{0}) == std::future_status::timeout));
  leave.set_value();
  destroyed.get();
  BOOST_TEST(got.pop() == 0);
  BOOST_TEST(got.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(shutting_down_silences_the_client, connected_pair) {
  b.client.shutdown_all_threads();
  a.left.pop();
  BOOST_TEST(!b.client.is_running());
  BOOST_TEST(b.left.size() == 0u);
  BOOST_TEST(!b.client.start());
}

BOOST_AUTO_TEST_CASE(an_idle_client_ends_at_once) {
  for (int i = 0; i < 20; ++i) {
    RatsClient client{0};
    client.on("m", [](const std::string&, const json&) {});
    BOOST_TEST(!client.is_running());
  }
}

BOOST_FIXTURE_TEST_CASE(many_threads_may_use_one_client, connected_pair) {
  constexpr int threads = 4;
  constexpr int each = 500;
  inbox<int> done;
  int next[threads] = {};
  int missing = threads * each;
  b.client.on("n", [&](const std::string&, const json& data) {
    if (data[1].get<int>() == next[data[0].get<int>()]++ && --missing == 0)
      done.push(0);
  });
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        a.client.send("n", {t, i});
        if (i % 100 == 0) {
          a.client.on("other" + std::to_string(i), [](const std::string&, const json&) {});
          a.client.set_protocol_version("1.0");
          (void)a.client.get_all_peers();
        }
      }
    });
  for (auto& one : all)
    one.join();
  done.pop();
  BOOST_TEST(missing == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
