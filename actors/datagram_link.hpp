// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/datagram/datagram_endpoint.hpp"
#include "protocols/datagram/datagram_stream.hpp"
#include "runtime/io/event_loop.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/net/stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

namespace librats::actors {

class datagram_link;

/// What a link needs of the mux that keeps it.
class link_keeper {
public:
  /// Asks for a call of `datagram_link::service` at the end of the turn.
  virtual void service_later(datagram_link& link) = 0;
  /// Calls `datagram_link::tick`, with the mux's protection against exceptions.
  virtual void timer_due(datagram_link& link) = 0;
  /// The dial of this link was answered.
  virtual void opened(datagram_link& link) = 0;

protected:
  ~link_keeper() = default;
};

/// One stream of a `datagram_mux`: drives a `datagram_stream` with packets and time, and shows it as a
/// `runtime::stream` to the actor that owns the connection. Kept by the mux until everything is acknowledged or given
/// up, which may be after its owner let go; a mux that ends breaks it. Loop-confined.
class datagram_link final : public std::enable_shared_from_this<datagram_link>,
                            private protocols::datagram_stream_events,
                            private runtime::timer_target {
public:
  /// Names of a link: its number within the mux, and what the wire knows it by.
  struct names {
    std::uint64_t serial = 0;
    protocols::connection_ids ids;
    endpoint local;
    endpoint remote;
  };

  datagram_link(link_keeper& keeper, std::shared_ptr<runtime::event_loop> loop, const names& its,
    const protocols::datagram_stream_options& options);
  ~datagram_link();
  datagram_link(const datagram_link&) = delete;
  datagram_link& operator=(const datagram_link&) = delete;

  // -- for the mux

  /// What `service` leaves behind.
  enum class state { quiet, more_to_send, no_room, over };

  void receive(const protocols::packet_view& in);
  void tick();
  /// Hands over what waits for the owner and sends what may leave, at most `packets`.
  state service(runtime::datagram_socket& socket, std::size_t packets);
  /// The network says that the other end cannot be reached: ends a dial that has no answer yet, and in time a stream
  /// whose other end does not answer any more.
  void refused(std::error_code why);
  /// The mux is gone.
  void orphan();
  void abort();
  /// The owner's end of it; for one owner.
  std::unique_ptr<runtime::stream> make_handle();

  [[nodiscard]] const names& name() const noexcept { return name_; }
  [[nodiscard]] bool dialing() const noexcept { return !stream_.open() && !over(); }
  /// Why it failed, as a sentence.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] bool owned() const noexcept { return owned_; }

  bool waits_for_service = false;  ///< Kept by the mux.

private:
  class handle;
  friend class handle;

  // -- for the owner
  void start(runtime::stream_events& events);
  std::size_t write(bytes_view in);
  void pause();
  void resume();
  void release();

  void stream_opened() override;
  void stream_data(mutable_bytes_view in) override;
  void stream_ended() override;
  void stream_writable() override;
  void timer_due(std::uint32_t slot) override;

  [[nodiscard]] bool over() const noexcept;
  void tell_closed();
  void ask_for_service();
  void rearm();

  link_keeper* keeper_;  ///< Null when the mux is gone.
  std::shared_ptr<runtime::event_loop> loop_;
  names name_;
  protocols::datagram_stream stream_;
  runtime::stream_events* owner_ = nullptr;  ///< Null before the start, and after the end.
  std::error_code refusal_;
  std::uint32_t refusals_ = 0;  ///< Since the last packet of the other end.
  time_point refused_since_{};
  runtime::timer_handle timer_;
  bool owned_ = false;     ///< There is a handle.
  bool started_ = false;
  bool resumes_ = false;   ///< The owner wants to read again.
  bool ended_ = false;     ///< The other end sends nothing more.
};

} // namespace librats::actors
