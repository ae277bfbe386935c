// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_message.hpp"
#include "protocols/mdns/mdns_engine.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>

using namespace librats;
using namespace librats::protocols;

namespace {

/// An engine that offers and looks for a service on two interfaces, at the mercy of the bytes.
struct world {
  world(const std::uint8_t* data, std::size_t size) : at(data), end(data + size), uut({}, 1) {
    uut.set_interfaces(interfaces(3), now);
    publish(0);
    uut.browse(now);
    drain();
  }

  std::uint8_t next() noexcept { return at == end ? std::uint8_t{0} : *at++; }

  static std::vector<mdns_interface> interfaces(unsigned which) {
    std::vector<mdns_interface> out;
    if ((which & 1) != 0)
      out.push_back({1, "a", {{ip_address::v4(192, 168, 1, 10), 24}, {*ip_address::parse("fe80::10"), 64}}});
    if ((which & 2) != 0)
      out.push_back({2, "b", {{ip_address::v4(10, 0, 0, static_cast<std::uint8_t>(which)), 8}}});
    return out;
  }

  void publish(std::uint8_t what) {
    const txt_map txt{{"id", std::string(64, 'a')}, {"mood", std::string(what % 128, 'x')}};
    test::require(uut.publish({what < 128 ? "rats-0badcafe" : "other", "myhost", 8080, txt}, now));
  }

  void drain() {
    for (int count = 0; const auto x = uut.poll_transmit(); ++count) {
      test::require(count < 1100 && x->datagram.size() <= mdns_datagram_max);
      const auto message = decode_dns(x->datagram);
      test::require(message.ok() && !message->cut && message->malformed == 0);
    }
    while (uut.poll_event())
      ;
    for (const auto& x : uut.services()) {
      test::require(x.addresses.size() <= 2 * mdns_addresses_max && x.port != 0);
      for (const auto& text : {x.instance, x.host})
        test::require(std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
    }
    test::require(uut.services().size() <= 2 * service_cache::services_max);
  }

  void wait(duration how_long) {
    const auto until = now + how_long;
    for (int steps = 0;; ++steps) {
      const auto due = uut.next_wakeup();
      if (!due || *due > until)
        break;
      test::require(steps < 20'000); // It wants to be woken again and again at the same time.
      now = std::max(now, *due);
      uut.advance(now);
      drain();
    }
    now = until;
  }

  void datagram(std::uint8_t how) {
    const std::size_t high = next(); // Two statements: the order of operands is the compiler's choice.
    const std::size_t wanted = high << 8 | next();
    const auto size = std::min(wanted, static_cast<std::size_t>(end - at));
    const bytes raw(at, at + size);
    at += size;
    mdns_origin origin;
    origin.interface = 1u + (how & 1);
    origin.from = {ip_address::v4(192, 168, 1, static_cast<std::uint8_t>(how >> 4)), mdns_port};
    if ((how & 2) != 0)
      origin.from.address = *ip_address::parse("fe80::1");
    if ((how & 4) != 0)
      origin.from.port = 40'000;
    origin.to_group = (how & 8) == 0;
    uut.handle(origin, raw, now);
  }

  void step() {
    const auto what = next();
    switch (what & 7) {
    case 0: wait(std::chrono::milliseconds{next() * 4}); break;
    case 1: wait(std::chrono::seconds{next()}); break;
    case 2: publish(next()); break;
    case 3: uut.set_interfaces(interfaces(next() % 8), now); break;
    case 4:
      if (next() < 32) {
        uut.withdraw(now);
        uut.stop_browsing();
      } else {
        uut.browse(now);
      }
      break;
    default: datagram(next()); break;
    }
    drain();
  }

  const std::uint8_t* at;
  const std::uint8_t* end;
  time_point now{std::chrono::hours{1}};
  mdns_engine uut;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  world x{data, size};
  for (int steps = 0; steps < 200 && x.at != x.end; ++steps)
    x.step();
  x.wait(std::chrono::minutes{10});
  return 0;
}
