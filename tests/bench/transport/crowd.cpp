// SPDX-License-Identifier: MIT
#include "tests/bench/transport/crowd.hpp"

#include "tests/bench/support/process.hpp"
#include "tests/bench/support/rig.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include <unistd.h>

namespace librats::bench {

namespace {

/// Peers that come at once: a node takes 512 unfinished handshakes and turns away what comes on top of them.
constexpr int wave_max = 400;

/// Dials again as soon as the link of the dial before is gone.
class dial_timer final : public runtime::pinned_actor {
public:
  dial_timer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::uint16_t port,
    int dials, std::shared_ptr<std::promise<double>> finished)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), port_(port), dials_(dials),
      done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "dial_timer"; }

protected:
  caf::behavior handlers() override {
    tell(node_, actors::watch_events{caf::actor_cast<caf::actor>(this)});
    dial();
    return {
      [this](const actors::peer_connected& x) {
        total_ += seconds() - begin_;
        ++connected_;
        tell(node_, actors::disconnect_peer{x.id});
      },
      [this](const actors::peer_disconnected&) {
        if (connected_ == dials_)
          done_->set_value(total_ / dials_ * 1e3);
        else
          dial();
      },
      [](const actors::peer_identified&) {},
      [](const actors::peer_link_changed&) {},
      [](const actors::peer_rtt_measured&) {},
    };
  }
  void stopped() override { node_ = nullptr; }

private:
  void dial() {
    begin_ = seconds();
    ask(node_, std::chrono::seconds{10}, actors::connect_to{"127.0.0.1", port_}, [](const actors::connected_to&) {},
      [](caf::error& why) { std::fprintf(stderr, "%s\n", runtime::describe_error(why).c_str()); });
  }

  caf::actor node_;
  std::uint16_t port_;
  int dials_;
  std::shared_ptr<std::promise<double>> done_;
  int connected_ = 0;
  double begin_ = 0;
  double total_ = 0;
};

/// Waits for a number of peers.
class peer_counter final : public runtime::pinned_actor {
public:
  peer_counter(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, int peers,
    std::shared_ptr<std::promise<void>> finished)
    : pinned_actor(config, std::move(loop)), node_(std::move(node)), missing_(peers), done_(std::move(finished)) {}
  [[nodiscard]] const char* kind() const noexcept override { return "peer_counter"; }

protected:
  caf::behavior handlers() override {
    tell(node_, actors::watch_events{caf::actor_cast<caf::actor>(this)});
    return {
      [this](const actors::peer_connected&) {
        if (--missing_ == 0)
          done_->set_value();
      },
      [](const actors::peer_disconnected&) {},
      [](const actors::peer_identified&) {},
      [](const actors::peer_link_changed&) {},
      [](const actors::peer_rtt_measured&) {},
    };
  }
  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  int missing_;
  std::shared_ptr<std::promise<void>> done_;
};

/// A process of clients that connect to `server` and stay for the life of this object.
class crowd_of_clients {
public:
  /// `already`: how many peers the server has, whom it tells every newcomer about.
  crowd_of_clients(const std::string& program, bench_node& server, caf::actor_system& system, int peers, int already,
    transport over)
    : system_(system) {
    counter_ = runtime::spawn_pinned<peer_counter>(system, server.host.loop(0), server.node, already + peers, done_);
    const auto command
      = "'" + program + "' --clients " + std::to_string(server.port()) + " " + std::to_string(peers)
        + (over == transport::udp ? " udp" : " tcp");
    process_ = ::popen(command.c_str(), "w");
  }
  ~crowd_of_clients() {
    if (process_ != nullptr)
      ::pclose(process_);
    stop_actor(counter_, system_);
  }
  crowd_of_clients(const crowd_of_clients&) = delete;
  crowd_of_clients& operator=(const crowd_of_clients&) = delete;

  /// True when all of them are connected within a minute.
  bool wait() {
    return process_ != nullptr
           && done_->get_future().wait_for(std::chrono::seconds{60}) == std::future_status::ready;
  }

private:
  caf::actor_system& system_;
  std::shared_ptr<std::promise<void>> done_ = std::make_shared<std::promise<void>>();
  caf::actor counter_;
  std::FILE* process_ = nullptr;
};

} // namespace

double measure_dial(int dials, transport over) {
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node server{system, true, over};
  bench_node client{system, false, over};
  auto done = std::make_shared<std::promise<double>>();
  const auto timer = runtime::spawn_pinned<dial_timer>(system, client.host.loop(0), client.node, server.port(), dials,
    done);
  const auto out = done->get_future().get();
  stop_actor(timer, system);
  return out;
}

crowd_figures measure_crowd(const std::string& program, int peers, double idle_seconds, transport over) {
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node server{system, true, over};
  // One peer first, so that what the loop keeps for all of them (its buffers) does not count as theirs.
  crowd_of_clients first{program, server, system, 1, 0, over};
  crowd_figures out;
  if (!first.wait())
    return out;
  const auto before = private_bytes(::getpid());
  const auto begin = seconds();
  std::vector<std::unique_ptr<crowd_of_clients>> crowds;
  for (int there = 0; there < peers; there += wave_max) {
    crowds.push_back(std::make_unique<crowd_of_clients>(program, server, system, std::min(peers - there, wave_max),
      there + 1, over));
    if (!crowds.back()->wait()) {
      std::fprintf(stderr, "not all of %d peers connected\n", peers);
      return out;
    }
  }
  out.connect_seconds = seconds() - begin;
  // Nothing is waited for here: the passing of time is what is measured.
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  const auto cpu = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(idle_seconds));
  out.idle_cpu_share = (cpu_seconds() - cpu) / idle_seconds;
  out.private_bytes = (private_bytes(::getpid()) - before) / static_cast<std::size_t>(peers);
  return out;
}

int run_clients(int port, int peers, transport over) {
  runtime::system_config config;
  caf::actor_system system{config};
  runtime::real_host host{system};
  std::vector<caf::actor> nodes;
  for (int i = 0; i < peers; ++i) {
    nodes.push_back(actors::spawn_node(host, bench_options(false, over)));
    caf::anon_send(nodes.back(), actors::connect_to{"127.0.0.1", static_cast<std::uint16_t>(port)});
  }
  while (std::getchar() != EOF) {
  }
  for (const auto& one : nodes)
    stop_actor(one, system);
  return 0;
}

bare_node_figures measure_bare_node(const std::string& program) {
  bare_node_figures out;
  auto* child = ::popen(("'" + program + "' --bare-node").c_str(), "r");
  if (child == nullptr)
    return out;
  if (std::fscanf(child, "%zu %zu %d", &out.private_bytes, &out.resident_bytes, &out.threads) != 3)
    out = {};
  ::pclose(child);
  return out;
}

int run_bare_node() {
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node alone{system, true, transport::udp};
  if (alone.port() == 0)
    return 1;
  std::printf("%zu %zu %d\n", private_bytes(::getpid()), resident_bytes(::getpid()), thread_count());
  return 0;
}

} // namespace librats::bench
