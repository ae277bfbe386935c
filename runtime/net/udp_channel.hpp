// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/event_loop.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/net/datagram_batch.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace librats::runtime {

class io_loop;

/// The part of a UDP socket that Asio's handlers refer to, without the system calls that carry datagrams: those are the
/// business of a derived class per platform. It lives on while a handler is pending, but once closed it never calls
/// anybody.
class udp_channel : public std::enable_shared_from_this<udp_channel>, private turn_task {
public:
  udp_channel(io_loop& loop, datagram_events& events);

  boost::system::error_code open(const endpoint& local, bool dual_stack);
  void wait_readable();
  void close();

  mutable_bytes_view prepare(std::size_t size);
  void commit(const endpoint& to, std::size_t size);
  void flush();
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

protected:
  ~udp_channel() override = default;

  enum class progress { some, blocked };

  /// Sets what has to be set before the socket gets its port.
  virtual boost::system::error_code before_bind() { return {}; }
  /// Sets what only this platform knows. Errors are not errors of the socket.
  virtual void configure() {}
  /// Hands over what is ready, at most about `datagrams_per_event`, while `open_for_events()` holds. Returns whether
  /// there was anything.
  virtual bool read() = 0;
  /// Sends the oldest datagrams of the batch, or drops those that cannot be sent, and pops them.
  virtual progress send_some() = 0;

  [[nodiscard]] bool open_for_events() const noexcept { return events_ != nullptr; }
  [[nodiscard]] datagram_events& events() noexcept { return *events_; }
  [[nodiscard]] io_loop& loop() noexcept { return loop_; }
  [[nodiscard]] boost::asio::ip::udp::socket& socket() noexcept { return socket_; }
  [[nodiscard]] datagram_batch& batch() noexcept { return batch_; }
  /// As the socket's family names `to`: a dual-stack socket speaks IPv4 through mapped addresses.
  [[nodiscard]] boost::asio::ip::udp::endpoint native(const endpoint& to) const;
  [[nodiscard]] bool is_v6() const noexcept { return v6_; }
  /// Loses the `count` oldest datagrams, all to one destination, because of `why`.
  void drop(std::size_t count, std::error_code why);
  /// Tells the owner of an error that says that `to` cannot be reached, and nothing of others. From the loop, because
  /// no event may come from inside a call.
  void note_error(const endpoint& to, std::error_code why);

private:
  void run_at_turn_end() override { flush(); }
  void wait_writable();
  void tell_refusals();

  io_loop& loop_;
  boost::asio::ip::udp::socket socket_;
  datagram_events* events_;
  endpoint local_;
  bool v6_ = false;
  bool blocked_ = false;        // The kernel is full; we wait for its word.
  bool promised_room_ = false;  // `prepare` gave nothing.
  std::uint64_t dropped_ = 0;
  datagram_batch batch_;
  std::vector<std::pair<endpoint, std::error_code>> refusals_;
};

/// What the owner of a channel holds.
std::unique_ptr<datagram_socket> own_udp_channel(std::shared_ptr<udp_channel> channel);

} // namespace librats::runtime
