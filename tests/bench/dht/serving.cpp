// SPDX-License-Identifier: MIT
#include "protocols/core/small_random.hpp"
#include "protocols/dht/krpc.hpp"
#include "tests/bench/dht/loopback.hpp"
#include "tests/bench/dht/suites.hpp"
#include "tests/bench/support/process.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/wait.h>

using namespace librats;
using namespace librats::bench;
using namespace librats::protocols;

namespace {

constexpr std::size_t robot_count = 300;
constexpr std::uint16_t peers_announced = 40; // Fewer than either side names at once.
constexpr double rate = 1500;                 // Queries a second that all of them can serve.
constexpr double seconds_each = 3;
constexpr std::size_t under_way = 64; // Queries at a time, for the highest rate.
constexpr unsigned walks = 100;

void rest(double x) {
  std::this_thread::sleep_for(std::chrono::duration<double>{x});
}

/// Asks one server; reads as a node that nobody needs to know (BEP 43).
class flood {
public:
  explicit flood(std::uint16_t server) : server_(loopback_address(server)) {
    for (auto& x : own_.raw)
      x = static_cast<std::uint8_t>(random_.next());
  }

  bytes encode(krpc::query what) {
    const auto id = random_.next();
    return krpc::encode({{static_cast<std::uint8_t>(id), static_cast<std::uint8_t>(id >> 8)}, {},
      krpc::request{own_, std::move(what), true}});
  }

  node_id random_id() {
    node_id out;
    for (auto& x : out.raw)
      x = static_cast<std::uint8_t>(random_.next());
    return out;
  }

  /// One query, answered within a second or not at all.
  std::optional<krpc::response> ask(krpc::query what) {
    out_.queue(server_, encode(std::move(what)));
    out_.send(socket_.fd());
    const auto until = seconds() + 1;
    while (seconds() < until)
      for (std::size_t i = 0, got = wait(10); i < got; ++i) {
        auto decoded = krpc::decode(in_.data(i));
        auto* message = std::get_if<krpc::message>(&decoded);
        if (auto* answer = message == nullptr ? nullptr : std::get_if<krpc::response>(&message->body))
          return std::move(*answer);
      }
    return std::nullopt;
  }

  struct outcome {
    std::size_t sent = 0;
    std::size_t answered = 0;
    std::size_t bytes = 0; ///< Of the answers.
    double took = 0;
  };

  /// `per_second` queries a second, evenly.
  outcome at_rate(const std::vector<bytes>& queries, double per_second) {
    while (wait(200) != 0) {
      // Answers to what was asked before.
    }
    outcome out;
    const auto began = seconds();
    while (out.took < seconds_each) {
      out.took = seconds() - began;
      for (const auto due = static_cast<std::size_t>(out.took * per_second); out.sent < due;)
        send(queries, std::min(due - out.sent, datagram_batch::size_max), out);
      take(wait(1), out);
    }
    for (std::size_t got = wait(200); got != 0; got = wait(200))
      take(got, out);
    return out;
  }

  /// As many as are answered, `under_way` at a time; a lost one is made up for after 100 ms.
  outcome as_fast_as_possible(const std::vector<bytes>& queries) {
    outcome out;
    const auto began = seconds();
    std::size_t open = 0;
    while (out.took < seconds_each) {
      out.took = seconds() - began;
      if (open < under_way)
        send(queries, under_way - std::exchange(open, under_way), out);
      const auto before = out.answered;
      take(wait(100), out);
      open -= std::min(open, out.answered == before ? open : out.answered - before);
    }
    return out;
  }

private:
  std::size_t wait(int milliseconds) {
    pollfd what{socket_.fd(), POLLIN, 0};
    ::poll(&what, 1, milliseconds);
    return in_.receive(socket_.fd());
  }

  void send(const std::vector<bytes>& queries, std::size_t count, outcome& out) {
    for (std::size_t i = 0; i < count; ++i)
      out_.queue(server_, queries[out.sent++ % queries.size()]);
    out_.send(socket_.fd());
  }

  void take(std::size_t got, outcome& out) {
    out.answered += got;
    for (std::size_t i = 0; i < got; ++i)
      out.bytes += in_.data(i).size();
  }

