// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/transfer/chunk_packer.hpp"
#include "protocols/transfer/transfer_end.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace librats::protocols {

/// Sends one offer's files (wire/05 section 2). Call one input, drain `poll_transmit`, `poll_request` and `poll_event`,
/// then wait for `poll_timeout`.
///
/// It holds at most `reads_ahead` chunks of data, whatever the size of the files: reads are asked for as chunks leave,
/// and chunks leave as the window of the receiver and the room of the link allow. SHA-256 runs along.
///
/// The owner hands in messages of the receiving peer alone; anybody else may know the id.
class transfer_sender final : public transfer_end {
public:
  struct config {
    /// Bytes of a chunk; brought into 1 to `transfer_chunk_max`.
    std::size_t chunk_size = transfer_chunk_default;
    /// Bytes that may be sent beyond what the receiver has on disk (wire/05 section 2). Less than two of an upstream
    /// receiver's reports, 512 KiB, would stall; so would less than a chunk.
    std::uint64_t window = 4u << 20;
    std::size_t reads_ahead = 4; ///< Chunks, at least 1.
    /// Without a sign of life the transfer ends, unless it is paused (wire/05 section 4).
    duration idle_max = std::chrono::seconds{60};
    bool pack = true; ///< Chunks for a receiver that can unpack them.
  };

  /// Offers. `offer.id` is unique per sender, and best drawn at random from 2^32 to 2^53 - 1 (wire/05 section 6).
  transfer_sender(const config& cfg, time_point now, transfer_offer offer);

  // -- inputs

  /// A FileChunk message of the receiver. What makes no sense in this state is ignored.
  void handle_message(time_point now, bytes_view payload);
  /// The answer to the oldest `disk_read`: fewer bytes than asked end the transfer, since the file has changed.
  void handle_disk_read(time_point now, byte_slice data);
  /// The oldest `disk_read` failed.
  void handle_disk_failed(time_point now, std::string_view reason);
  /// The link takes so many bytes of chunks more. Other messages are small and few and need no room.
  void grant(std::uint64_t bytes) noexcept;
  /// Takes back what was granted and not used, up to `bytes`: how much that was.
  std::uint64_t take_back(std::uint64_t bytes) noexcept;
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  /// The payload of a FileChunk message.
  std::optional<bytes> poll_transmit(time_point now);
  std::optional<disk_read> poll_request();
  /// Empty when paused or done.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  // -- state

  /// Bytes that the receiver has on disk, as it says.
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  /// Bytes that were sent, what the receiver had before among them.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

private:
  /// A chunk on its way from disk to link, or a piece of a prefix on its way to the hasher.
  struct piece {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
    std::size_t size = 0;
    bool last = false; ///< Of its file.
    bool answered = false;
    byte_slice data;
  };

  void handle_response(const response_message& x);
  void handle_complete(const complete_message& x);
  void start_at(std::uint32_t file, std::uint64_t offset);
  void plan();
  void compare_prefix();
  bytes make_chunk(const piece& x);
  [[nodiscard]] bool all_sent() const noexcept;
  [[nodiscard]] bool may_send(const piece& x) const noexcept;
  void give_up(transfer_errc error, std::string_view reason = {});
  void resumed() override { plan(); }
  void ended() override;

  config cfg_;
  std::optional<resume_point> prefix_; ///< What the receiver says that it has, while it is compared.
  std::uint32_t next_file_ = 0;        ///< Where reading goes on.
  std::uint64_t next_offset_ = 0;
  std::deque<piece> pieces_;
  std::uint8_t features_ = 0; ///< Of the receiver.
  sha256_hasher hasher_;
  chunk_packer packer_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t room_ = 0;
  std::deque<disk_read> requests_;
};

} // namespace librats::protocols
