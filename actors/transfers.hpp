// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/node_messages.hpp"
#include "actors/transfer.hpp"
#include "actors/transfer_options.hpp"
#include "actors/transfer_parts.hpp"
#include "protocols/transfer/transfer_codec.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::actors {

/// All transfers of one node: takes offers and requests, asks who decides, starts a `transfer` for each attempt and a
/// new one when an attempt broke off, shares the links among those that send, and keeps the figures. It supervises
/// them and the `file_worker`s. What must outlive it the node keeps; what must outlive the process lies in a folder.
///
/// **Going on.** Every offer carries a fingerprint: 16 bytes from names, sizes and times of the files, 16 bytes that
/// are random and stay the same while it is the same transfer. The receiver takes an offer by itself when the first
/// half is that of a transfer it has accepted from the same peer and not finished; when both halves are those of one
/// that it has finished, it says so. The sender repeats its offer when the peer is back, or after a while when
/// something failed.
class transfers final : public runtime::supervisor {
public:
  struct args {
    transfer_options options;
    peer_id self;
    transfer_audience audience;
    transfer_memory memory;
    caf::actor_addr node;
  };

  transfers(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "transfers"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_gone(const std::string& name, const caf::error& reason) override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  static constexpr std::uint32_t due_slot = 0;

  using route = std::pair<peer_id, std::uint64_t>; ///< A peer, and an id that it or we have chosen.

  /// A request of ours that the peer may answer with an offer.
  struct expected_offer {
    std::string destination;
    bool directory = false;
    time_point until{};
  };
  /// A peer's request that a handler thinks about.
  struct open_request {
    protocols::pending_offer what;
    caf::typed_response_promise<typed_response> promise;
    time_point until{};
  };

  // -- peers (transfers.cpp)
  void connected(const peer_connected& x);
  void disconnected(const peer_disconnected& x);
  void received(const frames_received& x);
  void disown(const route& what);
  void pass_on_writable(const peer_writable& x);
  [[nodiscard]] caf::actor link_of(const peer_id& id) const;
  void send_to(const peer_id& to, bytes payload);

  // -- life of a transfer (transfers.cpp)
  transfer_record* find(transfer_number id);
  transfer_record& add(transfer_record x);
  void begin(transfer_record& x, transfer::args its);
  void moved(const transfer_moved& x);
  void over(const transfer_over& x);
  void interrupt(transfer_record& x, std::string why, bool at_fault);
  void end(transfer_record& x, transfer_phase how, std::string why);
  void close_job(transfer_record& x, file_fate fate);
  void end_attempt(transfer_record& x);
  void attempt(transfer_record& x);
  void tell_watchers(const transfer_record& x);
  void share_links();
  void look_after();
  void arm();
  [[nodiscard]] transfer_number draw();
  [[nodiscard]] std::optional<std::string> refusal(const peer_id& peer) const;
  [[nodiscard]] std::string folder() const;
  caf::actor worker(std::uint64_t job);
  void stop_idle_workers();
  void load();
  void loaded(const transfers_loaded& x);

  // -- sending (transfers_sending.cpp)
  caf::result<files_offered> offer(const offer_files& x);
  caf::result<typed_response> handle_request(const typed_request& x);
  void answer_request(const answer_file_request& x);
  void serve(open_request x, scan_source what);
  template <class Then, class Otherwise>
  void look_at(const scan_source& what, Then then, Otherwise otherwise);
  transfer_number start_sending(
    const peer_id& to, const scan_source& what, const source_scanned& found, std::optional<std::uint64_t> wire_id);
  void send_files(transfer_record& x);
  void keep_offer(transfer_record& x);

  // -- receiving (transfers_receiving.cpp)
  void handle_offer(const peer_id& from, const byte_slice& payload);
  bool goes_on(const peer_id& from, const offer_ptr& offer);
  void ask_about(transfer_record& x);
  caf::result<offer_answered> answer(const answer_offer& x);
  void receive_files(transfer_record& x);
  void refuse(const peer_id& to, std::uint64_t id, std::string_view why);
  caf::result<files_requested> request(const request_files& x);

  // -- the application (transfers.cpp)
  caf::result<transfer_steered> steer(const steer_transfer& x);
  caf::result<transfer_report> report(const get_transfer& x) const;
  [[nodiscard]] transfer_list list(bool with_ended) const;
  [[nodiscard]] transfer_statistics statistics() const;
  void configure(const configure_transfers& x);

  runtime::host& host_;
  transfer_options options_;
  args args_;
  transfer_memory memory_;
  std::map<peer_id, caf::actor> links_;
  std::map<route, transfer_number> routes_;       ///< Of attempts that run, and of offers that nobody has answered.
  std::map<std::uint64_t, transfer_number> jobs_; ///< Of attempts that run.
  std::map<route, expected_offer> expected_;
  std::map<route, open_request> requests_;
  std::optional<route> disowned_; ///< The last one of which a peer was told that it is not known.
  std::uint64_t last_job_ = 0;
  std::size_t scanning_ = 0;
  std::optional<time_point> idle_since_; ///< No file has been touched since.
};

/// Writes into a report what an offer says of its files.
void describe_files(transfer_report& x, const protocols::transfer_offer& offer);

} // namespace librats::actors
