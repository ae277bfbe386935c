// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "tests/bench/messaging/suites.hpp"
#include "tests/bench/support/process.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace librats::bench {

namespace {

using actors::frame;
using actors::frames_received;

/// Frames that one message to the link carries at most.
constexpr std::size_t batch_max = 64;
const auto ack_channel = protocols::channel_of("bench-ack");

/// Reads every message, and acknowledges every eighth of the window or the last one.
class reader final : public runtime::pinned_actor {
public:
  reader(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::size_t count,
    std::size_t window, std::shared_ptr<latencies> times)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), count_(count),
      step_(std::max<std::size_t>(window / 8, 1)), times_(std::move(times)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "reader"; }

protected:
  caf::behavior handlers() override {
    return {
      [this](const frames_received& x) {
        for (const auto& one : x.frames)
          if (const auto message = protocols::decode_typed(one.payload.view()); message && message->type == "m")
            read(x.from, message->json_text);
      },
      [this](const actors::typed_received& x) { read(x.from, x.json_text.text()); },
    };
  }
  void stopped() override { node_ = nullptr; }

private:
  void read(const peer_id& from, std::string_view text) {
    const auto data = protocols::parse_json(text);
    if (!data)
      return;
    times_->note((*data)["n"].get<std::int64_t>());
    if (++seen_ - acked_ < step_ && seen_ != count_)
      return;
    const frame ack{{protocols::message_type::app, 0, ack_channel}, byte_slice{bytes(seen_ - acked_)}};
    acked_ = seen_;
    tell(node_, actors::send_frames{from, actors::make_batch({ack})});
  }

  caf::actor node_;
  std::size_t count_;
  std::size_t step_;
  std::shared_ptr<latencies> times_;
  std::size_t seen_ = 0;
  std::size_t acked_ = 0;
};

/// Makes and sends documents; the size of an acknowledgement is how many it stands for.
class writer final : public runtime::pinned_actor {
public:
  writer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor link, peer_id to,
    document which, std::size_t count, std::size_t window, std::shared_ptr<std::promise<void>> finished)
    : pinned_actor(config, std::move(loop)), link_(std::move(link)), to_(to), which_(which), count_(count),
      window_(window), done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "writer"; }

protected:
  caf::behavior handlers() override {
    return {
      [this](const frames_received& x) {
        for (const auto& one : x.frames)
          acked_ += one.payload.size();
        if (acked_ == count_)
          done_->set_value();
        else
          produce();
      },
      [this](const actors::channel_registered&) { produce(); },
      [](const actors::peer_congested&) {},
      [](const actors::peer_writable&) {},
    };
  }
  void stopped() override { link_ = nullptr; }

private:
  void produce() {
    while (sent_ < count_ && sent_ - acked_ < window_) {
      const auto many = std::min({batch_max, count_ - sent_, window_ - (sent_ - acked_)});
      std::vector<frame> batch;
      batch.reserve(many);
      for (std::size_t i = 0; i < many; ++i)
        batch.push_back({{protocols::message_type::typed, 0, 0},
          byte_slice{std::move(*protocols::encode_typed_json("m", make_document(which_)))}});
      sent_ += many;
      tell(link_, actors::send_frames{to_, actors::make_batch(std::move(batch))});
    }
  }

  caf::actor link_;
  peer_id to_;
  document which_;
  std::size_t count_;
  std::size_t window_;
  std::shared_ptr<std::promise<void>> done_;
  std::size_t sent_ = 0;
  std::size_t acked_ = 0;
};

} // namespace

message_figures run_embedded(bench_pair& pair, document which, std::size_t count, std::size_t window, bool batched) {
  auto done = std::make_shared<std::promise<void>>();
  auto times = std::make_shared<latencies>(count);
  const auto far =
    runtime::spawn_pinned<reader>(pair.server.system, pair.server.host.loop(0), pair.server.node, count, window, times);
  const auto near = runtime::spawn_pinned<writer>(
    pair.client.system, pair.client.host.loop(0), pair.client_link, pair.server.id, which, count, window, done);
  caf::scoped_actor self{pair.server.system};
  if (batched)
    self->send(pair.server.node, actors::register_messages{protocols::message_type::typed, far});
  else
    self->send(pair.server.node, actors::register_typed{"m", far});
  self->request(pair.server.node, std::chrono::seconds{5}, actors::get_status{})
    .receive([](const actors::node_status&) {}, [](caf::error&) {});
  self->request(pair.client.node, std::chrono::seconds{5}, actors::register_channel{"bench-ack", near})
    .receive([](const actors::channel_registered&) {}, [](caf::error&) {});
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  caf::anon_send(near, actors::channel_registered{});
  done->get_future().wait();
  message_figures out{seconds() - begin, cpu_seconds() - cpu, 0, 0};
  stop_actor(near, pair.client.system);
  stop_actor(far, pair.server.system);
  out.p50 = times->percentile(0.5);
  out.p99 = times->percentile(0.99);
  return out;
}

} // namespace librats::bench
