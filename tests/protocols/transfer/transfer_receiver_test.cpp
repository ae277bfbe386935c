// SPDX-License-Identifier: MIT
#include "protocols/transfer/chunk_packer.hpp"
#include "protocols/transfer/transfer_receiver.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

const time_point start{std::chrono::hours{1}};
const std::string hello = "hello, librats file transfer!";
constexpr std::uint8_t understood = transfer_checks_chunks | transfer_unpacks_chunks;

bytes vector(std::string_view name) {
  return find_case(load_vectors("file-transfer.json"), name).raw;
}

transfer_offer offer_of(const std::vector<std::uint64_t>& sizes, bool details = false) {
  transfer_offer out;
  out.id = 1;
  out.directory = true;
  for (const auto size : sizes) {
    out.files.push_back({"f" + std::to_string(out.files.size()), size});
    out.total += size;
  }
  if (details)
    out.details.emplace().files.resize(sizes.size());
  return out;
}

/// A receiver with a disk that does at once what it is told.
struct receiving {
  transfer_receiver uut;
  time_point now = start;
  std::map<std::uint32_t, std::string> parts;
  std::vector<std::string> placed;
  std::vector<resume_point> checkpoints;
  std::vector<std::uint32_t> directories;
  std::vector<bytes> said;
  std::optional<transfer_done> done;
  bool disk_works = true;

