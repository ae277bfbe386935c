// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/byte_writer.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/storage/storage_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace librats::protocols {

// The payload of a Storage message (wire/06 section 2):
//
//     1 ENTRY           entry
//     2 SYNC_REQUEST
//     3 SYNC_RESPONSE   u32 count | count * entry
//
// and an entry (section 1):
//
//     u32 size of the rest | u32 size, key | u8 type | u8 deleted | u64 timestamp_ms
//     | u32 size, origin | u32 size, data | u32 CRC-32
//
// Operations from 0x80 on are ours alone: sync_codec.hpp.

enum class storage_op : std::uint8_t { entry = 1, sync_request = 2, sync_response = 3 };

/// Bytes of an entry beside key, origin and data.
constexpr std::size_t storage_entry_overhead = 30;

/// An entry as it came, borrowed from its message.
struct storage_entry_view {
  std::string_view key;
  std::uint8_t type = 0;
  bool deleted = false;
  std::uint64_t timestamp_ms = 0;
  std::string_view origin;
  bytes_view data;
  std::uint32_t checksum = 0;

  /// Whether the checksum is right: CRC-32 of key, type, data, timestamp, origin and `deleted`, in this order.
  [[nodiscard]] bool intact() const noexcept;
};

/// Reads entries that stand back to back. The first that does not parse ends it, as upstream does.
class storage_entries_view {
public:
  storage_entries_view() = default;
  storage_entries_view(std::uint32_t count, bytes_view raw) noexcept : left_(count), raw_(raw) {}

  /// Empty at the end.
  std::optional<storage_entry_view> next() noexcept;
  /// How many entries were announced and not read; after the end, how many did not parse or were not there.
  [[nodiscard]] std::uint32_t left() const noexcept { return left_; }

private:
  std::uint32_t left_ = 0;
  bytes_view raw_;
};

struct storage_entry_received {
  storage_entry_view entry;
};
struct storage_sync_request {};
struct storage_sync_response {
  storage_entries_view entries;
};
using storage_message = std::variant<storage_entry_received, storage_sync_request, storage_sync_response>;

/// Reads a payload without copying or allocating; bytes behind a message are ignored. Errors, upon each of which the
/// message is ignored: `truncated`, `unknown_kind` (which our own operations are to this decoder).
result<storage_message> decode_storage(bytes_view in) noexcept;

/// Makes an entry of ours out of a foreign one; copies the data. Errors: `not_authentic` (wrong checksum), `too_large`
/// (key, value or entry above its limit, or a timestamp above `storage_timestamp_max`), `bad_text` (an empty key, or an
/// origin that is neither empty nor 64 lowercase hex digits).
result<storage_entry> admit(const storage_entry_view& x);

/// Bytes that `write_entry` will append.
std::size_t encoded_size(std::string_view key, const storage_record& x) noexcept;
void write_entry(byte_writer& out, std::string_view key, const storage_record& x);

bytes encode_entry_message(std::string_view key, const storage_record& x);
bytes encode_sync_request();

/// Puts entries into one SYNC_RESPONSE until it is full.
class sync_response_builder {
public:
  /// What a message of ours aims at, in bytes: upstream puts everything into one message, and above 8 MiB that ends its
  /// link; it merges the parts of ours one by one (wire/06 section 7).
  static constexpr std::size_t target_size = 256 * 1024;

  void add(std::string_view key, const storage_record& x);
  /// Whether another entry of that size would lead beyond the target. An empty message takes any entry.
  [[nodiscard]] bool is_full_for(std::size_t entry_size) const noexcept {
    return count_ > 0 && entries_.size() + entry_size > target_size;
  }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// The message; the builder is empty again.
  bytes take();

private:
  byte_writer entries_;
  std::uint32_t count_ = 0;
};

// -- the file of upstream's store (wire/06 section 6): "RATS" | u32 version 1 | u32 count | entries

/// What could be read of such a file.
struct storage_import {
  std::vector<storage_entry> entries; ///< In the order of the file; a key may stand there twice.
  std::size_t refused = 0;            ///< Parsed, but damaged or beyond our limits: left out.
  std::size_t missing = 0;            ///< Announced, but from here on the file is unreadable.
};

/// Errors: `truncated` (below 12 bytes), `bad_text` (another magic), `unknown_version`.
result<storage_import> import_storage_file(bytes_view in);

/// Builds such a file: add every entry, then `take` once.
class storage_export {
public:
  void add(std::string_view key, const storage_record& x);
  bytes take();

private:
  byte_writer entries_;
  std::uint32_t count_ = 0;
};

} // namespace librats::protocols
