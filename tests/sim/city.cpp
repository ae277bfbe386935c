// SPDX-License-Identifier: MIT
#include "tests/sim/city.hpp"

#include "actors/node.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>

#include <array>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace librats::test {

namespace {

using namespace std::chrono_literals;

constexpr auto channel = "city";
constexpr std::uint16_t port = 4000;
/// Whom everybody dials, counted from itself: the neighbour in the ring and two chords.
constexpr std::array<std::size_t, 3> steps{1, 7, 31};

/// What all citizens share; the simulated world has one thread.
struct tally {
  std::size_t connected = 0;
  std::size_t dials_open = 0;
  std::size_t dials_failed = 0;
  std::size_t disconnects = 0;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
};

/// Lives beside a node: dials, talks and counts.
class citizen final : public runtime::pinned_actor {
public:
  citizen(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, tally& all)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), all_(all) {}

  [[nodiscard]] const char* kind() const noexcept override { return "citizen"; }

  void dial(const ip_address& to) {
    ++all_.dials_open;
    guarded([&] {
      ask(
        node_, 1min, actors::connect_to{to.to_string(), port},
        [this](const actors::connected_to&) { --all_.dials_open; },
        [this](caf::error&) {
          --all_.dials_open;
          ++all_.dials_failed;
        });
    });
  }

  void talk(time_point from, time_point until) {
    until_ = until;
    guarded([&] { arm_timer(0, from); });
  }

protected:
  caf::behavior handlers() override {
    return {
      [this](const actors::frames_received& x) { all_.delivered += x.frames.size(); },
      [this](const actors::peer_connected& x) {
        peers_.insert(x.id);
        ++all_.connected;
      },
      [this](const actors::peer_disconnected& x) {
        peers_.erase(x.id);
        ++all_.disconnects;
      },
      [](const actors::peer_link_changed&) {},
      [](const actors::peer_identified&) {},
      [](const actors::peer_congested&) {},
      [](const actors::peer_writable&) {},
      [](const actors::peer_rtt_measured&) {},
      [](const actors::channel_registered&) {},
    };
  }

  void started() override {
    const auto self = caf::actor_cast<caf::actor>(this);
    tell(node_, actors::watch_events{self});
    tell(node_, actors::register_channel{channel, self});
  }

  void stopped() override { node_ = nullptr; }

  void timer_fired(std::uint32_t) override {
    all_.sent += peers_.size();
    tell(node_, actors::broadcast_frames{actors::make_batch(protocols::message_type::app,
                  byte_slice::copy_of("message " + std::to_string(++number_)), protocols::channel_of(channel))});
    if (now() + 1s < until_)
      arm_timer(0, now() + 1s);
  }

private:
  caf::actor node_;
  tally& all_;
  std::set<peer_id> peers_;
  std::uint64_t number_ = 0;
  time_point until_{};
};

actors::node_options options_of(runtime::sim_host& host) {
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::generate(host.random().key());
  actors::node_options out;
  out.session = std::move(session);
  out.listener.local.port = port;
  return out;
}

} // namespace

city_result run_city(const city_options& options, const std::function<void()>& built) {
  tally all;
  runtime::sim_options how;
  how.seed = options.seed;
  how.link.jitter = 5ms;
  runtime::sim_world world{how};
  std::vector<citizen*> citizens;
  for (std::size_t i = 0; i < options.nodes; ++i) {
    auto& host = world.add_host();
    const auto node = actors::spawn_node(host, options_of(host));
    host.own(node);
    const auto handle = runtime::spawn_pinned<citizen>(world.system(), host.loop(0), node, all);
    citizens.push_back(static_cast<citizen*>(caf::actor_cast<caf::abstract_actor*>(handle)));
  }
  world.settle();
  for (std::size_t i = 0; i < options.nodes; ++i)
    for (const auto step : steps)
      citizens[i]->dial(runtime::sim_host::address_of((i + step) % options.nodes));
  world.run_until([&] { return all.dials_open == 0; }, 2min);
  world.run_for(5s);
  if (built)
    built();
  const auto begin = world.now();
  for (std::size_t i = 0; i < options.nodes; ++i)  // Spread over the second, as clocks are.
    citizens[i]->talk(begin + duration{static_cast<std::int64_t>(1'000'000'000 / options.nodes * i)},
      begin + options.talking);
  world.run_for(options.talking + 5s);
  city_result out;
  out.nodes = options.nodes;
  out.links = all.connected / 2;
  out.dials_failed = all.dials_failed;
  out.disconnects = all.disconnects;
  out.sent = all.sent;
  out.delivered = all.delivered;
  out.simulated = world.elapsed();
  out.events = world.event_count();
  out.event_hash = world.event_hash();
  return out;
}

} // namespace librats::test
