// SPDX-License-Identifier: MIT
#include "protocols/dht/krpc.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

const node_id id_a = *node_id::parse("000102030405060708090a0b0c0d0e0f10111213");
const node_id id_b = *node_id::parse("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
const std::string text_a{as_text(id_a.view())};

bytes text(std::string_view x) {
  return to_bytes(as_bytes(x));
}

krpc::message message_of(bytes_view datagram) {
  auto x = krpc::decode(datagram);
  BOOST_TEST_REQUIRE(std::holds_alternative<krpc::message>(x));
  return std::get<krpc::message>(std::move(x));
}

krpc::message asked(krpc::query what) {
  return {text("aa"), {}, krpc::request{id_a, std::move(what), false}};
}

template <class Query>
Query arguments_of(const krpc::message& x) {
  return std::get<Query>(std::get<krpc::request>(x.body).what);
}

krpc::response response_of(bytes_view datagram) {
  return std::get<krpc::response>(message_of(datagram).body);
}

bool is_garbage(bytes_view datagram) {
  return std::holds_alternative<krpc::not_krpc>(krpc::decode(datagram));
}

/// The whole datagram of a query with these members of `a` besides its id.
bytes query_text(const std::string& method, const std::string& before_id, const std::string& after_id) {
  const auto head = "d1:ad" + before_id + "2:id20:" + text_a + after_id + "e1:q";
  return text(head + std::to_string(method.size()) + ":" + method + "1:t2:aa1:y1:qe");
}

/// Empty when the query is well formed.
std::optional<krpc::error_code> refusal(bytes_view datagram) {
  const auto x = krpc::decode(datagram);
  if (const auto* wrong = std::get_if<krpc::refused_query>(&x)) {
    BOOST_TEST(as_text(wrong->transaction) == "aa");
    BOOST_TEST(std::string{wrong->reason} != "");
    return wrong->code;
  }
  BOOST_TEST(std::holds_alternative<krpc::message>(x));
  return std::nullopt;
}

krpc::response full_response() {
  krpc::response x;
  x.sender = id_b;
  for (std::uint8_t i = 1; i <= 8; ++i) {
    x.nodes.push_back({id_a, {ip_address::v4(1, 2, 3, i), i}});
    x.nodes6.push_back({id_b, {*ip_address::parse("2001:db8::" + std::to_string(i)), i}});
  }
  x.token = bytes(40, 't');
  x.requester = endpoint{ip_address::v4(9, 9, 9, 9), 99};
  return x;
}

bytes encoded(krpc::response x) {
  return krpc::encode({text("aa"), {}, std::move(x)});
}

} // namespace

BOOST_AUTO_TEST_SUITE(krpc_codec)

BOOST_AUTO_TEST_CASE(every_vector_is_read_and_written_as_upstream_writes_it) {
  for (const auto& x : load_vectors("krpc.json"))
    BOOST_TEST_CONTEXT(x.name) {
      const auto m = message_of(x.raw);
      BOOST_TEST(as_text(m.transaction) == "aa");
      BOOST_TEST(to_hex(krpc::encode(m)) == to_hex(x.raw));
    }
}

