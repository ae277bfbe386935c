// SPDX-License-Identifier: MIT
#include "actors/typed_messaging.hpp"
#include "protocols/typed/request_codec.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

#include <caf/exit_reason.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <stdexcept>

namespace librats::test {

namespace {

using actors::request_typed;
using actors::typed_request;
using actors::typed_response;
using lines = std::vector<std::string>;

byte_slice slice(std::string_view text) { return byte_slice::copy_of(text); }

/// Answers by what it is asked: `refuse`, `crash`, `later` (when the test says so), `garbage`, `large`; else an echo.
class responder final : public runtime::pinned_actor {
public:
  using pinned_actor::guarded;
  using pinned_actor::pinned_actor;

  [[nodiscard]] const char* kind() const noexcept override { return "responder"; }

  lines asked;  ///< The texts of the questions.
  std::vector<caf::typed_response_promise<typed_response>> open;

protected:
  caf::behavior handlers() override {
    return {[this](const typed_request& x) { return answer(x); }, [](const actors::responder_registered&) {}};
  }

private:
  caf::result<typed_response> answer(const typed_request& x) {
    const std::string text{x.json_text.text()};
    asked.push_back(text);
    if (text == "\"refuse\"")
      return runtime::failure("I would rather not");
    if (text == "\"crash\"")
      throw std::runtime_error("a question too much");
    if (text == "\"garbage\"")
      return typed_response{{}, slice("{")};
    if (text == "\"large\"")
      return typed_response{{}, slice('"' + std::string(9'000'000, 'x') + '"')};
    if (text.rfind("\"later", 0) == 0) {
      open.push_back(make_response_promise<typed_response>());
      return caf::delegated<typed_response>{};
    }
    return typed_response{{}, x.json_text};
  }
};

/// A asks, B answers questions of the type "echo".
struct asking : sim_nodes {
  asking() {
    std::tie(handle, responder_of_b) = add_responder(b, "echo");
    BOOST_TEST_REQUIRE(connect(a, b) == "");
  }

  std::pair<caf::actor, responder*> add_responder(sim_node& x, const std::string& type) {
    const auto out = runtime::spawn_pinned<responder>(world.system(), x.host.loop(0));
    BOOST_TEST_REQUIRE(ask<actors::responder_registered>(x, actors::register_responder{type, out}).value.has_value());
    return {out, dynamic_cast<responder*>(caf::actor_cast<caf::abstract_actor*>(out))};
  }

  answer_ptr<typed_response> begin(sim_node& from, const peer_id& to, const std::string& text,
    const std::string& type = "echo", duration timeout = 30s) {
    return request<typed_response>(from, from.node, request_typed{to, type, slice(text), timeout});
  }

  /// The answer's text, or `error: ` and its sentence.
  std::string shown(const answer_ptr<typed_response>& x) {
    if (!x->done)
      return "nothing yet";
    return x->value ? std::string{x->value->json_text.text()} : "error: " + x->error;
  }

  std::string put(const std::string& text, const std::string& type = "echo", duration timeout = 30s) {
    const auto out = begin(a, b.id, text, type, timeout);
    await(out);
    return shown(out);
  }

  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
  caf::actor handle;
  responder* responder_of_b = nullptr;
};

} // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_FIXTURE_TEST_CASE(a_question_gets_the_answer_of_its_responder, asking) {
  const auto x = begin(a, b.id, R"({"z":1,"a":[" ",null]})");
  BOOST_TEST_REQUIRE(await(x));
  BOOST_TEST(shown(x) == R"({"z":1,"a":[" ",null]})");  // The very text, its order included.
  BOOST_TEST((x->value->from == b.id));
  BOOST_TEST(responder_of_b->asked.size() == 1u);
  // Who was dialed may ask as well.
  add_responder(a, "name");
  const auto back = begin(b, a.id, "1", "name");
  BOOST_TEST(await(back));
  BOOST_TEST(shown(back) == "1");
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_be_an_error_with_a_sentence, asking) {
  BOOST_TEST(put("\"refuse\"") == "error: I would rather not");
  BOOST_TEST(put("\"garbage\"") == "error: the answer is no JSON");
  BOOST_TEST(put("\"large\"") == "error: the answer is larger than a message can be");
  BOOST_TEST(put("1", "unheard of") == "error: nobody answers \"unheard of\" here");
}

