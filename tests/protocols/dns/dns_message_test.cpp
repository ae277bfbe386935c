// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_message.hpp"

#include "protocols/core/byte_writer.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

const auto type_name = *dns_name::parse("_librats._tcp.local");
const auto instance = *type_name.below("rats-0badcafe");
const auto host = *dns_name::parse("myhost.local");

/// Header of a response with so many records of each section.
std::string head(int questions, int answers, int authorities = 0, int additionals = 0) {
  byte_writer out;
  out.u16(0).u16(0x8400);
  for (const auto count : {questions, answers, authorities, additionals})
    out.u16(static_cast<std::uint16_t>(count));
  return to_hex(out.take());
}

dns_message full_message() {
  dns_message x;
  x.id = 7;
  x.flags = dns_flag_response | dns_flag_authoritative;
  x.questions = {{type_name, dns_type::ptr, dns_class_in, true}, {host, dns_type::any, dns_class_in, false}};
  x.answers = {make_ptr_record(type_name, instance, 120), make_srv_record(instance, 8080, host, 120, true),
    make_txt_record(instance, {"id=00", "flag"}, 4500, true)};
  x.authorities = {make_nsec_record(host, {dns_type::a, static_cast<dns_type>(1000)}, 120, true)};
  x.additionals = {make_address_record(host, *ip_address::parse("192.168.1.5"), 120, true),
    make_address_record(host, *ip_address::parse("2001:db8::5"), 120, false)};
  dns_record opt;
  opt.type = dns_type::opt;
  opt.klass = 0x8fff; // A size of datagrams, whose top bit is no cache-flush.
  opt.data = dns_raw{unhex("00040002abcd")};
  x.additionals.push_back(opt);
  dns_record unknown{host, static_cast<dns_type>(65280), dns_class_in, true, 1, dns_raw{unhex("c00c")}};
  x.additionals.push_back(unknown);
  return x;
}

void check_equal(const std::vector<dns_record>& a, const std::vector<dns_record>& b) {
  BOOST_REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    BOOST_TEST(same_record(a[i], b[i]));
    BOOST_TEST(a[i].ttl == b[i].ttl);
    BOOST_TEST(a[i].cache_flush == b[i].cache_flush);
    BOOST_TEST(a[i].klass == b[i].klass);
  }
}

void check_equal(const dns_message& a, const dns_message& b) {
  BOOST_TEST(a.id == b.id);
  BOOST_TEST(a.flags == b.flags);
  BOOST_REQUIRE(a.questions.size() == b.questions.size());
  for (std::size_t i = 0; i < a.questions.size(); ++i) {
    BOOST_TEST((a.questions[i].name == b.questions[i].name));
    BOOST_TEST((a.questions[i].type == b.questions[i].type));
    BOOST_TEST(a.questions[i].unicast_response == b.questions[i].unicast_response);
  }
  check_equal(a.answers, b.answers);
  check_equal(a.authorities, b.authorities);
  check_equal(a.additionals, b.additionals);
  BOOST_TEST(a.malformed == b.malformed);
  BOOST_TEST(a.cut == b.cut);
}

} // namespace

BOOST_AUTO_TEST_SUITE(dns_messages)

BOOST_AUTO_TEST_CASE(a_query_of_upstream_is_read_and_written_byte_by_byte) {
  const auto cases = load_vectors("mdns.json");
  const auto& raw = find_case(cases, "query").raw;
  const auto x = decode_dns(raw);
  BOOST_REQUIRE(x.ok());
  BOOST_TEST(!x->is_response());
  BOOST_REQUIRE(x->questions.size() == 1u);
  BOOST_TEST((x->questions[0].name == type_name));
  BOOST_TEST((x->questions[0].type == dns_type::ptr));
  BOOST_TEST(!x->questions[0].unicast_response);
  BOOST_TEST((encode_dns(*x) == raw));
}

