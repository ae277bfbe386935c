// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_datagram.hpp"
#include "runtime/net/linux_datagram.hpp"
#include "tests/runtime/net/net_fixture.hpp"

#include <algorithm>
#include <ostream>

namespace librats::runtime {

/// Takes note of all that happens to one UDP socket. Touched by the loop alone, but for `udp_fixture::until`.
struct udp_side final : datagram_events {
  struct arrival {
    endpoint from;
    bytes content;
  };
  struct refusal {
    endpoint to;
    std::error_code why;
  };

  void datagram_received(const endpoint& from, mutable_bytes_view in) override {
    received.push_back({from, to_bytes(in)});
    std::fill(in.begin(), in.end(), std::uint8_t{0xee});  // Allowed, and shows whether others share the memory.
    if (on_received)
      on_received();
  }
  void datagrams_drained() override {
    drained_after.push_back(received.size());
    tell();
  }
  void datagrams_writable() override {
    ++writable;
    if (on_writable)
      on_writable();
    tell();
  }
  void datagram_refused(const endpoint& to, std::error_code why) override {
    refused.push_back({to, why});
    tell();
  }
  void tell() {
    if (news)
      news();
  }

  std::unique_ptr<datagram_socket> socket;
  std::vector<arrival> received;
  std::vector<std::size_t> drained_after;  ///< How many had been received each time.
  std::vector<refusal> refused;
  int writable = 0;
  std::function<void()> on_received;
  std::function<void()> on_writable;
  std::function<void()> news;
};

/// A way to open a socket; what they promise is the same.
struct udp_kind {
  const char* name;
  result<std::unique_ptr<datagram_socket>, std::error_code> (*open)(io_loop&, const endpoint&, bool, datagram_events&);

  friend std::ostream& operator<<(std::ostream& out, const udp_kind& x) { return out << x.name; }
};

const std::vector<udp_kind> udp_kinds = {
  {"native", [](io_loop& loop, const endpoint& local, bool dual_stack, datagram_events& events) {
     return loop.net().open_datagrams(local, dual_stack, events);
   }},
  {"portable", make_asio_datagram_socket},
#ifdef __linux__
  {"a kernel that neither cuts nor coalesces",
    [](io_loop& loop, const endpoint& local, bool dual_stack, datagram_events& events) {
      return make_linux_datagram_socket(loop, local, dual_stack, events, {false, 1});
    }},
  {"a kernel that refuses long runs",
    [](io_loop& loop, const endpoint& local, bool dual_stack, datagram_events& events) {
      return make_linux_datagram_socket(loop, local, dual_stack, events, {true, 100'000});  // More than any allows.
    }},
#endif
};

/// Two sockets of one loop, native ones unless told otherwise.
struct udp_fixture : net_fixture {
  udp_side one;
  udp_side two;
  udp_kind kind_of_both = udp_kinds[0];

  void use(const udp_kind& kind) { kind_of_both = kind; }

  ~udp_fixture() {
    on_loop([&](puppet&) {
      one.socket.reset();
      two.socket.reset();
    });
  }

  endpoint open(udp_side& side, const endpoint& local, bool dual_stack = false) {
    return on_loop([&](puppet& x) {
      auto opened = kind_of_both.open(static_cast<io_loop&>(x.loop()), local, dual_stack, side);
      if (!opened)
        throw std::system_error(opened.error());
      side.socket = std::move(*opened);
      return side.socket->local();
    });
  }

  /// Waits until `done` holds, which is asked after each event of `side` that ends something.
  void until(udp_side& side, const std::function<bool()>& done) {
    signal_once reached;
    on_loop([&](puppet&) {
      side.news = [&] {
        if (done())
          reached();
      };
      side.news();
    });
    reached.wait();
    on_loop([&](puppet&) { side.news = nullptr; });
  }

  /// The content of the datagram with this number: it differs from that of its neighbours.
  static bytes content(std::size_t number, std::size_t size) {
    bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
      out[i] = static_cast<std::uint8_t>(number * 7 + i);
    return out;
  }

  /// Sends datagrams of these sizes within one turn and checks what arrives.
  void burst(udp_side& from, udp_side& to, const endpoint& address, const std::vector<std::size_t>& sizes) {
    on_loop([&](puppet&) {
      to.received.clear();
      for (std::size_t i = 0; i < sizes.size(); ++i)
        BOOST_REQUIRE(from.socket->send(address, content(i, sizes[i])));
    });
    until(to, [&] { return to.received.size() >= sizes.size(); });
    on_loop([&](puppet&) {
      BOOST_REQUIRE(to.received.size() == sizes.size());
      BOOST_TEST(to.drained_after.back() == sizes.size());
      for (std::size_t i = 0; i < sizes.size(); ++i)
        BOOST_REQUIRE((to.received[i].content == content(i, sizes[i])));
    });
  }
};

} // namespace librats::runtime
