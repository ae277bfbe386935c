// SPDX-License-Identifier: MIT
//
// What publish and subscribe costs with real nodes over loopback, Noise on: messages per second to one peer and to
// fifty, CPU of each delivery, memory of a topic and of a peer in it. The bare figure of the same run is the same
// frames on an App channel, without any gossip. Networks of thousands are simulated by bench_gossip.
#include "actors/gossip_messages.hpp"
#include "protocols/core/small_random.hpp"
#include "runtime/log/log_setup.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/topics/publish.hpp"
#include "tests/bench/transport/flow.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <set>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

using namespace librats;
using namespace librats::bench;

namespace {

const std::string topic = "bench";

peer_id id_of(bench_node& x) {
  caf::scoped_actor self{x.system};
  peer_id out;
  self->request(x.node, std::chrono::seconds{5}, actors::get_status{})
    .receive([&](const actors::node_status& y) { out = y.id; }, [](caf::error&) {});
  return out;
}

void one_peer() {
  constexpr std::size_t count = 500'000;
  constexpr std::size_t size = 200;
  constexpr std::size_t window = 512;
  runtime::system_config config;
  caf::actor_system system{config};
  bench_pair pair{system, transport::tcp};
  join_quietly(pair.client, topic);
  join_quietly(pair.server, topic);
  if (!await_topic(pair.client, topic, 1, 1))
    return;
  const auto id = id_of(pair.client);
  run_publications(pair.client, id, {&pair.server}, topic, 20'000, size, window);  // Warm-up.
  double best = 0;
  double cpu = 0;
  for (int i = 0; i < 3; ++i) {
    const auto ours = run_publications(pair.client, id, {&pair.server}, topic, count, size, window);
    if (ours.seconds > 0 && count / ours.seconds > best) {
      best = count / ours.seconds;
      cpu = ours.cpu_seconds / count * 1e6;
    }
  }
  const auto bare = run_flow(pair, count, size + 51, window);  // As long as the PUBLISH around it.
  std::printf("one peer, 200 B, 512 in flight: %.0f publications/s, CPU %.2f us each, both ends; the same bytes on an "
              "App channel: %.0f/s, %.2f us\n",
    best, cpu, count / bare.seconds, bare.cpu_seconds / count * 1e6);
}

/// Fifty subscribers with four links each among themselves, and one publisher that is connected to all.
void fan_out(transport over, const char* name) {
  constexpr std::size_t peers = 50;
  constexpr std::size_t count = 4'000;
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node publisher{system, true, over};
  std::list<bench_node> subscribers;
  std::vector<std::uint16_t> ports;
  std::vector<bench_node*> all;
  small_random random{7};
  join_quietly(publisher, topic);
  for (std::size_t i = 0; i < peers; ++i) {
    auto& one = subscribers.emplace_back(system, true, over);
    join_quietly(one, topic);
    one.connect(publisher.port());
    std::set<std::size_t> others;
    while (others.size() < std::min<std::size_t>(4, ports.size()))
      others.insert(static_cast<std::size_t>(random.below(ports.size())));
    for (const auto k : others)
      one.connect(ports[k]);
    ports.push_back(one.port());
    all.push_back(&one);
  }
  if (!await_topic(publisher, topic, peers, 4)) {
    std::printf("the mesh did not form\n");
    return;
  }
  const auto id = id_of(publisher);
  run_publications(publisher, id, all, topic, 200, 200, 64);  // Warm-up: meshes settle.
  const auto ours = run_publications(publisher, id, all, topic, count, 200, 64);
  if (ours.seconds == 0) {
    std::printf("%s: something was lost\n", name);
    return;
  }
  const auto deliveries = static_cast<double>(count * peers);
  std::printf("%zu peers over %s, 200 B, 64 in flight: %.0f publications/s, %.0f deliveries/s, CPU %.2f us per "
              "delivery (all %zu nodes, their relaying included)\n",
    peers, name, count / ours.seconds, deliveries / ours.seconds, ours.cpu_seconds / deliveries * 1e6, peers + 1);
}

/// A node in `topics` topics, in a process of its own: prints its port, and ends with its input.
int run_member(int topics) {
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node node{system, true, transport::tcp};
  for (int i = 0; i < topics; ++i)
    join_quietly(node, "topic number " + std::to_string(i));
  std::printf("%d\n", int{node.port()});
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

/// Private bytes of a member with so many topics and peers that are in all of them.
double member_bytes(const std::string& program, int topics, int peers) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0)
    return 0;
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    for (const auto fd : {in[0], in[1], out[0], out[1]})
      ::close(fd);
    ::execl(program.c_str(), program.c_str(), "--member", std::to_string(topics).c_str(), nullptr);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  std::array<char, 16> line{};
  const auto got = ::read(out[0], line.data(), line.size() - 1);
  const auto port = got > 0 ? std::atoi(line.data()) : 0;
  double bytes_used = 0;
  {
    runtime::system_config config;
    caf::actor_system system{config};
    std::list<bench_node> others;
    for (int i = 0; i < peers; ++i) {
      auto& one = others.emplace_back(system, false, transport::tcp);
      for (int k = 0; k < topics; ++k)
        join_quietly(one, "topic number " + std::to_string(k));
      one.connect(static_cast<std::uint16_t>(port));
    }
    for (auto& one : others)
      if (topics > 0)
        await_topic(one, "topic number " + std::to_string(topics - 1), 1, 1);
    ::sleep(3);  // A heartbeat or two.
    bytes_used = static_cast<double>(private_bytes(child));
  }
  ::close(in[1]);
  ::close(out[0]);
  ::waitpid(child, nullptr, 0);
  return bytes_used;
}

void memory(const std::string& program) {
  constexpr int topics = 500;
  constexpr int peers = 8;
  const auto bare = member_bytes(program, 0, 0);
  const auto joined = member_bytes(program, topics, 0);
  const auto with_links = member_bytes(program, 0, peers);
  const auto full = member_bytes(program, topics, peers);
  std::printf("memory: %.2f KB per joined topic, %.2f KB per peer in it\n", (joined - bare) / topics / 1e3,
    (full - joined - (with_links - bare)) / topics / peers / 1e3);
}

} // namespace

int main(int argc, char** argv) {
  runtime::log_options quiet;
  quiet.level = runtime::log_level::warn;
  (void)runtime::configure_logging(quiet);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "--member" && argc == 3)
    return run_member(std::atoi(argv[2]));
  if (!mode.empty() && mode != "one" && mode != "fan" && mode != "memory") {
    std::fprintf(stderr, "usage: %s [one|fan|memory]\n", argv[0]);
    return 2;
  }
  if (mode.empty() || mode == "one")
    one_peer();
  if (mode.empty() || mode == "fan") {
    fan_out(transport::tcp, "TCP");
    fan_out(transport::udp, "UDP");
  }
  if (mode.empty() || mode == "memory")
    memory(argv[0]);
  return 0;
}