BOOST_AUTO_TEST_CASE(announcements_of_upstream_are_read_and_written_byte_by_byte) {
  int seen = 0;
  for (const auto& item : load_vectors("mdns.json")) {
    if (item.name == "query")
      continue;
    const auto x = decode_dns(item.raw);
    BOOST_REQUIRE(x.ok());
    BOOST_TEST(!x->cut);
    BOOST_TEST(x->malformed == 0u);
    BOOST_TEST(x->flags == 0x8400);
    BOOST_REQUIRE(x->answers.size() == 3u);
    BOOST_REQUIRE(x->additionals.size() == 1u);
    BOOST_TEST((std::get<dns_ptr>(x->answers[0].data).target == instance));
    const auto& srv = std::get<dns_srv>(x->answers[1].data);
    BOOST_TEST((x->answers[1].name == instance));
    BOOST_TEST(srv.port == 8080);
    BOOST_TEST(srv.target.to_string() == "myhost.local.");
    BOOST_TEST(x->answers[1].cache_flush);
    BOOST_TEST(x->answers[1].ttl == 120u);
    BOOST_TEST(std::get<dns_address>(x->additionals[0].data).address.to_string() == "192.168.1.5");
    BOOST_TEST((encode_dns(*x, dns_message_max, false) == item.raw));
    const auto compressed = encode_dns(*x);
    BOOST_REQUIRE(compressed.has_value());
    BOOST_TEST(compressed->size() < item.raw.size() - 70);
    check_equal(*decode_dns(*compressed), *x);
    ++seen;
  }
  BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(every_kind_of_record_comes_back) {
  const auto x = full_message();
  for (const bool compress : {false, true}) {
    const auto raw = encode_dns(x, dns_message_max, compress);
    BOOST_REQUIRE(raw.has_value());
    check_equal(*decode_dns(*raw), x);
  }
}

BOOST_AUTO_TEST_CASE(a_message_cut_anywhere_keeps_the_whole_records_before) {
  const auto x = full_message();
  const auto raw = *encode_dns(x);
  const auto questions_end = encode_dns({x.id, x.flags, x.questions, {}, {}, {}, 0, false})->size();
  std::size_t last = 0;
  for (std::size_t size = 0; size < raw.size(); ++size) {
    const auto got = decode_dns(bytes_view{raw}.first(size));
    BOOST_TEST(got.ok() == (size >= questions_end));
    if (!got)
      continue;
    BOOST_TEST(got->cut);
    BOOST_TEST(got->malformed == 0u);
    const auto count = got->answers.size() + got->authorities.size() + got->additionals.size();
    BOOST_TEST(count >= last);
    last = count;
  }
  BOOST_TEST(last == 7u); // All but the last one.
}

BOOST_AUTO_TEST_CASE(malformed_data_costs_its_own_record_only) {
  for (const auto* data : {
         "0001 0001 00000078 0003 c0a801",             // A of three bytes
         "001c 0001 00000078 0004 c0a80105",           // AAAA of four
         "000c 0001 00000078 0000",                    // PTR without a name
         "000c 0001 00000078 0004 01610062",           // PTR with a byte too many
         "000c 0001 00000078 0002 0561",               // its label leaves the data
         "0021 0001 00000078 0006 000000001f90",       // SRV without target
         "0010 0001 00000078 0003 056162",             // TXT whose string leaves the data
         "002f 0001 00000078 0003 000001",             // NSEC without bitmap
         "002f 0001 00000078 0004 00000040",           // NSEC with an empty bitmap
         "002f 0001 00000078 0007 00 0001 40 0001 40", // NSEC with the same window twice
       }) {
    const auto raw = unhex(head(0, 2) + "00" + data + "00 0001 0001 00000078 0004 0a000001");
    const auto x = decode_dns(raw);
    BOOST_REQUIRE(x.ok());
    BOOST_TEST(x->malformed == 1u, data);
    BOOST_TEST(!x->cut, data);
    BOOST_REQUIRE_MESSAGE(x->answers.size() == 1u, data);
    BOOST_TEST(std::get<dns_address>(x->answers[0].data).address.to_string() == "10.0.0.1");
  }
}

BOOST_AUTO_TEST_CASE(pointers_in_circles_forward_or_into_the_header_are_no_names) {
  for (const auto* name : {
         "c00c",      // to itself
         "c00e",      // forward
         "0161 c00c", // back to the label before it: a circle
         "c000",
         "c00b", // into the header
         "ffff", // past the end
         "40616263",
         "8001",
         "c0",
       }) {
    const auto raw = unhex(head(0, 1) + name + "0001 0001 00000078 0004 0a000001");
    const auto x = decode_dns(raw);
    BOOST_REQUIRE_MESSAGE(x.ok(), name);
    BOOST_TEST(x->cut, name);
    BOOST_TEST(x->answers.empty(), name);
    BOOST_TEST(!decode_dns(unhex(head(1, 0) + name + "0001 0001")).ok(), name);
  }
}

BOOST_AUTO_TEST_CASE(a_chain_of_pointers_is_followed_so_far_and_no_further) {
  // Questions whose names are each a label before a pointer to the name before.
  byte_writer out;
  const int count = dns_jumps_max + 2;
  out.u16(0).u16(0).u16(static_cast<std::uint16_t>(count)).u16(0).u16(0).u16(0);
  std::vector<std::size_t> at;
  for (int i = 0; i < count; ++i) {
    at.push_back(out.size());
    out.u8(1).raw("x");
    if (i == 0)
      out.u8(0);
    else
      out.u16(static_cast<std::uint16_t>(0xc000 | at[at.size() - 2]));
    out.u16(12).u16(1);
  }
  auto raw = out.take();
  BOOST_TEST((decode_dns(raw).error() == wire_errc::bad_text));
  raw[5] = static_cast<std::uint8_t>(count - 1);
  const auto x = decode_dns(raw);
  BOOST_REQUIRE(x.ok());
  BOOST_TEST(x->questions.back().name.labels().size() == static_cast<std::size_t>(dns_jumps_max) + 1);
}

BOOST_AUTO_TEST_CASE(names_do_not_unfold_without_end) {
  byte_writer out;
  out.u16(0).u16(0x8400).u16(0).u16(700).u16(0).u16(0);
  for (int i = 0; i < 700; ++i) {
    if (i == 0) {
      for (int label = 0; label < 3; ++label)
        out.u8(63).raw(std::string(63, 'x'));
      out.u8(61).raw(std::string(61, 'x')).u8(0);
    } else {
      out.u16(0xc00c);
    }
    out.u16(1).u16(1).u32(120).u16(0);
  }
  const auto raw = out.take();
  BOOST_REQUIRE(raw.size() <= dns_message_max);
  const auto x = decode_dns(raw);
  BOOST_REQUIRE(x.ok());
  BOOST_TEST(x->cut);
  BOOST_TEST((x->answers.size() + x->malformed) == dns_names_max / dns_name::wire_max);
}

BOOST_AUTO_TEST_CASE(counts_are_believed_as_far_as_there_are_bytes) {
  const auto x = decode_dns(unhex("0000 8400 0000 ffff ffff ffff"));
  BOOST_REQUIRE(x.ok());
  BOOST_TEST(x->cut);
  BOOST_TEST(x->answers.capacity() == 0u);
  BOOST_TEST((decode_dns(unhex("0000 0000 ffff 0000 0000 0000")).error() == wire_errc::truncated));
  BOOST_TEST((decode_dns(bytes(dns_message_max + 1)).error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_CASE(a_mapped_address_stays_raw) {
  const auto raw = unhex(head(0, 1) + "00 001c 0001 00000078 0010 00000000000000000000ffff0a000001");
  const auto x = decode_dns(raw);
  BOOST_REQUIRE(x.ok());
  BOOST_REQUIRE(x->answers.size() == 1u);
  BOOST_TEST(std::holds_alternative<dns_raw>(x->answers[0].data));
  BOOST_TEST((encode_dns(*x) == raw));
}

BOOST_AUTO_TEST_CASE(a_writer_takes_what_fits_and_leaves_no_trace_of_what_does_not) {
  dns_writer out{0, dns_flag_response, 100};
  BOOST_TEST(out.add(dns_section::answer, make_ptr_record(type_name, instance, 120)));
  const auto size = out.size();
  BOOST_TEST(!out.add(dns_section::answer, make_txt_record(instance, {std::string(200, 'x')}, 120, true)));
  BOOST_TEST(out.size() == size);
  BOOST_TEST(out.add(dns_section::additional, make_address_record(host, ip_address::v4(10, 0, 0, 1), 120, true)));
  BOOST_TEST(!out.add(dns_section::answer, make_ptr_record(type_name, instance, 120))); // That section is over.
  BOOST_TEST(!out.add(dns_question{type_name, dns_type::ptr}));
  BOOST_TEST(out.count() == 2u);
  out.set_flags(dns_flag_truncated);
  const auto x = decode_dns(out.take());
  BOOST_REQUIRE(x.ok());
  BOOST_TEST(x->is_truncated());
  BOOST_TEST(x->is_response());
  BOOST_TEST(x->answers.size() == 1u);
  BOOST_TEST(x->additionals.size() == 1u);
  BOOST_TEST(!encode_dns(full_message(), 100));
}

BOOST_AUTO_TEST_CASE(compression_keeps_the_case_of_a_name) {
  dns_message x;
  x.questions = {{*dns_name::parse("a.Local"), dns_type::a}, {*dns_name::parse("b.local"), dns_type::a}};
  const auto raw = *encode_dns(x);
  BOOST_TEST(raw.size() == dns_header_size + 9 + 4 + 9 + 4);
  BOOST_TEST(decode_dns(raw)->questions[1].name.to_string() == "b.local.");
}

BOOST_AUTO_TEST_SUITE_END()