BOOST_AUTO_TEST_CASE(the_vectors_mean_what_they_say) {
  const auto cases = load_vectors("krpc.json");
  const auto read = [&](std::string_view name) { return message_of(find_case(cases, name).raw); };
  const auto hash = info_hash_of("librats/1.0");

  const auto ping = read("ping query");
  BOOST_TEST((std::get<krpc::request>(ping.body).sender == id_a));
  BOOST_TEST(!std::get<krpc::request>(ping.body).read_only);
  BOOST_TEST(std::string{krpc::name_of(std::get<krpc::request>(ping.body).what)} == "ping");
  BOOST_TEST((arguments_of<krpc::find_node>(read("find_node query")).target == id_b));
  BOOST_TEST(arguments_of<krpc::find_node>(read("find_node query")).want.none());
  const auto v4 = arguments_of<krpc::get_peers>(read("get_peers query as the IPv4 client sends it (want n4)"));
  BOOST_TEST((v4.target == hash && v4.want.n4 && !v4.want.n6));
  const auto v6 = arguments_of<krpc::get_peers>(read("get_peers query as the IPv6 client sends it (want n6)"));
  BOOST_TEST((!v6.want.n4 && v6.want.n6));
  const auto explicit_port = arguments_of<krpc::announce_peer>(read("announce_peer query, explicit port"));
  BOOST_TEST((explicit_port.target == hash && explicit_port.port == 8080 && !explicit_port.implied_port));
  BOOST_TEST(as_text(explicit_port.token) == "tok");
  BOOST_TEST(arguments_of<krpc::announce_peer>(read("announce_peer query, implied port")).implied_port);

  const auto pong = std::get<krpc::response>(read("ping response (with BEP 42 ip)").body);
  BOOST_TEST((pong.sender == id_b));
  BOOST_TEST(pong.requester->to_string() == "203.0.113.7:6881");
  const auto found = std::get<krpc::response>(read("find_node response with a v4 and a v6 node").body);
  BOOST_TEST((found.nodes == std::vector<node_contact>{{id_a, *endpoint::parse("1.2.3.4:5")}}));
  BOOST_TEST((found.nodes6 == std::vector<node_contact>{{id_b, *endpoint::parse("[2001:db8::1]:6")}}));
  const auto values = std::get<krpc::response>(read("get_peers response with values").body);
  BOOST_TEST(
    (values.values == std::vector<endpoint>{*endpoint::parse("1.2.3.4:8080"), *endpoint::parse("[2001:db8::1]:8080")}));
  BOOST_TEST(as_text(values.token) == "tok");
  const auto error = std::get<krpc::error>(read("error 203").body);
  BOOST_TEST((error.code == 203 && error.text == "Invalid token"));
}

BOOST_AUTO_TEST_CASE(queries_of_the_later_proposals_are_written_and_read_again) {
  krpc::get get;
  get.target = id_b;
  get.seq = 12;
  get.want.n4 = get.want.n6 = true;
  const auto got = krpc::encode(asked(get));
  BOOST_TEST(as_text(got)
    == "d1:ad2:id20:" + text_a + "3:seqi12e6:target20:" + std::string{as_text(id_b.view())}
      + "4:wantl2:n42:n6ee1:q3:get1:t2:aa1:y1:qe");
  const auto get_back = arguments_of<krpc::get>(message_of(got));
  BOOST_TEST((get_back.target == id_b && get_back.seq == 12 && get_back.want.n4 && get_back.want.n6));

  const auto key = item_key_pair::from_seed(filled(3));
  krpc::put put{sign_item(key, text("salt"), 7, text("d1:bi1e1:ai2ee")), text("token"), 6};
  const auto put_back = arguments_of<krpc::put>(message_of(krpc::encode(asked(put))));
  BOOST_TEST((put_back.item == put.item)); // Byte for byte, though its keys are out of order.
  BOOST_TEST((put_back.token == put.token && put_back.cas == 6));
  BOOST_TEST(!check_item(put_back.item).has_value());
  put.item.proof.reset();
  const auto immutable = arguments_of<krpc::put>(message_of(krpc::encode(asked(put))));
  BOOST_TEST((immutable.item == put.item && !immutable.cas));

  const auto sample = message_of(krpc::encode(asked(krpc::sample_infohashes{id_b, {}})));
  BOOST_TEST((arguments_of<krpc::sample_infohashes>(sample).target == id_b));
}

