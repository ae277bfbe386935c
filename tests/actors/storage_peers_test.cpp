// SPDX-License-Identifier: MIT
#include "tests/actors/storage_nodes.hpp"

#include <algorithm>

namespace librats::test {

namespace {

using lines = std::vector<std::string>;
using protocols::message_type;

/// A node without a store whose test speaks for one.
struct with_stranger : storage_nodes {
  sim_node& a = add_store();
  sim_node& stranger = add();

  with_stranger() {
    tell(stranger, actors::register_messages{message_type::storage, stranger.watcher});
    BOOST_TEST_REQUIRE(connect(stranger, a) == "");
    run(3s); // By then it is taken for an upstream node.
  }

  void say(bytes payload) {
    send(stranger, a, actors::make_batch(message_type::storage, byte_slice{std::move(payload)}));
    run(1s);
  }

  bytes entry(const std::string& key, std::uint64_t time, const std::string& text, const peer_id& origin) {
    protocols::storage_record x;
    x.type = static_cast<std::uint8_t>(protocols::storage_type::string);
    x.version = {time, origin};
    x.data = byte_slice::copy_of(text);
    return protocols::encode_entry_message(key, x);
  }

  [[nodiscard]] std::uint64_t now_ms() const { return static_cast<std::uint64_t>(a.host.unix_time_ms()); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(storage_peers)

BOOST_FIXTURE_TEST_CASE(what_one_writes_the_other_has_and_is_told, storage_nodes) {
  auto& a = add_store();
  auto& b = add_store();
  BOOST_TEST(put(a, "before", "1") == "");
  BOOST_TEST(put(b, "also", "2") == "");
  BOOST_TEST(connect(a, b) == "");
  run(1s);
  BOOST_TEST(get(a, "also") == "2");
  BOOST_TEST(get(b, "before") == "1");
  BOOST_TEST(put(a, "after", "3") == "");
  run(100ms);
  BOOST_TEST(get(b, "after") == "3");
  BOOST_TEST(remove(b, "before") == "");
  run(100ms);
  BOOST_TEST(get(a, "before") == "-");
  BOOST_TEST(b.heard->stored == (lines{"here also: 2", "there before: 1", "there after: 3", "here before: removed"}),
    boost::test_tools::per_element());
  BOOST_TEST(a.heard->count("synced B") > 0u);
  BOOST_TEST(all_equal());
  const auto x = storage(a);
  BOOST_TEST(x.synced);
  BOOST_TEST(x.peers == 1u);
  BOOST_TEST(x.peers_ours == 1u);
  BOOST_TEST(x.bytes_sent > 0u);
  BOOST_TEST(ask<actors::storage_sync_requested>(a, actors::request_storage_sync{}).value->peers == 1u);
}

BOOST_FIXTURE_TEST_CASE(stores_apart_stay_apart_when_synchronisation_is_off, storage_nodes) {
  auto& a = add_store();
  auto& b = add_store([](actors::node_options& x) { x.storage.sync = false; });
  BOOST_TEST(put(a, "a", "1") == "");
  BOOST_TEST(put(b, "b", "1") == "");
  BOOST_TEST(connect(a, b) == "");
  run(10s);
  BOOST_TEST(get(a, "b") == "-");
  BOOST_TEST(get(b, "a") == "-");
  BOOST_TEST(ask<actors::storage_sync_requested>(b, actors::request_storage_sync{}).value->peers == 0u);
}

BOOST_FIXTURE_TEST_CASE(the_largest_values_get_through_a_slow_link, storage_nodes) {
  auto& a = add_store();
  auto& b = add_store();
  runtime::uplink_profile slow;
  slow.bytes_per_second = 4 << 20;
  a.host.set_uplink(slow);
  BOOST_TEST(connect(a, b) == "");
  run(1s);
  const std::string large(8'000'000, 'x');
  for (const auto* key : {"1", "2", "3", "4"})
    BOOST_TEST(put(a, key, large) == "");
  BOOST_TEST(eventually([&] { return get(b, "4") == large; }, 2min));
  BOOST_TEST(get(b, "1") == large);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  BOOST_TEST(all_equal());
}

BOOST_FIXTURE_TEST_CASE(an_upstream_node_is_asked_answered_and_told, with_stranger) {
  // HELLO, which it ignores; then a request.
  BOOST_TEST_REQUIRE(stranger.heard->frames.size() == 2u);
  BOOST_TEST(storage(a).sync_requests_sent == 1u);
  BOOST_TEST(put(a, "k", "v") == "");
  run(1s);
  BOOST_TEST(stranger.heard->frames.size() == 3u); // ENTRY.
  say(protocols::encode_sync_request());
  BOOST_TEST(stranger.heard->frames.size() == 4u); // SYNC_RESPONSE.
  BOOST_TEST(storage(a).sync_requests_received == 1u);
  say(entry("k", now_ms() + 5, "theirs", stranger.id));
  BOOST_TEST(get(a, "k") == "theirs");
  BOOST_TEST(on_disk(a.host).size() == 1u);
  protocols::sync_response_builder all;
  protocols::storage_record x;
  x.version = {now_ms(), stranger.id};
  all.add("from a response", x);
  say(all.take());
  BOOST_TEST(get(a, "from a response") == "");
  BOOST_TEST(a.heard->count("synced B") == 1u);
  BOOST_TEST(storage(a).peers_ours == 0u);
}

BOOST_FIXTURE_TEST_CASE(bad_entries_are_refused_and_counted, with_stranger) {
  auto broken = entry("k", now_ms(), "v", stranger.id);
  broken.back() ^= 1; // The checksum.
  say(broken);
  say(entry("k", protocols::storage_timestamp_max + 1, "for ever", stranger.id));
  say(entry("k", ~std::uint64_t{0}, "for ever", stranger.id));
  say(entry("", now_ms(), "no key", stranger.id));
  say(entry(std::string(70'000, 'k'), now_ms(), "long key", stranger.id));
  // An origin that is no id: a name that sorts behind all hexadecimal digits would win every tie.
  auto good = entry("k", now_ms(), "v", stranger.id);
  const auto hex = stranger.id.to_string();
  const auto at = std::search(good.begin(), good.end(), hex.begin(), hex.end());
  BOOST_TEST_REQUIRE((at != good.end()));
  *at = 'z';
  say(good);
  say({});
  say({0x7f});
  say({1, 0, 0});
  BOOST_TEST(keys(a).empty());
  BOOST_TEST(storage(a).entries_refused == 6u);
  BOOST_TEST(on_disk(a.host).empty());
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  // From the far future, within reason: it wins as it must, and can be overwritten.
  say(entry("k", now_ms() + 1000ull * 3600 * 24 * 365, "next year", stranger.id));
  BOOST_TEST(get(a, "k") == "next year");
  BOOST_TEST(put(a, "k", "now") == "");
  BOOST_TEST(get(a, "k") == "now");
  const auto other = ask<actors::value_put>(a, actors::put_value{"other", protocols::storage_string("x")});
  BOOST_TEST(other.value->timestamp_ms < now_ms() + 1000u * 3600); // Other keys stay in the present.
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_fills_the_store_is_stopped_by_its_limit, with_stranger) {
  auto& small = add_store([](actors::node_options& x) { x.storage.replica.store.entries_max = 10; });
  BOOST_TEST(connect(stranger, small) == "");
  for (int i = 0; i < 100; ++i)
    send(stranger, small,
      actors::make_batch(
        message_type::storage, byte_slice{entry("k" + std::to_string(i), now_ms(), "v", stranger.id)}));
  run(1s);
  BOOST_TEST(keys(small).size() == 10u);
  BOOST_TEST(storage(small).store.refused == 90u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
