// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"
#include "protocols/transfer/transfer_codec.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace librats::protocols {

// What a receiver keeps beside its partial files, so that a transfer goes on after a crash:
//
//     header   "RTSJ" | u8 version 1 | u8 0 | u16 0 | bytes[32] sender | u16 len, destination
//              | u32 len, OFFER payload | bytes[8] check
//     record   u8 kind | body | bytes[8] check
//       1      u32 file | u64 offset | bytes[32] sha256 of so many bytes of the file      they are on disk
//       2      u32 file                                                                    the file is in place
//
// A check is the start of the SHA-256 of the check before it and of all bytes since: a record stands for itself only in
// its own place of its own journal.

/// What begins a journal, and the place from which records go on.
class journal_writer {
public:
  /// Errors: `too_large`, as for `encode_offer`, and for a destination above 65,535 bytes.
  static result<bytes> header(const peer_id& sender, std::string_view destination, const transfer_offer& offer);

  /// Goes on behind what was read or written: `check` is `journal::last_check`, or the last 8 bytes of the header.
  explicit journal_writer(const std::array<std::uint8_t, 8>& check) noexcept : check_(check) {}

  // Each returns the bytes to append. They count once they are durable; after a failed append the journal is read again
  // or the writer made anew, since its idea of the last check is one record ahead.
  bytes checkpoint(const resume_point& at);
  bytes finished(std::uint32_t file);

private:
  bytes seal(bytes record);

  std::array<std::uint8_t, 8> check_;
};

/// How a journal ended.
enum class journal_end : std::uint8_t {
  whole = 1, ///< With its last record.
  torn,      ///< In the middle of a record, as a crash leaves it: nothing is wrong.
  damaged,   ///< With bytes that nobody wrote: what stands before them is good.
};

/// A journal that was read. What comes behind `valid_size` is to be cut off before anything is appended.
struct journal {
  peer_id sender;
  std::string destination; ///< As it was given to `journal_writer::header`.
  bytes offer;             ///< The OFFER payload: decodes, and has details.
  std::uint32_t files = 0; ///< Of that offer.
  resume_point at;         ///< Where to go on; `file` is `files` when all are in place.
  std::size_t valid_size = 0;
  std::array<std::uint8_t, 8> last_check{};
  journal_end end = journal_end::whole;
};

/// Reads a journal, and believes no record that does not follow from those before it. Errors, upon each of which there
/// is nothing to go on from: `truncated` (the header), `unknown_version`, `not_authentic` (the header was damaged),
/// `unknown_kind` (no journal, or its offer is none with details).
result<journal> read_journal(bytes_view in);

} // namespace librats::protocols
