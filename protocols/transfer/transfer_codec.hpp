// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/crypto/hash.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace librats::protocols {

// The payload of a FileChunk message (wire/05 section 1): `u8 op | u64 id`, and then
//
//     1 OFFER     u8 flags | u64 total | u16 len, name | u32 count | count * { u16 len, path | u64 size } [| details]
//     2 RESPONSE  u8 accept [| resume point, or reason]
//     3 CHUNK     u32 file | u64 offset | data (to the end)
//     4 FILE_END  u32 file | bytes[32] sha256
//     5 PROGRESS  u64 received
//     6 COMPLETE  u8 ok [| reason]
//     7 CANCEL    8 PAUSE    9 RESUME
//    10 CHECKED   u32 file | u64 offset | bytes[8] check | u32 size | data (to the end)
//
// CHECKED is ours alone, and so is what stands in brackets. That starts with the four bytes "RTX1" behind the last
// field, where an upstream node reads nothing:
//
//     details       bytes[32] fingerprint | u32 count | count * { u16 len, path of an empty directory }
//                   | one per file: { u64 modified, ms since 1970 | u16 mode }
//     resume point  u32 file | u64 offset | bytes[32] sha256 of the first `offset` bytes of that file | u8 features
//     reason        u16 len, text
//
// The receiver names a resume point only to a sender whose offer had details. Its features say what it understands:
// 1 CHECKED instead of CHUNK, and 2 (only with 1) data that is packed with LZ4 (block format). `check` is the start of
// the SHA-256 of the file up to the end of this chunk; `size` is 0, or the bytes of packed data when it is unpacked.

enum class transfer_op : std::uint8_t {
  offer = 1,
  response = 2,
  chunk = 3,
  file_end = 4,
  progress = 5,
  complete = 6,
  cancel = 7,
  pause = 8,
  resume = 9,
  checked_chunk = 10,
};

/// What a receiver of ours understands beyond wire/05; bits.
constexpr std::uint8_t transfer_checks_chunks = 1;
constexpr std::uint8_t transfer_unpacks_chunks = 2;
/// The start of a SHA-256.
using chunk_check = std::array<std::uint8_t, 8>;

/// The largest OFFER payload that we write, in bytes: an upstream node drops the link that it would send more on
/// (wire/00 section 6).
constexpr std::size_t transfer_offer_max = 8'387'558;
/// The most bytes of file data that we put into one CHUNK. "Well below 8 MiB" says wire/05 section 7.
constexpr std::size_t transfer_chunk_max = 1u << 20;
/// A chunk's data unless somebody wants otherwise (wire/05 section 2).
constexpr std::size_t transfer_chunk_default = 65'536;
/// Bytes of a CHUNK in front of its data.
constexpr std::size_t transfer_chunk_overhead = 1 + 8 + 4 + 8;
/// The same of a CHECKED.
constexpr std::size_t transfer_checked_overhead = transfer_chunk_overhead + sizeof(chunk_check) + 4;
/// Bytes of a reason that are written; what is longer is cut, what is longer from others is no reason.
constexpr std::size_t transfer_reason_max = 512;
/// Bytes of a file's entry in an OFFER beside its path, and thus of the smallest entry.
constexpr std::size_t manifest_entry_overhead = 2 + 8;

/// A file of an offer, as its sender names it: `path` is not checked.
struct manifest_entry {
  std::string path;
  std::uint64_t size = 0; ///< Bytes.
};

/// What our nodes say of a file beside its path and size.
struct file_details {
  std::uint64_t modified_ms = 0; ///< Milliseconds since 1970; 0: not known.
  std::uint16_t mode = 0;        ///< The nine permission bits of POSIX; 0: not known.
};

/// What our nodes say of an offer; upstream never does.
struct offer_details {
  /// Equal only for the same files in the same state, so that a receiver can go on where it stopped.
  sha256_digest fingerprint{};
  std::vector<std::string> directories; ///< Empty ones, which no file path shows. Not checked.
  std::vector<file_details> files;      ///< One per file.
};

/// What somebody wants to send.
struct transfer_offer {
  std::uint64_t id = 0;
  bool directory = false;
  std::uint64_t total = 0; ///< Bytes of all files, as the sender says.
  std::string name;
  std::vector<manifest_entry> files;
  std::optional<offer_details> details;
};

