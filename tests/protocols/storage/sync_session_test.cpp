// SPDX-License-Identifier: MIT
#include "protocols/storage/sync_session.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t noon = 1'700'000'000'000;
const peer_id alice{filled(1)};
const peer_id bob{filled(2)};

storage_entry entry(
  const std::string& key, std::uint64_t time, const peer_id& origin, std::string_view text = "value") {
  storage_entry out;
  out.key = key;
  out.record.type = static_cast<std::uint8_t>(storage_type::string);
  out.record.version = {time, origin};
  out.record.data = byte_slice::copy_of(text);
  return out;
}

std::string contents(const lww_store& x) {
  storage_export out;
  x.for_each([&](std::string_view key, const storage_record& record) { out.add(key, record); });
  return to_hex(out.take());
}

/// Two stores and a link that carries one message at a time, in turns.
struct pair_of_stores {
  time_point now{1h};
  lww_store left{{}, alice};
  lww_store right{{}, bob};
  sync_session left_end{{}, now, true};
  sync_session right_end{{}, now, false};
  std::size_t bytes_said = 0;
  std::size_t messages = 0;

  void fill_both(int count) {
    for (int i = 0; i < count; ++i) {
      const auto x = entry("key " + std::to_string(i), noon + static_cast<std::uint64_t>(i), alice);
      left.merge(noon, x);
      right.merge(noon, x);
    }
  }

  void talk() {
    while (one_turn()) {
    }
  }

  bool one_turn() {
    bool said = false;
    if (const auto x = left_end.poll_transmit(now, left))
      said = deliver(right_end, right, *x);
    if (const auto x = right_end.poll_transmit(now, right))
      said = deliver(left_end, left, *x) || said;
    now += 10ms;
    return said;
  }

  bool deliver(sync_session& to, lww_store& store, const bytes& x) {
    bytes_said += x.size();
    ++messages;
    to.handle_message(now, noon, store, x);
    return true;
  }
};

