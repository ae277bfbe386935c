// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/transfer/transfer_end.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace librats::protocols {

/// Receives one offer's files (wire/05 section 3). Call one input, drain `poll_transmit`, `poll_request` and
/// `poll_event`, then wait for `poll_timeout`.
///
/// Chunks become writes to partial files, and each file is handed over whole, when its SHA-256 is right. PROGRESS tells
/// the sender what is on disk, so that a slow disk slows the sender down. From a sender that says what state its files
/// are in, a transfer that broke off goes on from the last checkpoint whose bytes are still what they were.
///
/// The owner hands in messages of the sending peer alone; anybody else may know the id.
class transfer_receiver final : public transfer_end {
public:
  struct config {
    /// Bytes on disk after which the sender is told (wire/05 section 3)...
    std::uint64_t progress_every = 256u << 10;
    /// ... and how long it waits for that: a sender whose window is smaller would stall.
    duration progress_delay = std::chrono::milliseconds{200};
    /// Bytes of one file between two checkpoints; 0: none.
    std::uint64_t checkpoint_every = 16u << 20;
    /// Bytes that may wait for the disk: an upstream sender's window of 4 MiB and its largest chunk.
    std::uint64_t unwritten_max = 16u << 20;
    /// Without a chunk the transfer ends, unless it is paused (wire/05 section 4); so does an offer that nobody
    /// answers, because its sender forgets it.
    duration idle_max = std::chrono::seconds{60};
    bool verify = true; ///< Whether a file with another SHA-256 than its sender's is refused.
  };

  /// `offer` is what `check_offer` returned: the places of its files are those of the chunks.
  transfer_receiver(const config& cfg, time_point now, transfer_offer offer);

  // -- inputs

  /// Takes the offer. `journal`: what a transfer with the same fingerprint from the same peer left; it is read again
  /// before it counts. False unless pending.
  bool accept(time_point now, const std::optional<resume_point>& journal = {});
  /// False unless pending.
  bool reject(std::string_view reason = {});
  /// A FileChunk message of the sender. What makes no sense in this state is ignored. A chunk is not copied: until it
  /// is written it holds on to the payload.
  void handle_message(time_point now, const byte_slice& payload);
  /// The oldest request is done; it was no `disk_read`.
  void handle_disk_done(time_point now);
  /// The answer to the oldest request, a `disk_read`.
  void handle_disk_read(time_point now, bytes_view data);
  /// The oldest request failed. For a read that means that there is nothing to go on from, else the end.
  void handle_disk_failed(time_point now, std::string_view reason);
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  /// The payload of a FileChunk message.
  std::optional<bytes> poll_transmit();
  std::optional<disk_request> poll_request();
  /// Empty when done, or paused with nothing to report.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  // -- state

  /// Bytes on disk, of all files together.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  /// Bytes that wait for the disk.
  [[nodiscard]] std::uint64_t unwritten() const noexcept { return unwritten_; }
  /// Files that are in place.
  [[nodiscard]] std::uint32_t finished() const noexcept { return finished_; }

private:
  enum class work : std::uint8_t { read, write, checkpoint, finish, directory };
  struct task {
    work kind = work::read;
    std::size_t size = 0; ///< Bytes of a write.
  };

  void handle_chunk(time_point now, const byte_slice& payload, const chunk_message& x);
  void handle_checked_chunk(time_point now, const byte_slice& payload, const checked_chunk_message& x);
  /// Whether a chunk follows what is there; gives up when it does not.
  bool expects(std::uint32_t file, std::uint64_t offset, std::size_t size);
  void take(time_point now, byte_slice data);
  void handle_file_end(time_point now, const file_end_message& x);
  void begin(time_point now, std::uint32_t file, std::uint64_t offset, const sha256_digest& digest);
  void read_prefix();
  void start_file_over();
  void ask(work kind, disk_request x, std::size_t size = 0);
  /// Empty when the owner answers what nobody asked.
  std::optional<task> take_task();
  void checkpoint();
  void report(time_point now);
  void complete_when_all_is_in_place(time_point now);
  void give_up(transfer_errc error, std::string_view reason = {});
  void ended() override;

  config cfg_;
  std::optional<resume_point> journal_; ///< While it is read again.
  std::uint64_t checked_ = 0;           ///< Bytes of it.
  bool may_start_over_ = false;         ///< The sender may not share our prefix.
  std::uint32_t file_ = 0;              ///< The file that is coming in.
  std::uint64_t taken_ = 0;             ///< Its bytes so far.
  std::uint64_t checkpoint_at_ = 0;     ///< Its bytes at the last checkpoint.
  std::uint32_t finished_ = 0;
  sha256_hasher hasher_;
  std::uint64_t written_ = 0;
  std::uint64_t reported_ = 0;
  std::uint64_t unwritten_ = 0;
  std::optional<time_point> report_at_;
  std::deque<task> tasks_;
  std::deque<disk_request> requests_;
};

} // namespace librats::protocols
