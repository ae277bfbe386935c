// SPDX-License-Identifier: MIT
#include "librats.h"

#include "tests/bench/messaging/suites.hpp"
#include "tests/bench/support/process.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace librats::bench {

namespace {

/// Lets one thread go ahead of others by `window` steps.
class window_gate {
public:
  explicit window_gate(std::size_t window) : window_(window) {}

  void done(std::size_t many) {
    const std::lock_guard lock{mutex_};
    done_ += many;
    changed_.notify_one();
  }
  /// Blocks while `sent` is too far ahead; then tells how many more may go.
  std::size_t room(std::size_t sent) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return sent - done_ < window_; });
    return window_ - (sent - done_);
  }
  void await(std::size_t all) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return done_ == all; });
  }

private:
  std::size_t window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
};

/// Two clients that are connected.
struct client_rig {
  client_rig() {
    std::mutex mutex;
    std::condition_variable changed;
    a.set_connection_callback([&](socket_t, const std::string& id) {
      const std::lock_guard lock{mutex};
      peer = id;
      changed.notify_one();
    });
    if (!a.start() || !b.start() || !a.connect_to_peer("127.0.0.1", b.get_listen_port())) {
      std::fprintf(stderr, "the clients do not connect\n");
      std::exit(1);
    }
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return !peer.empty(); });
    lock.unlock();
    a.set_connection_callback(nullptr);
  }
  ~client_rig() {
    a.shutdown_all_threads(); // Without files.
    b.shutdown_all_threads();
  }

  std::string peer;
  RatsClient a{0, 10, "127.0.0.1"};
  RatsClient b{0, 10, "127.0.0.1"};
};

} // namespace

message_figures run_clients(document which, std::size_t count, std::size_t window) {
  latencies times{count};
  window_gate gate{window};
  client_rig rig;
  const auto step = std::max<std::size_t>(window / 8, 1);
  std::size_t seen = 0;
  std::size_t acked = 0;
  rig.b.on("m", [&](const std::string& from, const nlohmann::json& data) {
    times.note(data["n"].get<std::int64_t>());
    if (++seen - acked < step && seen != count)
      return;
    rig.b.send(from, "ack", nlohmann::json(seen - acked));
    acked = seen;
  });
  rig.a.on("ack", [&](const std::string&, const nlohmann::json& data) { gate.done(data.get<std::size_t>()); });
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  for (std::size_t sent = 0; sent < count;) {
    for (auto room = std::min(gate.room(sent), count - sent); room > 0; --room, ++sent)
      rig.a.send(rig.peer, "m", make_document(which));
  }
  gate.await(count);
  message_figures out{seconds() - begin, cpu_seconds() - cpu, 0, 0};
  out.p50 = times.percentile(0.5);
  out.p99 = times.percentile(0.99);
  return out;
}

message_figures run_requests(std::size_t count, std::size_t window) {
  latencies times{count};
  window_gate gate{window};
  client_rig rig;
  rig.b.on_request("r", [](const std::string&, const nlohmann::json& data) { return data; });
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  for (std::size_t sent = 0; sent < count;) {
    for (auto room = std::min(gate.room(sent), count - sent); room > 0; --room, ++sent)
      rig.a.request(
        rig.peer, "r", make_document(document::number), [&](bool ok, const nlohmann::json& data, const std::string&) {
          if (ok)
            times.note(data["n"].get<std::int64_t>());
          gate.done(1);
        });
  }
  gate.await(count);
  message_figures out{seconds() - begin, cpu_seconds() - cpu, 0, 0};
  out.p50 = times.percentile(0.5);
  out.p99 = times.percentile(0.99);
  return out;
}

} // namespace librats::bench
