// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/raw_node.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <set>
#include <stdexcept>

namespace librats::test {

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

struct requesting_pair : client_pair {
  explicit requesting_pair(bool now = true) {
    if (now)
      connect();
  }

  /// The answer as text, or `error: ` and the sentence.
  ResponseCallback noting() {
    return [this](bool ok, const json& data, const std::string& error) {
      BOOST_TEST(ok == error.empty());
      BOOST_TEST((ok || data.is_null()));
      answers.push(ok ? data.dump() : "error: " + error);
    };
  }

  std::string put(const std::string& type, const json& data) {
    a.client.request(at_a.second, type, data, noting());
    return answers.pop();
  }

  inbox<std::string> answers;
};

struct stopped_pair : requesting_pair {
  stopped_pair() : requesting_pair(false) {}
};

/// Answers every question with brackets of two kinds.
class mismatcher final : public runtime::pinned_actor {
public:
  using pinned_actor::pinned_actor;
  [[nodiscard]] const char* kind() const noexcept override { return "mismatcher"; }

protected:
  caf::behavior handlers() override {
    return {[](const actors::typed_request&) {
      return actors::typed_response{{}, byte_slice::copy_of(std::string_view{"[}"})};
    }};
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_FIXTURE_TEST_CASE(a_request_gets_what_its_handler_returns, requesting_pair) {
  b.client.on_request("sum", [&](const std::string& from, const json& data) {
    BOOST_TEST(from == at_b.second);
    return json{{"sum", data["a"].get<int>() + data["b"].get<int>()}};
  });
  a.client.on_request("name", [](const std::string&, const json&) { return "a"; });
  BOOST_TEST(put("sum", {{"a", 2}, {"b", 3}}) == R"({"sum":5})");
  b.client.request(at_b.second, "name", nullptr, noting());
  BOOST_TEST(answers.pop() == "\"a\"");
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_throws_answers_with_an_error, requesting_pair) {
  b.client.on_request(
    "what", [](const std::string&, const json&) -> json { throw std::runtime_error("no such room"); });
  b.client.on_request("number", [](const std::string&, const json&) -> json { throw 42; });
  b.client.on_request("type", [](const std::string&, const json& data) { return data["x"].get<std::string>(); });
  b.client.on_request("binary", [](const std::string&, const json&) { return json::binary({1}); });
  b.client.on_request("large", [](const std::string&, const json&) { return std::string(9'000'000, 'x'); });
  BOOST_TEST(put("what", 1) == "error: no such room");
  BOOST_TEST(put("number", 1) == "error: the handler failed");
  BOOST_TEST(put("type", {{"x", 1}}).substr(0, 7) == "error: ");
  BOOST_TEST(put("type", {{"x", "y"}}) == "\"y\"");
  BOOST_TEST(put("binary", 1).substr(0, 7) == "error: ");
  BOOST_TEST(put("large", 1) == "error: the answer is larger than a message can be");
}

BOOST_FIXTURE_TEST_CASE(a_request_that_cannot_be_answered_fails_once, requesting_pair) {
  BOOST_TEST(put("unheard of", 1) == "error: nobody answers \"unheard of\" here");
  BOOST_TEST(put("binary", json::binary({1})).substr(0, 7) == "error: ");
  BOOST_TEST(put("large", std::string(9'000'000, 'x')) == "error: the request is larger than a message can be");
  BOOST_TEST(put(std::string(65536, 't'), 1) == "error: the type is longer than 65535 bytes");
  a.client.request(std::string(64, '0'), "t", 1, noting());
  BOOST_TEST(answers.pop() == "error: the peer is not connected");
  a.client.request("nobody", "t", 1, noting());
  BOOST_TEST(answers.pop() == "error: the peer is not connected");
  a.client.request(at_a.second, "t", 1, nullptr); // Whoever does not care.
  a.client.stop();
  a.client.request(at_a.second, "t", 1, noting());
  BOOST_TEST(answers.pop() == "error: the client does not run");
  BOOST_TEST(answers.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(handlers_come_and_go_and_outlive_a_stop, stopped_pair) {
  b.client.on_request("n", [](const std::string&, const json&) { return 1; });
  connect();
  BOOST_TEST(put("n", 0) == "1");
  b.client.on_request("n", [&](const std::string&, const json&) {
    b.client.on_request("n", [](const std::string&, const json&) { return 3; });
    return 2;
  });
  BOOST_TEST(put("n", 0) == "2");
  BOOST_TEST(put("n", 0) == "3");
  b.client.stop();
  a.left.pop();
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(a.dial(b));
  at_a = a.came.pop();
  BOOST_TEST(put("n", 0) == "3");
  b.client.off_request("n");
  BOOST_TEST(put("n", 0).substr(0, 21) == "error: nobody answers");
  b.client.on_request("n", [](const std::string&, const json&) { return 4; });
  BOOST_TEST(put("n", 0) == "4");
  b.client.on_request("n", nullptr);
  BOOST_TEST(put("n", 0).substr(0, 21) == "error: nobody answers");
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_comes_too_late_is_an_error_and_nothing_more, requesting_pair) {
  std::promise<void> go;
  b.client.on_request("slow", [&](const std::string&, const json&) {
    go.get_future().wait();
    return 1;
  });
  b.client.on_request("quick", [](const std::string&, const json&) { return 2; });
  a.client.request(at_a.second, "slow", nullptr, noting(), 20ms);
  BOOST_TEST(answers.pop() == "error: no answer in time");
  a.client.request(at_a.second, "slow", nullptr, noting(), -1ms);
  BOOST_TEST(answers.pop() == "error: no answer in time");
  go.set_value();
  b.client.off_request("slow");
  BOOST_TEST(put("quick", 0) == "2");
  BOOST_TEST(answers.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_stop_ends_what_is_open_on_both_sides_exactly_once, requesting_pair) {
  std::promise<void> go;
  const auto gone = go.get_future().share();
  inbox<int> begun;
  b.client.on_request("slow", [&](const std::string&, const json&) {
    begun.push(0);
    gone.wait();
    return 1;
  });
  for (int i = 0; i < 3; ++i)
    a.client.request(at_a.second, "slow", nullptr, noting());
  begun.pop();
  a.client.stop();
  BOOST_TEST(answers.size() == 3u); // A stop returns when the last callback has returned.
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(answers.pop().substr(0, 7) == "error: ");
  go.set_value();
  b.client.stop();
  BOOST_TEST(answers.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_leaves_ends_its_requests, requesting_pair) {
  std::promise<void> go;
  inbox<int> begun;
  // A copy: the handler may come to wait when the test is over.
  b.client.on_request("slow", [&begun, gone = go.get_future().share()](const std::string&, const json&) {
    begun.push(0);
    gone.wait();
    return 1;
  });
  a.client.request(at_a.second, "slow", nullptr, noting());
  begun.pop();
  a.client.disconnect_peer_by_id(at_a.second);
  BOOST_TEST(answers.pop() == "error: the peer left before it answered");
  go.set_value();
}

BOOST_FIXTURE_TEST_CASE(requests_may_be_made_inside_callbacks, requesting_pair) {
  a.client.on_request("name", [](const std::string&, const json&) { return "a"; });
  b.client.on_request("greet", [&](const std::string& from, const json&) {
    b.client.request(from, "name", nullptr, noting());
    return "soon";
  });
  a.client.request(at_a.second, "greet", nullptr, [&](bool, const json& data, const std::string&) {
    a.client.request(at_a.second, "greet", data, noting());
    throw std::runtime_error("caught");
  });
  std::multiset<std::string> got;
  for (int i = 0; i < 3; ++i)
    got.insert(answers.pop());
  BOOST_TEST(got.count("\"a\"") == 2u);
  BOOST_TEST(got.count("\"soon\"") == 1u);
}

BOOST_FIXTURE_TEST_CASE(hundreds_of_requests_at_once_find_their_answers, requesting_pair) {
  b.client.on_request("double", [](const std::string&, const json& data) { return 2 * data.get<int>(); });
  inbox<std::pair<int, int>> got;
  for (int i = 0; i < 500; ++i)
    a.client.request(at_a.second, "double", i, [&, i](bool, const json& data, const std::string&) {
      got.push({i, data.is_number() ? data.get<int>() : -1});
    });
  for (int i = 0; i < 500; ++i) {
    const auto [asked, answered] = got.pop();
    BOOST_TEST(answered == 2 * asked);
  }
}

BOOST_AUTO_TEST_CASE(what_a_peer_answers_need_not_be_json) {
  observed_client a;
  BOOST_REQUIRE(a.client.start());
  raw_node peer;
  peer.ask<actors::responder_registered>(actors::register_responder{"t", peer.spawn<mismatcher>()});
  peer.connect(a.client.get_listen_port());
  a.came.pop();
  inbox<std::string> errors;
  a.client.request(peer.id, "t", 1, [&](bool, const json&, const std::string& error) { errors.push(error); });
  BOOST_TEST(errors.pop().substr(0, 25) == "the answer cannot be read");
  // Nor what it asks.
  inbox<int> asked;
  a.client.on_request("n", [&](const std::string&, const json& data) {
    asked.push(data.get<int>());
    return nullptr;
  });
  for (const auto* text : {"{", "null", R"({"id":"1","type":"n","data":[}})", R"({"id":"2","type":"n","data":7})"})
    peer.send_typed("rats.request", text);
  BOOST_TEST(asked.pop() == 7);
  BOOST_TEST(asked.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(room)

namespace {

/// A client and a peer that stops reading.
struct deaf_peer {
  deaf_peer() {
    BOOST_REQUIRE(a.client.start());
    peer.connect(a.client.get_listen_port());
    a.came.pop();
    caf::anon_send(peer.node, actors::register_typed{"block", peer.spawn<loop_blocker>(hears.get_future().share())});
    (void)peer.ask<actors::node_status>(actors::get_status{}); // It is registered.
    a.client.send(peer.id, "block", json(1));
  }
  ~deaf_peer() { listen(); }

  void listen() {
    if (!std::exchange(listening, true))
      hears.set_value();
  }

  /// Sends until too much waits; false when that does not happen.
  bool fill() {
    const std::vector<uint8_t> data(64 * 1024);
    for (int i = 0; i < 4096; ++i) {
      if (a.client.is_peer_congested(peer.id))
        return true;
      if (!a.client.send_binary_to_peer_id(peer.id, data))
        return false;
    }
    return false;
  }

  std::promise<void> hears;
  bool listening = false;
  inbox<std::pair<std::string, bool>> told;
  WritableCallback telling = [this](const std::string& id, bool connected) { told.push({id, connected}); };
  observed_client a;
  raw_node peer;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_producer_is_told_when_there_is_room_again, deaf_peer) {
  BOOST_TEST(!a.client.is_peer_congested(peer.id));
  a.client.when_writable(peer.id, telling);
  BOOST_TEST((told.pop() == std::pair{peer.id, true})); // At once.
  BOOST_TEST_REQUIRE(fill());
  a.client.when_writable(peer.id, telling);
  a.client.when_writable(peer.id, telling);
  a.client.when_writable(peer.id, nullptr);
  BOOST_TEST(a.client.is_peer_congested(peer.id));
  BOOST_TEST(told.size() == 0u);
  listen();
  for (int i = 0; i < 2; ++i)
    BOOST_TEST((told.pop() == std::pair{peer.id, true}));
  a.client.stop();
  BOOST_TEST(told.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_stop_tells_those_who_wait_for_room, deaf_peer) {
  BOOST_TEST_REQUIRE(fill());
  a.client.when_writable(peer.id, telling);
  BOOST_TEST(a.client.is_peer_congested(peer.id)); // Also lets the client hear of the watcher.
  BOOST_TEST(told.size() == 0u);
  a.client.stop();
  BOOST_TEST_REQUIRE(told.size() == 1u);
  BOOST_TEST((told.pop() == std::pair{peer.id, false}));
  a.client.when_writable(peer.id, telling);
  BOOST_TEST((told.pop() == std::pair{peer.id, false}));
}

BOOST_AUTO_TEST_CASE(a_stranger_is_neither_congested_nor_connected) {
  observed_client a;
  inbox<std::pair<std::string, bool>> told;
  for (const auto& id : {std::string{"nobody"}, std::string(64, '0')}) {
    BOOST_TEST(!a.client.is_peer_congested(id));
    a.client.when_writable(id, [&](const std::string& who, bool connected) { told.push({who, connected}); });
    BOOST_TEST((told.pop() == std::pair{id, false}));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
