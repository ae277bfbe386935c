// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_sender.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t much = 1u << 30;
const time_point start{std::chrono::hours{1}};
const std::string hello = "hello, librats file transfer!";

bytes vector(std::string_view name) {
  return find_case(load_vectors("file-transfer.json"), name).raw;
}

/// A sender, its files, and what it said.
struct sending {
  std::vector<std::string> content;
  transfer_sender uut;
  time_point now = start;
  std::vector<bytes> said;
  std::optional<transfer_done> done;
  std::size_t read = 0;

  sending(std::vector<std::string> files, const transfer_sender::config& cfg, bool details = false)
    : content(std::move(files)), uut(cfg, start, offer_of(content, details)) {
    uut.grant(much);
    run();
  }
  static transfer_offer offer_of(const std::vector<std::string>& files, bool details) {
    transfer_offer out;
    out.id = 1;
    out.directory = files.size() != 1;
    out.name = out.directory ? "dir" : "hello.txt";
    for (std::size_t i = 0; i < files.size(); ++i) {
      out.files.push_back({out.directory ? std::to_string(i) : out.name, files[i].size()});
      out.total += files[i].size();
    }
    if (details)
      out.details.emplace().files.resize(files.size());
    return out;
  }
  void run() {
    for (bool again = true; again;) {
      again = false;
      while (const auto x = uut.poll_request()) {
        again = true;
        read += x->size;
        uut.handle_disk_read(now, byte_slice::copy_of(content[x->file].substr(x->offset, x->size)));
      }
      while (auto x = uut.poll_transmit(now)) {
        again = true;
        said.push_back(std::move(*x));
      }
    }
    while (const auto x = uut.poll_event())
      if (const auto* end = std::get_if<transfer_done>(&*x)) {
        BOOST_TEST(!done.has_value()); // Once.
        done = *end;
      }
  }
  void hear(const bytes& x) {
    uut.handle_message(now, x);
    run();
  }
  void wait(duration x) {
    now += x;
    uut.handle_timeout(now);
    run();
  }
  [[nodiscard]] bool ended(transfer_errc why) const { return done && done->error == why; }
  [[nodiscard]] std::uint8_t last_op() const { return said.back()[0]; }
};

transfer_sender::config chunks_of(std::size_t size) {
  transfer_sender::config out;
  out.chunk_size = size;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_sender_suite)

BOOST_AUTO_TEST_CASE(it_says_what_an_upstream_sender_says) {
  sending x{{hello}, chunks_of(16)};
  BOOST_TEST_REQUIRE(x.said.size() == 1u);
  BOOST_TEST(to_hex(x.said[0]) == to_hex(vector("OFFER single file")));
  BOOST_TEST(x.read == 0u); // Nothing is read before somebody wants it.
  x.hear(vector("RESPONSE accept"));
  BOOST_TEST_REQUIRE(x.said.size() == 4u);
  BOOST_TEST(to_hex(x.said[1]) == to_hex(vector("CHUNK 0 (sender configured with 16-byte chunks)")));
  BOOST_TEST(to_hex(x.said[2]) == to_hex(vector("CHUNK 1")));
  BOOST_TEST(to_hex(x.said[3]) == to_hex(vector("FILE_END")));
  x.hear(vector("PROGRESS (cumulative bytes on disk)"));
  BOOST_TEST(x.uut.received() == 29u);
  BOOST_TEST(!x.done);
  x.hear(vector("COMPLETE ok"));
  BOOST_TEST_REQUIRE(x.done.has_value());
  BOOST_TEST(!x.done->error);
  BOOST_TEST(!x.uut.poll_timeout());
  BOOST_TEST(x.said.size() == 4u);
}

BOOST_AUTO_TEST_CASE(empty_files_have_an_end_and_no_chunk) {
  sending x{{"", "ab", ""}, chunks_of(16)};
  x.hear(encode_accept(1));
  BOOST_TEST_REQUIRE(x.said.size() == 5u);
  BOOST_TEST(to_hex(x.said[1]) == to_hex(encode_file_end(1, 0, sha256(bytes_view{}))));
  BOOST_TEST(to_hex(x.said[2]) == to_hex(encode_chunk(1, 1, 0, as_bytes("ab"))));
  BOOST_TEST(to_hex(x.said[3]) == to_hex(encode_file_end(1, 1, sha256(as_bytes("ab")))));
  BOOST_TEST(to_hex(x.said[4]) == to_hex(encode_file_end(1, 2, sha256(bytes_view{}))));
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_it) {
  sending x{{hello}, {}};
  x.hear(encode_reject(1, "no room"));
  BOOST_TEST(x.ended(transfer_errc::rejected));
  BOOST_TEST(x.done->reason == "no room");
  x.hear(encode_accept(1));
  BOOST_TEST(x.said.size() == 1u);
}

