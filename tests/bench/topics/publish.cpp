// SPDX-License-Identifier: MIT
#include "tests/bench/topics/publish.hpp"

#include "actors/gossip_messages.hpp"
#include "tests/bench/support/process.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <map>
#include <thread>

namespace librats::bench {

namespace {

constexpr auto patience = std::chrono::seconds{60};

/// Publications that one message carries at most.
constexpr std::size_t batch_max = 64;

const auto ack_channel_name = std::string{"bench-topic-ack"};
const auto ack_channel = protocols::channel_of(ack_channel_name);

template <class Reply, class Request>
bool ask_and_wait(bench_node& at, const Request& what) {
  caf::scoped_actor self{at.system};
  bool out = false;
  self->request(at.node, patience, what)
    .receive([&](const Reply&) { out = true; },
      [](caf::error& why) { std::fprintf(stderr, "%s\n", runtime::describe_error(why).c_str()); });
  return out;
}

/// Counts publications and acknowledges every eighth of the window, or the last one, with their number so far.
class topic_consumer final : public runtime::pinned_actor {
public:
  topic_consumer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node,
    peer_id publisher, std::size_t count, std::size_t window)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), publisher_(publisher), count_(count),
      step_(std::max<std::size_t>(window / 8, 1)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "topic_consumer"; }

protected:
  caf::behavior handlers() override {
    return {
      [this](const actors::topic_messages& x) {
        seen_ += x.messages.size();
        if (seen_ - acked_ < step_ && seen_ != count_)
          return;
        acked_ = seen_;
        bytes number(8);
        for (std::size_t i = 0; i < 8; ++i)
          number[i] = static_cast<std::uint8_t>(seen_ >> (8 * i));
        tell(node_, actors::send_frames{publisher_, actors::make_batch(protocols::message_type::app,
                                                      byte_slice{std::move(number)}, ack_channel)});
      },
      [](const actors::peer_congested&) {},
      [](const actors::peer_writable&) {},
    };
  }
  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  peer_id publisher_;
  std::size_t count_;
  std::size_t step_;
  std::size_t seen_ = 0;
  std::size_t acked_ = 0;
};

class windowed_publisher final : public runtime::pinned_actor {
public:
  windowed_publisher(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node,
    std::string topic, std::size_t receivers, std::size_t count, std::size_t size, std::size_t window,
    std::shared_ptr<std::promise<void>> finished)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), topic_(std::move(topic)), receivers_(receivers),
      count_(count), window_(window), payload_(byte_slice{bytes(size, 'x')}), done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "windowed_publisher"; }

protected:
  caf::behavior handlers() override {
    return {
      [this](const actors::frames_received& x) {
        for (const auto& one : x.frames) {
          std::size_t number = 0;
          for (std::size_t i = 0; i < 8; ++i)
            number |= std::size_t{one.payload.data()[i]} << (8 * i);
          acked_[x.from] = number;
        }
        produce();
      },
      [this](const actors::channel_registered&) { produce(); },
      [](const actors::published&) {},
    };
  }
  void stopped() override { node_ = nullptr; }

private:
  void produce() {
    std::size_t slowest = acked_.size() < receivers_ ? 0 : count_;
    for (const auto& [id, number] : acked_)
      slowest = std::min(slowest, number);
    if (slowest == count_ && done_) {
      std::exchange(done_, nullptr)->set_value();
      return;
    }
    while (sent_ < count_ && sent_ - slowest < window_) {
      const auto many = std::min({batch_max, count_ - sent_, window_ - (sent_ - slowest)});
      sent_ += many;
      tell(node_, actors::publish_to_topic{topic_, std::vector<byte_slice>(many, payload_)});
    }
  }

  caf::actor node_;
  std::string topic_;
  std::size_t receivers_;
  std::size_t count_;
  std::size_t window_;
  byte_slice payload_;
  std::shared_ptr<std::promise<void>> done_;
  std::size_t sent_ = 0;
  std::map<peer_id, std::size_t> acked_;
};

} // namespace

void join_quietly(bench_node& at, const std::string& topic) {
  ask_and_wait<actors::joined_topic>(at, actors::join_topic{topic, nullptr, false});
}

bool await_topic(bench_node& at, const std::string& topic, std::size_t subscribers, std::size_t mesh) {
  const auto end = seconds() + 60;
  while (seconds() < end) {
    caf::scoped_actor self{at.system};
    bool there = false;
    self->request(at.node, patience, actors::get_topic_status{topic})
      .receive(
        [&](const actors::topic_status& x) { there = x.subscribers.size() >= subscribers && x.mesh.size() >= mesh; },
        [](caf::error&) {});
    if (there)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return false;
}

publish_figures run_publications(bench_node& from, const peer_id& from_id, const std::vector<bench_node*>& to,
  const std::string& topic, std::size_t count, std::size_t size, std::size_t window) {
  auto done = std::make_shared<std::promise<void>>();
  std::vector<caf::actor> consumers;
  for (auto* one : to) {
    consumers.push_back(runtime::spawn_pinned<topic_consumer>(one->system, one->host.loop(0), one->node, from_id, count,
      window));
    ask_and_wait<actors::joined_topic>(*one, actors::join_topic{topic, consumers.back(), false});
  }
  const auto publisher = runtime::spawn_pinned<windowed_publisher>(from.system, from.host.loop(0), from.node, topic,
    to.size(), count, size, window, done);
  ask_and_wait<actors::channel_registered>(from, actors::register_channel{ack_channel_name, publisher});
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  caf::anon_send(publisher, actors::channel_registered{});
  publish_figures out;
  if (done->get_future().wait_for(patience) == std::future_status::ready)
    out = {seconds() - begin, cpu_seconds() - cpu};
  stop_actor(publisher, from.system);
  for (const auto& one : consumers)
    stop_actor(one, from.system);
  return out;
}

} // namespace librats::bench
