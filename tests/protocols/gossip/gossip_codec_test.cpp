// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_codec.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

const message_id sample_id{
  peer_id{unhex32("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")}, 0x0102030405060708};

template <class T>
T read(bytes_view raw) {
  const auto x = decode_gossip(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST_REQUIRE(std::holds_alternative<T>(*x));
  return std::get<T>(*x);
}

bytes vector(std::string_view name) {
  return find_case(load_vectors("gossip.json"), name).raw;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_codec)

BOOST_AUTO_TEST_CASE(vectors_with_a_topic_alone_read_and_write_byte_for_byte) {
  for (const auto& x : load_vectors("gossip.json")) {
    if (x.raw.empty() || x.raw[0] < 1 || x.raw[0] > 4 || x.name.find("empty topic") != std::string::npos)
      continue;
    BOOST_TEST_CONTEXT(x.name) {
      const auto topic = x.fields.at("topic").get<std::string>();
      BOOST_TEST(to_hex(encode_topic_op(static_cast<gossip_op>(x.raw[0]), topic)) == to_hex(x.raw));
      const auto decoded = decode_gossip(x.raw);
      BOOST_TEST_REQUIRE(decoded.ok());
      BOOST_TEST(decoded->index() == x.raw[0]);
    }
  }
  BOOST_TEST(read<gossip_subscribe>(vector("SUBSCRIBE news (broadcast on subscribe)")).topic == "news");
  BOOST_TEST(read<gossip_unsubscribe>(vector("UNSUBSCRIBE news (broadcast)")).topic == "news");
  BOOST_TEST(read<gossip_graft>(vector("GRAFT for a topic we do not carry")).topic == "z");
  BOOST_TEST(!read<gossip_prune>(vector("... is answered with PRUNE")).backoff);
}

BOOST_AUTO_TEST_CASE(a_publication_reads_and_writes_byte_for_byte) {
  const auto raw = vector("PUBLISH along the mesh");
  const auto x = read<gossip_publish>(raw);
  BOOST_TEST((x.id == sample_id));
  BOOST_TEST(x.topic == "news");
  BOOST_TEST(as_text(x.data) == "hello");
  BOOST_TEST(to_hex(*encode_publish(x.id, x.topic, x.data)) == to_hex(raw));
  const auto empty = read<gossip_publish>(vector("PUBLISH with empty topic and empty data (accepted)"));
  BOOST_TEST(empty.topic.empty());
  BOOST_TEST(empty.data.empty());
}

BOOST_AUTO_TEST_CASE(lists_of_ids_read_and_write_byte_for_byte) {
  const auto ihave = vector("IHAVE news, one id (heartbeat, to a non-mesh subscriber)");
  const auto offered = read<gossip_ihave>(ihave);
  BOOST_TEST(offered.topic == "news");
  BOOST_TEST_REQUIRE(offered.ids.size() == 1u);
  BOOST_TEST((offered.ids[0] == sample_id));
  BOOST_TEST(to_hex(encode_ihave("news", {sample_id})) == to_hex(ihave));
  const auto iwant = vector("IWANT answering that IHAVE");
  BOOST_TEST((read<gossip_iwant>(iwant).ids[0] == sample_id));
  BOOST_TEST(to_hex(encode_iwant({sample_id})) == to_hex(iwant));
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_refused) {
  for (const auto& x : load_vectors("gossip.json")) {
    const auto data_size = x.raw[0] == 0 && x.fields.contains("data") ? 5u : x.raw.size() > 51 ? 5u : 0u;
    if (x.name.find("empty topic") != std::string::npos)
      continue;
    for (std::size_t n = 0; n < x.raw.size() - data_size; ++n) {
      const auto cut = decode_gossip(bytes_view{x.raw}.first(n));
      BOOST_TEST(!cut.ok(), x.name << " cut to " << n);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_topic_is_for_publications_alone) {
  BOOST_TEST((decode_gossip(vector("SUBSCRIBE with empty topic (ignored)")).error() == wire_errc::bad_text));
  for (const auto* raw : {"020000", "030000", "040000", "0500000000"})
    BOOST_TEST((decode_gossip(unhex(raw)).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(unknown_operations_are_refused_and_trailing_bytes_ignored) {
  BOOST_TEST((decode_gossip(unhex("07 0001 61")).error() == wire_errc::unknown_kind));
  BOOST_TEST(read<gossip_subscribe>(unhex("01 0001 61 ffff")).topic == "a");
  BOOST_TEST(read<gossip_iwant>(unhex("06 0000 ffff")).ids.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_prune_names_its_back_off_to_those_who_know_it) {
  const auto raw = encode_prune("a", 60s);
  BOOST_TEST(to_hex(raw)
    == "040001"
       "61"
       "01003c");
  BOOST_TEST((read<gossip_prune>(raw).backoff == 60s));
  BOOST_TEST((read<gossip_prune>(encode_prune("a", 100000s)).backoff == 65535s));
  BOOST_TEST(!read<gossip_prune>(unhex("040001 61 02003c")).backoff); // Something else that may come one day.
  BOOST_TEST(!read<gossip_prune>(unhex("040001 61 0100")).backoff);
}

BOOST_AUTO_TEST_CASE(a_prune_names_others_behind_its_back_off) {
  const pex_entry one{{ip_address::v4(203, 0, 113, 7), 4000}, peer_id{filled(1)}};
  const pex_entry two{{*ip_address::parse("2001:db8::7"), 4001}, peer_id{filled(2)}};
  const auto raw = encode_prune("a", 60s, {one, two});
  BOOST_TEST(to_hex(raw)
    == "040001"
       "61"
       "01003c"
       "0202"
       "04cb0071070fa0"
      + to_hex(one.id.view()) + "1020010db80000000000000000000000070fa1" + to_hex(two.id.view()));
  const auto x = read<gossip_prune>(raw);
  BOOST_TEST(x.topic == "a");
  BOOST_TEST((x.backoff == 60s));
  BOOST_TEST(x.peers.size() == 2u);
  BOOST_TEST((x.peers.entries() == std::vector<pex_entry>{one, two}));
  // Who reads a topic and ignores what follows, as upstream does, reads what it has always read.
  BOOST_TEST(to_hex(bytes_view{raw}.first(4)) == to_hex(encode_topic_op(gossip_op::prune, "a")));
}

BOOST_AUTO_TEST_CASE(of_a_broken_list_of_peers_nothing_is_taken_but_the_back_off_is) {
  const std::vector<pex_entry> all(17, {{ip_address::v4(203, 0, 113, 7), 4000}, peer_id{filled(1)}});
  const auto raw = encode_prune("a", 60s, all);
  const auto whole = read<gossip_prune>(raw);
  BOOST_TEST(whole.peers.size() == gossip_prune_peers_max);
  for (std::size_t n = 7; n < raw.size(); ++n) {
    const auto cut = read<gossip_prune>(bytes_view{raw}.first(n));
    BOOST_TEST((cut.backoff == 60s));
    BOOST_TEST(cut.peers.size() == 0u, n);
  }
  auto many = raw;
  many[8] = 17;
  many.insert(many.end(), raw.begin() + 9, raw.begin() + 9 + 39);
  BOOST_TEST(read<gossip_prune>(many).peers.size() == 0u);
  auto other = raw;
  other[7] = 3;
  BOOST_TEST(read<gossip_prune>(other).peers.size() == 0u);
  auto odd = raw;
  odd[9] = 5; // No address has five bytes.
  BOOST_TEST(read<gossip_prune>(odd).peers.size() == 0u);
}

BOOST_AUTO_TEST_CASE(peers_that_nobody_can_dial_are_not_named) {
  const pex_entry nowhere{{ip_address::v4(203, 0, 113, 7), 0}, peer_id{filled(1)}};
  BOOST_TEST(to_hex(encode_prune("a", 60s, {nowhere})) == to_hex(encode_prune("a", 60s)));
}

BOOST_AUTO_TEST_CASE(what_would_not_get_through_is_not_written) {
  const bytes data(gossip_publish_max - gossip_publish_overhead - 4, 7);
  const auto largest = encode_publish(sample_id, "news", data);
  BOOST_TEST_REQUIRE(largest.ok());
  BOOST_TEST(largest->size() == gossip_publish_max);
  const bytes more(data.size() + 1, 7);
  BOOST_TEST((encode_publish(sample_id, "news", more).error() == wire_errc::too_large));
  const std::string topic(gossip_topic_max + 1, 'x');
  BOOST_TEST((encode_publish(sample_id, topic, {}).error() == wire_errc::too_large));
  const std::vector<message_id> ids(70000, sample_id);
  BOOST_TEST(read<gossip_iwant>(encode_iwant(ids)).ids.size() == gossip_ids_max);
  BOOST_TEST(read<gossip_ihave>(encode_ihave("t", ids)).ids.size() == gossip_ids_max);
}

BOOST_AUTO_TEST_CASE(ids_sort_and_hash_by_author_and_number) {
  auto later = sample_id;
  ++later.seqno;
  BOOST_TEST((sample_id < later && !(later < sample_id) && sample_id != later));
  const keyed_id_hash one{1};
  const keyed_id_hash two{2};
  BOOST_TEST(one(sample_id) == one(sample_id));
  BOOST_TEST(one(sample_id) != one(later));
  BOOST_TEST(one(sample_id) != two(sample_id));
}

BOOST_AUTO_TEST_SUITE_END()
