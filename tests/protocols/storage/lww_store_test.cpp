// SPDX-License-Identifier: MIT
#include "protocols/storage/lww_store.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr std::uint64_t noon = 1'700'000'000'000;
constexpr std::uint64_t hour = 3'600'000;
const peer_id alice{filled(1)};
const peer_id bob{filled(2)};

storage_entry entry(std::string key, std::uint64_t time, const peer_id& origin, std::string_view text) {
  storage_entry out;
  out.key = std::move(key);
  out.record.type = static_cast<std::uint8_t>(storage_type::string);
  out.record.version = {time, origin};
  out.record.data = byte_slice::copy_of(text);
  return out;
}

storage_entry tombstone(std::string key, std::uint64_t time, const peer_id& origin) {
  auto out = entry(std::move(key), time, origin, "");
  out.record.deleted = true;
  return out;
}

struct one_store {
  lww_store store{{}, alice};

  storage_outcome put(std::uint64_t now, std::string_view key, std::string_view text) {
    return store.put(now, key, storage_string(text));
  }
  std::string text(std::string_view key) {
    const auto* x = store.get(key);
    return x ? *as_string(*x) : "(nothing)";
  }
};

bool stored(storage_outcome x) {
  return x == storage_outcome::stored;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lww_store_rules, one_store)

BOOST_AUTO_TEST_CASE(a_second_write_within_the_same_millisecond_is_a_later_one) {
  BOOST_TEST(stored(put(noon, "k", "one")));
  BOOST_TEST(stored(put(noon, "k", "two")));
  BOOST_TEST(text("k") == "two");
  BOOST_TEST(store.find("k")->version.timestamp_ms == noon + 1);
}

BOOST_AUTO_TEST_CASE(the_later_entry_stays_whatever_the_order) {
  BOOST_TEST(stored(store.merge(noon, entry("k", noon, alice, "a"))));
  BOOST_TEST((store.merge(noon, entry("k", noon, alice, "other")) == storage_outcome::older));
  BOOST_TEST((store.merge(noon, entry("k", noon - 1, bob, "old")) == storage_outcome::older));
  BOOST_TEST(text("k") == "a");
  BOOST_TEST(stored(store.merge(noon, entry("k", noon, bob, "b"))));
  BOOST_TEST(stored(store.merge(noon, tombstone("k", noon + 1, alice))));
  BOOST_TEST((store.merge(noon, entry("k", noon, bob, "b")) == storage_outcome::older));
  BOOST_TEST(text("k") == "(nothing)");
  BOOST_TEST(store.counted().outdated == 3u);
}

BOOST_AUTO_TEST_CASE(a_removal_is_later_than_what_it_removes) {
  store.merge(noon, entry("k", noon + 5, bob, "ahead of us"));
  BOOST_TEST(stored(store.remove(noon, "k")));
  const auto* x = store.find("k");
  BOOST_TEST(x->deleted);
  BOOST_TEST(x->data.empty());
  BOOST_TEST(x->type == static_cast<int>(storage_type::string));
  BOOST_TEST(x->version.timestamp_ms > noon + 5);
  BOOST_TEST((store.remove(noon, "k") == storage_outcome::absent));
  BOOST_TEST((store.remove(noon, "never") == storage_outcome::absent));
}

