// SPDX-License-Identifier: MIT
#include "protocols/core/small_random.hpp"
#include "protocols/dht/dht_core.hpp"
#include "tests/bench/dht/suites.hpp"
#include "tests/bench/support/process.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::bench;
using namespace librats::protocols;

namespace {

constexpr std::size_t nodes = 4000;
constexpr std::size_t strangers = 4096;
constexpr std::size_t queries = 200'000;

struct rig {
  rig() {
    dht_core::config cfg;
    cfg.id = random_id();
    for (auto& x : cfg.secret)
      x = static_cast<std::uint8_t>(random.next());
    cfg.follow_address = false;
    cfg.replies = cfg.queries = {1e12, 1e12};
    cfg.flood.datagrams_max = 1'000'000'000;
    core.emplace(cfg, now);
    for (std::size_t i = 0; i < nodes; ++i)
      confirm({random_id(), new_endpoint()});
  }

  node_id random_id() {
    node_id out;
    for (auto& x : out.raw)
      x = static_cast<std::uint8_t>(random.next());
    return out;
  }

  endpoint new_endpoint() {
    const auto byte = [this] { return static_cast<std::uint8_t>(random.next()); };
    return {ip_address::v4(static_cast<std::uint8_t>(20 + random.below(70)), byte(), byte(), byte()), 6881};
  }

  /// The core asks it, and it answers.
  void confirm(const node_contact& x) {
    now += std::chrono::milliseconds{20};
    core->query(x.at, x.id, krpc::ping{}, now);
    while (const auto out = core->poll_transmit()) {
      const auto decoded = krpc::decode(out->datagram);
      const auto* asked = std::get_if<krpc::message>(&decoded);
      krpc::response answer;
      answer.sender = x.id;
      if (asked != nullptr)
        core->handle(x.at, krpc::encode({asked->transaction, {}, answer}), now);
    }
    while (core->poll_event()) {
    }
  }

  /// What it answers to that.
  bytes ask(const endpoint& from, const krpc::request& x) {
    core->handle(from, krpc::encode({{'a', 'a'}, {}, x}), now);
    auto out = core->poll_transmit();
    return out ? std::move(out->datagram) : bytes{};
  }

  small_random random{7};
  time_point now{std::chrono::hours{1}};
  std::optional<dht_core> core;
};

void measure(const char* name, rig& r, const std::function<krpc::query(const endpoint&)>& what) {
  std::vector<std::pair<endpoint, bytes>> in;
  for (std::size_t i = 0; i < strangers; ++i) {
    const auto from = r.new_endpoint();
    const krpc::request query{r.random_id(), what(from), false};
    in.emplace_back(from, krpc::encode({{'a', static_cast<std::uint8_t>(i)}, {}, query}));
  }
  std::size_t bytes_out = 0;
  std::size_t answers = 0;
  const auto began = cpu_seconds();
  for (std::size_t i = 0; i < queries; ++i) {
    r.now += std::chrono::microseconds{20};
    const auto& [from, datagram] = in[i % in.size()];
    r.core->handle(from, datagram, r.now);
    while (const auto out = r.core->poll_transmit()) {
      ++answers;
      bytes_out += out->datagram.size();
    }
  }
  const auto spent = cpu_seconds() - began;
  std::printf("%-34s %10.0f %8.2f %8zu %8.0f\n", name, queries / spent, 1e6 * spent / queries, answers,
    static_cast<double>(bytes_out) / static_cast<double>(answers));
}

} // namespace

void librats::bench::measure_dht_handling() {
  rig r;
  std::printf("handle() and poll_transmit() of a core with %zu nodes in its table, %zu queries of %zu strangers; no "
              "sockets.\n\n",
    r.core->counted().nodes, queries, strangers);
  std::printf("%-34s %10s %8s %8s %8s\n", "query", "a second", "us CPU", "answers", "bytes");
  const auto known = r.random_id();
  const auto token_for = [&r, &known](const endpoint& from) {
    const auto answer = krpc::decode(r.ask(from, {r.random_id(), krpc::get_peers{known, {}}, true}));
    return std::get<krpc::response>(std::get<krpc::message>(answer).body).token;
  };
  measure("ping", r, [](const endpoint&) { return krpc::ping{}; });
  measure("find_node", r, [&r](const endpoint&) { return krpc::find_node{r.random_id(), {}}; });
  measure("get_peers, nobody known", r, [&r](const endpoint&) { return krpc::get_peers{r.random_id(), {}}; });
  measure("announce_peer, one swarm", r, [&](const endpoint& from) {
    return krpc::announce_peer{known, 4000, false, token_for(from)};
  });
  measure("get_peers, 50 of 128 peers", r, [&known](const endpoint&) { return krpc::get_peers{known, {}}; });
  std::printf("\n");
}