BOOST_AUTO_TEST_CASE(read_only_and_version_are_carried) {
  auto x = asked(krpc::ping{});
  std::get<krpc::request>(x.body).read_only = true;
  x.version = text("LR\x01\x02");
  const auto raw = krpc::encode(x);
  BOOST_TEST(as_text(raw) == "d1:ad2:id20:" + text_a + "e1:q4:ping2:roi1e1:t2:aa1:v4:LR\x01\x02" + "1:y1:qe");
  const auto back = message_of(raw);
  BOOST_TEST(std::get<krpc::request>(back.body).read_only);
  BOOST_TEST((back.version == x.version));
  BOOST_TEST(message_of(text("d1:rd2:id20:" + text_a + "e1:t2:aa1:v17:abcdefghijklmnopq1:y1:re")).version.empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_krpc_gets_no_answer) {
  for (const auto* x : {"", "x", "i1e", "le", "de", "d1:t2:aae", "d1:y1:qe", "d1:ti5e1:y1:qe", "d1:t2:aa1:y1:xe",
         "d1:t2:aa1:yi1ee", "d1:t2:aa1:y1:qee", "d1:t2:aa1:t2:aa1:y1:qe"})
    BOOST_TEST(is_garbage(as_bytes(x)), x);
  BOOST_TEST(is_garbage(text("d1:q4:ping1:t65:" + std::string(65, 'x') + "1:y1:qe")));
  BOOST_TEST(!is_garbage(text("d1:q4:ping1:t64:" + std::string(64, 'x') + "1:y1:qe")));
  for (const auto* x :
    {"d1:t2:aa1:y1:re", "d1:rde1:t2:aa1:y1:re", "d1:rd2:id3:abce1:t2:aa1:y1:re", "d1:rle1:t2:aa1:y1:re"})
    BOOST_TEST(is_garbage(as_bytes(x)), x); // An answer of nobody.
}

BOOST_AUTO_TEST_CASE(datagrams_end_at_4096_bytes) {
  const auto padded = [](std::size_t size) {
    const std::string head = "d1:ad2:id20:" + text_a + "1:x";
    const std::string tail = "e1:q4:ping1:t2:aa1:y1:qe";
    const auto fill = size - head.size() - tail.size() - 5; // Four digits and a colon.
    return text(head + std::to_string(fill) + ":" + std::string(fill, 'x') + tail);
  };
  BOOST_TEST(padded(4096).size() == 4096u);
  BOOST_TEST(!is_garbage(padded(4096)));
  BOOST_TEST(is_garbage(padded(4097)));
}

BOOST_AUTO_TEST_CASE(unknown_methods_are_refused_with_204) {
  BOOST_TEST((refusal(query_text("vote", "", "")) == krpc::error_code::unknown_method));
  BOOST_TEST((refusal(query_text("", "", "")) == krpc::error_code::unknown_method));
  BOOST_TEST((refusal(text("d1:q4:vote1:t2:aa1:y1:qe")) == krpc::error_code::unknown_method));
}

BOOST_AUTO_TEST_CASE(malformed_arguments_are_refused_with_203) {
  const auto protocol = krpc::error_code::protocol;
  for (const auto* x : {"d1:t2:aa1:y1:qe", "d1:qi1e1:t2:aa1:y1:qe", "d1:q4:ping1:t2:aa1:y1:qe",
         "d1:ale1:q4:ping1:t2:aa1:y1:qe", "d1:ade1:q4:ping1:t2:aa1:y1:qe", "d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe",
         "d1:ad2:idi1ee1:q4:ping1:t2:aa1:y1:qe", "d1:ad2:id21:0123456789abcdefghijke1:q4:ping1:t2:aa1:y1:qe"})
    BOOST_TEST((refusal(as_bytes(x)) == protocol), x);
  for (const auto* method : {"find_node", "get", "sample_infohashes"}) {
    BOOST_TEST((refusal(query_text(method, "", "")) == protocol), method);
    BOOST_TEST((refusal(query_text(method, "", "6:target19:0123456789012345678")) == protocol), method);
    BOOST_TEST((refusal(query_text(method, "", "6:targeti1e")) == protocol), method);
    BOOST_TEST(!refusal(query_text(method, "", "6:target20:01234567890123456789")), method);
  }
  BOOST_TEST((refusal(query_text("get_peers", "", "")) == protocol));
  BOOST_TEST((refusal(query_text("get_peers", "", "9:info_hash2:ab")) == protocol));
}

BOOST_AUTO_TEST_CASE(an_announce_needs_a_hash_a_token_and_a_port) {
  const std::string hash = "9:info_hash20:01234567890123456789";
  const auto announce = [](const std::string& x) { return refusal(query_text("announce_peer", "", x)); };
  BOOST_TEST(!announce(hash + "4:porti1e5:token1:t"));
  BOOST_TEST(!announce(hash + "4:porti65535e5:token1:t"));
  const auto protocol = krpc::error_code::protocol;
  BOOST_TEST((announce("4:porti1e5:token1:t") == protocol));
  BOOST_TEST((announce(hash + "4:porti1e") == protocol));
  BOOST_TEST((announce(hash + "4:porti1e5:token0:") == protocol));
  BOOST_TEST((announce(hash + "4:porti1e5:tokeni7e") == protocol));
  BOOST_TEST((announce(hash + "4:porti1e5:token257:" + std::string(257, 't')) == protocol));
  for (const auto* port : {"", "4:porti0e", "4:porti-1e", "4:porti65536e", "4:port2:80", "4:porti4294967297e"})
    BOOST_TEST((announce(hash + port + "5:token1:t") == protocol), port);
  const auto implied = [&](const std::string& port) {
    return arguments_of<krpc::announce_peer>(
      message_of(query_text("announce_peer", "", "12:implied_porti1e" + hash + port + "5:token1:t")));
  };
  BOOST_TEST((implied("").implied_port && implied("").port == 0));
  BOOST_TEST(implied("4:porti0e").implied_port);
  BOOST_TEST(implied("4:porti80e").port == 80);
}

BOOST_AUTO_TEST_CASE(a_put_needs_a_token_a_value_and_all_or_nothing_of_a_proof) {
  const std::string key = "1:k32:" + std::string(32, 'k');
  const std::string seq = "3:seqi1e";
  const std::string sig = "3:sig64:" + std::string(64, 's');
  const std::string end = "5:token1:t1:vi1e";
  const auto put = [](const std::string& x) { return refusal(query_text("put", "", x)); };
  BOOST_TEST(!put(end));
  BOOST_TEST(!put(key + seq + sig + end));
  BOOST_TEST(!put(key + "4:salt64:" + std::string(64, 'x') + seq + sig + end));
  const auto protocol = krpc::error_code::protocol;
  BOOST_TEST((put("5:token1:t") == protocol));
  BOOST_TEST((put("1:vi1e") == protocol));
  BOOST_TEST((put(key + end) == protocol));
  BOOST_TEST((put(sig + end) == protocol));
  BOOST_TEST((put(key + sig + end) == protocol));
  BOOST_TEST((put(key + "3:seqi-1e" + sig + end) == protocol));
  BOOST_TEST((put(key + "3:seq1:1" + sig + end) == protocol));
  BOOST_TEST((put("1:k31:" + std::string(31, 'k') + seq + sig + end) == protocol));
  BOOST_TEST((put(key + seq + "3:sig63:" + std::string(63, 's') + end) == protocol));
  BOOST_TEST((put(key + "4:salt65:" + std::string(65, 'x') + seq + sig + end) == krpc::error_code::salt_too_big));
  BOOST_TEST(!put("5:token1:t1:v996:" + std::string(996, 'v')));
  BOOST_TEST((put("5:token1:t1:v997:" + std::string(997, 'v')) == krpc::error_code::value_too_big));
}

BOOST_AUTO_TEST_CASE(optional_members_of_a_wrong_kind_are_taken_as_absent) {
  const auto x = response_of(text("d2:ip5:abcde1:rd2:id20:" + text_a + "1:k3:abc5:nodes25:0123456789012345678901234"
    + "6:nodes6i1e7:samples21:012345678901234567890" + "3:seq1:x3:sig1:x"
    + "5:tokeni1e6:valuesl5:abcdei1ele7:abcdefgee1:t2:aa1:y1:re"));
  BOOST_TEST((x.nodes.empty() && x.nodes6.empty() && x.values.empty() && x.token.empty() && x.value.empty()));
  BOOST_TEST((!x.requester && !x.key && !x.signature && !x.seq && !x.samples));
  const auto want = arguments_of<krpc::find_node>(
    message_of(query_text("find_node", "", "6:target20:012345678901234567894:wantl2:n5i6e2:n62:N4e")));
  BOOST_TEST((!want.want.n4 && want.want.n6));
  BOOST_TEST(
    arguments_of<krpc::find_node>(message_of(query_text("find_node", "", "6:target20:012345678901234567894:want2:n4")))
      .want.none());
}

BOOST_AUTO_TEST_CASE(several_peers_in_one_string_and_bad_ones_are_sorted_out) {
  const auto x =
    response_of(text("d1:rd2:id20:" + text_a + "6:valuesl12:" + std::string{"\1\2\3\4\0\7\5\6\7\x8\0\x9", 12}
      + "6:" + std::string{"\1\2\3\4\0\0", 6} + "7:abcdefg" + "ee1:t2:aa1:y1:re"));
  BOOST_TEST((x.values == std::vector<endpoint>{*endpoint::parse("1.2.3.4:7"), *endpoint::parse("5.6.7.8:9")}));
}

BOOST_AUTO_TEST_CASE(any_error_is_an_error) {
  const auto error = [](const std::string& e) {
    return std::get<krpc::error>(message_of(text("d" + e + "1:t2:aa1:y1:ee")).body);
  };
  BOOST_TEST((error("1:eli302e3:olde").code == 302 && error("1:eli302e3:olde").text == "old"));
  for (const auto* x : {"", "1:e3:abc", "1:ele", "1:el3:abce", "1:elli1eee"})
    BOOST_TEST(error(x).code == 201, x);
  BOOST_TEST(error("1:eli301ee").text.empty());
}

BOOST_AUTO_TEST_CASE(want_says_which_families_are_meant) {
  using family = address_family;
  krpc::wanted x;
  BOOST_TEST((x.includes(family::v4, family::v4) && !x.includes(family::v6, family::v4)));
  BOOST_TEST((x.includes(family::v6, family::v6) && !x.includes(family::v4, family::v6)));
  x.n6 = true;
  BOOST_TEST((!x.includes(family::v4, family::v4) && x.includes(family::v6, family::v4)));
}

BOOST_AUTO_TEST_CASE(items_and_samples_travel_in_responses) {
  const auto item = sign_item(item_key_pair::from_seed(filled(3)), text("salt"), 9, text("5:hello"));
  krpc::response x = full_response();
  x.value = item.value;
  x.key = item.proof->key;
  x.signature = item.proof->signature;
  x.seq = item.proof->seq;
  const auto back = response_of(encoded(x));
  BOOST_TEST((krpc::item_of(back, as_bytes("salt")) == item));
  BOOST_TEST(!check_item(*krpc::item_of(back, as_bytes("salt"))).has_value());
  BOOST_TEST((check_item(*krpc::item_of(back, as_bytes("pepper"))) == item_errc::bad_signature));
  auto partial = back;
  partial.seq.reset();
  BOOST_TEST(!krpc::item_of(partial, {}));
  partial = back;
  partial.signature.reset();
  BOOST_TEST(!krpc::item_of(partial, {}));
  partial.key.reset();
  BOOST_TEST((krpc::item_of(partial, {}) == dht_item{item.value, std::nullopt}));
  partial.value.clear();
  BOOST_TEST(!krpc::item_of(partial, {}));

  krpc::response sampled = full_response();
  sampled.samples = krpc::sample_report{{id_a, id_b}, 5000, std::chrono::seconds{600}};
  const auto report = *response_of(encoded(sampled)).samples;
  BOOST_TEST((report.samples == std::vector<info_hash>{id_a, id_b}));
  BOOST_TEST((report.stored == 5000 && report.interval == std::chrono::seconds{600}));
  sampled.samples = krpc::sample_report{};
  BOOST_TEST(response_of(encoded(sampled)).samples.has_value()); // Empty is not the same as none.
}

BOOST_AUTO_TEST_CASE(sampling_numbers_are_held_to_what_makes_sense) {
  const auto read = [](const std::string& before, const std::string& after) {
    return *response_of(text("d1:rd2:id20:" + text_a + before + after + "7:samples0:e1:t2:aa1:y1:re")).samples;
  };
  BOOST_TEST((read("8:intervali-5e", "3:numi-7e").interval == std::chrono::seconds{0}));
  BOOST_TEST(read("8:intervali-5e", "3:numi-7e").stored == 0);
  BOOST_TEST((read("8:intervali9223372036854775807e", "").interval == std::chrono::seconds{21600}));
  BOOST_TEST((read("8:intervali0e", "").interval == std::chrono::seconds{0}));
  BOOST_TEST((read("", "").interval == std::chrono::seconds{krpc::sample_interval_default}));
}

BOOST_AUTO_TEST_CASE(no_reply_exceeds_an_mtu) {
  auto x = full_response();
  for (std::uint8_t i = 0; i < 200; ++i)
    x.values.push_back({ip_address::v4(5, 5, 5, i), 1000});
  const auto v4 = encoded(x);
  BOOST_TEST(v4.size() <= krpc::reply_size_max);
  BOOST_TEST(response_of(v4).values.size() == krpc::values_max);
  BOOST_TEST(response_of(v4).nodes.size() == 8u);

  for (auto& peer : x.values)
    peer.address = *ip_address::parse("2001:db8::5");
  const auto v6 = encoded(x);
  BOOST_TEST(v6.size() <= krpc::reply_size_max);
  BOOST_TEST(v6.size() > krpc::reply_size_max - 21); // As many as fit.
  BOOST_TEST(response_of(v6).values.size() < krpc::values_max);
  BOOST_TEST(response_of(v6).nodes6.size() == 8u); // Values go first, in favour of where to ask on.

  auto large = full_response();
  large.value = text("996:" + std::string(996, 'v'));
  large.key = item_public_key{};
  large.signature = item_signature{};
  large.seq = 1;
  const auto item = encoded(large);
  BOOST_TEST(item.size() <= krpc::reply_size_max);
  const auto back = response_of(item);
  BOOST_TEST((back.value == large.value && back.key && back.signature && back.token == large.token));
  BOOST_TEST(back.nodes.size() + back.nodes6.size() > 0u);
  BOOST_TEST((back.nodes.empty() || back.nodes[0] == large.nodes[0])); // The closest stay.

  auto sampled = full_response();
  sampled.samples = krpc::sample_report{std::vector<info_hash>(100, id_a), 100, std::chrono::seconds{1}};
  const auto samples = response_of(encoded(sampled));
  BOOST_TEST(samples.samples->samples.size() == krpc::samples_max);
}

BOOST_AUTO_TEST_CASE(truncated_datagrams_are_garbage) {
  for (const auto& x : load_vectors("krpc.json"))
    for (std::size_t n = 0; n < x.raw.size(); ++n)
      BOOST_TEST(is_garbage(bytes_view{x.raw}.first(n)));
}

BOOST_AUTO_TEST_CASE(flipped_bytes_never_do_more_than_fail) {
  std::mt19937_64 random{20261001};
  const auto cases = load_vectors("krpc.json");
  for (int i = 0; i < 20000; ++i) {
    auto raw = cases[random() % cases.size()].raw;
    for (int flips = 0; flips < 3; ++flips)
      raw[random() % raw.size()] = static_cast<std::uint8_t>("0123456789deil:"[random() % 15]);
    const auto x = krpc::decode(raw);
    if (const auto* m = std::get_if<krpc::message>(&x))
      BOOST_TEST(krpc::encode(message_of(krpc::encode(*m))).size() == krpc::encode(*m).size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
