// SPDX-License-Identifier: MIT
#include "runtime/io/io_loop.hpp"

#include "runtime/net/asio_network.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

namespace librats::runtime {

namespace {

/// Enough for one `recv` to empty a loopback socket's default receive buffer, small enough to stay in a level-2 cache.
constexpr std::size_t read_buffer_size = 256 * 1024;
/// What one connection seals before it asks the kernel to take it.
constexpr std::size_t write_scratch_size = 256 * 1024;
/// Messages that one actor handles before the others get their turn: CAF's own measure of fairness.
constexpr std::size_t messages_per_resume = 100;
/// Socket events and timers that get their turn between two rounds of actors that never rest.
constexpr int events_per_busy_turn = 64;

/// The one thread of the loop is the only one that touches its sockets, so Asio need not lock around them.
constexpr int concurrency_hint = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;

/// The loop that the calling thread runs, if any.
thread_local io_loop* loop_of_this_thread = nullptr;

} // namespace

io_loop::io_loop(caf::actor_system& system, std::uint32_t index)
  : actor_resumer(&system), index_(index), context_(concurrency_hint),
    work_(boost::asio::make_work_guard(context_)), system_timer_(context_), network_(make_asio_network(*this)) {}

io_loop::~io_loop() { stop(); }

void io_loop::start() {
  thread_ = std::thread{[this] { run(); }};
}

void io_loop::stop() {
  if (!thread_.joinable())
    return;
  boost::asio::post(context_, [this] { stopping_ = true; });
  thread_.join();
}

void io_loop::run() {
  loop_of_this_thread = this;
  while (!stopping_) {
    if (idle()) {
      if (context_.run_one() == 0)
        break;
    } else {
      // Actors that always find something to do must not keep the sockets and the timers waiting.
      for (int i = 0; i < events_per_busy_turn && context_.poll_one() != 0; ++i) {
      }
    }
    finish_turn();
  }
  // Nobody reads or writes any more: close what waits, then let the last messages reach their actors. Those that still
  // live end here, on their own thread.
  streams_.clear();
  do {
    residents().kill_all();
    finish_turn();
  } while (!idle() || context_.poll_one() != 0);
}

void io_loop::finish_turn() {
  resume_ready();
  turn_tasks_.run();
}

void io_loop::resume_ready() {
  // What becomes ready meanwhile waits behind one look at the sockets when there is much of it.
  for (auto budget = ready_.size() + 64; budget > 0 && !ready_.empty(); --budget) {
    auto* job = ready_.front();
    ready_.pop_front();
    switch (job->resume(this, messages_per_resume)) {
      case caf::resumable::resume_later: ready_.push_back(job); break;
      case caf::resumable::awaiting_message:
      case caf::resumable::done: caf::intrusive_ptr_release(job); break;
      case caf::resumable::shutdown_execution_unit: return;
    }
  }
}

void io_loop::exec_later(caf::resumable* job) {
  if (loop_of_this_thread == this)
    ready_.push_back(job);
  else
    boost::asio::post(context_, [this, job] { ready_.push_back(job); });
}

timer_handle io_loop::arm_timer(time_point due, timer_target& target, std::uint32_t slot) {
  const auto handle = timers_.arm(due, target, slot);
  arm_system_timer();
  return handle;
}

void io_loop::cancel_timer(const timer_handle& handle) {
  // The system timer is left alone: waking once too often is cheaper than moving it at every cancel.
  timers_.cancel(handle);
}

void io_loop::arm_system_timer() {
  const auto due = timers_.next_due();
  if (!due || *due >= system_timer_due_)
    return;
  system_timer_due_ = *due;
  system_timer_.expires_at(*due);
  system_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error)
      return;
    system_timer_due_ = time_point::max();
    const auto reached = now();
    while (timers_.fire_one(reached)) {
    }
    arm_system_timer();
  });
}

mutable_bytes_view io_loop::read_buffer() noexcept {
  if (read_buffer_.empty())
    read_buffer_.resize(read_buffer_size);
  return read_buffer_;
}

mutable_bytes_view io_loop::datagram_buffer() {
  if (!datagram_buffer_)
    datagram_buffer_.reset(new std::uint8_t[datagram_buffer_size]);  // Uninitialised, unlike a vector.
  return {datagram_buffer_.get(), datagram_buffer_size};
}

mutable_bytes_view io_loop::write_scratch() noexcept {
  if (write_scratch_.empty())
    write_scratch_.resize(write_scratch_size);
  return write_scratch_;
}

} // namespace librats::runtime