/// The files of a received OFFER, borrowed from the payload and read on demand: a manifest costs no memory before
/// somebody decided that it is not too long.
class manifest_view {
public:
  struct entry {
    std::string_view path;
    std::uint64_t size = 0;
  };
  manifest_view() = default;
  manifest_view(bytes_view raw, std::size_t count) noexcept : rest_(raw), count_(count) {}

  /// Entries not yet taken.
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Takes the next entry; empty when there is none.
  std::optional<entry> next() noexcept;

private:
  bytes_view rest_;
  std::size_t count_ = 0;
};

/// Details of a received OFFER, borrowed likewise.
struct details_view {
  bytes_view fingerprint; ///< 32 bytes.
  bytes_view raw_directories;
  std::size_t directory_count = 0;
  bytes_view raw_files; ///< 10 bytes for each file.
};

// Names, paths and data of these are borrowed from the payload.
struct offer_message {
  std::uint64_t id = 0;
  bool directory = false;
  std::uint64_t total = 0;
  std::string_view name;
  manifest_view files;
  std::optional<details_view> details;
};
/// From where on the receiver wants to have the rest.
struct resume_point {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  sha256_digest digest{}; ///< SHA-256 of the first `offset` bytes of that file.
};
struct response_message {
  std::uint64_t id = 0;
  bool accept = false;
  std::optional<resume_point> resume; ///< Only with `accept`.
  std::uint8_t features = 0;          ///< Only with `resume`.
  std::string_view reason;            ///< Only without it. UTF-8 is not checked.
};
struct chunk_message {
  std::uint64_t id = 0;
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  bytes_view data;
};
struct checked_chunk_message {
  std::uint64_t id = 0;
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  chunk_check check{};
  std::uint32_t unpacked_size = 0; ///< 0: `data` is as it is.
  bytes_view data;
};
struct file_end_message {
  std::uint64_t id = 0;
  std::uint32_t file = 0;
  sha256_digest digest{};
};
struct progress_message {
  std::uint64_t id = 0;
  std::uint64_t received = 0; ///< Bytes on disk, of all files together.
};
struct complete_message {
  std::uint64_t id = 0;
  bool ok = false;
  std::string_view reason;
};
struct cancel_message {
  std::uint64_t id = 0;
};
struct pause_message {
  std::uint64_t id = 0;
};
struct resume_message {
  std::uint64_t id = 0;
};

using transfer_message = std::variant<offer_message, response_message, chunk_message, file_end_message,
  progress_message, complete_message, cancel_message, pause_message, resume_message, checked_chunk_message>;

/// Reads a payload without copying or allocating. Unknown bytes behind a message are ignored. Errors, upon each of
/// which the message is ignored: `truncated` (also: fewer entries than announced), `unknown_kind`.
result<transfer_message> decode_transfer(bytes_view in) noexcept;

/// The id alone, for whoever hands messages on. Empty when there is none, or the op is unknown.
std::optional<std::uint64_t> transfer_id_of(bytes_view in) noexcept;

chunk_check check_of(const sha256_digest& x) noexcept;

/// Bytes of the file that a CHUNK or CHECKED of our own stands for; 0 for any other message.
std::size_t chunk_size_of(bytes_view payload) noexcept;

/// Copies what was borrowed. The caller has looked at `files.size()` before.
transfer_offer copy_offer(const offer_message& x);

/// Errors: `too_large` when a name or path is longer than 65,535 bytes or the payload than `transfer_offer_max`.
result<bytes> encode_offer(const transfer_offer& x);
/// `at`: only for a sender whose offer had details. `features` are said only with it.
bytes encode_accept(std::uint64_t id, const std::optional<resume_point>& at = {}, std::uint8_t features = 0);
bytes encode_reject(std::uint64_t id, std::string_view reason = {});
bytes encode_chunk(std::uint64_t id, std::uint32_t file, std::uint64_t offset, bytes_view data);
bytes encode_checked_chunk(const checked_chunk_message& x);
bytes encode_file_end(std::uint64_t id, std::uint32_t file, const sha256_digest& digest);
bytes encode_progress(std::uint64_t id, std::uint64_t received);
/// `reason` is written only without `ok`.
bytes encode_complete(std::uint64_t id, bool ok, std::string_view reason = {});
/// CANCEL, PAUSE or RESUME.
bytes encode_transfer_op(transfer_op op, std::uint64_t id);

} // namespace librats::protocols
