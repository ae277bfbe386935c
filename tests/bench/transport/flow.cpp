// SPDX-License-Identifier: MIT
#include "tests/bench/transport/flow.hpp"

#include "tests/bench/support/process.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace librats::bench {

namespace {

using actors::channel_registered;
using actors::frame;
using actors::frames_received;

const auto data_channel = protocols::channel_of("bench-data");
const auto ack_channel = protocols::channel_of("bench-ack");

/// Frames that one message to the link carries at most.
constexpr std::size_t batch_max = 64;

void register_and_wait(bench_node& at, const std::string& name, const caf::actor& handler) {
  caf::scoped_actor self{at.system};
  self->request(at.node, std::chrono::seconds{5}, actors::register_channel{name, handler})
    .receive([](const channel_registered&) {}, [](caf::error&) {});
}

frame app_frame(protocols::channel_id channel, byte_slice payload) {
  return {{protocols::message_type::app, 0, channel}, std::move(payload)};
}

/// Counts data frames and acknowledges every eighth of the window, or the last one.
class counting_consumer final : public runtime::pinned_actor {
public:
  counting_consumer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, std::size_t count,
    std::size_t window)
    : pinned_actor(config, std::move(loop)), count_(count), step_(std::max<std::size_t>(window / 8, 1)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "counting_consumer"; }

protected:
  caf::behavior handlers() override {
    return {[this](const frames_received& x) {
      seen_ += x.frames.size();
      if (seen_ - acked_ < step_ && seen_ != count_)
        return;
      const auto news = seen_ - acked_;
      acked_ = seen_;
      bytes number(8);
      for (std::size_t i = 0; i < 8; ++i)
        number[i] = static_cast<std::uint8_t>(news >> (8 * i));
      tell(caf::actor_cast<caf::actor>(current_sender()),
        actors::send_frames{x.from, actors::make_batch(protocols::message_type::app, byte_slice{std::move(number)},
                                      ack_channel)});
    }};
  }

private:
  std::size_t count_;
  std::size_t step_;
  std::size_t seen_ = 0;
  std::size_t acked_ = 0;
};

class windowed_producer final : public runtime::pinned_actor {
public:
  windowed_producer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor link, peer_id to,
    std::size_t count, std::size_t size, std::size_t window, std::shared_ptr<std::promise<void>> finished)
    : pinned_actor(config, std::move(loop)), link_(std::move(link)), to_(to), count_(count), window_(window),
      payload_(byte_slice{bytes(size, 'x')}), done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "windowed_producer"; }

protected:
  caf::behavior handlers() override {
    return {
      [this](const frames_received& x) {
        for (const auto& one : x.frames)
          for (std::size_t i = 0; i < 8; ++i)
            acked_ += std::size_t{one.payload.data()[i]} << (8 * i);
        if (acked_ == count_)
          done_->set_value();
        else
          produce();
      },
      [this](const channel_registered&) { produce(); },
      [](const actors::peer_congested&) {},
      [](const actors::peer_writable&) {},
    };
  }
  void stopped() override { link_ = nullptr; }

private:
  void produce() {
    while (sent_ < count_ && sent_ - acked_ < window_) {
      const auto many = std::min({batch_max, count_ - sent_, window_ - (sent_ - acked_)});
      std::vector<frame> batch(many, app_frame(data_channel, payload_));
      sent_ += many;
      tell(link_, actors::send_frames{to_, actors::make_batch(std::move(batch))});
    }
  }

  caf::actor link_;
  peer_id to_;
  std::size_t count_;
  std::size_t window_;
  byte_slice payload_;
  std::shared_ptr<std::promise<void>> done_;
  std::size_t sent_ = 0;
  std::size_t acked_ = 0;
};

/// Sends every frame back on the other channel, `turns` times in all when it is the one that counts.
class bouncer final : public runtime::pinned_actor {
public:
  bouncer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, protocols::channel_id answer, int turns,
    std::shared_ptr<std::promise<void>> finished)
    : pinned_actor(config, std::move(loop)), answer_(answer), turns_(turns), done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "bouncer"; }

protected:
  caf::behavior handlers() override {
    return {[this](const frames_received& x) {
      if (done_ && --turns_ == 0) {
        done_->set_value();
        return;
      }
      tell(caf::actor_cast<caf::actor>(current_sender()),
        actors::send_frames{x.from, actors::make_batch({app_frame(answer_, x.frames.front().payload)})});
    }};
  }

private:
  protocols::channel_id answer_;
  int turns_;
  std::shared_ptr<std::promise<void>> done_;
};

} // namespace

flow_figures run_flow(bench_pair& pair, std::size_t count, std::size_t size, std::size_t window) {
  auto done = std::make_shared<std::promise<void>>();
  const auto consumer = runtime::spawn_pinned<counting_consumer>(pair.server.system, pair.server.host.loop(0), count,
    window);
  const auto producer = runtime::spawn_pinned<windowed_producer>(pair.client.system, pair.client.host.loop(0),
    pair.client_link, pair.server.id, count, size, window, done);
  register_and_wait(pair.server, "bench-data", consumer);
  register_and_wait(pair.client, "bench-ack", producer);
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  caf::anon_send(producer, channel_registered{});
  done->get_future().wait();
  const flow_figures out{seconds() - begin, cpu_seconds() - cpu};
  stop_actor(producer, pair.client.system);
  stop_actor(consumer, pair.server.system);
  return out;
}

double run_ping_pong(bench_pair& pair, int turns, std::size_t size) {
  auto done = std::make_shared<std::promise<void>>();
  const auto far = runtime::spawn_pinned<bouncer>(pair.server.system, pair.server.host.loop(0), ack_channel, 0,
    nullptr);
  const auto near = runtime::spawn_pinned<bouncer>(pair.client.system, pair.client.host.loop(0), data_channel, turns,
    done);
  register_and_wait(pair.server, "bench-data", far);
  register_and_wait(pair.client, "bench-ack", near);
  const auto begin = seconds();
  caf::anon_send(pair.client_link, actors::send_frames{pair.server.id,
                                     actors::make_batch({app_frame(data_channel, byte_slice{bytes(size, 'x')})})});
  done->get_future().wait();
  const auto out = seconds() - begin;
  stop_actor(near, pair.client.system);
  stop_actor(far, pair.server.system);
  return out;
}

} // namespace librats::bench
