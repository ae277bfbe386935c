// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_codec.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

template <class T>
T read(bytes_view raw) {
  const auto x = decode_transfer(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST_REQUIRE(std::holds_alternative<T>(*x));
  return std::get<T>(*x);
}

bytes vector(std::string_view name) {
  return find_case(load_vectors("file-transfer.json"), name).raw;
}

transfer_offer detailed_offer() {
  transfer_offer out;
  out.id = 7;
  out.directory = true;
  out.total = 5;
  out.name = "d";
  out.files = {{"a", 2}, {"b/c", 3}};
  auto& details = out.details.emplace();
  details.fingerprint = sha256(as_bytes("state"));
  details.directories = {"empty", "b/none"};
  details.files = {{1700000000000u, 0644}, {1700000000001u, 0755}};
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_codec)

BOOST_AUTO_TEST_CASE(offers_read_and_write_byte_for_byte) {
  for (const auto* name : {"OFFER single file", "OFFER directory", "OFFER empty file"}) {
    BOOST_TEST_CONTEXT(name) {
      const auto raw = vector(name);
      const auto x = copy_offer(read<offer_message>(raw));
      BOOST_TEST(!x.details);
      BOOST_TEST(to_hex(*encode_offer(x)) == to_hex(raw));
    }
  }
  const auto x = copy_offer(read<offer_message>(vector("OFFER directory")));
  BOOST_TEST(x.id == 2u);
  BOOST_TEST(x.directory);
  BOOST_TEST(x.total == 3u);
  BOOST_TEST(x.name == "dir");
  BOOST_TEST_REQUIRE(x.files.size() == 1u);
  BOOST_TEST(x.files[0].path == "sub/a.bin");
  BOOST_TEST(x.files[0].size == 3u);
}

BOOST_AUTO_TEST_CASE(answers_read_and_write_byte_for_byte) {
  const auto accept = vector("RESPONSE accept");
  BOOST_TEST(read<response_message>(accept).accept);
  BOOST_TEST(!read<response_message>(accept).resume);
  BOOST_TEST(to_hex(encode_accept(1)) == to_hex(accept));
  const auto reject = vector("RESPONSE reject");
  BOOST_TEST(!read<response_message>(reject).accept);
  BOOST_TEST(to_hex(encode_reject(2)) == to_hex(reject));
  const auto progress = vector("PROGRESS (cumulative bytes on disk)");
  BOOST_TEST(read<progress_message>(progress).received == 29u);
  BOOST_TEST(to_hex(encode_progress(1, 29)) == to_hex(progress));
  const auto good = vector("COMPLETE ok");
  BOOST_TEST(read<complete_message>(good).ok);
  BOOST_TEST(to_hex(encode_complete(1, true)) == to_hex(good));
  const auto failed = vector("COMPLETE failed");
  BOOST_TEST(!read<complete_message>(failed).ok);
  BOOST_TEST(read<complete_message>(failed).id == 0x1122334455667788u);
  BOOST_TEST(to_hex(encode_complete(0x1122334455667788u, false)) == to_hex(failed));
}

BOOST_AUTO_TEST_CASE(chunks_and_ends_read_and_write_byte_for_byte) {
  const auto first = vector("CHUNK 0 (sender configured with 16-byte chunks)");
  const auto x = read<chunk_message>(first);
  BOOST_TEST(x.file == 0u);
  BOOST_TEST(x.offset == 0u);
  BOOST_TEST(as_text(x.data) == "hello, librats f");
  BOOST_TEST(to_hex(encode_chunk(1, 0, 0, x.data)) == to_hex(first));
  const auto second = vector("CHUNK 1");
  BOOST_TEST(read<chunk_message>(second).offset == 16u);
  BOOST_TEST(as_text(read<chunk_message>(second).data) == "ile transfer!");
  const auto end = vector("FILE_END");
  const auto digest = sha256(as_bytes("hello, librats file transfer!"));
  BOOST_TEST((read<file_end_message>(end).digest == digest));
  BOOST_TEST(to_hex(encode_file_end(1, 0, digest)) == to_hex(end));
  const auto empty = vector("FILE_END of an empty file (no CHUNK precedes it)");
  BOOST_TEST(to_hex(encode_file_end(3, 0, sha256(bytes_view{}))) == to_hex(empty));
}

BOOST_AUTO_TEST_CASE(controls_read_and_write_byte_for_byte) {
  BOOST_TEST(read<pause_message>(vector("PAUSE")).id == 4u);
  BOOST_TEST(read<resume_message>(vector("RESUME")).id == 4u);
  BOOST_TEST(read<cancel_message>(vector("CANCEL")).id == 4u);
  BOOST_TEST(to_hex(encode_transfer_op(transfer_op::pause, 4)) == to_hex(vector("PAUSE")));
  BOOST_TEST(to_hex(encode_transfer_op(transfer_op::resume, 4)) == to_hex(vector("RESUME")));
  BOOST_TEST(to_hex(encode_transfer_op(transfer_op::cancel, 4)) == to_hex(vector("CANCEL")));
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_refused_and_trailing_bytes_are_ignored) {
  for (const auto& x : load_vectors("file-transfer.json")) {
    if (x.name == "manifest path check")
      continue;
    BOOST_TEST_CONTEXT(x.name) {
      const auto whole = x.raw[0] == 3 ? transfer_chunk_overhead : x.raw.size(); // Data may have any length.
      for (std::size_t n = 0; n < whole; ++n)
        BOOST_TEST((decode_transfer(bytes_view{x.raw}.first(n)).error() == wire_errc::truncated), n);
      BOOST_TEST(*transfer_id_of(x.raw) == x.fields.at("id").get<std::uint64_t>());
      const auto longer = concat({x.raw, as_bytes("RTX")});
      BOOST_TEST(decode_transfer(longer).ok());
      BOOST_TEST(decode_transfer(longer)->index() + 1 == x.raw[0]);
    }
  }
  BOOST_TEST((decode_transfer(unhex("00 0000000000000001")).error() == wire_errc::unknown_kind));
  BOOST_TEST((decode_transfer(unhex("0b 0000000000000001")).error() == wire_errc::unknown_kind));
  BOOST_TEST(!transfer_id_of(unhex("0b 0000000000000001")));
  BOOST_TEST(!transfer_id_of(unhex("07 00000000000001")));
}

BOOST_AUTO_TEST_CASE(a_manifest_that_claims_more_entries_than_arrived_is_refused) {
  const auto head = unhex("01 0000000000000001 01 0000000000000000 0000"); // op, id, flags, total, name
  const auto one = unhex("0000 0000000000000000");
  BOOST_TEST((decode_transfer(concat({head, unhex("ffffffff"), one})).error() == wire_errc::truncated));
  BOOST_TEST((decode_transfer(concat({head, unhex("00000002"), one})).error() == wire_errc::truncated));
  // Two by their number of bytes, but the first one's path reaches into the second.
  BOOST_TEST((decode_transfer(concat({head, unhex("00000002"), unhex("0001 61 0000000000000000"), one, {}})).ok()));
  BOOST_TEST((decode_transfer(concat({head, unhex("00000002"), unhex("0009 61 0000000000000000"), one})).error()
    == wire_errc::truncated));
}

BOOST_AUTO_TEST_CASE(details_follow_an_offer_and_are_skipped_when_they_make_no_sense) {
  const auto offer = detailed_offer();
  const auto raw = *encode_offer(offer);
  const auto back = copy_offer(read<offer_message>(raw));
  BOOST_TEST_REQUIRE(back.details.has_value());
  BOOST_TEST((back.details->fingerprint == offer.details->fingerprint));
  BOOST_TEST(back.details->directories == offer.details->directories, boost::test_tools::per_element());
  BOOST_TEST(back.details->files[1].modified_ms == 1700000000001u);
  BOOST_TEST(back.details->files[1].mode == 0755);
  BOOST_TEST(*encode_offer(back) == raw, boost::test_tools::per_element());
  auto plain = offer;
  plain.details.reset();
  const auto without = encode_offer(plain)->size();
  for (auto n = without; n < raw.size(); ++n) { // An old node's view of it, and that of a torn one: an offer.
    const auto cut = read<offer_message>(bytes_view{raw}.first(n));
    BOOST_TEST(cut.files.size() == 2u);
    BOOST_TEST(!cut.details, n);
  }
  auto many = raw;
  std::fill_n(many.begin() + static_cast<std::ptrdiff_t>(without) + 4 + 32, 4, std::uint8_t{0xff});
  BOOST_TEST(!read<offer_message>(many).details); // More directories than bytes.
}

BOOST_AUTO_TEST_CASE(a_checked_chunk_has_a_check_and_a_size_before_its_data) {
  const auto check = check_of(sha256(as_bytes("abc")));
  const auto raw = encode_checked_chunk({9, 2, 0x123456789a, check, 77, as_bytes("abc")});
  BOOST_TEST(to_hex(raw)
    == "0a"
       "0000000000000009"
       "00000002"
       "000000123456789a"
       "ba7816bf8f01cfea"
       "0000004d"
       "616263");
  const auto x = read<checked_chunk_message>(raw);
  BOOST_TEST(x.file == 2u);
  BOOST_TEST(x.offset == 0x123456789au);
  BOOST_TEST((x.check == check));
  BOOST_TEST(x.unpacked_size == 77u);
  BOOST_TEST(as_text(x.data) == "abc");
  BOOST_TEST(chunk_size_of(raw) == 77u);
  BOOST_TEST(transfer_id_of(raw).value() == 9u);
  for (std::size_t n = 0; n < transfer_checked_overhead; ++n)
    BOOST_TEST(!decode_transfer(bytes_view{raw}.first(n)));
}

BOOST_AUTO_TEST_CASE(a_resume_point_and_a_reason_ride_behind_an_answer) {
  const resume_point at{3, 0x123456789a, sha256(as_bytes("prefix"))};
  const auto raw = encode_accept(9, at, 3);
  const auto x = read<response_message>(raw);
  BOOST_TEST(x.accept);
  BOOST_TEST_REQUIRE(x.resume.has_value());
  BOOST_TEST(x.resume->file == 3u);
  BOOST_TEST(x.resume->offset == 0x123456789au);
  BOOST_TEST((x.resume->digest == at.digest));
  BOOST_TEST(x.features == 3);
  BOOST_TEST(read<response_message>(bytes_view{raw}.first(raw.size() - 1)).features == 0);
  for (std::size_t n = 10; n < raw.size() - 1; ++n)
    BOOST_TEST(!read<response_message>(bytes_view{raw}.first(n)).resume);
  const auto no = encode_reject(9, "no room");
  BOOST_TEST(read<response_message>(no).reason == "no room");
  BOOST_TEST(read<response_message>(bytes_view{no}.first(no.size() - 1)).reason.empty());
  BOOST_TEST(read<complete_message>(encode_complete(9, false, "disk full")).reason == "disk full");
  BOOST_TEST(encode_complete(9, true, "ignored").size() == 10u);
  const auto cut = encode_reject(9, std::string(1000, 'x'));
  BOOST_TEST(read<response_message>(cut).reason.size() == transfer_reason_max);
}

BOOST_AUTO_TEST_CASE(what_would_not_get_through_is_not_written) {
  transfer_offer x;
  x.name = std::string(65'536, 'n');
  BOOST_TEST((encode_offer(x).error() == wire_errc::too_large));
  x.name = "n";
  x.files.assign(1, {std::string(65'536, 'p'), 0});
  BOOST_TEST((encode_offer(x).error() == wire_errc::too_large));
  x.files.assign(129, {std::string(65'000, 'p'), 0});
  BOOST_TEST(encode_offer(x).ok());
  x.files.push_back(x.files.front());
  BOOST_TEST((encode_offer(x).error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