BOOST_FIXTURE_TEST_CASE(a_question_that_cannot_travel_is_refused_at_once, asking) {
  auto& stranger = add();
  const auto nobody = begin(a, stranger.id, "1");
  BOOST_TEST(await(nobody, 1s));
  BOOST_TEST(shown(nobody) == "error: the peer is not connected");
  BOOST_TEST(put("{") == "error: the type is no UTF-8 or the data no JSON");
  BOOST_TEST(put("1", "\xFF") == "error: the type is no UTF-8 or the data no JSON");
  BOOST_TEST(put("1", std::string(65536, 't')) == "error: the type is longer than 65535 bytes");
  BOOST_TEST(put("1", std::string(65535, 't')).substr(0, 22) == "error: nobody answers ");
  BOOST_TEST(put('"' + std::string(9'000'000, 'x') + '"') == "error: the request is larger than a message can be");
  BOOST_TEST(responder_of_b->asked.empty());
}

BOOST_FIXTURE_TEST_CASE(answers_find_their_questions_in_any_order, asking) {
  std::vector<answer_ptr<typed_response>> later;
  for (int i = 0; i < 3; ++i)
    later.push_back(begin(a, b.id, "\"later\""));
  run(1s);
  BOOST_TEST(put("\"at once\"") == "\"at once\"");
  BOOST_TEST_REQUIRE(responder_of_b->open.size() == 3u);
  for (const std::size_t i : {2u, 0u, 1u}) {
    BOOST_TEST(shown(later[i]) == "nothing yet");
    responder_of_b->guarded([&] { responder_of_b->open[i].deliver(typed_response{{}, slice(std::to_string(i))}); });
    BOOST_TEST(await(later[i], 1s));
    BOOST_TEST(shown(later[i]) == std::to_string(i));
  }
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_knows_no_requests_lets_the_time_run_out, asking) {
  wire_peer old{add().host, a.address(), 200};
  BOOST_TEST_REQUIRE(old.establish());
  run(1s);
  const auto asked_at = world.now();
  const auto x = begin(a, old.id(), "[1]", "echo", 7s);
  BOOST_TEST(await(x));
  BOOST_TEST(shown(x) == "error: no answer in time");
  BOOST_TEST((world.now() - asked_at == duration{7s}));
  BOOST_TEST(old.count(protocols::message_type::typed) == 1u);
  // Too late is too late, and nothing breaks.
  for (const auto& one : old.frames)
    if (one.header.type == protocols::message_type::typed) {
      const auto id = protocols::decode_request(protocols::decode_typed(one.payload)->json_text)->id;
      old.send(protocols::message_type::typed, *protocols::encode_response(id, "\"late\""));
    }
  run(1s);
  BOOST_TEST(shown(x) == "error: no answer in time");
  BOOST_TEST(put("1") == "1");
}

BOOST_FIXTURE_TEST_CASE(only_the_peer_that_was_asked_can_answer_and_only_once, asking) {
  wire_peer asked{add().host, a.address(), 200};
  wire_peer other{add().host, a.address(), 201};
  BOOST_TEST_REQUIRE(asked.establish());
  BOOST_TEST_REQUIRE(other.establish());
  run(1s);
  const auto x = begin(a, asked.id(), "1");
  run(1s);
  std::optional<std::uint64_t> id;
  for (const auto& one : asked.frames)
    if (one.header.type == protocols::message_type::typed)
      id = protocols::decode_request(protocols::decode_typed(one.payload)->json_text)->id;
  BOOST_TEST_REQUIRE(id.has_value());
  other.send(protocols::message_type::typed, *protocols::encode_response(*id, "\"forged\""));
  asked.send(protocols::message_type::typed, *protocols::encode_response(*id + 1, "\"of another\""));
  for (const auto* junk : {"{", "null", R"({"id":"x","data":1})", R"({"id":"1"})", "\xFF"})
    asked.send(protocols::message_type::typed, *protocols::encode_typed(protocols::response_type, junk));
  run(1s);
  BOOST_TEST(shown(x) == "nothing yet");
  asked.send(protocols::message_type::typed, *protocols::encode_response(*id, "\"true\""));
  asked.send(protocols::message_type::typed, protocols::encode_error_response(*id, "changed my mind"));
  run(1s);
  BOOST_TEST(shown(x) == "\"true\"");
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_leaves_answers_no_more, asking) {
  const auto x = begin(a, b.id, "\"later\"");
  run(1s);
  tell(a, actors::disconnect_peer{b.id});
  BOOST_TEST(await(x, 5s));
  BOOST_TEST(shown(x) == "error: the peer left before it answered");
  // Its answer goes nowhere, also when the asker is back by then.
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST_REQUIRE(responder_of_b->open.size() == 1u);
  responder_of_b->guarded([&] { responder_of_b->open[0].deliver(typed_response{{}, slice("1")}); });
  run(1s);
  BOOST_TEST(shown(x) == "error: the peer left before it answered");
  BOOST_TEST(put("2") == "2");
}