BOOST_AUTO_TEST_CASE(a_slow_clock_overwrites_what_it_has_read) {
  store.merge(noon, entry("other", noon + 60'000, bob, "b"));
  put(noon, "mine", "x"); // Later than all that we know, although our clock does not say so.
  BOOST_TEST(store.find("mine")->version.timestamp_ms == noon + 60'001);
}

BOOST_AUTO_TEST_CASE(a_stamp_from_the_far_future_wins_its_key_and_moves_no_other) {
  store.merge(noon, entry("k", noon + 1000 * hour, bob, "future"));
  BOOST_TEST(text("k") == "future");
  put(noon, "other", "x");
  BOOST_TEST(store.find("other")->version.timestamp_ms == noon);
  BOOST_TEST(stored(put(noon, "k", "now")));
  BOOST_TEST(text("k") == "now");
  BOOST_TEST(store.find("k")->version.timestamp_ms == noon + 1000 * hour + 1);
  put(noon, "another", "x");
  BOOST_TEST(store.find("another")->version.timestamp_ms < noon + 10);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_stamps_no_earlier) {
  put(noon, "a", "1");
  put(noon - hour, "b", "2");
  BOOST_TEST(store.find("b")->version.timestamp_ms == noon + 1);
}

BOOST_AUTO_TEST_CASE(nothing_wins_over_the_end_of_time) {
  store.merge(noon, entry("k", storage_timestamp_max, alice, "for ever"));
  BOOST_TEST((put(noon, "k", "x") == storage_outcome::exhausted));
  BOOST_TEST(text("k") == "for ever");
}

BOOST_AUTO_TEST_CASE(keys_and_values_have_limits) {
  BOOST_TEST((put(noon, "", "x") == storage_outcome::bad_key));
  BOOST_TEST((put(noon, std::string(storage_key_max + 1, 'k'), "x") == storage_outcome::bad_key));
  BOOST_TEST((put(noon, "k", std::string(storage_entry_max, 'x')) == storage_outcome::too_large));
  lww_store::config cfg;
  cfg.value_max = 3;
  lww_store small{cfg, alice};
  BOOST_TEST((small.put(noon, "k", storage_string("1234")) == storage_outcome::too_large));
  BOOST_TEST(stored(small.put(noon, "k", storage_string("123"))));
}

BOOST_AUTO_TEST_CASE(a_full_store_still_replaces_and_removes) {
  lww_store::config cfg;
  cfg.entries_max = 2;
  cfg.bytes_max = 10;
  lww_store small{cfg, alice};
  BOOST_TEST(stored(small.put(noon, "a", storage_string("1234"))));
  BOOST_TEST((small.put(noon, "b", storage_string("12345")) == storage_outcome::full));
  BOOST_TEST(stored(small.put(noon, "b", storage_string("1234"))));
  BOOST_TEST((small.merge(noon, entry("c", noon, bob, "")) == storage_outcome::full));
  BOOST_TEST((small.put(noon, "a", storage_string("12345")) == storage_outcome::full));
  BOOST_TEST(stored(small.put(noon, "a", storage_string("4321"))));
  BOOST_TEST(stored(small.remove(noon, "a")));
  BOOST_TEST(small.counted().refused == 1u);
  BOOST_TEST(small.counted().data_bytes == 4u);
}

BOOST_AUTO_TEST_CASE(old_tombstones_are_compacted_and_do_not_come_back) {
  put(noon, "k", "x");
  store.remove(noon, "k");
  put(noon, "live", "x");
  const auto month = 30 * 24 * hour;
  BOOST_TEST(store.compact(noon + month) == 0u);
  BOOST_TEST(store.compact(noon + month + 2) == 1u);
  BOOST_TEST(store.counted().tombstones == 0u);
  BOOST_TEST(store.digests().size() == 1u);
  BOOST_TEST((store.merge(noon + month + 2, tombstone("k", noon + 1, alice)) == storage_outcome::older));
  BOOST_TEST(store.find("k") == nullptr);
  BOOST_TEST(stored(store.merge(noon + month + 2, tombstone("k", noon + month, alice))));
}

BOOST_AUTO_TEST_CASE(keys_come_in_order_by_prefix_and_in_pages) {
  for (const auto* key : {"b/2", "a", "b/1", "c", "b/10", "b", "b0"})
    put(noon, key, "x");
  store.remove(noon, "b/10");
  BOOST_TEST((store.keys("b/") == std::vector<std::string>{"b/1", "b/2"}));
  BOOST_TEST((store.keys() == std::vector<std::string>{"a", "b", "b/1", "b/2", "b0", "c"}));
  BOOST_TEST((store.keys("b", 2) == std::vector<std::string>{"b", "b/1"}));
  BOOST_TEST((store.keys("b", 2, "b/1") == std::vector<std::string>{"b/2", "b0"}));
  BOOST_TEST(store.keys("x").empty());
  BOOST_TEST(store.size() == 6u);
}

BOOST_AUTO_TEST_CASE(a_change_tells_before_and_after_and_who) {
  storage_change x;
  store.put(noon, "k", storage_string("one"), &x);
  BOOST_TEST(!x.before.has_value());
  BOOST_TEST(x.after.data.text() == "one");
  BOOST_TEST(!x.remote);
  store.merge(noon, entry("k", noon + 1, bob, "two"), &x);
  BOOST_TEST(x.key == "k");
  BOOST_TEST(x.before->data.text() == "one");
  BOOST_TEST(x.after.data.text() == "two");
  BOOST_TEST(x.remote);
}

BOOST_AUTO_TEST_CASE(figures_follow_every_change) {
  put(noon, "ab", "1234");
  put(noon, "c", "1");
  put(noon, "ab", "12");
  store.remove(noon, "c");
  const auto& x = store.counted();
  BOOST_TEST(x.entries == 1u);
  BOOST_TEST(x.tombstones == 1u);
  BOOST_TEST(x.data_bytes == 2u);
  BOOST_TEST(x.key_bytes == 3u);
  BOOST_TEST(x.written == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
