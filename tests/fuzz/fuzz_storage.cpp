// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz_target.hpp"

#include "protocols/storage/storage_codec.hpp"
#include "protocols/storage/storage_replica.hpp"
#include "protocols/storage/sync_codec.hpp"

#include <algorithm>

using namespace librats;
using namespace librats::protocols;

namespace {

constexpr std::uint64_t wall_ms = 1'700'000'000'000;

/// A store with a peer that says HELLO and then what it likes. Of the two ends it leads, or it follows.
void hear(bytes_view in, std::uint8_t own_id) {
  const time_point now{std::chrono::hours{1}};
  peer_id self, liar;
  self.raw.fill(own_id);
  liar.raw.fill(2);
  storage_replica x{{}, self};
  for (int i = 0; i < 40; ++i)
    x.put(wall_ms, "key " + std::to_string(i), storage_int64(i));
  x.peer_connected(now, liar);
  x.handle_message(now, wall_ms, liar, encode_sync(sync_hello{}));
  for (int i = 0; i < 3; ++i) {
    x.handle_message(now, wall_ms, liar, in);
    int messages = 0;
    while (const auto out = x.poll_transmit(now, liar)) {
      test::require(decode_storage(*out).ok() || decode_sync(*out).ok());
      test::require(++messages < 1000);
    }
  }
  test::require(x.store().digests().size() == x.store().counted().entries + x.store().counted().tombstones);
}

void read(storage_message x) {
  const auto check = [](const storage_entry_view& view) {
    const auto entry = admit(view);
    if (!entry)
      return;
    const auto again = encode_entry_message(entry->key, entry->record);
    const auto back = decode_storage(again);
    test::require(back.ok() && std::get<storage_entry_received>(*back).entry.checksum == view.checksum);
  };
  if (const auto* one = std::get_if<storage_entry_received>(&x))
    check(one->entry);
  if (auto* many = std::get_if<storage_sync_response>(&x))
    while (const auto view = many->entries.next())
      check(*view);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  if (auto x = decode_storage(in))
    read(*x);
  if (const auto x = decode_sync(in)) {
    const auto once = encode_sync(*x);
    test::require(once.size() <= size && std::equal(once.begin(), once.end(), data));
  }
  if (const auto file = import_storage_file(in))
    test::require(file->entries.size() * storage_entry_overhead <= size);
  hear(in, 1);
  hear(in, 3);
  return 0;
}
