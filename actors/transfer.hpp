// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/node_messages.hpp"
#include "actors/transfer_parts.hpp"
#include "protocols/transfer/transfer_meter.hpp"
#include "protocols/transfer/transfer_receiver.hpp"
#include "protocols/transfer/transfer_sender.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace librats::actors {

/// One attempt to move the files of one offer: drives a `transfer_sender` or a `transfer_receiver` between the link to
/// the peer and a `file_worker`. Ends with the attempt, after it has told `transfers`, which makes the next one: that
/// goes on from what is on the disk.
///
/// A sender hands the link no more than its share without having heard what became of it, and nothing while the link is
/// congested. What it reads ahead is bounded too, so memory does not grow with the files.
class transfer final : public runtime::pinned_actor {
public:
  struct args {
    transfer_number id = 0;
    std::uint64_t job = 0;
    peer_id peer;
    caf::actor link;
    caf::actor worker;
    caf::actor_addr owner; ///< `transfers`.
    bool paused = false;   ///< Goes on paused, as it was before.
    std::size_t share = 0; ///< Bytes.
    offer_ptr offer;
    // Sending.
    file_source_ptr source; ///< Null: this one receives.
    protocols::transfer_sender::config sending;
    // Receiving.
    file_target target;
    bool resuming = false; ///< It was accepted before: a disk that cannot go on now may later.
    protocols::transfer_receiver::config receiving;
  };

  transfer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its);
  ~transfer() override;

  [[nodiscard]] const char* kind() const noexcept override { return "transfer"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void target_is_open(const target_opened& x);
  void receive(const transfer_inputs& x);
  void take_results(const file_results& x);
  void take_report(const send_report& x);
  void writable();
  void change_share(std::size_t bytes);
  void change_link(const caf::actor& link);
  caf::result<transfer_steered> steer(const steer_transfer& x);

  void pump();
  void send_out();
  void ask_disk();
  void drain_events();
  void grant(std::size_t bytes);
  void finish(const protocols::transfer_done& x);
  void note_outgoing(const bytes& payload);
  [[nodiscard]] transfer_moved describe(transfer_phase phase);
  [[nodiscard]] transfer_phase phase() const;
  void report(bool at_once);

  args args_;
  std::unique_ptr<protocols::transfer_sender> sender_;
  std::unique_ptr<protocols::transfer_receiver> receiver_;
  std::optional<protocols::transfer_meter> meter_;
  transfer_phase told_ = transfer_phase::offered;
  std::uint64_t told_bytes_ = 0;
  bool started_ = false;
  bool peer_is_ours_ = false;
  bool over_ = false;
  std::string path_;
  std::string checksum_;
  std::uint32_t files_done_ = 0;    ///< Of a sender: those that the receiver has whole...
  std::uint64_t bytes_of_done_ = 0; ///< ... and their bytes.
  // Room in the link.
  std::deque<std::size_t> unreported_; ///< Bytes of chunks, by message to the link.
  std::size_t held_ = 0;               ///< Bytes that come back when the link is no longer congested.
  std::size_t debt_ = 0;               ///< Bytes by which the share has become smaller than what is out.
};

} // namespace librats::actors
