// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_journal.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

namespace {

/// Records that stand behind a good header, as a crash or a bad disk leaves them.
void read_behind_a_header(bytes_view tail) {
  transfer_offer offer;
  offer.directory = true;
  offer.files = {{"a", 100}, {"b", 200}};
  offer.details.emplace().files.resize(2);
  auto raw = *journal_writer::header({}, "inbox", offer);
  const auto header_size = raw.size();
  raw.insert(raw.end(), tail.begin(), tail.end());
  const auto x = read_journal(raw);
  test::require(x.ok() && x->valid_size >= header_size && x->valid_size <= raw.size());
  test::require((x->end == journal_end::whole) == (x->valid_size == raw.size()));
  raw.resize(x->valid_size);
  journal_writer writer{x->last_check};
  const auto more = writer.finished(x->at.file);
  raw.insert(raw.end(), more.begin(), more.end());
  const auto again = read_journal(raw);
  test::require(again.ok() && again->at.file == x->at.file + (x->at.file < x->files ? 1 : 0));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  read_behind_a_header(in);
  const auto x = read_journal(in);
  if (!x)
    return 0;
  test::require(x->valid_size <= size && x->at.file <= x->files);
  const auto again = read_journal(in.first(x->valid_size));
  test::require(again.ok() && again->end == journal_end::whole && again->at.offset == x->at.offset);
  return 0;
}