std::optional<bytes> next(sync_session& x, time_point now, const lww_store& store) {
  return x.poll_transmit(now, store);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(sync_sessions, pair_of_stores)

BOOST_AUTO_TEST_CASE(equal_stores_say_so_in_150_bytes) {
  fill_both(20'000);
  talk();
  BOOST_TEST(left_end.is_synced());
  BOOST_TEST(right_end.is_synced());
  BOOST_TEST(bytes_said < 150u);
  BOOST_TEST(left_end.counted().entries_sent + right_end.counted().entries_sent == 0u);
}

BOOST_AUTO_TEST_CASE(ten_differences_among_many_cost_kilobytes) {
  fill_both(20'000);
  for (int i = 0; i < 5; ++i) {
    left.merge(noon, entry("key " + std::to_string(i * 100), noon + 1'000'000, alice, "newer"));
    right.merge(noon, entry("new " + std::to_string(i), noon, bob));
  }
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(left_end.counted().entries_sent == 5u);
  BOOST_TEST(right_end.counted().entries_sent == 5u);
  BOOST_TEST(bytes_said < 20'000u);
}

BOOST_AUTO_TEST_CASE(an_empty_store_gets_everything_once_from_either_end) {
  for (int i = 0; i < 3000; ++i)
    right.merge(noon, entry("key " + std::to_string(i), noon, alice));
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(right_end.counted().entries_sent == 3000u);
  BOOST_TEST(left_end.counted().entries_sent == 0u);
  pair_of_stores other;
  for (int i = 0; i < 3000; ++i)
    other.left.merge(noon, entry("key " + std::to_string(i), noon, alice));
  other.talk();
  BOOST_TEST(contents(other.left) == contents(other.right));
  BOOST_TEST(other.left_end.counted().entries_sent == 3000u);
  BOOST_TEST(other.right_end.counted().entries_sent == 0u);
}

BOOST_AUTO_TEST_CASE(versions_of_the_same_time_are_settled_by_their_origins) {
  fill_both(100);
  left.merge(noon, entry("tie", noon, alice, "from alice"));
  right.merge(noon, entry("tie", noon, bob, "from bob"));
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(left.get("tie")->data.text() == "from bob");
}

BOOST_AUTO_TEST_CASE(large_values_travel_in_many_messages) {
  const std::string large(200'000, 'x');
  for (int i = 0; i < 20; ++i)
    right.merge(noon, entry("key " + std::to_string(i), noon, bob, large));
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(messages > 20u);
  BOOST_TEST(right_end.counted().entries_sent == 20u);
}

BOOST_AUTO_TEST_CASE(who_follows_may_ask_for_a_comparison) {
  fill_both(10);
  talk();
  right.merge(noon, entry("late", noon, bob)); // Told to nobody.
  right_end.request_sync();
  BOOST_TEST_REQUIRE(right_end.poll_timeout().has_value());
  now = *right_end.poll_timeout();
  talk();
  now += 1s;
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(left_end.counted().rounds == 2u);
}

BOOST_AUTO_TEST_CASE(a_changed_key_is_sent_as_it_is_when_there_is_room) {
  talk();
  left.put(noon, "k", storage_string("one"));
  left_end.note_change("k");
  left.put(noon, "k", storage_string("two"));
  left_end.note_change("k");
  const auto before = left_end.counted().entries_sent;
  talk();
  BOOST_TEST(left_end.counted().entries_sent == before + 1);
  BOOST_TEST(right.get("k")->data.text() == "two");
}

BOOST_AUTO_TEST_CASE(more_changes_than_may_wait_are_compared_instead) {
  sync_session::config cfg;
  cfg.changes_max = 10;
  left_end = sync_session{cfg, now, true};
  talk();
  for (int i = 0; i < 500; ++i) {
    const auto key = "key " + std::to_string(i);
    left.put(noon, key, storage_string("x"));
    left_end.note_change(key);
  }
  now += 1s;
  talk();
  BOOST_TEST(contents(left) == contents(right));
  BOOST_TEST(right.size() == 500u);
}

BOOST_AUTO_TEST_CASE(an_end_that_was_restarted_in_the_middle_of_a_comparison_begins_anew) {
  for (const bool leader_restarts : {true, false})
    for (int cut_after = 0; cut_after < 12; ++cut_after) {
      pair_of_stores x;
      x.fill_both(300);
      x.left.put(noon, "left", storage_string("l"));
      x.right.put(noon, "right", storage_string("r"));
      for (int i = 0; i < cut_after; ++i)
        x.one_turn();
      (leader_restarts ? x.left_end : x.right_end) = sync_session{{}, x.now, leader_restarts, 2};
      for (int i = 0; i < 300 && contents(x.left) != contents(x.right); ++i)
        x.one_turn();
      BOOST_TEST(contents(x.left) == contents(x.right), "after " << cut_after << " turns");
      x.talk(); // It ends.
      BOOST_TEST(x.left_end.peer_is_ours());
      BOOST_TEST(x.right_end.peer_is_ours());
    }
}

BOOST_AUTO_TEST_CASE(what_was_said_to_an_end_before_it_was_restarted_is_said_again) {
  // HELLO reaches the left end, which is gone before it is read.
  BOOST_TEST(next(right_end, now, right).has_value());
  left.put(noon, "left", storage_string("l"));
  left_end = sync_session{{}, now, true, 2};
  talk();
  BOOST_TEST(left_end.peer_is_ours());
  BOOST_TEST(right_end.peer_is_ours());
  BOOST_TEST(contents(left) == contents(right));
}

BOOST_AUTO_TEST_CASE(who_asks_without_hello_is_an_upstream_node_and_gets_everything) {
  fill_both(3);
  BOOST_TEST(decode_sync(*next(left_end, now, left)).ok()); // HELLO, which upstream ignores.
  BOOST_TEST(!next(left_end, now, left).has_value());
  left_end.handle_message(now, noon, left, unhex("02"));
  BOOST_TEST(to_hex(*next(left_end, now, left)) == "02");
  const auto raw = next(left_end, now, left);
  BOOST_TEST_REQUIRE(raw.has_value());
  const auto x = decode_storage(*raw);
  BOOST_TEST_REQUIRE(std::holds_alternative<storage_sync_response>(*x));
  BOOST_TEST(std::get<storage_sync_response>(*x).entries.left() == 3u);
  BOOST_TEST(!next(left_end, now, left).has_value());
  BOOST_TEST(!left_end.is_synced());
  left_end.handle_message(now, noon, left, unhex("03 00000000"));
  BOOST_TEST(left_end.is_synced());
  BOOST_TEST(!left_end.peer_is_ours());
}

BOOST_AUTO_TEST_CASE(an_empty_store_answers_too) {
  next(left_end, now, left);
  left_end.handle_message(now, noon, left, unhex("02"));
  BOOST_TEST(to_hex(*next(left_end, now, left)) == "02");
  BOOST_TEST(to_hex(*next(left_end, now, left)) == "0300000000");
}

BOOST_AUTO_TEST_CASE(who_says_nothing_is_asked_as_upstream_asks) {
  next(left_end, now, left);
  left_end.handle_timeout(now + 1s);
  BOOST_TEST(!next(left_end, now, left).has_value());
  BOOST_TEST((*left_end.poll_timeout() == now + 2s));
  left_end.handle_timeout(now + 2s);
  BOOST_TEST(to_hex(*next(left_end, now, left)) == "02");
  BOOST_TEST(!left_end.poll_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(requests_without_end_make_no_work_without_end) {
  fill_both(3);
  for (int i = 0; i < 10'000; ++i)
    left_end.handle_message(now, noon, left, unhex("02"));
  int messages_out = 0;
  while (next(left_end, now, left))
    ++messages_out;
  BOOST_TEST(messages_out == 4); // HELLO, SYNC_REQUEST, and two responses.
}

BOOST_AUTO_TEST_CASE(garbage_and_answers_that_nobody_asked_for_are_counted) {
  talk();
  left_end.handle_message(now, noon, left, unhex("ff"));
  left_end.handle_message(now, noon, left, encode_sync(sync_ranges{{{hash_range{}.child(1), range_parts{}}}}));
  left_end.handle_message(now, noon, left, encode_sync(sync_finished{}));
  BOOST_TEST(left_end.counted().ignored == 3u);
  BOOST_TEST(!next(left_end, now, left).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
