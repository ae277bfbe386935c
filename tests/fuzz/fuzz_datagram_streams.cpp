// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_stream.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

using namespace librats;
using namespace librats::protocols;

/// Two streams whose owners and whose path do what the bytes say. As long as nothing is forged, what comes out of one
/// end is the beginning of what went into the other; whatever happens, nothing crashes, hangs or grows without bounds.
namespace {

struct stream_fixture final : datagram_stream_events {
  stream_fixture(const datagram_stream_options& options, time_point now) : uut(options, *this, now) {}

  void stream_opened() override { test::require(++opened == 1); }
  void stream_data(mutable_bytes_view in) override {
    test::require(uut.ended() == stream_end::none && ends == 0);
    received.insert(received.end(), in.begin(), in.end());
    std::fill(in.begin(), in.end(), std::uint8_t{0});
  }
  void stream_ended() override { test::require(++ends == 1); }
  void stream_writable() override { test::require(uut.ended() == stream_end::none); }

  datagram_stream uut;
  bytes written;
  bytes received;
  std::vector<bytes> log; ///< Datagrams on their way, oldest first.
  int opened = 0;
  int ends = 0;
};

struct world {
  world(const std::uint8_t* data, std::size_t size) : at(data), end(data + size) {
    const auto options = next();
    datagram_stream_options x;
    x.receive_id = 7;
    x.send_id = 8;
    x.offer_extension = (options & 1) != 0;
    x.profile = (options & 2) != 0 ? dial_profile::punch : dial_profile::normal;
    x.congestion = (options & 4) != 0 ? congestion_algorithm::reno : congestion_algorithm::bbr;
    ends[0] = std::make_unique<stream_fixture>(x, now);
    x.side = role::responder;
    x.offer_extension = (options & 8) != 0;
    std::swap(x.receive_id, x.send_id);
    ends[1] = std::make_unique<stream_fixture>(x, now);
  }

  std::uint8_t next() noexcept { return at == end ? std::uint8_t{0} : *at++; }

  void drain() {
    for (auto& x : ends) {
      bytes buffer(datagram_max);
      int count = 0;
      while (const auto n = x->uut.transmit(buffer, now)) {
        test::require(n >= packet_header_size && n <= datagram_max && ++count <= 10'000);
        if (x->log.size() < 256)
          x->log.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
      }
    }
  }

  void deliver(std::size_t from, bytes datagram) {
    if (const auto packet = decode_packet(datagram))
      ends[1 - from]->uut.receive(*packet, now);
  }

  void wait(duration how_long) {
    const auto until = now + how_long;
    for (int steps = 0; steps < 10'000; ++steps) {
      const auto due = std::min(ends[0]->uut.next_wakeup(), ends[1]->uut.next_wakeup());
      if (due > until)
        break;
      now = std::max(now, due);
      for (auto& x : ends)
        x->uut.tick(now);
      drain();
      test::require(steps < 9'999); // Somebody wants to be woken again and again at the same time.
    }
    now = until;
  }

  void step() {
    const auto what = next();
    const std::size_t who = what & 1;
    auto& x = *ends[who];
    switch (what >> 1 & 15) {
      case 0:
      case 1: wait(std::chrono::milliseconds{next()}); break;
      case 2: wait(std::chrono::milliseconds{next() * 100}); break;
      case 3:
      case 4: {
        bytes in(std::size_t{next()} * 37);
        for (std::size_t i = 0; i < in.size(); ++i)
          in[i] = static_cast<std::uint8_t>((x.written.size() + i) * 167 >> 3);
        in.resize(x.uut.write(in, now));
        x.written.insert(x.written.end(), in.begin(), in.end());
        break;
      }
      case 5:
      case 6:
      case 7: // The oldest, or any, arrives.
        if (!x.log.empty()) {
          const auto i = static_cast<std::ptrdiff_t>((what >> 1 & 15) == 7 ? next() % x.log.size() : 0);
          auto datagram = std::move(x.log[static_cast<std::size_t>(i)]);
          x.log.erase(x.log.begin() + i);
          deliver(who, std::move(datagram));
        }
        break;
      case 8: // All arrive.
        for (auto& datagram : std::exchange(x.log, {}))
          deliver(who, std::move(datagram));
        break;
      case 9: // A copy arrives.
        if (!x.log.empty())
          deliver(who, x.log[next() % x.log.size()]);
        break;
      case 10:
        if (!x.log.empty())
          x.log.erase(x.log.begin());
        break;
      case 11: x.uut.pause_reading(); break;
      case 12: x.uut.resume_reading(now); break;
      case 13:
        if (next() < 64)
          x.uut.finish(now);
        break;
      case 14:
        if (next() < 16)
          x.uut.abort();
        break;
      case 15: { // Forged.
        bytes datagram(std::min<std::size_t>(next(), static_cast<std::size_t>(end - at)));
        for (auto& byte : datagram)
          byte = next();
        if (datagram.size() >= packet_header_size) {
          datagram[0] = static_cast<std::uint8_t>(0x10 | datagram[0] % 6);
          datagram[4] = datagram[5] = datagram[6] = 0;
          datagram[7] = static_cast<std::uint8_t>(7 + datagram[7] % 2);
          forged = true;
          deliver(who, std::move(datagram));
        }
        break;
      }
      default: break;
    }
    drain();
  }

  void check() const {
    if (forged)
      return;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& in = ends[1 - i]->received;
      const auto& out = ends[i]->written;
      test::require(in.size() <= out.size() && std::equal(in.begin(), in.end(), out.begin()));
      test::require(ends[1 - i]->ends == 0 || in.size() == out.size());
    }
  }

  const std::uint8_t* at;
  const std::uint8_t* end;
  time_point now{};
  std::unique_ptr<stream_fixture> ends[2];
  bool forged = false;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  world x{data, size};
  x.drain();
  for (int steps = 0; steps < 2000 && x.at != x.end; ++steps)
    x.step();
  x.check();
  for (auto& end : x.ends)
    end->uut.finish(x.now);
  x.drain();
  x.wait(std::chrono::seconds{60});
  x.check();
  for (auto& end : x.ends)
    test::require(end->uut.ended() != stream_end::none);
  return 0;
}
