// SPDX-License-Identifier: MIT
#include "protocols/storage/storage_codec.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

bytes vector(std::string_view name) {
  return find_case(load_vectors("storage.json"), name).raw;
}

/// Reads an entry that stands alone, by way of an ENTRY message.
std::optional<storage_entry_view> read_entry(bytes& message, bytes_view raw) {
  message = concat({unhex("01"), raw});
  const auto x = decode_storage(message);
  if (!x)
    return std::nullopt;
  return std::get<storage_entry_received>(*x).entry;
}

storage_record sample(std::size_t size) {
  storage_record out;
  out.version = {1'700'000'000'000, peer_id{filled(7)}};
  out.data = byte_slice{bytes(size, 42)};
  return out;
}

wire_errc refusal(storage_entry_view x) {
  const auto out = admit(x);
  BOOST_TEST_REQUIRE(!out.ok());
  return out.error();
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_codec)

BOOST_AUTO_TEST_CASE(entries_of_upstream_read_and_write_byte_for_byte) {
  int seen = 0;
  for (const auto& x : load_vectors("storage.json")) {
    if (!x.fields.contains("crc32"))
      continue;
    ++seen;
    BOOST_TEST_CONTEXT(x.name) {
      bytes message;
      const auto view = read_entry(message, x.raw);
      BOOST_TEST_REQUIRE(view.has_value());
      BOOST_TEST(view->key == x.fields.at("key").get<std::string>());
      BOOST_TEST(view->origin == x.fields.at("origin_peer_id").get<std::string>());
      BOOST_TEST(to_hex(view->data) == x.fields.at("data").get<std::string>());
      BOOST_TEST(view->type == x.fields.at("type").get<int>());
      BOOST_TEST(view->deleted == x.fields.at("deleted").get<bool>());
      BOOST_TEST(view->timestamp_ms == x.fields.at("timestamp_ms").get<std::uint64_t>());
      BOOST_TEST(view->checksum == x.fields.at("crc32").get<std::uint32_t>());
      const auto entry = admit(*view);
      BOOST_TEST_REQUIRE(entry.ok());
      BOOST_TEST(encoded_size(entry->key, entry->record) == x.raw.size());
      BOOST_TEST(to_hex(encode_entry_message(entry->key, entry->record)) == to_hex(message));
    }
  }
  BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE(messages_of_upstream_read_and_write_byte_for_byte) {
  const auto entry = vector("Storage message ENTRY carrying the string entry");
  BOOST_TEST(std::holds_alternative<storage_entry_received>(*decode_storage(entry)));
  const auto request = vector("Storage message SYNC_REQUEST (sent on connect)");
  BOOST_TEST(std::holds_alternative<storage_sync_request>(*decode_storage(request)));
  BOOST_TEST(to_hex(encode_sync_request()) == to_hex(request));
  BOOST_TEST(to_hex(sync_response_builder{}.take()) == to_hex(vector("SYNC_RESPONSE with no entries")));
  const auto response = vector("SYNC_RESPONSE with one entry");
  const auto decoded = decode_storage(response);
  BOOST_TEST_REQUIRE(decoded.ok());
  auto entries = std::get<storage_sync_response>(*decoded).entries;
  const auto first = entries.next();
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(!entries.next().has_value());
  BOOST_TEST(entries.left() == 0u);
  const auto admitted = admit(*first);
  sync_response_builder out;
  out.add(admitted->key, admitted->record);
  BOOST_TEST(to_hex(out.take()) == to_hex(response));
}

BOOST_AUTO_TEST_CASE(a_damaged_checksum_parses_and_is_refused) {
  bytes message;
  const auto x = read_entry(message, vector("entry with a damaged checksum: parses but is refused"));
  BOOST_TEST_REQUIRE(x.has_value());
  BOOST_TEST(!x->intact());
  BOOST_TEST((refusal(*x) == wire_errc::not_authentic));
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_refused) {
  const auto entry = vector("Storage message ENTRY carrying the string entry");
  for (std::size_t n = 0; n < entry.size(); ++n)
    BOOST_TEST(!decode_storage(bytes_view{entry}.first(n)).ok(), n);
  const auto response = vector("SYNC_RESPONSE with one entry");
  for (std::size_t n = 5; n < response.size(); ++n) {
    const auto cut = decode_storage(bytes_view{response}.first(n));
    BOOST_TEST_REQUIRE(cut.ok());
    auto entries = std::get<storage_sync_response>(*cut).entries;
    BOOST_TEST(!entries.next().has_value());
    BOOST_TEST(entries.left() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_unknown_is_ignored_and_what_follows_a_message_too) {
  BOOST_TEST((decode_storage({}).error() == wire_errc::truncated));
  for (const auto* raw : {"00", "04", "7f", "80", "ff"})
    BOOST_TEST((decode_storage(unhex(raw)).error() == wire_errc::unknown_kind));
  BOOST_TEST(decode_storage(unhex("02 ffff")).ok());
  bytes message;
  const auto raw = vector("string entry");
  BOOST_TEST(read_entry(message, concat({raw, unhex("ffff")})).has_value());
}

BOOST_AUTO_TEST_CASE(a_size_that_is_too_small_is_taken_as_upstream_takes_it) {
  auto raw = vector("string entry");
  raw[3] = 1;
  bytes message;
  BOOST_TEST(read_entry(message, raw).has_value());
  raw[3] = 0xFF; // More than there is.
  BOOST_TEST(!read_entry(message, raw).has_value());
}

BOOST_AUTO_TEST_CASE(entries_beyond_a_limit_are_not_admitted) {
  bytes message;
  const auto raw = vector("string entry");
  const auto good = *read_entry(message, raw);
  auto x = good;
  x.key = {};
  BOOST_TEST((refusal(x) == wire_errc::bad_text));
  x = good;
  const std::string long_key(storage_key_max + 1, 'k');
  x.key = long_key;
  BOOST_TEST((refusal(x) == wire_errc::too_large));
  x = good;
  x.timestamp_ms = storage_timestamp_max + 1;
  BOOST_TEST((refusal(x) == wire_errc::too_large));
  for (const auto* origin : {"aa", "00", "x"}) {
    x = good;
    x.origin = origin;
    BOOST_TEST((refusal(x) == wire_errc::bad_text));
  }
  const std::string capitals(64, 'A');
  x.origin = capitals;
  BOOST_TEST((refusal(x) == wire_errc::bad_text));
  const bytes large(storage_entry_max);
  x = good;
  x.data = large;
  BOOST_TEST((refusal(x) == wire_errc::too_large));
}

BOOST_AUTO_TEST_CASE(the_later_writer_wins) {
  int seen = 0;
  for (const auto& x : load_vectors("storage.json")) {
    if (!x.fields.contains("a_wins"))
      continue;
    ++seen;
    BOOST_TEST_CONTEXT(x.name) {
      const auto time = [&](const char* name) { return x.fields.at(name).get<std::uint64_t>(); };
      const auto origin = [&](const char* name) { return x.fields.at(name).get<std::string>(); };
      BOOST_TEST(lww_wins(time("a_timestamp"), origin("a_origin"), time("b_timestamp"), origin("b_origin"))
        == x.fields.at("a_wins").get<bool>());
      BOOST_TEST(lww_wins(time("b_timestamp"), origin("b_origin"), time("a_timestamp"), origin("a_origin"))
        == x.fields.at("b_wins").get<bool>());
    }
  }
  BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_CASE(ids_win_as_their_hex_digits_do) {
  for (int a = 0; a < 256; a += 15)
    for (int b = 0; b < 256; b += 17) {
      const peer_id x{filled(static_cast<std::uint8_t>(a))};
      const peer_id y{filled(static_cast<std::uint8_t>(b))};
      const storage_version v{5, x};
      BOOST_TEST(v.wins_over({5, y}) == lww_wins(5, x.to_string(), 5, y.to_string()));
      BOOST_TEST(v.wins_over({5, std::nullopt}));
      BOOST_TEST(!storage_version({5, std::nullopt}).wins_over(v));
    }
}

BOOST_AUTO_TEST_CASE(a_response_is_full_before_it_outgrows_its_target) {
  sync_response_builder out;
  const auto record = sample(60'000);
  BOOST_TEST(!out.is_full_for(storage_entry_max)); // The first one always fits.
  int count = 0;
  for (; !out.is_full_for(encoded_size("k", record)); ++count)
    out.add("k", record);
  BOOST_TEST(count == 4);
  const auto message = out.take();
  BOOST_TEST(message.size() <= sync_response_builder::target_size + 5);
  BOOST_TEST(out.count() == 0u);
}

BOOST_AUTO_TEST_CASE(the_file_of_upstream_reads_and_writes_byte_for_byte) {
  const auto raw = vector("on-disk file rats_storage.dat holding the string entry");
  const auto file = import_storage_file(raw);
  BOOST_TEST_REQUIRE(file.ok());
  BOOST_TEST_REQUIRE(file->entries.size() == 1u);
  BOOST_TEST(file->entries[0].key == "greeting");
  BOOST_TEST(file->entries[0].record.data.text() == "hello");
  BOOST_TEST(file->refused == 0u);
  BOOST_TEST(file->missing == 0u);
  storage_export out;
  out.add(file->entries[0].key, file->entries[0].record);
  BOOST_TEST(to_hex(out.take()) == to_hex(raw));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_keeps_what_can_be_read_and_says_what_is_missing) {
  const auto first = vector("string entry");
  auto damaged = first;
  damaged.back() ^= 1;
  const auto file = concat({unhex("52415453 00000001 00000004"), damaged, first, first, bytes_view{first}.first(20)});
  const auto x = import_storage_file(file);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(x->entries.size() == 2u);
  BOOST_TEST(x->refused == 1u);
  BOOST_TEST(x->missing == 1u);
  BOOST_TEST((import_storage_file(unhex("52415453 00000001 000000")).error() == wire_errc::truncated));
  BOOST_TEST((import_storage_file(unhex("52415454 00000001 00000000")).error() == wire_errc::bad_text));
  BOOST_TEST((import_storage_file(unhex("52415453 00000002 00000000")).error() == wire_errc::unknown_version));
  BOOST_TEST(import_storage_file(unhex("52415453 00000001 ffffffff"))->missing == 0xFFFFFFFFu);
}

BOOST_AUTO_TEST_SUITE_END()
