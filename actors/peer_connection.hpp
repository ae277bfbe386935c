// SPDX-License-Identifier: MIT
#pragma once

#include "actors/inbound_batch.hpp"
#include "actors/link_messages.hpp"
#include "actors/node_options.hpp"
#include "actors/receive_window.hpp"
#include "actors/send_queue.hpp"
#include "protocols/session/session.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/random/random_source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace librats::actors {

/// What a connection is told at birth.
struct link_args {
  std::string name;  ///< Its name among the children of its supervisor.
  runtime::stream_ref stream;
  protocols::role role = protocols::role::responder;
  std::uint64_t dial = 0;    ///< Which dial it came from; 0: inbound.
  std::size_t attempt = 0;   ///< Which attempt of that dial.
  std::uint64_t serial = 0;  ///< Order of birth within the node.
  std::shared_ptr<const protocols::session_config> session;
  connection_limits limits;
  bool allow_plaintext_remote = false;
  local_identity_ptr identity;
  routes table;
  caf::actor directory;
  caf::actor_addr supervisor;
  caf::actor_addr node;
  runtime::random_source* random = nullptr;
};

/// One link to one peer: the stream, the handshake, framing and encryption, the queue of what is to be sent, and the
/// delivery of what arrives. Pinned to the loop of its stream; socket events call it directly.
///
/// Dies with its stream. Survives a crash of the directory or of its supervisor: it asks the node for the next
/// incarnation and makes itself known again.
class peer_connection final : public runtime::pinned_actor, private runtime::stream_events {
public:
  peer_connection(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, link_args args);
  ~peer_connection() override;

  [[nodiscard]] const char* kind() const noexcept override { return "peer_connection"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;
  void turn_ended() override { flush(); }

private:
  enum class phase : std::uint8_t { handshaking, awaiting_verdict, open, closed };

  // -- the stream (called by the loop, guarded)
  void stream_bytes(mutable_bytes_view in) override;
  void stream_writable() override;
  void stream_closed(std::error_code why) override;

  // -- receiving
  void receive(mutable_bytes_view in);
  void drain_session();
  void established();
  void accept_verdict(const link_verdict& x);
  void dispatch(const protocols::frame_view& x);
  void deliver_batch();
  void read_on();
  void handle_control(bytes_view payload);
  [[nodiscard]] const std::vector<caf::actor>* handlers_of(const protocols::frame_header& header) const;

  // -- sending
  send_status queue(const frame_batch& frames, bool droppable = false);
  send_status queue_offered(const frame_batch& frames);
  [[nodiscard]] bool has_room_for_droppable();
  void flush();
  bool write_out(bytes_view sealed);
  void note_producer();
  void mark_congested();
  void mark_writable();
  void send_identify();
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queue_.bytes() + unsent_.size(); }
  [[nodiscard]] std::size_t congestion_mark() const noexcept { return args_.limits.send_queue_max / 4; }

  // -- belonging
  [[nodiscard]] link_established self_description(bool restored);
  void lost_service(const caf::actor_addr& who);
  void find_services();
  void retire(bool back);
  void close(const std::string& reason);  ///< In order: what the stream has taken still leaves.
  void abort(const std::string& reason);  ///< At once (wire/00 section 7 says when).
  [[nodiscard]] std::string peer_name() const;

  link_args args_;
  phase phase_ = phase::handshaking;
  std::unique_ptr<runtime::stream> stream_;
  std::unique_ptr<protocols::session> session_;
  endpoint remote_;
  protocols::transport transport_ = protocols::transport::tcp;
  time_point started_at_{};
  time_point last_received_{};
  duration handshake_{};
  send_queue queue_;
  bytes unsent_;  // Sealed, but the stream had no room.
  inbound_batch batch_;
  receive_window window_;
  bool held_back_ = false;  // Nothing is read, because those who got what came before are behind.
  std::vector<frame> early_;  // Arrived before the verdict.
  std::vector<caf::actor_addr> producers_;  // Who has frames in the queue while it is congested.
  bool congested_ = false;
  std::size_t allowance_ = 0;  // Bytes above the limit: of the largest droppable frame that may be in the queue.
  bool directory_lost_ = false;
  bool supervisor_lost_ = false;
  std::uint64_t frames_sent_ = 0;
  std::uint64_t frames_received_ = 0;
  std::uint64_t frames_dropped_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
};

} // namespace librats::actors