BOOST_AUTO_TEST_CASE(it_keeps_within_the_window_and_the_links_room) {
  transfer_sender::config cfg = chunks_of(65'536);
  cfg.window = 1u << 20;
  sending x{{std::string(3u << 20, 'x')}, cfg};
  x.hear(encode_accept(1));
  BOOST_TEST(x.uut.sent() == 1u << 20);
  BOOST_TEST(x.read == (1u << 20) + 4 * 65'536); // What it holds does not grow with the file.
  x.hear(encode_progress(1, 256u << 10));
  BOOST_TEST(x.uut.sent() == (1u << 20) + (256u << 10));
  x.hear(encode_progress(1, 100));  // Backwards.
  x.hear(encode_progress(1, much)); // Beyond what was sent.
  BOOST_TEST(x.uut.received() == 256u << 10);
  BOOST_TEST(x.uut.sent() == (1u << 20) + (256u << 10));

  transfer_sender narrow{cfg, start, sending::offer_of(x.content, false)};
  narrow.poll_transmit(start);
  narrow.handle_message(start, encode_accept(1));
  narrow.grant(65'536 + 65'535);
  int chunks = 0;
  while (const auto ask = narrow.poll_request())
    narrow.handle_disk_read(start, byte_slice::copy_of(std::string(ask->size, 'x')));
  while (narrow.poll_transmit(start))
    ++chunks;
  BOOST_TEST(chunks == 1);
  BOOST_TEST(narrow.take_back(100'000) == 65'535u); // All that is left.
  narrow.grant(65'535);
  narrow.grant(1);
  BOOST_TEST(narrow.poll_transmit(start).has_value());
}

BOOST_AUTO_TEST_CASE(a_silent_receiver_is_given_up_with_what_upstream_understands) {
  sending x{{hello}, {}};
  x.wait(59s);
  BOOST_TEST(!x.done);
  x.wait(1s);
  BOOST_TEST(x.ended(transfer_errc::expired));
  BOOST_TEST_REQUIRE(x.said.size() == 3u);
  BOOST_TEST(x.said[1][0] == 6); // COMPLETE
  BOOST_TEST(x.said[1][9] == 0);
  BOOST_TEST(x.last_op() == 7); // CANCEL
  sending y{{hello}, {}};
  y.hear(encode_accept(1));
  y.wait(60s);
  BOOST_TEST(y.ended(transfer_errc::stalled));
}

BOOST_AUTO_TEST_CASE(pausing_stops_chunks_and_the_deadline) {
  transfer_sender::config cfg = chunks_of(65'536);
  cfg.window = 1u << 20;
  sending x{{std::string(2u << 20, 'x')}, cfg};
  BOOST_TEST(!x.uut.pause(start)); // Not begun.
  x.hear(encode_accept(1));
  x.hear(encode_transfer_op(transfer_op::pause, 1));
  BOOST_TEST((x.uut.state() == transfer_state::paused));
  const auto before = x.said.size();
  x.hear(encode_progress(1, 1u << 20));
  x.wait(1h);
  BOOST_TEST(x.said.size() == before);
  BOOST_TEST(x.uut.resume(x.now)); // Either side ends it.
  x.run();
  BOOST_TEST(x.said[before][0] == 9);
  BOOST_TEST(x.uut.sent() == 2u << 20);
  BOOST_TEST(x.uut.pause(x.now));
  x.run();
  BOOST_TEST(x.last_op() == 8);
  x.hear(encode_transfer_op(transfer_op::resume, 1));
  BOOST_TEST((x.uut.state() == transfer_state::active));
}

BOOST_AUTO_TEST_CASE(either_side_cancels) {
  sending x{{hello}, {}};
  BOOST_TEST(x.uut.cancel());
  x.run();
  BOOST_TEST(x.ended(transfer_errc::cancelled));
  BOOST_TEST(x.last_op() == 7);
  BOOST_TEST(!x.uut.cancel());
  sending y{{hello}, {}};
  y.hear(encode_transfer_op(transfer_op::cancel, 1));
  BOOST_TEST(y.ended(transfer_errc::cancelled_by_peer));
  BOOST_TEST(y.said.size() == 1u);
  sending z{{hello}, {}};
  z.hear(encode_complete(1, false, "disk full"));
  BOOST_TEST(z.ended(transfer_errc::failed_by_peer));
  BOOST_TEST(z.done->reason == "disk full");
}

BOOST_AUTO_TEST_CASE(what_is_confirmed_before_it_was_sent_is_an_error) {
  sending x{{hello}, {}};
  x.hear(encode_complete(1, true));
  BOOST_TEST(x.ended(transfer_errc::too_early));
  sending y{{hello}, {}};
  y.hear(encode_complete(2, true)); // Another transfer's.
  BOOST_TEST(!y.done);
}

BOOST_AUTO_TEST_CASE(a_file_that_shrank_or_cannot_be_read_is_an_error) {
  for (const bool failing : {false, true}) {
    transfer_sender uut{{}, start, sending::offer_of({hello}, false)};
    uut.poll_transmit(start);
    uut.handle_message(start, encode_accept(1));
    BOOST_TEST_REQUIRE(uut.poll_request().has_value());
    if (failing)
      uut.handle_disk_failed(start, "bad sector");
    else
      uut.handle_disk_read(start, byte_slice::copy_of("hello"));
    BOOST_TEST((uut.state() == transfer_state::done));
    BOOST_TEST((*uut.poll_transmit(start))[0] == 6);
    BOOST_TEST((*uut.poll_transmit(start))[0] == 7);
  }
}

BOOST_AUTO_TEST_CASE(it_goes_on_where_the_receiver_stopped_when_both_have_the_same) {
  sending x{{"first", hello}, chunks_of(16), true};
  x.hear(encode_accept(1, resume_point{1, 20, sha256(as_bytes(hello.substr(0, 20)))}));
  BOOST_TEST_REQUIRE(x.said.size() == 3u);
  BOOST_TEST(to_hex(x.said[1]) == to_hex(encode_chunk(1, 1, 20, as_bytes(hello.substr(20)))));
  BOOST_TEST(to_hex(x.said[2]) == to_hex(encode_file_end(1, 1, sha256(as_bytes(hello)))));
  BOOST_TEST(x.uut.sent() == 34u);

  sending other{{"first", hello}, chunks_of(64), true};
  other.hear(encode_accept(1, resume_point{1, 20, sha256(as_bytes("something else"))}));
  BOOST_TEST(to_hex(other.said[1]) == to_hex(encode_chunk(1, 1, 0, as_bytes(hello))));

  sending all{{"first", hello}, chunks_of(64), true};
  all.hear(encode_accept(1, resume_point{1, 29, sha256(as_bytes(hello))}));
  BOOST_TEST_REQUIRE(all.said.size() == 2u);
  BOOST_TEST(to_hex(all.said[1]) == to_hex(encode_file_end(1, 1, sha256(as_bytes(hello)))));
  all.hear(encode_complete(1, true));
  BOOST_TEST(!all.done->error);

  sending have{{"first", hello}, chunks_of(64), true};
  have.hear(encode_accept(1, resume_point{2, 0, {}}));
  BOOST_TEST(have.said.size() == 1u);

  sending plain{{"first", hello}, chunks_of(64)}; // Who did not offer details is not asked for a part.
  plain.hear(encode_accept(1, resume_point{1, 20, {}}));
  BOOST_TEST(to_hex(plain.said[1]) == to_hex(encode_chunk(1, 0, 0, as_bytes("first"))));
}

BOOST_AUTO_TEST_CASE(to_who_understands_it_chunks_are_checked_and_packed) {
  const auto check = [](const std::string& x) { return check_of(sha256(as_bytes(x))); };
  sending x{{hello}, chunks_of(16), true};
  x.hear(encode_accept(1, resume_point{}, transfer_checks_chunks | transfer_unpacks_chunks));
  BOOST_TEST_REQUIRE(x.said.size() == 4u);
  const auto first = hello.substr(0, 16); // Too little to pack.
  BOOST_TEST(to_hex(x.said[1]) == to_hex(encode_checked_chunk({1, 0, 0, check(first), 0, as_bytes(first)})));
  BOOST_TEST(
    to_hex(x.said[2]) == to_hex(encode_checked_chunk({1, 0, 16, check(hello), 0, as_bytes(hello).subspan(16)})));

  const std::string zeros(5000, '0');
  const auto packed = *chunk_packer{}.pack(as_bytes(zeros));
  sending y{{zeros}, chunks_of(8192), true};
  y.hear(encode_accept(1, resume_point{}, transfer_checks_chunks | transfer_unpacks_chunks));
  BOOST_TEST(to_hex(y.said.at(1)) == to_hex(encode_checked_chunk({1, 0, 0, check(zeros), 5000, packed})));
  BOOST_TEST(chunk_size_of(y.said.at(1)) == 5000u);
  BOOST_TEST(y.uut.sent() == 5000u);

  sending only_checked{{zeros}, chunks_of(8192), true};
  only_checked.hear(encode_accept(1, resume_point{}, transfer_checks_chunks));
  BOOST_TEST(
    to_hex(only_checked.said.at(1)) == to_hex(encode_checked_chunk({1, 0, 0, check(zeros), 0, as_bytes(zeros)})));
  auto unpacked = chunks_of(8192);
  unpacked.pack = false;
  sending z{{zeros}, unpacked, true};
  z.hear(encode_accept(1, resume_point{}, transfer_checks_chunks | transfer_unpacks_chunks));
  BOOST_TEST(to_hex(z.said.at(1)) == to_hex(only_checked.said.at(1)));
}

BOOST_AUTO_TEST_CASE(an_offer_that_does_not_fit_is_an_error_at_once) {
  transfer_offer big;
  big.name = std::string(70'000, 'n');
  transfer_sender uut{{}, start, big};
  BOOST_TEST((uut.state() == transfer_state::done));
  BOOST_TEST(!uut.poll_transmit(start));
  BOOST_TEST((std::get<transfer_done>(*uut.poll_event()).error == transfer_errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
