// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/host/real_clock.hpp"
#include "runtime/io/event_loop.hpp"
#include "runtime/io/turn_tasks.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace librats::runtime {

/// A thread that runs a Boost.Asio `io_context` and resumes the actors that are pinned to it. Asio's backend (epoll,
/// io_uring, kqueue, IOCP) is the per-platform part. Created and destroyed by `real_host`.
class io_loop final : public event_loop, private actor_resumer {
public:
  io_loop(caf::actor_system& system, std::uint32_t index);
  ~io_loop() override;

  /// Starts the thread.
  void start();
  /// Lets the loop finish what is ready, closes its sockets and ends its thread. Any thread but the loop's own.
  void stop();

  actor_resumer* unit() noexcept override { return this; }
  [[nodiscard]] time_point now() const noexcept override { return real_now(); }
  [[nodiscard]] std::uint32_t index() const noexcept override { return index_; }
  timer_handle arm_timer(time_point due, timer_target& target, std::uint32_t slot) override;
  void cancel_timer(const timer_handle& handle) override;
  void call_at_turn_end(turn_task& task) override { turn_tasks_.add(task); }
  void withdraw(turn_task& task) noexcept override { turn_tasks_.remove(task); }
  network& net() noexcept override { return *network_; }
  stream_table& streams() noexcept override { return streams_; }
  mutable_bytes_view write_scratch() noexcept override;

  boost::asio::io_context& context() noexcept { return context_; }
  /// One large buffer for all reading; its content is handed on before the next read.
  mutable_bytes_view read_buffer() noexcept;
  /// Sixteen slots for a datagram, or a train of them.
  static constexpr std::size_t datagram_buffer_size = 16 * 64 * 1024;
  /// The same for reads that fetch many datagrams at once. Only what was ever written to takes memory.
  mutable_bytes_view datagram_buffer();

private:
  void exec_later(caf::resumable* job) override;
  void run();
  void resume_ready();
  void finish_turn();
  /// True when nothing can happen before the next event of a socket, a timer or another thread.
  [[nodiscard]] bool idle() const noexcept { return ready_.empty() && turn_tasks_.empty(); }
  void arm_system_timer();

  std::uint32_t index_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer system_timer_;
  time_point system_timer_due_ = time_point::max();
  std::thread thread_;
  std::deque<caf::resumable*> ready_;
  turn_tasks turn_tasks_;
  timer_queue timers_;
  stream_table streams_;
  std::unique_ptr<network> network_;
  bytes read_buffer_;
  std::unique_ptr<std::uint8_t[]> datagram_buffer_;
  bytes write_scratch_;
  bool stopping_ = false;
};

} // namespace librats::runtime