  explicit receiving(transfer_offer offer, const transfer_receiver::config& cfg = {})
    : uut(cfg, start, std::move(offer)) {}
  void run() {
    while (disk_works) {
      const auto x = uut.poll_request();
      if (!x)
        break;
      if (const auto* read = std::get_if<disk_read>(&*x)) {
        const auto data = parts[read->file].substr(read->offset, read->size);
        uut.handle_disk_read(now, as_bytes(data));
        continue;
      }
      if (const auto* write = std::get_if<disk_write>(&*x)) {
        auto& to = parts[write->file];
        to.resize(std::max<std::size_t>(to.size(), write->offset + write->data.size()));
        to.replace(write->offset, write->data.size(), write->data.text());
      } else if (const auto* finish = std::get_if<disk_finish>(&*x)) {
        BOOST_TEST((finish->digest == sha256(as_bytes(parts[finish->file]))));
        placed.push_back(parts[finish->file]);
      } else if (const auto* checkpoint = std::get_if<disk_checkpoint>(&*x)) {
        checkpoints.push_back(checkpoint->at);
      } else if (const auto* directory = std::get_if<disk_make_directory>(&*x)) {
        directories.push_back(directory->directory);
      }
      uut.handle_disk_done(now);
    }
    while (auto x = uut.poll_transmit())
      said.push_back(std::move(*x));
    while (const auto x = uut.poll_event())
      if (const auto* end = std::get_if<transfer_done>(&*x)) {
        BOOST_TEST(!done.has_value()); // Once.
        done = *end;
      }
  }
  void accept(const std::optional<resume_point>& journal = {}) {
    uut.accept(now, journal);
    run();
  }
  void hear(const bytes& x) {
    uut.handle_message(now, byte_slice::copy_of(x));
    run();
  }
  void chunk(std::uint32_t file, std::uint64_t offset, std::string_view data) {
    hear(encode_chunk(1, file, offset, as_bytes(data)));
  }
  void file_end(std::uint32_t file, std::string_view content) {
    hear(encode_file_end(1, file, sha256(as_bytes(content))));
  }
  void wait(duration x) {
    now += x;
    uut.handle_timeout(now);
    run();
  }
  [[nodiscard]] bool ended(transfer_errc why) const { return done && done->error == why; }
  /// Ended so, and told the sender.
  [[nodiscard]] bool gave_up(transfer_errc why) const {
    return ended(why) && said.back()[0] == 6 && said.back()[9] == 0;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_receiver_suite)

BOOST_AUTO_TEST_CASE(it_answers_an_upstream_sender_as_upstream_does) {
  receiving x{offer_of({29})};
  x.accept();
  BOOST_TEST(to_hex(x.said.at(0)) == to_hex(vector("RESPONSE accept")));
  x.hear(vector("CHUNK 0 (sender configured with 16-byte chunks)"));
  x.hear(vector("CHUNK 1"));
  x.hear(vector("FILE_END"));
  BOOST_TEST_REQUIRE(x.said.size() == 3u);
  BOOST_TEST(to_hex(x.said[1]) == to_hex(vector("PROGRESS (cumulative bytes on disk)")));
  BOOST_TEST(to_hex(x.said[2]) == to_hex(vector("COMPLETE ok")));
  BOOST_TEST_REQUIRE(x.done.has_value());
  BOOST_TEST(!x.done->error);
  BOOST_TEST(x.placed.at(0) == hello);
}

BOOST_AUTO_TEST_CASE(an_empty_manifest_and_empty_files_are_complete) {
  receiving nothing{offer_of({})};
  nothing.accept();
  BOOST_TEST(to_hex(nothing.said.at(1)) == to_hex(encode_complete(1, true)));
  receiving empty{offer_of({0, 0})};
  empty.accept();
  empty.file_end(0, "");
  BOOST_TEST(!empty.done);
  empty.file_end(1, "");
  BOOST_TEST(empty.placed.size() == 2u);
  BOOST_TEST(!empty.done->error);
  auto tree = offer_of({}, true);
  tree.details->directories = {"a", "b"};
  receiving directories{tree};
  directories.accept();
  BOOST_TEST(directories.directories.size() == 2u);
  BOOST_TEST(!directories.done->error);
}

BOOST_AUTO_TEST_CASE(an_offer_is_rejected_or_expires) {
  receiving x{offer_of({29})};
  BOOST_TEST(x.uut.reject("no room"));
  BOOST_TEST(!x.uut.accept(start));
  x.run();
  BOOST_TEST(to_hex(x.said.at(0)) == to_hex(encode_reject(1, "no room")));
  receiving y{offer_of({29})};
  y.hear(vector("CHUNK 1")); // Nobody asked for it.
  BOOST_TEST(!y.done);
  y.wait(60s);
  BOOST_TEST(y.ended(transfer_errc::expired));
  BOOST_TEST(y.said.empty());
}

BOOST_AUTO_TEST_CASE(chunks_out_of_order_repeated_or_of_another_file_end_it) {
  const auto after_first = [](auto what) {
    receiving x{offer_of({29, 29})};
    x.accept();
    x.chunk(0, 0, "hello, ");
    what(x);
    BOOST_TEST(x.gave_up(transfer_errc::out_of_order));
    BOOST_TEST(x.placed.empty());
  };
  after_first([](receiving& x) { x.chunk(0, 0, "hello, "); });
  after_first([](receiving& x) { x.chunk(0, 8, "ibrats"); });
  after_first([](receiving& x) { x.chunk(0, 6, " lib"); });
  after_first([](receiving& x) { x.chunk(1, 0, "hello"); });
  after_first([](receiving& x) { x.chunk(2, 0, "hello"); });
  after_first([](receiving& x) { x.chunk(0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF, "hello"); });
  after_first([](receiving& x) { x.file_end(0, "hello, "); }); // Too short.
  after_first([](receiving& x) { x.file_end(1, ""); });
}

BOOST_AUTO_TEST_CASE(more_bytes_than_offered_and_wrong_digests_end_it) {
  receiving x{offer_of({3})};
  x.accept();
  x.chunk(0, 0, "four");
  BOOST_TEST(x.gave_up(transfer_errc::more_than_offered));
  BOOST_TEST(x.parts.empty());
  receiving y{offer_of({4})};
  y.accept();
  y.chunk(0, 0, "four");
  y.file_end(0, "five");
  BOOST_TEST(y.gave_up(transfer_errc::wrong_digest));
  BOOST_TEST(y.done->reason == "f0");
  BOOST_TEST(y.placed.empty());
  transfer_receiver::config trusting;
  trusting.verify = false;
  receiving z{offer_of({4}), trusting};
  z.accept();
  z.chunk(0, 0, "four");
  z.file_end(0, "five");
  BOOST_TEST(!z.done->error);
  receiving past{offer_of({0})};
  past.accept();
  past.file_end(0, "");
  past.file_end(0, ""); // Behind the end nothing counts.
  BOOST_TEST(!past.done->error);
}

BOOST_AUTO_TEST_CASE(a_sender_that_ignores_the_disk_is_stopped) {
  transfer_receiver::config cfg;
  cfg.unwritten_max = 1000;
  receiving x{offer_of({10'000}), cfg};
  x.accept();
  x.disk_works = false;
  for (std::uint64_t i = 0; i < 10; ++i)
    x.chunk(0, i * 100, std::string(100, 'x'));
  BOOST_TEST(!x.done);
  BOOST_TEST(x.uut.unwritten() == 1000u);
  x.chunk(0, 1000, "x");
  BOOST_TEST(x.gave_up(transfer_errc::too_much_in_flight));
}

BOOST_AUTO_TEST_CASE(progress_is_said_by_bytes_and_by_time) {
  transfer_receiver::config cfg;
  cfg.progress_every = 1000;
  receiving x{offer_of({10'000}), cfg};
  x.accept();
  x.chunk(0, 0, std::string(999, 'x'));
  BOOST_TEST(x.said.size() == 1u);
  x.chunk(0, 999, "x");
  BOOST_TEST(to_hex(x.said.at(1)) == to_hex(encode_progress(1, 1000)));
  x.chunk(0, 1000, "y");
  BOOST_TEST((*x.uut.poll_timeout() == x.now + 200ms));
  x.wait(200ms);
  BOOST_TEST(to_hex(x.said.at(2)) == to_hex(encode_progress(1, 1001)));
}

BOOST_AUTO_TEST_CASE(stalling_ends_it_and_pausing_does_not) {
  receiving x{offer_of({29})};
  x.accept();
  x.chunk(0, 0, "hello");
  x.hear(encode_transfer_op(transfer_op::pause, 1));
  x.wait(1h);
  BOOST_TEST((x.uut.state() == transfer_state::paused));
  x.chunk(0, 5, ", lib"); // It was under way.
  x.hear(encode_transfer_op(transfer_op::resume, 1));
  x.wait(59s);
  BOOST_TEST(!x.done);
  for (int i = 0; i < 3; ++i)
    x.chunk(0, 10, ""); // Says nothing.
  x.wait(1s);
  BOOST_TEST(x.gave_up(transfer_errc::stalled));
  receiving y{offer_of({29})};
  BOOST_TEST(!y.uut.pause(start));
  y.accept();
  BOOST_TEST(y.uut.pause(start));
  BOOST_TEST(y.uut.resume(start));
  y.run();
  BOOST_TEST(y.said.at(1)[0] == 8);
  BOOST_TEST(y.said.at(2)[0] == 9);
}

BOOST_AUTO_TEST_CASE(the_sender_or_we_give_up) {
  receiving x{offer_of({29})};
  x.hear(encode_transfer_op(transfer_op::cancel, 1));
  BOOST_TEST(x.ended(transfer_errc::cancelled_by_peer));
  receiving y{offer_of({29})};
  y.accept();
  y.hear(encode_complete(1, true)); // Not the sender's to say.
  BOOST_TEST(!y.done);
  y.hear(encode_complete(1, false, "bad sector"));
  BOOST_TEST(y.ended(transfer_errc::failed_by_peer));
  BOOST_TEST(y.done->reason == "bad sector");
  receiving z{offer_of({29})};
  z.accept();
  BOOST_TEST(z.uut.cancel());
  z.run();
  BOOST_TEST(z.said.back()[0] == 7);
  receiving full{offer_of({29})};
  full.accept();
  full.disk_works = false;
  full.chunk(0, 0, "hello");
  BOOST_TEST_REQUIRE(full.uut.poll_request().has_value());
  full.uut.handle_disk_failed(start, "disk full");
  full.run();
  BOOST_TEST(full.gave_up(transfer_errc::disk));
  BOOST_TEST(full.done->reason == "disk full");
}

BOOST_AUTO_TEST_CASE(checkpoints_tell_what_is_to_be_durable) {
  transfer_receiver::config cfg;
  cfg.checkpoint_every = 10;
  receiving x{offer_of({29}), cfg};
  x.accept();
  x.chunk(0, 0, hello.substr(0, 9));
  x.chunk(0, 9, hello.substr(9, 3));
  x.chunk(0, 12, hello.substr(12));
  x.file_end(0, hello);
  BOOST_TEST_REQUIRE(x.checkpoints.size() == 1u); // The end of the file is its own.
  BOOST_TEST(x.checkpoints[0].offset == 12u);
  BOOST_TEST((x.checkpoints[0].digest == sha256(as_bytes(hello.substr(0, 12)))));
}

BOOST_AUTO_TEST_CASE(it_goes_on_from_a_journal_whose_bytes_are_still_there) {
  const resume_point at{1, 12, sha256(as_bytes(hello.substr(0, 12)))};
  receiving x{offer_of({5, 29}, true)};
  x.parts[1] = hello.substr(0, 12);
  x.accept(at);
  BOOST_TEST(to_hex(x.said.at(0)) == to_hex(encode_accept(1, at, understood)));
  BOOST_TEST(x.uut.written() == 17u);
  x.chunk(1, 12, hello.substr(12));
  x.file_end(1, hello);
  BOOST_TEST(!x.done->error);
  BOOST_TEST(x.placed.at(0) == hello);

  receiving other{offer_of({5, 29}, true)}; // The sender's file begins differently.
  other.parts[1] = hello.substr(0, 12);
  other.accept(at);
  other.chunk(1, 0, "HELLO, librats file transfer!");
  other.file_end(1, "HELLO, librats file transfer!");
  BOOST_TEST(!other.done->error);
  BOOST_TEST(other.checkpoints.at(0).offset == 0u);

  for (const auto* torn : {"hello, xxxxx", "hello", ""}) { // Our part is not what the journal says.
    receiving y{offer_of({5, 29}, true)};
    y.parts[1] = torn;
    y.accept(at);
    BOOST_TEST(to_hex(y.said.at(0)) == to_hex(encode_accept(1, resume_point{1, 0, {}}, understood)));
  }
  receiving plain{offer_of({5, 29})}; // An upstream sender cannot.
  plain.accept(at);
  BOOST_TEST(to_hex(plain.said.at(0)) == to_hex(encode_accept(1)));
  receiving all{offer_of({5, 29}, true)};
  all.accept(resume_point{2, 0, {}});
  BOOST_TEST(to_hex(all.said.at(1)) == to_hex(encode_complete(1, true)));
}

BOOST_AUTO_TEST_CASE(a_checked_chunk_that_is_damaged_leaves_what_was_there_before) {
  const auto digest = [](const std::string& x) { return check_of(sha256(as_bytes(x))); };
  const auto chunk = [&](std::uint64_t offset, const std::string& data, const std::string& checked) {
    return encode_checked_chunk({1, 0, offset, digest(checked), 0, as_bytes(data)});
  };
  receiving x{offer_of({29}, true)};
  x.accept();
  BOOST_TEST(to_hex(x.said.at(0)) == to_hex(encode_accept(1, resume_point{0, 0, {}}, understood)));
  x.hear(chunk(0, hello.substr(0, 9), hello.substr(0, 9)));
  x.hear(chunk(9, hello.substr(9), hello));
  x.file_end(0, hello);
  BOOST_TEST(!x.done->error);
  BOOST_TEST(x.placed.at(0) == hello);

  receiving y{offer_of({29}, true)};
  y.accept();
  y.hear(chunk(0, hello.substr(0, 9), hello.substr(0, 9)));
  y.hear(chunk(9, "damaged", hello.substr(0, 16)));
  BOOST_TEST_REQUIRE(y.done.has_value());
  BOOST_TEST((y.done->error == transfer_errc::damaged));
  BOOST_TEST(may_resume(*y.done->error));
  BOOST_TEST(y.parts[0] == hello.substr(0, 9));
}

BOOST_AUTO_TEST_CASE(packed_chunks_are_unpacked_and_may_not_lie_about_their_size) {
  const std::string zeros(5000, '0');
  const auto packed = chunk_packer{}.pack(as_bytes(zeros));
  BOOST_TEST_REQUIRE(packed.has_value());
  BOOST_TEST(packed->size() < 100u);
  const auto check = check_of(sha256(as_bytes(zeros)));
  const auto tell = [&](std::uint32_t size, bytes_view data, std::uint64_t file_size) {
    receiving x{offer_of({file_size}, true)};
    x.accept();
    x.hear(encode_checked_chunk({1, 0, 0, check, size, data}));
    return x;
  };
  BOOST_TEST(tell(5000, *packed, 5000).parts[0] == zeros);
  BOOST_TEST((tell(4999, *packed, 5000).done->error == transfer_errc::damaged));
  BOOST_TEST((tell(5001, *packed, 5001).done->error == transfer_errc::damaged));
  BOOST_TEST((tell(5000, as_bytes("nonsense"), 5000).done->error == transfer_errc::damaged));
  BOOST_TEST((tell(5000, *packed, 4999).done->error == transfer_errc::more_than_offered));
  BOOST_TEST((tell(0xffffffff, *packed, 0xffffffffff).done->error == transfer_errc::too_much_in_flight));
  BOOST_TEST((tell(2u << 20, *packed, 0xffffffffff).done->error == transfer_errc::damaged)); // No chunk is so large.
}

BOOST_AUTO_TEST_SUITE_END()
