// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_journal.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

const peer_id sender{filled(7)};

transfer_offer two_files() {
  transfer_offer out;
  out.id = 5;
  out.directory = true;
  out.total = 300;
  out.name = "d";
  out.files = {{"a", 100}, {"b", 200}};
  out.details.emplace().files.resize(2);
  return out;
}

/// A header, two checkpoints and the end of the first file; `ends` tells where each of them ends.
struct sample {
  bytes raw = *journal_writer::header(sender, "/inbox/d", two_files());
  std::vector<std::size_t> ends{raw.size()};
  journal_writer writer{check_at_end()};
  sample() {
    add(writer.checkpoint({0, 40, sha256(as_bytes("forty"))}));
    add(writer.finished(0));
    add(writer.checkpoint({1, 150, sha256(as_bytes("more"))}));
  }
  void add(const bytes& x) {
    raw.insert(raw.end(), x.begin(), x.end());
    ends.push_back(raw.size());
  }
  [[nodiscard]] std::array<std::uint8_t, 8> check_at_end() const {
    std::array<std::uint8_t, 8> out;
    std::copy_n(raw.end() - 8, 8, out.begin());
    return out;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_journal)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  const sample x;
  const auto out = read_journal(x.raw);
  BOOST_TEST_REQUIRE(out.ok());
  BOOST_TEST((out->sender == sender));
  BOOST_TEST(out->destination == "/inbox/d");
  BOOST_TEST(out->offer == *encode_offer(two_files()), boost::test_tools::per_element());
  BOOST_TEST(out->files == 2u);
  BOOST_TEST(out->at.file == 1u);
  BOOST_TEST(out->at.offset == 150u);
  BOOST_TEST((out->at.digest == sha256(as_bytes("more"))));
  BOOST_TEST(out->valid_size == x.raw.size());
  BOOST_TEST((out->end == journal_end::whole));
}

BOOST_AUTO_TEST_CASE(a_torn_journal_counts_up_to_its_last_whole_record) {
  const sample x;
  for (std::size_t n = 0; n < x.raw.size(); ++n) {
    const auto out = read_journal(bytes_view{x.raw}.first(n));
    BOOST_TEST_CONTEXT(n) {
      if (n < x.ends[0]) {
        BOOST_TEST((out.error() == wire_errc::truncated));
        continue;
      }
      BOOST_TEST_REQUIRE(out.ok());
      const auto last = *std::prev(std::upper_bound(x.ends.begin(), x.ends.end(), n));
      BOOST_TEST(out->valid_size == last);
      BOOST_TEST((out->end == (last == n ? journal_end::whole : journal_end::torn)));
      BOOST_TEST(out->at.file == (last >= x.ends[2] ? 1u : 0u));
      BOOST_TEST(out->at.offset == (last == x.ends[1] ? 40u : 0u));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_changed_bit_is_believed) {
  const sample x;
  for (std::size_t n = 0; n < x.raw.size(); ++n) {
    auto bad = x.raw;
    bad[n] ^= 0x10;
    const auto out = read_journal(bad);
    BOOST_TEST_CONTEXT(n) {
      if (n < x.ends[0]) {
        BOOST_TEST(!out.ok());
        continue;
      }
      BOOST_TEST_REQUIRE(out.ok());
      BOOST_TEST(out->valid_size == *std::prev(std::upper_bound(x.ends.begin(), x.ends.end(), n)));
      BOOST_TEST((out->end != journal_end::whole));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_journal_goes_on_behind_what_was_torn) {
  const sample x;
  const auto torn = *read_journal(bytes_view{x.raw}.first(x.raw.size() - 3));
  auto raw = to_bytes(bytes_view{x.raw}.first(torn.valid_size));
  journal_writer writer{torn.last_check};
  const auto more = writer.finished(1);
  raw.insert(raw.end(), more.begin(), more.end());
  const auto out = read_journal(raw);
  BOOST_TEST_REQUIRE(out.ok());
  BOOST_TEST((out->end == journal_end::whole));
  BOOST_TEST(out->at.file == out->files);
}

BOOST_AUTO_TEST_CASE(records_of_another_place_or_journal_are_damage) {
  sample x;
  const auto record = bytes_view{x.raw}.subspan(x.ends[2], x.ends[3] - x.ends[2]);
  const auto twice = concat({x.raw, record});
  BOOST_TEST(read_journal(twice)->valid_size == x.raw.size());
  BOOST_TEST((read_journal(twice)->end == journal_end::damaged));
  const auto zeros = concat({x.raw, bytes(64, 0)}); // As a file system leaves them where it lost what was written.
  BOOST_TEST(read_journal(zeros)->valid_size == x.raw.size());
  BOOST_TEST((read_journal(zeros)->end == journal_end::damaged));
}

BOOST_AUTO_TEST_CASE(records_that_do_not_follow_are_damage) {
  const auto check = [](auto write) {
    sample x;
    const auto before = x.raw.size();
    x.add(write(x.writer));
    const auto out = read_journal(x.raw);
    BOOST_TEST_REQUIRE(out.ok());
    BOOST_TEST(out->valid_size == before);
    BOOST_TEST((out->end == journal_end::damaged));
  };
  check([](journal_writer& w) { return w.checkpoint({1, 201, {}}); }); // Beyond the file.
  check([](journal_writer& w) { return w.checkpoint({0, 50, {}}); });  // Of a file that is in place.
  check([](journal_writer& w) { return w.finished(0); });              // Twice.
  check([](journal_writer& w) { return w.finished(2); });
}

BOOST_AUTO_TEST_CASE(what_is_no_journal_is_said_to_be_none) {
  const sample x;
  BOOST_TEST((read_journal({}).error() == wire_errc::truncated));
  auto other = x.raw;
  other[0] = 'X';
  BOOST_TEST((read_journal(other).error() == wire_errc::unknown_kind));
  other = x.raw;
  other[4] = 2;
  BOOST_TEST((read_journal(other).error() == wire_errc::unknown_version));
  auto plain = two_files();
  plain.details.reset(); // An upstream sender's, which cannot go on.
  BOOST_TEST((read_journal(*journal_writer::header(sender, "x", plain)).error() == wire_errc::unknown_kind));
  BOOST_TEST((journal_writer::header(sender, std::string(65'536, 'x'), plain).error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
