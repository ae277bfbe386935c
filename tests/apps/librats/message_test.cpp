// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>

namespace librats::test {

using nlohmann::json;

BOOST_AUTO_TEST_SUITE(messages)

BOOST_FIXTURE_TEST_CASE(every_handler_of_a_type_gets_its_messages_in_order, connected_pair) {
  inbox<std::string> got;
  const auto add = [&](const char* name) {
    b.client.on("greeting", [&, name](const std::string& from, const json& data) {
      got.push(from + name + data["text"].get<std::string>());
    });
  };
  add("1:");
  add("2:");
  for (const auto* text : {"x", "y"})
    a.client.send("greeting", {{"text", text}});
  for (const auto* expected : {"1:x", "2:x", "1:y", "2:y"})
    BOOST_TEST(got.pop() == at_b.second + expected);
}

BOOST_FIXTURE_TEST_CASE(a_message_for_one_peer_reaches_that_peer, connected_pair) {
  inbox<json> got;
  b.client.on("config", [&](const std::string&, const json& data) { got.push(data); });
  a.client.send(at_a.second, "config", {{"theme", "dark"}, {"notifications", true}});
  const auto data = got.pop();
  BOOST_TEST(data.is_object());
  BOOST_TEST(data["theme"].get<std::string>() == "dark");
}

BOOST_FIXTURE_TEST_CASE(a_one_shot_handler_is_called_once, connected_pair) {
  inbox<int> once;
  inbox<int> always;
  b.client.once("n", [&](const std::string&, const json& data) { once.push(data.get<int>()); });
  b.client.on("n", [&](const std::string&, const json& data) { always.push(data.get<int>()); });
  for (int i = 0; i < 3; ++i)
    a.client.send("n", i);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(always.pop() == i);
  BOOST_TEST(once.pop() == 0);
  BOOST_TEST(once.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_removed_handler_is_called_no_more, connected_pair) {
  inbox<int> got;
  inbox<int> end;
  b.client.on("end", [&](const std::string&, const json&) { end.push(0); });
  b.client.on("n", [&](const std::string&, const json& data) {
    got.push(data.get<int>());
    b.client.off("n");  // Holds for the very next message, which may wait already.
  });
  for (int i = 0; i < 3; ++i)
    a.client.send("n", i);
  a.client.send("end", nullptr);
  end.pop();
  BOOST_TEST(got.pop() == 0);
  BOOST_TEST(got.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_exception_in_a_handler_hurts_nobody, connected_pair) {
  inbox<std::string> got;
  b.client.on("m", [](const std::string&, const json& data) { (void)data["x"].get<std::string>(); });
  b.client.on("m", [](const std::string&, const json&) { throw 42; });
  b.client.on("m", [&](const std::string&, const json& data) { got.push(data.dump()); });
  a.client.send("m", {{"x", 1}});
  BOOST_TEST(got.pop() == R"({"x":1})");
  a.client.send("m", {{"x", "text"}});
  BOOST_TEST(got.pop() == R"({"x":"text"})");
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_answer_from_inside, connected_pair) {
  inbox<json> got;
  b.client.on("ask", [&](const std::string& from, const json& data) {
    const auto& me = b.client;
    b.client.send(from, "answer", {{"to", data}, {"of", me.get_our_peer_id()}, {"peers", me.get_peer_count()}});
  });
  a.client.on("answer", [&](const std::string&, const json& data) { got.push(data); });
  a.client.send("ask", "what?");
  const auto answer = got.pop();
  BOOST_TEST(answer["to"].get<std::string>() == "what?");
  BOOST_TEST(answer["of"].get<std::string>() == at_a.second);
  BOOST_TEST(answer["peers"].get<int>() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_send_callback_comes_exactly_once, connected_pair) {
  inbox<std::pair<bool, std::string>> results;
  const auto note = [&](bool ok, const std::string& error) { results.push({ok, error}); };
  a.client.send("m", 1, note);
  a.client.send(at_a.second, "m", 1, note);
  a.client.send(std::string(64, '0'), "m", 1, note);
  a.client.send("m", std::string(9 * 1024 * 1024, 'x'), note);
  a.client.send(std::string(70000, 't'), 1, note);
  for (const bool expected : {true, true, false, false, false}) {
    const auto [ok, error] = results.pop();
    BOOST_TEST(ok == expected);
    BOOST_TEST(error.empty() == expected);
  }
  a.client.stop();
  BOOST_TEST(results.size() == 0u);
}

BOOST_AUTO_TEST_CASE(sending_without_peers_is_harmless) {
  inbox<std::pair<bool, std::string>> results;
  RatsClient client{0, 10, "127.0.0.1"};
  for (const bool running : {false, true, false}) {
    if (running)
      BOOST_REQUIRE(client.start());
    client.send("m", 1, [&](bool ok, const std::string& error) { results.push({ok, error}); });
    client.send("somebody", "m", 1, [&](bool ok, const std::string& error) { results.push({ok, error}); });
    for (int i = 0; i < 2; ++i) {
      const auto [ok, error] = results.pop();
      BOOST_TEST(!ok);
      BOOST_TEST(!error.empty());
    }
    BOOST_TEST(client.broadcast_to_peers("x") == 0);
    BOOST_TEST(client.broadcast_string_to_peers("x") == 0);
    BOOST_TEST(client.broadcast_binary_to_peers({1}) == 0);
    BOOST_TEST(client.broadcast_json_to_peers(1) == 0);
    BOOST_TEST(!client.send_to_peer_by_hash("somebody", "x"));
    client.stop();
  }
}

BOOST_FIXTURE_TEST_CASE(raw_data_of_each_kind_arrives_as_its_kind, connected_pair) {
  inbox<std::pair<socket_t, std::string>> senders;
  inbox<std::string> texts;
  inbox<std::vector<uint8_t>> binaries;
  inbox<json> jsons;
  b.client.set_string_data_callback([&](socket_t socket, const std::string& from, const std::string& text) {
    senders.push({socket, from});
    texts.push(text);
  });
  b.client.set_binary_data_callback(
    [&](socket_t, const std::string&, const std::vector<uint8_t>& data) { binaries.push(data); });
  b.client.set_json_data_callback([&](socket_t, const std::string&, const json& data) { jsons.push(data); });
  const auto& to = at_a.second;
  const std::string zero{"a\0b", 3};
  BOOST_TEST(a.client.send_to_peer_by_hash(to, "1"));
  BOOST_TEST(a.client.send_string_to_peer_id(to, ""));
  BOOST_TEST(a.client.broadcast_to_peers(zero) == 1);
  BOOST_TEST(a.client.broadcast_string_to_peers("4") == 1);
  for (const auto& expected : {std::string{"1"}, std::string{}, zero, std::string{"4"}})
    BOOST_TEST(texts.pop() == expected);
  BOOST_TEST((senders.pop() == at_b));
  BOOST_TEST(a.client.send_binary_to_peer_id(to, {0, 255}));
  BOOST_TEST(a.client.broadcast_binary_to_peers({}) == 1);
  BOOST_TEST((binaries.pop() == std::vector<uint8_t>{0, 255}));
  BOOST_TEST(binaries.pop().empty());
  BOOST_TEST(a.client.send_json_to_peer_id(to, {{"k", 1.5}}));
  BOOST_TEST(a.client.broadcast_json_to_peers(nullptr) == 1);
  BOOST_TEST(jsons.pop().dump() == R"({"k":1.5})");
  BOOST_TEST(jsons.pop().is_null());
}

BOOST_FIXTURE_TEST_CASE(the_older_name_sets_the_same_callback, connected_pair) {
  inbox<std::string> older;
  inbox<std::string> newer;
  b.client.set_data_callback([&](socket_t, const std::string&, const std::string& x) { older.push(x); });
  a.client.broadcast_to_peers("1");
  BOOST_TEST(older.pop() == "1");
  b.client.set_string_data_callback([&](socket_t, const std::string&, const std::string& x) { newer.push(x); });
  a.client.broadcast_to_peers("2");
  BOOST_TEST(newer.pop() == "2");
  BOOST_TEST(older.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_fast_sender_is_slowed_down_and_loses_nothing, connected_pair) {
  constexpr int count = 3000;
  inbox<int> done;
  int next = 0;
  b.client.set_binary_data_callback([&](socket_t, const std::string&, const std::vector<uint8_t>& x) {
    const int number = x[0] | x[1] << 8;
    if (number == next && ++next == count)
      done.push(next);
  });
  std::vector<uint8_t> data(16 * 1024);
  for (int i = 0; i < count; ++i) {  // 48 MB, six times what may wait for a peer.
    data[0] = static_cast<uint8_t>(i);
    data[1] = static_cast<uint8_t>(i >> 8);
    BOOST_REQUIRE(a.client.send_binary_to_peer_id(at_a.second, data));
  }
  BOOST_TEST(done.pop() == count);
  BOOST_TEST(a.left.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
