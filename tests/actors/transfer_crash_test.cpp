// SPDX-License-Identifier: MIT
// What breaks while files move, and peers that mean no good.
#include "protocols/crypto/hash.hpp"
#include "protocols/transfer/transfer_codec.hpp"
#include "tests/actors/transfer_nodes.hpp"

#include <set>

namespace librats::test {

namespace {

using actors::transfer_phase;

/// A sends a file and a tree to B, slowly enough that things can happen meanwhile.
struct busy_pair : transfer_nodes {
  using setup = void (*)(actors::node_options&);

  explicit busy_pair(setup how = over_tcp) : way(how) {
    BOOST_TEST_REQUIRE(connect(*a, *b) == "");
    add_clerk(*b).takes_into = "in/";
    a->host.set_uplink({8'000'000, 256 * 1024});
    plant(*a, "big", big);
    for (int i = 0; i < 40; ++i)
      plant(*a, "tree/d" + std::to_string(i % 7) + "/f" + std::to_string(i), tree_file(i));
    for (const auto* path : {"big", "tree"}) {
      const auto id = offer(*a, *b, path);
      BOOST_TEST_REQUIRE(id.error == "");
      ids.push_back(id.value->id);
    }
    run(1s);
  }

  static bytes tree_file(int i) { return content(static_cast<std::size_t>(i) * 20'000, static_cast<unsigned>(i)); }

  void expect_delivered(const char* into) {
    // A process knows nothing of what ended before it began.
    BOOST_TEST(eventually([&] { return count(*a).active + count(*b).active == 0; }, 10min));
    BOOST_TEST(count(*a).failed + count(*b).failed == 0u);
    run(2s);
    BOOST_TEST((read(*b, std::string{into} + "big") == as_text(big)));
    for (int i = 0; i < 40; ++i) {
      const auto name = "d" + std::to_string(i % 7) + "/f" + std::to_string(i);
      BOOST_TEST((read(*b, into + name) == as_text(tree_file(i))), name);
    }
    BOOST_TEST(leftovers(*a) == "");
    BOOST_TEST(leftovers(*b) == "");
  }

  /// The machine stays, the node is another process with the same key.
  void start_again(sim_node*& x, std::size_t number) {
    x->host.kill_processes();
    run(50ms);
    x = &add_on(x->host, number, way);
  }

  quiet_log quiet;
  setup way;
  bytes big = content(30'000'000, 99);
  sim_node* a = &add(way);
  sim_node* b = &add(way);
  std::vector<actors::transfer_number> ids;
};

/// Over UDP nobody is told that a process has ended.
struct busy_udp_pair : busy_pair {
  busy_udp_pair() : busy_pair([](actors::node_options& x) { x.transports.preferred = protocols::transport::udp; }) {}
};

/// B, and M that sends whatever the test likes.
struct hostile_pair : transfer_nodes {
  hostile_pair() {
    BOOST_TEST_REQUIRE(connect(m, b) == "");
    its.takes_into = "in/";
    tell(m, actors::register_messages{protocols::message_type::file_chunk, clerks.back()});
    run(1s);
  }

  void say(bytes payload) {
    send(m, b, actors::make_batch(protocols::message_type::file_chunk, byte_slice{std::move(payload)}));
    run(300ms);
  }

  static protocols::transfer_offer one_file(std::uint64_t id, std::uint64_t size, const std::string& name = "f") {
    protocols::transfer_offer out;
    out.id = id;
    out.name = name;
    out.files = {{name, size}};
    out.total = size;
    return out;
  }

  /// What B answered last.
  protocols::transfer_message last() {
    BOOST_TEST_REQUIRE(!answers.heard.empty());
    const auto out = protocols::decode_transfer(answers.heard.back().view());
    BOOST_TEST_REQUIRE(out.ok());
    return *out;
  }

  std::string refusal_of(const protocols::transfer_offer& x) {
    answers.heard.clear();
    say(*protocols::encode_offer(x));
    const auto message = last();
    const auto* response = std::get_if<protocols::response_message>(&message);
    BOOST_TEST_REQUIRE(response != nullptr);
    return response->accept ? "(accepted)" : std::string{response->reason};
  }

  sim_node& m = add([](actors::node_options& x) {
    over_tcp(x);
    x.transfers.enabled = false;
  });
  sim_node& b = add(over_tcp);
  clerk& its = add_clerk(b);
  clerk& answers = add_clerk(m, false);
};

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_crashes)

BOOST_FIXTURE_TEST_CASE(transfers_whose_actors_crash_at_either_end_go_on, busy_pair) {
  for (int i = 0; i < 6; ++i) {
    auto& hit = i % 2 == 0 ? *a : *b;
    if (find_part(tree(hit), "transfer") != nullptr)
      crash(hit, "transfer");
    run(700ms);
  }
  BOOST_TEST(count(*a).interrupted + count(*b).interrupted >= 6u);
  expect_delivered("in/");
}

BOOST_FIXTURE_TEST_CASE(the_supervisor_of_transfers_crashes_and_they_go_on_with_all_figures, busy_pair) {
  const auto before = count(*b).bytes_received;
  crash(*a, "transfers");
  run(2s);
  crash(*b, "transfers");
  run(2s);
  crash(*a, "transfers");
  run(1s);
  BOOST_TEST(count(*b).bytes_received > before);
  expect_delivered("in/");
  BOOST_TEST(count(*a).completed == 2u);
}

BOOST_FIXTURE_TEST_CASE(disk_workers_crash_and_transfers_go_on, busy_pair) {
  for (int i = 0; i < 4; ++i) {
    crash(i % 2 == 0 ? *a : *b, "file_worker");
    run(900ms);
  }
  expect_delivered("in/");
}

BOOST_FIXTURE_TEST_CASE(a_killed_sender_goes_on_when_it_is_back, busy_pair) {
  start_again(a, 0);
  run(5s);
  BOOST_TEST_REQUIRE(connect(*a, *b) == "");
  expect_delivered("in/");
}

BOOST_FIXTURE_TEST_CASE(a_killed_receiver_goes_on_when_it_is_back, busy_pair) {
  start_again(b, 1);
  run(5s);
  const auto waiting = ask<actors::transfer_list>(*b, actors::get_transfers{false}).value;
  BOOST_TEST_REQUIRE(waiting.has_value());
  BOOST_TEST(waiting->transfers.size() == 2u);
  BOOST_TEST_REQUIRE(connect(*a, *b) == "");
  expect_delivered("in/"); // Nobody has to say yes again.
}

BOOST_FIXTURE_TEST_CASE(an_offer_that_a_full_disk_could_not_keep_is_kept_when_there_is_room, busy_pair) {
  a->host.files().set_full(true);
  plant(*a, "late", content(3'000'000, 5));
  const auto id = offer(*a, *b, "late");
  BOOST_TEST_REQUIRE(id.error == "");
  run(500ms);
  a->host.files().set_full(false);
  run(1200ms);
  start_again(a, 0);
  BOOST_TEST_REQUIRE(connect(*a, *b) == "");
  expect_delivered("in/");
  BOOST_TEST((read(*b, "in/late") == as_text(content(3'000'000, 5))));
}

BOOST_FIXTURE_TEST_CASE(a_receiver_that_is_back_before_anybody_missed_it_goes_on_at_once, busy_udp_pair) {
  a->host.set_uplink({100'000'000, 16u << 20}); // The window is what limits now, and all of it is on its way.
  run(60ms);
  BOOST_TEST(count(*a).active == 2u);
  b->host.kill_processes();
  b = &add_on(b->host, 1, way);
  BOOST_TEST_REQUIRE(connect(*b, *a) == "");
  // Much less than a transfer waits for a sign of life.
  BOOST_TEST(eventually([&] { return count(*a).active + count(*b).active == 0; }, 20s));
  expect_delivered("in/");
}

BOOST_FIXTURE_TEST_CASE(both_are_killed_again_and_again_and_what_was_sent_arrives, busy_pair) {
  for (int i = 0; i < 3; ++i) {
    start_again(a, 0);
    start_again(b, 1);
    run(1s);
    BOOST_TEST_REQUIRE(connect(*a, *b) == "");
    run(1200ms);
  }
  expect_delivered("in/");
}

BOOST_FIXTURE_TEST_CASE(a_waiting_transfer_is_cancelled_and_nothing_is_left, busy_pair) {
  tell(*a, actors::disconnect_peer{b->id});
  run(1s);
  const auto theirs = ask<actors::transfer_list>(*b, actors::get_transfers{false}).value->transfers;
  BOOST_TEST(theirs.size() == 2u);
  for (const auto& one : theirs)
    BOOST_TEST(steer(*b, one.id, actors::transfer_command::cancel) == "");
  for (const auto id : ids)
    BOOST_TEST(steer(*a, id, actors::transfer_command::cancel) == "");
  run(1s);
  BOOST_TEST(leftovers(*a) == "");
  BOOST_TEST(leftovers(*b) == "");
}

BOOST_FIXTURE_TEST_CASE(transfers_to_one_peer_share_its_link_and_small_messages_get_through, transfer_nodes) {
  constexpr int transfers = 24;
  const auto many = [](actors::node_options& x) {
    over_tcp(x);
    x.transfers.per_peer_max = transfers;
    x.transfers.offers_per_peer_max = transfers;
  };
  auto& a = add(many);
  auto& b = add(many);
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  add_clerk(b).takes_into = "in/";
  BOOST_TEST_REQUIRE(handle_channel(b, "chat") == "");
  a.host.set_uplink({10'000'000, 256 * 1024});
  std::vector<actors::transfer_number> ids;
  for (int i = 0; i < transfers; ++i) {
    const auto name = "f" + std::to_string(i);
    plant(a, name, content(6'000'000, static_cast<unsigned>(i)));
    const auto id = offer(a, b, name);
    BOOST_TEST_REQUIRE(id.error == "");
    ids.push_back(id.value->id);
  }
  // Those that were offered first had the link to themselves for a moment: what counts is what follows.
  run(2s);
  std::map<actors::transfer_number, std::uint64_t> then;
  for (const auto id : ids)
    then[id] = look(a, id).bytes_done;
  run(4s);
  std::uint64_t least = 6'000'000;
  std::uint64_t most = 0;
  for (const auto id : ids) {
    const auto now_done = look(a, id).bytes_done;
    BOOST_TEST(now_done < 6'000'000u);
    least = std::min(least, now_done - then[id]);
    most = std::max(most, now_done - then[id]);
  }
  BOOST_TEST(least > 500'000u);
  BOOST_TEST(most <= least * 2);
  const auto before = b.heard->frame_count;
  send(a, b, "chat", "hello");
  run(800ms); // What the link holds takes a third of a second.
  BOOST_TEST(b.heard->frame_count == before + 1);
  for (const auto id : ids)
    BOOST_TEST(ends(a, id, transfer_phase::completed));
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(offers_that_no_honest_peer_makes_are_refused_with_a_reason, hostile_pair) {
  auto tree = one_file(7, 1);
  tree.directory = true;
  for (const auto* path : {"/etc/passwd", "../up", "a/../../b", "..\\up", "a\\..\\..\\b", "C:x", "", "a//b", "./a"}) {
    tree.files = {{path, 1}};
    BOOST_TEST(refusal_of(tree) != "(accepted)", path);
  }
  tree.files = {{std::string("a\0b", 3), 1}};
  BOOST_TEST(refusal_of(tree) != "(accepted)");
  tree.files = {{"a", 1}, {"a", 1}};
  tree.total = 2;
  BOOST_TEST(refusal_of(tree).find("same path twice") != std::string::npos);
  tree.files = {{"a", 1}, {"a/b", 1}};
  BOOST_TEST(refusal_of(tree).find("both a file and a directory") != std::string::npos);
  BOOST_TEST(refusal_of(one_file(8, 5, "../x")) != "(accepted)");
  auto lies = one_file(9, 5);
  lies.total = 6;
  BOOST_TEST(refusal_of(lies).find("do not add up") != std::string::npos);
  auto vast = one_file(10, ~std::uint64_t{0});
  BOOST_TEST(refusal_of(vast) != "(accepted)");
  auto many = one_file(11, 0);
  many.directory = true;
  many.files.clear();
  for (int i = 0; i < 200'000; ++i)
    many.files.push_back({std::to_string(i), 0});
  BOOST_TEST(refusal_of(many).find("too many files") != std::string::npos);
  BOOST_TEST(count(b).offers_refused == 16u);
  BOOST_TEST(its.offers.empty());
  BOOST_TEST(count(b).active == 0u);
  BOOST_TEST(leftovers(b) == "");
}

BOOST_FIXTURE_TEST_CASE(what_does_not_follow_ends_a_transfer_and_leaves_nothing, hostile_pair) {
  const auto data = content(1000, 1);
  const auto fails = [&](std::uint64_t id, const std::vector<bytes>& what) {
    answers.heard.clear();
    say(*protocols::encode_offer(one_file(id, 1000)));
    for (const auto& one : what)
      say(one);
    const auto message = last();
    const auto* complete = std::get_if<protocols::complete_message>(&message);
    BOOST_TEST_REQUIRE(complete != nullptr);
    BOOST_TEST(!complete->ok);
    BOOST_TEST(read(b, "in/f") == "(none)");
    BOOST_TEST(leftovers(b) == "");
    BOOST_TEST(count(b).active == 0u);
  };
  const bytes_view all{data};
  const auto digest = protocols::sha256(all);
  fails(1, {protocols::encode_chunk(1, 0, 10, all.first(10))});
  fails(2, {protocols::encode_chunk(2, 0, 0, all.first(10)), protocols::encode_chunk(2, 0, 0, all.first(10))});
  fails(3, {protocols::encode_chunk(3, 1, 0, all)});
  fails(4, {protocols::encode_chunk(4, 0, 0, all), protocols::encode_chunk(4, 0, 1000, all.first(1))});
  fails(5, {protocols::encode_chunk(5, 0, 0, all), protocols::encode_file_end(5, 0, {})});
  fails(6, {protocols::encode_chunk(6, 0, 0, all.first(999)), protocols::encode_file_end(6, 0, digest)});
  fails(7, {protocols::encode_file_end(7, 0, digest)});
  // And what does follow arrives.
  say(*protocols::encode_offer(one_file(8, 1000)));
  say(protocols::encode_chunk(8, 0, 0, all));
  say(protocols::encode_file_end(8, 0, digest));
  BOOST_TEST((read(b, "in/f") == as_text(all)));
  BOOST_TEST(leftovers(b) == "");
}

BOOST_FIXTURE_TEST_CASE(chunks_of_what_is_not_known_are_answered_once, hostile_pair) {
  const auto data = content(10, 1);
  for (std::uint64_t offset = 0; offset < 50; offset += 10)
    say(protocols::encode_chunk(1, 0, offset, data));
  BOOST_TEST(answers.heard.size() == 1u);
  const auto message = last();
  const auto* complete = std::get_if<protocols::complete_message>(&message);
  BOOST_TEST_REQUIRE(complete != nullptr);
  BOOST_TEST(complete->id == 1u);
  BOOST_TEST(!complete->ok);
  BOOST_TEST(!complete->reason.empty());
  say(protocols::encode_chunk(2, 0, 0, data));
  BOOST_TEST(answers.heard.size() == 2u);
  say(protocols::encode_file_end(3, 0, {}));
  say(protocols::encode_complete(4, false));
  say(protocols::encode_progress(5, 1));
  BOOST_TEST(answers.heard.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_stalls_is_given_up_and_one_that_offers_without_end_is_refused, hostile_pair) {
  say(*protocols::encode_offer(one_file(1, 1000)));
  say(protocols::encode_chunk(1, 0, 0, content(10, 1)));
  BOOST_TEST(count(b).active == 1u);
  run(90s);
  BOOST_TEST(count(b).active == 0u);
  BOOST_TEST(leftovers(b) == "");
  its.takes_into.clear();
  for (std::uint64_t id = 10; id < 18; ++id)
    say(*protocols::encode_offer(one_file(id, 1)));
  BOOST_TEST(count(b).active == 8u);
  BOOST_TEST(refusal_of(one_file(18, 1)).find("too many offers") != std::string::npos);
  run(2min);
  BOOST_TEST(count(b).active == 0u);
}

BOOST_FIXTURE_TEST_CASE(nobody_but_the_receiver_has_a_say_in_a_transfer, transfer_nodes) {
  auto& a = add(over_tcp);
  auto& b = add(over_tcp);
  auto& m = add([](actors::node_options& x) {
    over_tcp(x);
    x.transfers.enabled = false;
  });
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  BOOST_TEST_REQUIRE(connect(m, a) == "");
  BOOST_TEST_REQUIRE(connect(m, b) == "");
  auto& its = add_clerk(b);
  plant(a, "f", content(100'000, 1));
  const auto id = offer(a, b, "f").value->id;
  run(1s);
  for (auto* who : {&a, &b})
    for (const auto& payload : {protocols::encode_accept(id), protocols::encode_complete(id, true),
           protocols::encode_reject(id), protocols::encode_transfer_op(protocols::transfer_op::cancel, id)})
      send(m, *who, actors::make_batch(protocols::message_type::file_chunk, byte_slice{bytes{payload}}));
  run(1s);
  BOOST_TEST((look(a, id).phase == transfer_phase::offered));
  BOOST_TEST_REQUIRE(its.offers.size() == 1u);
  BOOST_TEST(ask<actors::offer_answered>(b, actors::answer_offer{its.offers[0].id, true, "in/", {}}).error == "");
  BOOST_TEST(ends(a, id, transfer_phase::completed));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