BOOST_FIXTURE_TEST_CASE(the_crash_of_a_responder_is_an_error_for_everyone_who_waits, asking) {
  const quiet_log quiet;
  const auto waiting = begin(a, b.id, "\"later\"");
  run(1s);
  const auto fatal = begin(a, b.id, "\"crash\"");
  const auto behind = begin(a, b.id, "1");
  run(5s);
  BOOST_TEST(shown(waiting) == "error: the responder ended before it answered");
  BOOST_TEST(shown(fatal).substr(0, 7) == "error: ");
  BOOST_TEST(shown(behind).substr(0, 7) == "error: ");
  BOOST_TEST(put("2") == "error: nobody answers \"echo\" here");
  add_responder(b, "echo");
  BOOST_TEST(put("3") == "3");
}

BOOST_FIXTURE_TEST_CASE(the_crash_of_the_asking_side_ends_its_questions, asking) {
  const quiet_log quiet;
  const auto x = begin(a, b.id, "\"later\"");
  run(1s);
  crash(a, "typed_messaging");
  run(5s);
  BOOST_TEST(shown(x) == "error: the typed messaging of this node ended before the answer came");
  BOOST_TEST_REQUIRE(responder_of_b->open.size() == 1u);
  responder_of_b->guarded([&] { responder_of_b->open[0].deliver(typed_response{{}, slice("1")}); });
  run(1s);
  BOOST_TEST(put("2") == "2");
}

BOOST_FIXTURE_TEST_CASE(the_crash_of_the_answering_side_is_told_and_its_responders_return, asking) {
  const quiet_log quiet;
  for (const bool by_force : {false, true}) {
    const auto x = begin(a, b.id, "\"later\"");
    run(1s);
    if (by_force)
      kill(b, "typed_messaging");
    else
      crash(b, "typed_messaging");
    run(5s);
    BOOST_TEST(shown(x) == "error: the node stopped before it answered");
    BOOST_TEST(put("2") == "2");
  }
}

BOOST_FIXTURE_TEST_CASE(a_node_that_stops_refuses_what_it_was_asked, asking) {
  const auto asked = begin(a, b.id, "\"later\"");
  add_responder(a, "echo");
  const auto asks = begin(b, a.id, "\"later\"");
  run(1s);
  stop(b);
  run(5s);
  BOOST_TEST(shown(asked).substr(0, 7) == "error: ");
  BOOST_TEST(shown(asks).substr(0, 7) == "error: ");
}

BOOST_FIXTURE_TEST_CASE(an_answer_takes_the_link_that_is_there_when_it_comes, asking) {
  auto& host = add().host;
  wire_peer first{host, b.address(), 200};
  BOOST_TEST_REQUIRE(first.establish());
  first.send(protocols::message_type::typed, *protocols::encode_request(7, "echo", "\"later\""));
  run(1s);
  BOOST_TEST_REQUIRE(responder_of_b->open.size() == 1u);
  wire_peer second{host, b.address(), 200};
  BOOST_TEST_REQUIRE(second.establish());
  run(1s);
  BOOST_TEST(b.heard->links.at(second.id()).size() == 2u);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
  responder_of_b->guarded([&] { responder_of_b->open[0].deliver(typed_response{{}, slice("1")}); });
  run(1s);
  BOOST_TEST(first.count(protocols::message_type::typed) == 0u);
  BOOST_TEST_REQUIRE(second.count(protocols::message_type::typed) == 1u);
  for (const auto& one : second.frames)
    if (one.header.type == protocols::message_type::typed)
      BOOST_TEST(protocols::decode_typed(one.payload)->json_text == R"({"id":"7","data":1})");
}

