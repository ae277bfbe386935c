// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/fifo.hpp"
#include "runtime/net/datagram_batch.hpp"
#include "runtime/sim/sim_network.hpp"

#include <boost/container/small_vector.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace librats::runtime {

/// TTL of what is sent to one address and to a group, unless a socket says otherwise. Linux's values.
constexpr std::uint8_t sim_hops = 64;
constexpr std::uint8_t sim_group_hops = 1;
/// Routers between two hosts that are on no common link: each takes one from the TTL.
constexpr std::uint8_t sim_routers = 8;

/// A bound simulated UDP port: the kernel's end of a socket. Like the real one it gathers what is committed during a
/// turn, holds so many bytes that have not left yet, and then asks its user to wait.
class sim_datagram_core : public std::enable_shared_from_this<sim_datagram_core>, private turn_task {
public:
  sim_datagram_core(sim_network& net, const endpoint& local, bool dual_stack, datagram_events& events);
  virtual ~sim_datagram_core() = default;

  mutable_bytes_view prepare(std::size_t size);
  void commit(const endpoint& to, std::size_t size);
  void flush();
  void close();
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] bool is_open() const noexcept { return events_ != nullptr; }

protected:
  /// Datagrams that arrive together.
  struct train {
    sim_network* target;
    endpoint source;  // `from`, before anything translated it.
    endpoint from;
    endpoint to;
    time_point arrival;
    std::uint8_t hops;  // That are left at the end.
    bool inside;        // They never leave the machine.
    boost::container::small_vector<bytes, 1> cars;
  };

  /// Gives one datagram to the owner of an open socket.
  virtual void hand_over(const train& x, bytes& content) { events_->datagram_received(x.from, content); }
  /// Where something for `to` is sent from; empty when there is no way to it.
  [[nodiscard]] virtual std::optional<ip_address> source_for(const endpoint& to) const;
  [[nodiscard]] virtual std::uint8_t hops_for(const endpoint& to) const {
    return to.address.is_multicast() ? sim_group_hops : sim_hops;
  }
  /// The machines that get what is sent to a group.
  [[nodiscard]] virtual std::vector<sim_network*> audience() const;
  /// Whether all that is sent stays inside the machine.
  [[nodiscard]] virtual bool on_loopback() const noexcept { return false; }
  [[nodiscard]] sim_network& net() const noexcept { return net_; }

private:
  struct departing {
    time_point when;
    std::size_t size;
  };

  void run_at_turn_end() override { flush(); }
  using trains = boost::container::small_vector<train, 1>;
  void send_one(const endpoint& to, bytes_view content, trains& out);
  void send_copy(sim_network& target, const endpoint& source, const endpoint& from, const endpoint& to,
    time_point departed, bytes_view content, trains& out);
  void arrive(train& x);
  void arrive_in_group(const train& x);
  void receive(train& x);
  void refuse(const endpoint& to, std::error_code why);
  void forget_departed();
  void wait_for_room();
  [[nodiscard]] event_loop& loop();

  sim_network& net_;
  endpoint local_;
  bool dual_stack_;
  datagram_events* events_;  // Null once closed.
  std::uint64_t epoch_;
  std::uint64_t dropped_ = 0;
  datagram_batch batch_;
  fifo<departing> departing_;
  std::size_t departing_bytes_ = 0;
  bool blocked_ = false;
  bool promised_room_ = false;
};

/// What the owner of a port holds.
std::unique_ptr<datagram_socket> own_sim_datagrams(std::shared_ptr<sim_datagram_core> core);

} // namespace librats::runtime
