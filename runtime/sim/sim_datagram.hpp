// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/datagram_batch.hpp"
#include "runtime/sim/sim_network.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace librats::runtime {

/// A bound simulated UDP port: the kernel's end of a socket. Like the real one it gathers what is committed during a
/// turn, holds so many bytes that have not left yet, and then asks its user to wait.
class sim_datagram_core : public std::enable_shared_from_this<sim_datagram_core>, private turn_task {
public:
  sim_datagram_core(sim_network& net, const endpoint& local, datagram_events& events);

  mutable_bytes_view prepare(std::size_t size);
  void commit(const endpoint& to, std::size_t size);
  void flush();
  void close();
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
  /// Datagrams that arrive together.
  struct train {
    sim_network* target;
    endpoint from;
    endpoint to;
    time_point arrival;
    std::vector<bytes> cars;
  };
  struct departing {
    time_point when;
    std::size_t size;
  };

  void run_at_turn_end() override { flush(); }
  void send_one(const endpoint& to, bytes_view content, std::vector<train>& trains);
  void arrive(train& x);
  void receive(const endpoint& from, std::vector<bytes>& cars);
  void refuse(const endpoint& to, std::error_code why);
  void forget_departed();
  void wait_for_room();
  [[nodiscard]] event_loop& loop();
  /// Empty when there is no way to `to`.
  [[nodiscard]] std::optional<ip_address> source_for(const endpoint& to) const;

  sim_network& net_;
  endpoint local_;
  datagram_events* events_;  // Null once closed.
  std::uint64_t epoch_;
  std::uint64_t dropped_ = 0;
  datagram_batch batch_;
  std::deque<departing> departing_;
  std::size_t departing_bytes_ = 0;
  bool blocked_ = false;
  bool promised_room_ = false;
};

/// What the owner of a port holds.
std::unique_ptr<datagram_socket> own_sim_datagrams(std::shared_ptr<sim_datagram_core> core);

} // namespace librats::runtime