  loopback_socket socket_;
  sockaddr_in server_;
  small_random random_{17};
  node_id own_;
  datagram_batch in_;
  datagram_batch out_;
};

/// Whom to measure: how to start it and what it must be told.
struct contender {
  const char* name;
  std::function<child_process(std::uint16_t port)> start;
};

std::uint16_t free_port() {
  return loopback_socket{}.port();
}

/// A process that does `serve` on a port.
template <class Serve>
contender ours(const char* name, Serve serve) {
  return {name, [serve](std::uint16_t port) { return start_process([&] { serve(loopback_socket{port}); }); }};
}

bool has_libtorrent() {
  const auto probe = start_process([] {
    ::execl("/usr/bin/python3", "python3", "-c", "import libtorrent", nullptr);
    ::_exit(127);
  });
  int status = 0;
  return ::waitpid(probe.id(), &status, 0) == probe.id() && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

contender libtorrent(const robots& net) {
  return {"libtorrent", [&net](std::uint16_t port) {
            auto out = start_process([port] {
              const auto text = std::to_string(port);
              ::execl(
                "/usr/bin/python3", "python3", LIBRATS_BENCH_DIR "/dht/libtorrent_node.py", text.c_str(), nullptr);
            });
            for (const auto& x : net.nodes)
              out.command(("node " + std::to_string(x.port) + "\n").c_str());
            return out;
          }};
}

struct workload {
  const char* name;
  std::vector<bytes> queries;
};

/// The same for every server but for the tokens, which are its own.
std::vector<workload> make_work(flood& client) {
  const auto swarm = client.random_id();
  const auto token = client.ask(krpc::get_peers{swarm, {}});
  std::vector<workload> out(5);
  out[0].name = "ping";
  out[1].name = "find_node";
  out[2].name = "get_peers, nobody";
  out[3].name = "announce_peer";
  out[4].name = "get_peers, 40 peers";
  for (int i = 0; i < 256; ++i) {
    out[0].queries.push_back(client.encode(krpc::ping{}));
    out[1].queries.push_back(client.encode(krpc::find_node{client.random_id(), {}}));
    out[2].queries.push_back(client.encode(krpc::get_peers{client.random_id(), {}}));
    out[4].queries.push_back(client.encode(krpc::get_peers{swarm, {}}));
    const auto port = static_cast<std::uint16_t>(2000 + i % peers_announced);
    out[3].queries.push_back(client.encode(krpc::announce_peer{swarm, port, false, token ? token->token : bytes{0}}));
  }
  return out;
}

/// Until it knows its neighbours.
bool ready(flood& client) {
  const auto until = seconds() + 20;
  while (seconds() < until) {
    const auto found = client.ask(krpc::find_node{client.random_id(), {}});
    if (found && found->nodes.size() == 8) {
      rest(3); // For the rest of them.
      return true;
    }
    rest(0.1);
  }
  return false;
}

/// A server under way, and what is known of it for each workload.
struct entrant {
  entrant(const contender& x, std::uint16_t at) : name(x.name), server(x.start(at)), client(at) {}

  std::string name;
  child_process server;
  flood client;
  std::vector<workload> work;
};

struct score {
  double cpu_us = 0;
  double most = 0; ///< Answers a second.
  double answered_percent = 0;
  std::size_t answer_bytes = 0;
};

score measure(entrant& x, const std::vector<bytes>& queries) {
  const auto before = x.server.cpu_seconds();
  const auto paced = x.client.at_rate(queries, rate);
  const auto spent = x.server.cpu_seconds() - before;
  const auto most = x.client.as_fast_as_possible(queries);
  const auto answered = std::max<std::size_t>(1, paced.answered);
  return {1e6 * spent / static_cast<double>(answered), static_cast<double>(most.answered) / most.took,
    100 * static_cast<double>(answered) / static_cast<double>(paced.sent), paced.bytes / answered};
}

/// Everybody in turn, more than once, because the rest of the machine never keeps still: the best of each counts.
void compete(std::vector<entrant>& entrants, std::size_t which) {
  constexpr int rounds = 2;
  const char* name = entrants.front().work[which].name;
  std::vector<score> best(entrants.size() + 1);
  const auto keep = [](score& known, const score& x, bool first) {
    known.cpu_us = first ? x.cpu_us : std::min(known.cpu_us, x.cpu_us);
    known.most = std::max(known.most, x.most);
    known.answered_percent = std::max(known.answered_percent, x.answered_percent);
    known.answer_bytes = x.answer_bytes;
  };
  std::optional<entrant> bare;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < entrants.size(); ++i)
      keep(best[i], measure(entrants[i], entrants[i].work[which].queries), round == 0);
    if (!bare) {
      const auto size = best.front().answer_bytes;
      bare.emplace(ours("bare", [size](const loopback_socket& at) { serve_bare(at, size); }), free_port());
      rest(0.2);
    }
    keep(best.back(), measure(*bare, entrants.front().work[which].queries), round == 0);
  }
  for (std::size_t i = 0; i < best.size(); ++i) {
    const auto& x = best[i];
    std::printf("%-20s %-22s %7.1f %9.0f %8.1f %8zu\n", i == 0 ? name : "",
      i < entrants.size() ? entrants[i].name.c_str() : "bare", x.cpu_us, x.most, x.answered_percent, x.answer_bytes);
  }
  std::fflush(stdout);
}

