// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/network.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::runtime {

/// Takes note of all that happens to one stream.
struct stream_recorder final : stream_events {
  explicit stream_recorder(sim_world& x) : world(x) {}

  void own(std::unique_ptr<stream> x) {
    mine = std::move(x);
    mine->start(*this);
  }
  void stream_bytes(mutable_bytes_view in) override {
    received.insert(received.end(), in.begin(), in.end());
    last_at = world.elapsed();
    if (!first_at)
      first_at = last_at;
    if (on_bytes)
      on_bytes();
  }
  void stream_writable() override {
    ++writable;
    if (on_writable)
      on_writable();
  }
  void stream_closed(std::error_code why) override {
    closed = why;
    closed_at = world.elapsed();
  }

  sim_world& world;
  std::unique_ptr<stream> mine;
  bytes received;
  std::optional<duration> first_at;
  std::optional<duration> last_at;
  int writable = 0;
  std::optional<std::error_code> closed;
  duration closed_at{};
  std::function<void()> on_bytes;
  std::function<void()> on_writable;
};

/// A listening port and what came in.
struct door final : acceptor_events {
  door(sim_host& host, const endpoint& at) {
    auto opened = host.net().listen({at}, *this);
    if (opened)
      owned = std::move(*opened);
    else
      why = opened.error();
  }
  void accepted(std::unique_ptr<stream> x) override {
    incoming.push_back(std::move(x));
    accepted_at = clock ? clock() : duration{};
  }
  void accept_failed(std::error_code) override {}

  std::unique_ptr<acceptor> owned;
  std::error_code why;
  std::vector<std::unique_ptr<stream>> incoming;
  std::function<duration()> clock;
  duration accepted_at{};
};

/// One attempt to connect.
struct caller final : dial_events {
  caller(sim_host& from, const endpoint& to) : world(from.world()), began(world.elapsed()) {
    call = from.net().dial(to, 7, *this);
  }
  void dialed(std::uint64_t token, std::unique_ptr<stream> x) override {
    BOOST_TEST(token == 7u);
    outgoing = std::move(x);
    took = world.elapsed() - began;
  }
  void dial_failed(std::uint64_t token, std::error_code x) override {
    BOOST_TEST(token == 7u);
    why = x;
    took = world.elapsed() - began;
  }

  sim_world& world;
  duration began;
  std::unique_ptr<pending_operation> call;
  std::unique_ptr<stream> outgoing;
  std::error_code why;
  std::optional<duration> took;  ///< Empty: no answer yet.
};

/// A UDP port and what came in.
struct datagram_recorder final : datagram_events {
  struct arrival {
    endpoint from;
    bytes content;
    duration at;
  };
  struct refusal {
    endpoint to;
    std::error_code why;
    duration at;
  };

  datagram_recorder(sim_host& host, const endpoint& at) : world(host.world()) {
    auto opened = host.net().open_datagrams(at, true, *this);
    if (opened)
      socket = std::move(*opened);
    else
      why = opened.error();
  }
  void datagram_received(const endpoint& from, mutable_bytes_view in) override {
    received.push_back({from, to_bytes(in), world.elapsed()});
  }
  void datagrams_drained() override { drained_after.push_back(received.size()); }
  void datagrams_writable() override {
    ++writable;
    if (on_writable)
      on_writable();
  }
  void datagram_refused(const endpoint& to, std::error_code x) override { refused.push_back({to, x, world.elapsed()}); }

  sim_world& world;
  std::unique_ptr<datagram_socket> socket;
  std::error_code why;
  std::vector<arrival> received;
  std::vector<refusal> refused;
  std::vector<std::size_t> drained_after;  ///< How many had been received each time.
  int writable = 0;
  std::function<void()> on_writable;
};

/// Two machines, and one stream between them on demand.
struct sim_fixture {
  static constexpr std::uint16_t port = 7000;

  sim_world world;
  sim_host& a = world.add_host();
  sim_host& b = world.add_host();
  stream_recorder dialer{world};
  stream_recorder listener{world};

  void both_ways(const link_profile& profile) {
    world.set_link(a, b, profile);
    world.set_link(b, a, profile);
  }

  /// Connects `a` to `b`; both recorders own their side.
  void connect() {
    door at{b, {b.address(), port}};
    caller call{a, {b.address(), port}};
    BOOST_REQUIRE(world.run_until([&] { return call.outgoing != nullptr; }, std::chrono::minutes{5}));
    BOOST_REQUIRE(at.incoming.size() == 1u);
    listener.own(std::move(at.incoming[0]));
    dialer.own(std::move(call.outgoing));
  }

  /// Bytes that differ from their neighbours.
  static bytes pattern(std::size_t size) {
    bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
      out[i] = static_cast<std::uint8_t>((i * 31) ^ (i >> 8));
    return out;
  }
};

} // namespace librats::runtime
