// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/datagram/datagram_stream.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace librats::test {

/// A stream of the datagram transport, and all that it told.
struct datagram_end final : protocols::datagram_stream_events {
  datagram_end(const protocols::datagram_stream_options& options, time_point now) : uut(options, *this, now) {}

  void stream_opened() override { ++opened; }
  void stream_data(mutable_bytes_view in) override {
    received.insert(received.end(), in.begin(), in.end());
    std::fill(in.begin(), in.end(), std::uint8_t{0xee}); // It is the reader's to change.
    if (on_data)
      on_data();
  }
  void stream_ended() override { ++ends; }
  void stream_writable() override { ++writables; }

  /// Everything that may leave now.
  std::vector<bytes> drain(time_point now) {
    std::vector<bytes> out;
    bytes buffer(protocols::datagram_max);
    while (const auto size = uut.transmit(buffer, now))
      out.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    return out;
  }

  /// Hands over a datagram as it came; one that does not decode is dropped, as the owner of a socket would.
  void deliver(bytes datagram, time_point now) {
    if (const auto packet = protocols::decode_packet(datagram))
      uut.receive(*packet, now);
  }

  void deliver(const protocols::packet_view& x, time_point now) { uut.receive(x, now); }

  protocols::datagram_stream uut;
  bytes received;
  std::function<void()> on_data;
  int opened = 0;
  int ends = 0;
  int writables = 0;
};

/// The two ends of one stream and a path between them, on virtual time. `fate` decides about each datagram: when it
/// arrives, none to several times; without it everything arrives after `latency`.
struct datagram_pair {
  static constexpr std::uint32_t base = 0x11223344;

  struct config {
    bool offer = true;  ///< The dialer offers our extension.
    bool accept = true; ///< The acceptor takes it.
    protocols::congestion_algorithm congestion = protocols::congestion_algorithm::bbr;
    protocols::dial_profile profile = protocols::dial_profile::normal;
  };
  using arrivals = std::vector<time_point>;

  explicit datagram_pair(const config& x) : settings(x) {
    dialer = std::make_unique<datagram_end>(dialer_options(), now);
  }
  datagram_pair() : datagram_pair(config{}) {}

  [[nodiscard]] protocols::datagram_stream_options dialer_options() const {
    protocols::datagram_stream_options out;
    out.receive_id = base;
    out.send_id = base + 1;
    out.profile = settings.profile;
    out.congestion = settings.congestion;
    out.seed = 1;
    out.offer_extension = settings.offer;
    return out;
  }
  [[nodiscard]] protocols::datagram_stream_options acceptor_options() const {
    auto out = dialer_options();
    out.side = protocols::role::responder;
    std::swap(out.receive_id, out.send_id);
    out.offer_extension = settings.accept;
    return out;
  }

  /// Puts what both ends want to send onto the path.
  void flush() {
    post(*dialer, true);
    if (acceptor)
      post(*acceptor, false);
  }

  void run_until(time_point end) {
    flush();
    while (true) {
      auto due = dialer->uut.next_wakeup();
      if (acceptor)
        due = std::min(due, acceptor->uut.next_wakeup());
      if (!path.empty())
        due = std::min(due, path.begin()->first);
      if (due > end)
        break;
      now = std::max(now, due);
      while (!path.empty() && path.begin()->first <= now) {
        auto [to_acceptor, datagram] = std::move(path.begin()->second);
        path.erase(path.begin());
        arrive(to_acceptor, std::move(datagram));
      }
      dialer->uut.tick(now);
      if (acceptor)
        acceptor->uut.tick(now);
      flush();
    }
    now = end;
  }
  void run_for(duration x) { run_until(now + x); }

  /// Until the dial is answered and the path is empty.
  datagram_pair& connect() {
    run_for(4 * latency + std::chrono::milliseconds{1});
    return *this;
  }

  void arrive(bool to_acceptor, bytes datagram) {
    if (to_acceptor && !acceptor) {
      const auto x = protocols::decode_packet(datagram);
      if (!x || x->type != protocols::packet_type::syn)
        return;
      acceptor = std::make_unique<datagram_end>(acceptor_options(), now);
    }
    (to_acceptor ? *acceptor : *dialer).deliver(std::move(datagram), now);
  }

  config settings;
  time_point now{};
  duration latency = std::chrono::milliseconds{10};
  std::function<arrivals(bool to_acceptor, bytes& datagram)> fate;
  std::function<void(bool to_acceptor, const bytes& datagram)> watch;
  std::unique_ptr<datagram_end> dialer;
  std::unique_ptr<datagram_end> acceptor;
  std::multimap<time_point, std::pair<bool, bytes>> path;

private:
  void post(datagram_end& from, bool to_acceptor) {
    for (auto& datagram : from.drain(now)) {
      if (watch)
        watch(to_acceptor, datagram);
      const auto when = fate ? fate(to_acceptor, datagram) : arrivals{now + latency};
      for (const auto& at : when)
        path.emplace(at, std::pair{to_acceptor, datagram});
    }
  }
};

/// A payload of that size that is different everywhere.
inline bytes pattern(std::size_t size, std::uint32_t seed = 1) {
  bytes out(size);
  for (auto& x : out) {
    seed = seed * 1664525 + 1013904223;
    x = static_cast<std::uint8_t>(seed >> 24);
  }
  return out;
}

} // namespace librats::test
