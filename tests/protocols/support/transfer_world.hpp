// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/transfer/transfer_journal.hpp"
#include "protocols/transfer/transfer_receiver.hpp"
#include "protocols/transfer/transfer_sender.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::test {

/// What goes wrong in a `transfer_world`, at a message that chance picks.
enum class transfer_fault : std::uint8_t {
  none,
  // After these it goes on, and must end well.
  link_cut,
  receiver_crash,
  sender_crash,
  both_crash,
  receiver_disk,
  sender_disk,
  source_changes, ///< While the link is cut.
  pause_at_sender,
  pause_at_receiver,
  // After these nobody gets anything.
  cancel_at_sender,
  cancel_at_receiver,
  source_shrinks,
  byte_flips,
  chunk_repeats,
  chunk_lost,
  sender_mute, ///< From some message on nothing it says arrives.
  receiver_mute,
  count,
};

/// Whether files arrive in spite of it.
constexpr bool survivable(transfer_fault x) noexcept {
  return x < transfer_fault::cancel_at_sender;
}

/// A sender and a receiver over a pipe with delay, in virtual time; a source; a disk that loses and tears at a crash
/// what was not made durable; and something that goes wrong.
class transfer_world {
public:
  struct options {
    std::uint64_t seed = 1;
    transfer_fault fault = transfer_fault::none;
    int times = 1;       ///< How often.
    bool details = true; ///< Whether the sender is one of ours.
  };

  explicit transfer_world(const options& opt);

  /// Until both have ended for good, or nothing is left to happen.
  void run();

  /// Whether both ends said that it is done.
  [[nodiscard]] bool succeeded() const {
    return sender_ended_ && !*sender_ended_ && receiver_ended_ && !*receiver_ended_;
  }
  /// Whether an end that lives on has said nothing of how it ended.
  [[nodiscard]] bool silent() const { return !sender_ended_ || (!receiver_ended_ && receiver_.has_value()); }
  /// Whether everything that is in place is what its source is, or was when the offer was made.
  [[nodiscard]] bool wrong_bytes() const;
  [[nodiscard]] bool complete() const;
  [[nodiscard]] std::uint64_t saved() const noexcept { return saved_; } ///< Bytes that were not sent twice.
  [[nodiscard]] int attempts() const noexcept { return attempts_; }
  [[nodiscard]] bool fault_happened() const noexcept { return faults_ > 0; }
  [[nodiscard]] std::string story() const;

private:
  using ended = std::optional<protocols::transfer_errc>;
  struct part {
    bytes written;
    std::size_t durable = 0;
  };

  void at(duration delay, std::function<void()> what);
  void offer();
  void hear_offer(const bytes& raw);
  void pump();
  void pump_sender();
  void pump_receiver();
  void to_receiver(bytes raw);
  void to_sender(bytes raw);
  void strike();
  void cut();
  void retry();
  void crash_receiver();
  void work(const protocols::disk_request& x);
  bool perform(const protocols::disk_request& x, std::vector<std::uint8_t>& out);
  void append_journal(const bytes& record);
  bool change_message(bytes& raw);
  /// Less than so many milliseconds.
  duration upto(std::uint64_t ms) { return std::chrono::milliseconds{random_.below(ms)}; }

  options opt_;
  small_random random_;
  time_point now_{std::chrono::hours{1}};
  std::multimap<time_point, std::function<void()>> events_;
  std::vector<bytes> source_;
  std::vector<std::vector<bytes>> versions_; ///< All that the source ever was.
  std::vector<std::string> paths_;
  std::optional<protocols::transfer_sender> sender_;
  std::optional<protocols::transfer_receiver> receiver_;
  std::optional<ended> sender_ended_;
  std::optional<ended> receiver_ended_;
  std::size_t chunk_size_ = 0;
  std::uint64_t id_ = 0;
  int link_ = 0; ///< Which link it is: what was on an older one never arrives.
  int disk_ = 0; ///< Which life of the receiver's disk queue it is.
  time_point arrives_at_receiver_{};
  time_point arrives_at_sender_{};
  time_point disk_free_{};
  int until_fault_ = 0;
  int faults_ = 0;
  int attempts_ = 0;
  bool retrying_ = false;
  bool fail_read_ = false, fail_write_ = false, mute_sender_ = false, mute_receiver_ = false;
  bool shrunk_ = false;
  std::uint64_t saved_ = 0;
  std::map<std::uint32_t, part> parts_;
  std::map<std::string, bytes> placed_;
  bytes journal_;
  std::size_t journal_durable_ = 0;
  std::optional<protocols::journal_writer> journal_writer_;
};

} // namespace librats::test