BOOST_FIXTURE_TEST_CASE(the_last_responder_of_a_type_has_it, asking) {
  const auto [second, its] = add_responder(b, "echo");
  BOOST_TEST(put("1") == "1");
  BOOST_TEST(its->asked.size() == 1u);
  BOOST_TEST(responder_of_b->asked.empty());
  tell(b, actors::unregister_responder{"echo", handle});  // It is the other's by now.
  BOOST_TEST(put("2") == "2");
  const auto open = begin(a, b.id, "\"later\"");
  run(1s);
  tell(b, actors::unregister_responder{"echo", second});
  run(1s);
  BOOST_TEST(put("3") == "error: nobody answers \"echo\" here");
  BOOST_TEST_REQUIRE(its->open.size() == 1u);
  its->guarded([&, who = its] { who->open[0].deliver(typed_response{{}, slice("4")}); });
  BOOST_TEST(await(open, 1s));
  BOOST_TEST(shown(open) == "4");
}

BOOST_FIXTURE_TEST_CASE(too_many_questions_are_refused_and_room_comes_back, asking) {
  constexpr auto most = actors::typed_messaging::asked_max.per_peer;
  std::vector<answer_ptr<typed_response>> all;
  for (std::size_t i = 0; i < most; ++i)
    all.push_back(begin(a, b.id, "\"later\"", "echo", 1min));
  run(5s);
  BOOST_TEST(responder_of_b->open.size() == most);
  BOOST_TEST(put("1") == "error: too many requests to this peer wait for an answer");
  responder_of_b->guarded([&] { responder_of_b->open[0].deliver(typed_response{{}, slice("1")}); });
  run(1s);
  BOOST_TEST(put("2") == "2");
  run(2min);
  for (const auto& one : all)
    BOOST_TEST(one->done);
  BOOST_TEST(put("3", "unheard of") == "error: nobody answers \"unheard of\" here");
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_asks_without_end_is_bounded, asking) {
  constexpr auto& most = actors::typed_messaging::answering_max;
  wire_peer greedy{add().host, b.address(), 200};
  BOOST_TEST_REQUIRE(greedy.establish());
  const auto put_raw = [&](std::uint64_t id, const std::string& text) {
    greedy.send(protocols::message_type::typed, *protocols::encode_request(id, "echo", text));
  };
  for (std::uint64_t i = 0; i < most.per_peer + 5; ++i)
    put_raw(i, "\"later\"");
  put_raw(1, "\"twice\"");
  for (const auto* junk : {"{", "null", R"({"id":"1"})", R"({"type":"echo","data":1})", "\xFF"})
    greedy.send(protocols::message_type::typed, *protocols::encode_typed(protocols::request_type, junk));
  run(5s);
  BOOST_TEST(responder_of_b->asked.size() == most.per_peer);
  BOOST_TEST(greedy.count(protocols::message_type::typed) == 5u);
  BOOST_TEST(put("1") == "1");  // Others are served.
  // Without an answer the quota comes back, and the peer is told.
  run(actors::typed_messaging::patience_max + 1s);
  BOOST_TEST(greedy.count(protocols::message_type::typed) == 5u + most.per_peer);
  put_raw(9999, "3");
  run(1s);
  BOOST_TEST(responder_of_b->asked.back() == "3");
}

BOOST_FIXTURE_TEST_CASE(questions_of_one_peer_hold_no_more_memory_than_they_may, asking) {
  wire_peer greedy{add().host, b.address(), 200};
  BOOST_TEST_REQUIRE(greedy.establish());
  const auto large = "\"later" + std::string(3'000'000, 'x') + '"';
  for (std::uint64_t i = 0; i < 10; ++i)
    greedy.send(protocols::message_type::typed, *protocols::encode_request(i, "echo", large));
  run(1min);
  BOOST_TEST(responder_of_b->asked.size() == actors::typed_messaging::answering_max.bytes_per_peer / large.size());
  BOOST_TEST(responder_of_b->asked.size() + greedy.count(protocols::message_type::typed) == 10u);
}

BOOST_FIXTURE_TEST_CASE(a_question_without_data_asks_with_null, asking) {
  wire_peer other{add().host, b.address(), 200};
  BOOST_TEST_REQUIRE(other.establish());
  other.send(protocols::message_type::typed,
    *protocols::encode_typed(protocols::request_type, R"({"type":"echo","id":"5"})"));
  run(1s);
  BOOST_TEST(responder_of_b->asked == lines{"null"});
  BOOST_TEST_REQUIRE(other.count(protocols::message_type::typed) == 1u);
  const auto& payload = other.frames.back().payload;
  BOOST_TEST(protocols::decode_typed(payload)->json_text == R"({"id":"5","data":null})");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
