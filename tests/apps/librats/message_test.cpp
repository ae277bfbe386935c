// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/raw_node.hpp"

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
    b.client.off("n"); // Holds for the very next message, which may wait already.
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

BOOST_FIXTURE_TEST_CASE(handlers_registered_inside_a_handler_get_the_next_message, connected_pair) {
  inbox<std::string> got;
  b.client.once("n", [&](const std::string&, const json& data) {
    got.push("once " + data.dump());
    b.client.once("n", [&](const std::string&, const json& x) { got.push("again " + x.dump()); });
    b.client.on("n", [&](const std::string&, const json& x) { got.push("on " + x.dump()); });
  });
  b.client.on("n", [&](const std::string&, const json& data) {
    got.push("first " + data.dump());
    if (data == 2) {
      b.client.off("n");
      b.client.on("n", [&](const std::string&, const json& x) { got.push("last " + x.dump()); });
    }
  });
  for (int i = 1; i <= 3; ++i)
    a.client.send("n", i);
  // A dispatch works on what was there when the message came, also after an `off` in its middle.
  for (const auto* expected : {"once 1", "first 1", "first 2", "again 2", "on 2", "last 3"})
    BOOST_TEST(got.pop() == expected);
  BOOST_TEST(got.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_one_shot_handler_that_throws_is_gone_all_the_same, connected_pair) {
  inbox<int> got;
  b.client.once("n", [&](const std::string&, const json& data) {
    got.push(data.get<int>());
    throw std::runtime_error("caught");
  });
  b.client.on("end", [&](const std::string&, const json&) { got.push(-1); });
  a.client.send("n", 1);
  a.client.send("n", 2);
  a.client.send("end", 0);
  BOOST_TEST(got.pop() == 1);
  BOOST_TEST(got.pop() == -1);
}

BOOST_FIXTURE_TEST_CASE(everything_sent_to_a_peer_arrives_in_order, connected_pair) {
  inbox<int> got;
  for (const auto* type : {"even", "odd"})
    b.client.on(type, [&](const std::string&, const json& data) { got.push(data.get<int>()); });
  b.client.set_json_data_callback([&](socket_t, const std::string&, const json& data) { got.push(data.get<int>()); });
  constexpr int count = 20'000; // Enough to wait for the link's answer some times.
  for (int i = 0; i < count; ++i) {
    if (i % 3 == 0)
      a.client.send(at_a.second, i % 2 == 0 ? "even" : "odd", i);
    else if (i % 3 == 1)
      a.client.send(i % 2 == 0 ? "even" : "odd", i);
    else
      a.client.send_json_to_peer_id(at_a.second, i);
  }
  int wrong = 0;
  for (int i = 0; i < count; ++i)
    wrong += got.pop() != i ? 1 : 0;
  BOOST_TEST(wrong == 0);
}

BOOST_FIXTURE_TEST_CASE(send_callbacks_come_before_a_stop_returns, connected_pair) {
  std::size_t called = 0; // Callbacks run one at a time, and `stop` returns after the last one.
  for (int i = 0; i < 1000; ++i) {
    a.client.send(at_a.second, "n", i, [&](bool, const std::string&) { ++called; });
    a.client.send("n", i, [&](bool, const std::string&) { ++called; });
  }
  a.client.stop();
  BOOST_TEST(called == 2000u);
}

BOOST_FIXTURE_TEST_CASE(types_may_be_anything_up_to_65535_bytes, connected_pair) {
  inbox<std::string> got;
  const std::string strange[] = {"", std::string{"a\0b", 3}, "\xFF\xFE", " ", std::string(65535, 't'), "rats.request"};
  for (const auto& type : strange)
    b.client.on(type, [&got, type](const std::string&, const json&) { got.push(type); });
  for (const auto& type : strange) {
    a.client.send(type, json(1));
    BOOST_TEST(got.pop() == type);
  }
  inbox<std::string> errors;
  a.client.send(std::string(65536, 't'), json(1), [&](bool, const std::string& error) { errors.push(error); });
  BOOST_TEST(!errors.pop().empty());
  BOOST_TEST(got.size() == 0u);
}

BOOST_AUTO_TEST_CASE(bad_input_of_a_peer_is_dropped_and_hurts_nobody) {
  observed_client a;
  inbox<std::string> got;
  inbox<std::string> raw;
  a.client.on("m", [&](const std::string&, const json& data) { got.push(data.dump().substr(0, 20)); });
  a.client.set_json_data_callback([&](socket_t, const std::string&, const json& data) { raw.push(data.dump()); });
  BOOST_REQUIRE(a.client.start());
  raw_node peer;
  peer.connect(a.client.get_listen_port());
  a.came.pop();
  using protocols::message_type;
  for (const auto& payload : {bytes{}, bytes{0}, bytes{0, 1}, bytes{0, 1, 'm'}, bytes{0xFF, 0xFF, 'm', '1'}})
    peer.send(message_type::typed, payload);
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const std::size_t deepest = protocols::json_depth_max;
  for (const auto& text :
    {std::string{"{"}, std::string{"{\"a\":}"}, std::string{"1 2"}, std::string{"nul"}, std::string{"\"\xFF\""},
      std::string{"\"\xED\xA0\x80\""}, std::string{"\"\n\""}, std::string{"\0", 1}, std::string{"1\0", 2},
      nested(deepest + 1), nested(100'000), std::string(100'000, '['), std::string(1'000'000, ' ')}) {
    peer.send_typed("m", text);
    peer.send(message_type::app, to_bytes(as_bytes(text)), protocols::channel_of("librats.json"));
  }
  peer.send_typed("unheard of", "{");
  peer.send_typed("m", nested(deepest));
  peer.send_typed("m", "\"fine\"");
  BOOST_TEST(got.pop() == "[[[[[[[[[[[[[[[[[[[[");
  BOOST_TEST(got.pop() == "\"fine\"");
  BOOST_TEST(got.size() == 0u);
  BOOST_TEST(raw.size() == 0u);
  BOOST_TEST(a.client.get_peer_count() == 1);
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
  for (int i = 0; i < count; ++i) { // 48 MB, six times what may wait for a peer.
    data[0] = static_cast<uint8_t>(i);
    data[1] = static_cast<uint8_t>(i >> 8);
    BOOST_REQUIRE(a.client.send_binary_to_peer_id(at_a.second, data));
  }
  BOOST_TEST(done.pop() == count);
  BOOST_TEST(a.left.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
