// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/transfer/transfer_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace librats::protocols {

/// Why a transfer ended without its result.
enum class transfer_errc : std::uint8_t {
  rejected = 1,       ///< The receiver does not want it.
  cancelled,          ///< By our side.
  cancelled_by_peer,  ///< By theirs.
  failed_by_peer,     ///< The peer gave up.
  stalled,            ///< Nothing moved for too long.
  expired,            ///< Nobody answered the offer.
  link_lost,          ///< The peer is gone.
  disk,               ///< Reading or writing failed here.
  source_changed,     ///< A file is shorter than it was when it was offered.
  wrong_digest,       ///< What arrived is not what was sent.
  damaged,            ///< The same, and the chunk is known by which it went wrong: nothing of it is on disk.
  out_of_order,       ///< A chunk or end that does not follow what came before, such as a repeated one.
  more_than_offered,  ///< Bytes behind the end of a file.
  too_much_in_flight, ///< The sender does not care how much our disk has written.
  too_early,          ///< The receiver says that it has everything, before it was sent.
  too_large,          ///< The offer does not fit into a message.
};

/// A short lowercase sentence without a full stop.
const char* to_string(transfer_errc code) noexcept;

/// Whether a new offer of the same files can go on from what is on disk; else the partial files are worth nothing.
bool may_resume(transfer_errc code) noexcept;

enum class transfer_state : std::uint8_t {
  pending,  ///< Offered, not answered.
  checking, ///< A prefix that is here already is being read again.
  active,
  paused,
  done, ///< `transfer_done` says how.
};

// What the owner is asked to do with files, one after the other: requests are performed and answered in the order in
// which they were handed out. When one fails that is no `disk_read`, none of those after it may be performed, or a file
// with a hole would be put in place.

/// "Read these bytes": answered with the bytes.
struct disk_read {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};
/// "Write these bytes into the partial file."
struct disk_write {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  byte_slice data;
};
/// "Make durable what was written, then put this into the journal."
struct disk_checkpoint {
  resume_point at;
};
/// "The file is complete: make it durable, put it in place at once, put that into the journal." An empty file comes
/// into being here.
struct disk_finish {
  std::uint32_t file = 0;
  sha256_digest digest{};
};
/// "Make this directory": a place in `offer_details::directories`.
struct disk_make_directory {
  std::uint32_t directory = 0;
};
using disk_request = std::variant<disk_read, disk_write, disk_checkpoint, disk_finish, disk_make_directory>;

// What the owner is told.

/// The receiver took the offer.
struct transfer_started {
  std::uint64_t already = 0; ///< Bytes that need not be sent again.
};
struct transfer_paused {
  bool by_peer = false;
};
struct transfer_resumed {
  bool by_peer = false;
};
/// Once, and nothing after it.
struct transfer_done {
  std::optional<transfer_errc> error; ///< Empty: all files are where they belong.
  std::string reason;                 ///< The peer's or the disk's own words, if any. The peer's are any bytes.
};
using transfer_event = std::variant<transfer_started, transfer_paused, transfer_resumed, transfer_done>;

} // namespace librats::protocols
