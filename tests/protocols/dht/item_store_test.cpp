// SPDX-License-Identifier: MIT
#include "protocols/dht/item_store.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

bytes text(std::string_view x) {
  return to_bytes(as_bytes(x));
}

dht_item number(int i) {
  return {text("i" + std::to_string(i) + "e"), std::nullopt};
}

ip_address source(int i) {
  return ip_address::v4(1, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i));
}

struct fixture {
  item_store::config cfg;
  item_key_pair key = item_key_pair::from_seed(filled(5));
  time_point now{1h};

  [[nodiscard]] dht_item version(std::int64_t seq, const char* value = "i1e") const {
    return sign_item(key, text("salt"), seq, text(value));
  }
  [[nodiscard]] node_id target() const { return mutable_target(key.public_key, as_bytes("salt")); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(item_stores, fixture)

BOOST_AUTO_TEST_CASE(immutable_items_lie_under_their_hash) {
  item_store uut{cfg};
  BOOST_TEST(!uut.put(number(1), {}, source(1), now).has_value());
  BOOST_TEST((*uut.find(immutable_target(as_bytes("i1e")), now) == number(1)));
  BOOST_TEST(uut.find(immutable_target(as_bytes("i2e")), now) == nullptr);
  BOOST_TEST(!uut.put(number(1), {}, source(2), now + 1h).has_value()); // Refreshed.
  BOOST_TEST(uut.size() == 1u);
  BOOST_TEST((*uut.next_expiry() == now + 3h));
}

BOOST_AUTO_TEST_CASE(an_item_is_forgotten_two_hours_after_it_was_put) {
  item_store uut{cfg};
  BOOST_TEST(!uut.next_expiry());
  uut.put(number(1), {}, source(1), now);
  const auto target = immutable_target(as_bytes("i1e"));
  BOOST_TEST(uut.find(target, now + 2h - 1ns) != nullptr);
  BOOST_TEST(uut.find(target, now + 2h) == nullptr);
  uut.expire(now + 2h);
  BOOST_TEST(uut.size() == 0u);
  BOOST_TEST(!uut.next_expiry());
}

BOOST_AUTO_TEST_CASE(a_newer_version_replaces_an_older_one_and_not_the_other_way_round) {
  item_store uut{cfg};
  BOOST_TEST(!uut.put(version(5), {}, source(1), now).has_value());
  BOOST_TEST((uut.put(version(4, "i2e"), {}, source(1), now) == item_errc::seq_too_small));
  BOOST_TEST((uut.put(version(5, "i2e"), {}, source(1), now) == item_errc::seq_too_small));
  BOOST_TEST((*uut.find(target(), now) == version(5)));
  BOOST_TEST(!uut.put(version(6, "i2e"), {}, source(1), now).has_value());
  BOOST_TEST((*uut.find(target(), now) == version(6, "i2e")));
  BOOST_TEST(uut.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_same_version_is_refreshed_by_anybody) {
  item_store uut{cfg};
  uut.put(version(5), {}, source(1), now);
  BOOST_TEST(!uut.put(version(5), {}, source(2), now + 1h).has_value());
  BOOST_TEST((*uut.next_expiry() == now + 3h));
  auto forged = version(5); // The same content without the signature is nobody's version.
  forged.proof->signature[3] ^= 1;
  BOOST_TEST((uut.put(forged, {}, source(2), now + 2h) == item_errc::bad_signature));
  BOOST_TEST((*uut.next_expiry() == now + 3h));
}

BOOST_AUTO_TEST_CASE(a_refused_put_refreshes_nothing) {
  item_store uut{cfg};
  uut.put(version(5), {}, source(1), now);
  uut.put(version(4), {}, source(1), now + 1h);
  uut.put(version(6), 4, source(1), now + 1h);
  BOOST_TEST((*uut.next_expiry() == now + 2h));
}

BOOST_AUTO_TEST_CASE(compare_and_swap_wants_the_version_that_is_stored) {
  item_store uut{cfg};
  BOOST_TEST(!uut.put(version(5), 99, source(1), now).has_value()); // Nothing to compare with.
  BOOST_TEST((uut.put(version(7), 4, source(1), now) == item_errc::cas_mismatch));
  BOOST_TEST((uut.put(version(7), 6, source(1), now) == item_errc::cas_mismatch));
  BOOST_TEST((uut.put(version(5), 4, source(1), now) == item_errc::cas_mismatch)); // Even for what is there.
  BOOST_TEST(!uut.put(version(7), 5, source(1), now).has_value());
  BOOST_TEST((uut.put(version(6), 7, source(1), now) == item_errc::seq_too_small));
  BOOST_TEST(uut.find(target(), now)->proof->seq == 7);
  BOOST_TEST(!uut.put(number(1), 3, source(1), now).has_value()); // Not for immutable items.
  BOOST_TEST(!uut.put(number(1), 3, source(1), now).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_sound_is_refused_with_its_code) {
  item_store uut{cfg};
  auto bad = version(1);
  bad.proof->signature[0] ^= 1;
  BOOST_TEST((uut.put(bad, {}, source(1), now) == item_errc::bad_signature));
  BOOST_TEST((uut.put(version(-1), {}, source(1), now) == item_errc::malformed));
  BOOST_TEST((uut.put({text("i1"), std::nullopt}, {}, source(1), now) == item_errc::malformed));
  BOOST_TEST(
    (uut.put({text("997:" + std::string(997, 'x')), std::nullopt}, {}, source(1), now) == item_errc::value_too_big));
  BOOST_TEST((uut.put(sign_item(key, bytes(65), 1, text("i1e")), {}, source(1), now) == item_errc::salt_too_big));
  BOOST_TEST(uut.size() == 0u);
  uut.put(version(1), {}, source(1), now);
  bad = version(2);
  bad.proof->signature[0] ^= 1;
  BOOST_TEST((uut.put(bad, {}, source(1), now) == item_errc::bad_signature));
  BOOST_TEST(uut.find(target(), now)->proof->seq == 1);
  BOOST_TEST(static_cast<int>(item_errc::bad_signature) == 206);
  BOOST_TEST(std::string{to_string(item_errc::no_room)} == "No room");
}

BOOST_AUTO_TEST_CASE(one_source_cannot_fill_the_store) {
  item_store uut{cfg};
  for (int i = 0; i < 100; ++i)
    BOOST_TEST((uut.put(number(i), {}, source(1), now) == (i < 32 ? std::nullopt : std::optional{item_errc::no_room})));
  BOOST_TEST(uut.size() == 32u);
  BOOST_TEST(!uut.put(number(0), {}, source(1), now).has_value()); // What is there it may refresh.
  BOOST_TEST(!uut.put(number(50), {}, source(2), now).has_value());
  uut.expire(now + 2h);
  BOOST_TEST(!uut.put(number(50), {}, source(1), now + 2h).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_store_drops_what_was_not_refreshed_for_longest) {
  cfg.items_max = 10;
  item_store uut{cfg};
  for (int i = 0; i < 10; ++i)
    uut.put(number(i), {}, source(i), now + std::chrono::seconds{i});
  uut.put(number(0), {}, source(50), now + 20s);
  BOOST_TEST(!uut.put(number(10), {}, source(10), now + 21s).has_value());
  BOOST_TEST(uut.size() == 10u);
  BOOST_TEST(uut.find(target_of(number(0)), now + 21s) != nullptr);
  BOOST_TEST(uut.find(target_of(number(1)), now + 21s) == nullptr);
  BOOST_TEST(uut.find(target_of(number(10)), now + 21s) != nullptr);
}

BOOST_AUTO_TEST_CASE(answers_leave_out_a_version_that_the_asker_has) {
  item_store uut{cfg};
  uut.put(version(5), {}, source(1), now);
  uut.put(number(1), {}, source(1), now);
  const auto ask = [&](const node_id& at, std::optional<std::int64_t> seq) {
    krpc::response out;
    uut.answer({at, seq, {}}, out, now);
    return out;
  };
  for (const auto seq : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{4}}) {
    const auto full = ask(target(), seq);
    BOOST_TEST((krpc::item_of(full, as_bytes("salt")) == version(5)));
  }
  for (const std::int64_t seq : {5, 6}) {
    const auto number_alone = ask(target(), seq);
    BOOST_TEST((number_alone.seq == 5 && number_alone.value.empty() && !number_alone.key && !number_alone.signature));
  }
  const auto immutable = ask(target_of(number(1)), 7);
  BOOST_TEST((krpc::item_of(immutable, {}) == number(1)));
  BOOST_TEST(!immutable.seq);
  BOOST_TEST(ask(node_id{}, {}).value.empty());
}

BOOST_AUTO_TEST_SUITE_END()