void measure_walks(const contender& who, const robots& net) {
  const auto port = free_port();
  const auto server = who.start(port);
  flood client{port};
  if (!ready(client))
    return;
  constexpr double span = walks * 0.05 + 3;
  const auto idle_before = server.cpu_seconds();
  const auto asked_idle = net.asked->load();
  rest(span);
  const auto before = server.cpu_seconds();
  const auto asked_before = net.asked->load();
  server.command(("look " + std::to_string(walks) + "\n").c_str());
  rest(span);
  const auto queries =
    static_cast<double>(net.asked->load() - asked_before) - static_cast<double>(asked_before - asked_idle);
  const auto spent = server.cpu_seconds() - before - (before - idle_before);
  std::printf("%-22s %8.1f %10.0f %10.2f\n", who.name, queries / walks, 1e6 * spent / walks, 1e6 * spent / queries);
  std::fflush(stdout);
}

} // namespace

void librats::bench::measure_dht_serving() {
  const robots net{robot_count};
  const auto core_with = [&net](std::size_t batch) {
    return [&net, batch](const loopback_socket& at) { serve_core(at, net.nodes, batch); };
  };
  std::vector<contender> nodes{
    ours("dht_core, 64 at a time", core_with(datagram_batch::size_max)), ours("dht_core, one by one", core_with(1))};
  if (has_libtorrent())
    nodes.push_back(libtorrent(net));
  else
    std::printf("SKIPPED: libtorrent; its Python binding is not installed (config/install-deps.sh bench)\n");

  std::printf(
    "Processes on 127.0.0.1 whose tables %zu nodes have filled, without their limits on traffic. us CPU: of the "
    "server's process per query,\nsystem calls included, at %.0f queries a second, of which so many %% are "
    "answered with so many bytes. A second: with %zu under way at\na time; the client takes part of the "
    "machine. Bare: receives and sends the same number of bytes, 64 datagrams at a time.\n\n",
    robot_count, rate, under_way);
  std::printf("%-20s %-22s %7s %9s %8s %8s\n", "query", "server", "us CPU", "a second", "% ans.", "bytes");
  std::vector<entrant> entrants;
  entrants.reserve(nodes.size());
  for (const auto& x : nodes) {
    auto& added = entrants.emplace_back(x, free_port());
    if (ready(added.client)) {
      added.work = make_work(added.client);
      continue;
    }
    std::printf("%s does not answer\n", x.name);
    entrants.pop_back();
  }
  for (std::size_t i = 0; !entrants.empty() && i < entrants.front().work.size(); ++i)
    compete(entrants, i);
  entrants.clear();

  std::printf(
    "\n%u walks towards random keys among these nodes, twenty a second, less what the process does without.\n\n",
    walks);
  std::printf("%-22s %8s %10s %10s\n", "walker", "queries", "us a walk", "us a query");
  for (const auto& x : nodes)
    if (std::string{x.name} != "dht_core, one by one")
      measure_walks(x, net);
  std::printf("\n");
}
