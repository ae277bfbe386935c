// SPDX-License-Identifier: MIT
#pragma once

#include "tests/runtime/net/udp_fixture.hpp"

#include <string>

namespace librats::runtime {

/// A member of a group on a real interface, and what it hears. Touched by the loop alone.
struct multicast_member final : multicast_events {
  struct arrival {
    std::uint64_t token;
    multicast_arrival how;
    bytes content;
  };

  void multicast_received(std::uint64_t token, const multicast_arrival& how, mutable_bytes_view in) override {
    received.push_back({token, how, to_bytes(in)});
    std::fill(in.begin(), in.end(), std::uint8_t{0xee});
    if (on_received)
      on_received();
    if (news)
      news();
  }

  std::unique_ptr<datagram_socket> socket;
  std::vector<arrival> received;
  std::function<void()> on_received;
  std::function<void()> news;
};

/// Members on one loop, and a port that the kernel chose.
struct multicast_fixture : udp_fixture {
  static inline const ip_address group_v4 = ip_address::v4(224, 0, 0, 251);
  static inline const ip_address group_v6 = *ip_address::parse("ff02::fb");

  multicast_member a;
  multicast_member b;
  std::uint16_t port = free_port();

  ~multicast_fixture() {
    on_loop([&](puppet&) {
      a.socket.reset();
      b.socket.reset();
    });
  }

  std::uint16_t free_port() {
    const auto out = open(one, {ip_address::v6_any(), 0}, true).port;
    on_loop([&](puppet&) { one.socket.reset(); });
    return out;
  }

  /// On the first interface of that name with an address of the group's family; index 0 when there is none.
  multicast_options options_for(const ip_address& group, const std::string& interface) {
    multicast_options out;
    out.group = group;
    out.port = port;
    for (const auto& x : on_loop([](puppet& hand) { return hand.loop().net().interfaces(); }))
      if (x.interface == interface && x.address.is_v6() == group.is_v6() && out.interface.index == 0)
        out.interface = x;
    return out;
  }

  std::error_code join(multicast_member& x, const multicast_options& options, std::uint64_t token = 1) {
    return on_loop([&](puppet& hand) -> std::error_code {
      auto opened = hand.loop().net().open_multicast(options, token, x);
      if (!opened)
        return opened.error();
      x.socket = std::move(*opened);
      return {};
    });
  }

  template <class Socket>
  void send(const std::unique_ptr<Socket>& from, const endpoint& to, const bytes& content) {
    on_loop([&](puppet&) { BOOST_REQUIRE(from->send(to, content)); });
  }

  /// Waits until `x` has heard `count` datagrams in all.
  void hear(multicast_member& x, std::size_t count) {
    signal_once reached;
    on_loop([&](puppet&) {
      x.news = [&] {
        if (x.received.size() >= count)
          reached();
      };
      x.news();
    });
    reached.wait();
    on_loop([&](puppet&) { x.news = nullptr; });
  }
};

} // namespace librats::runtime
