// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_stream.hpp"

#include "runtime/sim/sim_host.hpp"

#include <algorithm>
#include <utility>

namespace librats::runtime {

namespace {

/// Bytes that one direction holds: the send and receive buffers of a kernel together.
constexpr std::size_t window_bytes = 256 * 1024;
/// A lost segment comes again after this, TCP's smallest retransmission timeout (RFC 6298 allows 1 s; Linux has 200
/// ms).
constexpr auto retransmission_delay = std::chrono::milliseconds{200};
/// A path that carries nothing for so long breaks the connection.
constexpr auto user_timeout = std::chrono::seconds{60};

class sim_stream final : public stream {
public:
  sim_stream(std::shared_ptr<sim_connection> connection, int side) : connection_(std::move(connection)), side_(side) {}
  ~sim_stream() override {
    if (connection_)
      connection_->close(side_);
  }

  void start(stream_events& events) override { connection_->start(side_, events); }
  std::size_t write(bytes_view in) override { return connection_->write(side_, in); }
  void pause_reading() override { connection_->pause(side_); }
  void resume_reading() override { connection_->resume(side_); }
  void abort() override { connection_->close(side_); }  // As a real TCP socket does it.
  std::unique_ptr<detached_stream> detach() override;
  [[nodiscard]] endpoint remote() const override { return connection_->remote(side_); }
  [[nodiscard]] endpoint local() const override { return connection_->local(side_); }
  [[nodiscard]] transport kind() const noexcept override { return transport::tcp; }
  [[nodiscard]] stream_quality quality() const override { return connection_->quality(side_); }

private:
  std::shared_ptr<sim_connection> connection_;
  int side_;
};

class sim_wanderer final : public detached_stream {
public:
  explicit sim_wanderer(std::unique_ptr<stream> owned) : inner(std::move(owned)) {}
  std::unique_ptr<stream> inner;
};

std::unique_ptr<detached_stream> sim_stream::detach() {
  return std::make_unique<sim_wanderer>(std::make_unique<sim_stream>(std::exchange(connection_, nullptr), side_));
}

} // namespace

std::unique_ptr<stream> sim_network::attach(std::unique_ptr<detached_stream> wanderer) {
  auto* mine = dynamic_cast<sim_wanderer*>(wanderer.get());
  return mine != nullptr ? std::move(mine->inner) : nullptr;
}

sim_connection::sim_connection(sim_network& dialer, sim_network& acceptor, const endpoint& dialer_at,
  const endpoint& acceptor_at)
  : world_(dialer.world()),
    ends_{end_state{&dialer, dialer.epoch(), dialer_at}, end_state{&acceptor, acceptor.epoch(), acceptor_at}} {}

std::unique_ptr<stream> sim_connection::make_stream(int side) {
  return std::make_unique<sim_stream>(shared_from_this(), side);
}

bool sim_connection::alive(int side) const {
  const auto& end = ends_[side];
  return end.epoch == end.net->epoch() && !end.net->silent();
}

void sim_connection::start(int side, stream_events& events) {
  ends_[side].events = &events;
  schedule_delivery(1 - side);
}

std::size_t sim_connection::write(int side, bytes_view in) {
  auto& end = ends_[side];
  if (!end.open || end.over || in.empty())
    return 0;
  const auto count = std::min(in.size(), window_bytes - std::min(window_bytes, end.in_flight));
  if (count != 0)
    send(side, to_bytes(in.first(count)), false);
  end.wants_room = end.wants_room || count < in.size();
  return count;
}

void sim_connection::resume(int side) {
  ends_[side].paused = false;
  schedule_delivery(1 - side);
}

void sim_connection::close(int side) {
  auto& end = ends_[side];
  if (!std::exchange(end.open, false))
    return;
  end.events = nullptr;
  if (alive(side) && !end.over)
    send(side, {}, true);
  end.over = true;
  schedule_delivery(1 - side);  // What waited for a reader finds none now.
}

stream_quality sim_connection::quality(int side) const {
  const auto& end = ends_[side];
  const auto here = end.net->host();
  const auto there = ends_[1 - side].net->host();
  return {world_.link(here, there).latency + world_.link(there, here).latency, end.retransmissions,
    end.segments + end.retransmissions};
}

void sim_connection::send(int side, bytes content, bool last) {
  auto& end = ends_[side];
  const auto& path = world_.link(end.net->host(), ends_[1 - side].net->host());
  bool dropped = false;
  auto arrival = end.net->departure(content.size(), false, dropped) + path.latency
                 + duration{static_cast<std::int64_t>(
                   world_.random().below(static_cast<std::uint64_t>(path.jitter.count()) + 1))};
  while (path.loss < 1 && world_.random().chance(path.loss)) {  // Where all is lost, `deliver` tries until it gives up.
    arrival += retransmission_delay;
    ++end.retransmissions;
  }
  end.last_arrival = std::max(arrival, end.last_arrival);
  end.in_flight += content.size();
  ++end.segments;
  end.outgoing.push_back({end.last_arrival, std::move(content), last});
  schedule_delivery(side);
}

void sim_connection::schedule_delivery(int from) {
  auto& pipe = ends_[from];
  const auto& to = ends_[1 - from];
  if (pipe.delivery_scheduled || pipe.outgoing.empty())
    return;
  // Nobody listens yet, or the reader rests: the bytes wait in the receiver's kernel.
  if (to.open && !to.over && (to.events == nullptr || to.paused))
    return;
  pipe.delivery_scheduled = true;
  world_.at_host(to.net->host(), pipe.outgoing.front().arrival, [self = shared_from_this(), from] {
    self->ends_[from].delivery_scheduled = false;
    self->deliver(from);
  });
}

void sim_connection::deliver(int from) {
  auto& pipe = ends_[from];
  auto& to = ends_[1 - from];
  if (pipe.outgoing.empty())
    return;
  const bool passable = world_.reachable(pipe.net->host(), to.net->host()) && !to.net->silent()
                        && pipe.epoch == pipe.net->epoch() && pipe.net->usable(pipe.local.address)
                        && to.net->usable(to.local.address)
                        && world_.link(pipe.net->host(), to.net->host()).loss < 1;
  if (!passable) {
    if (!pipe.stalled_since)
      pipe.stalled_since = world_.now();
    if (world_.now() - *pipe.stalled_since >= user_timeout) {
      world_.at_host(pipe.net->host(), world_.now(), [self = shared_from_this(), from] {
        self->finish(from, std::make_error_code(std::errc::timed_out));
      });
      return;
    }
    pipe.outgoing.front().arrival = world_.now() + retransmission_delay;
    ++pipe.retransmissions;
    schedule_delivery(from);
    return;
  }
  pipe.stalled_since.reset();
  if (!alive(1 - from) || !to.open || to.over) {
    // Nobody owns that end any more: its kernel answers with a reset, which does not answer a reset or an end.
    const bool worth_an_answer = !pipe.outgoing.front().last;
    pipe.outgoing.clear();
    if (worth_an_answer)
      reset(from);
    return;
  }
  if (to.events == nullptr || to.paused)
    return;
  auto arrived = std::move(pipe.outgoing.front());
  pipe.outgoing.pop_front();
  pipe.in_flight -= arrived.content.size();
  if (pipe.wants_room)
    tell_room(from);
  if (arrived.last) {
    finish(1 - from, {});
    return;
  }
  world_.note_event(sim_world::event_kind::bytes, to.net->host(), arrived.content);
  to.events->stream_bytes(arrived.content);
  schedule_delivery(from);
}

void sim_connection::tell_room(int side) {
  ends_[side].wants_room = false;
  const auto back = world_.link(ends_[1 - side].net->host(), ends_[side].net->host()).latency;
  world_.at_host(ends_[side].net->host(), world_.now() + back, [self = shared_from_this(), side] {
    auto& end = self->ends_[side];
    if (end.events == nullptr || end.over || !self->alive(side))
      return;
    self->world_.note_event(sim_world::event_kind::writable, end.net->host(), {});
    end.events->stream_writable();
  });
}

void sim_connection::reset(int side) {
  const auto back = world_.link(ends_[1 - side].net->host(), ends_[side].net->host()).latency;
  world_.at_host(ends_[side].net->host(), world_.now() + back, [self = shared_from_this(), side] {
    self->finish(side, std::make_error_code(std::errc::connection_reset));
  });
}

void sim_connection::finish(int side, std::error_code why) {
  auto& end = ends_[side];
  if (std::exchange(end.over, true) || !alive(side))
    return;
  end.outgoing.clear();
  world_.note_event(sim_world::event_kind::end, end.net->host(), {});
  if (auto* events = std::exchange(end.events, nullptr))
    events->stream_closed(why);
}

} // namespace librats::runtime
