// SPDX-License-Identifier: MIT
// simulate [SEED [NODES]] - many nodes in one process, on one thread and in virtual time.
//
// The nodes form a ring and each greets its two neighbours; the code of the nodes is what runs on real sockets. Prints
// the virtual time, the time that the computer needed for it, and a digest of every event: the same seed gives the same
// digest, on any machine. Exit code 0: all greetings arrived.
#include "actors/node.hpp"
#include "actors/node_messages.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/log/log_setup.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>

using namespace librats;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t port = 7000;

/// Greets whoever its node gets connected to, and counts the greetings it gets.
class neighbour final : public runtime::pinned_actor {
public:
  /// `greetings` may be counted by all, because a simulated world has one thread.
  neighbour(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::size_t number,
    std::size_t& greetings)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), number_(number), greetings_(greetings) {}

  [[nodiscard]] const char* kind() const noexcept override { return "neighbour"; }

protected:
  void started() override {
    const auto self = caf::actor_cast<caf::actor>(this);
    tell(node_, actors::register_typed{"greeting", self});
    tell(node_, actors::watch_events{self});
  }

  caf::behavior handlers() override {
    return {
      [this](const actors::peer_connected& x) {
        const auto payload = protocols::encode_typed_json("greeting", nlohmann::json{{"from", number_}});
        tell(x.link, actors::send_frames{x.id,
                       actors::make_batch(protocols::message_type::typed, byte_slice{*payload})});
      },
      [this](const actors::typed_received&) { ++greetings_; },
      [](const actors::peer_disconnected&) {},
      [](const actors::peer_link_changed&) {},
      [](const actors::peer_identified&) {},
      [](const actors::peer_rtt_measured&) {},
    };
  }

  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  std::size_t number_;
  std::size_t& greetings_;
};

caf::actor start_node(runtime::sim_host& host) {
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::generate(host.random().key());
  actors::node_options options;
  options.session = std::move(session);
  options.listener = *actors::parse_bind_address("", port);
  return actors::spawn_node(host, options);
}

} // namespace

int main(int argc, char** argv) {
  const auto seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const auto count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 50;
  if (count < 3 || count > 100'000) {
    std::cerr << "usage: simulate [SEED [NODES]], with 3 to 100000 nodes\n";
    return 2;
  }
  auto log = runtime::current_log_options();
  log.level = runtime::log_level::warn;
  if (const auto why = runtime::configure_logging(log))
    std::cerr << *why << '\n';

  runtime::sim_options options;
  options.seed = seed;
  options.link.latency = 20ms;
  options.link.jitter = 5ms;
  runtime::sim_world world{options};
  std::size_t greetings = 0;
  std::vector<caf::actor> everything;
  for (std::size_t i = 0; i < count; ++i) {
    auto& host = world.add_host();
    const auto node = start_node(host);
    everything.push_back(
      runtime::spawn_pinned<neighbour>(world.system(), host.loop(0), node, i, greetings));
    everything.push_back(node);
  }
  world.settle();
  for (std::size_t i = 0; i < count; ++i)
    caf::anon_send(everything[2 * i + 1],
      actors::connect_to{world.host((i + 1) % count).address().to_string(), port});

  const bool fine = world.run_until([&] { return greetings == 2 * count; }, 1min);
  const auto needed = world.elapsed();
  world.run_for(1min);  // The ring lives on for a while: pings, identify messages.

  // All happens on this thread, so that this is the real time on an otherwise idle machine.
  const auto needed_really = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  std::cout << "seed " << seed << ": " << count << " nodes, " << greetings << " greetings in "
            << std::chrono::duration<double>(needed).count() << " virtual seconds\n"
            << world.event_count() << " events in " << std::chrono::duration<double>(world.elapsed()).count()
            << " virtual seconds, simulated in " << std::fixed << std::setprecision(2) << needed_really << " s\n"
            << "event hash " << std::hex << std::setw(16) << std::setfill('0') << world.event_hash() << std::endl;

  for (const auto& one : everything)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  world.run_for(1min);
  return fine ? 0 : 1;
}
