// SPDX-License-Identifier: MIT
#include "runtime/net/udp_channel.hpp"
#include "tests/runtime/net/udp_fixture.hpp"

namespace librats::runtime {
namespace {

/// A kernel that takes so many datagrams and then asks to wait, although its socket has room and so calls at once.
class scripted_channel final : public udp_channel {
public:
  using udp_channel::note_error;
  using udp_channel::udp_channel;
  std::size_t room = 0;
  std::size_t room_per_call = 0;  ///< What it has again when it was full.
  std::vector<std::size_t> sent;
  std::error_code fault;

private:
  bool read() override { return false; }
  progress send_some() override {
    if (room == 0) {
      room = room_per_call;
      return progress::blocked;
    }
    --room;
    if (fault) {
      drop(1, fault);
      return progress::some;
    }
    sent.push_back(batch().run_at(0, 1, 0).content.size());
    batch().pop(1);
    return progress::some;
  }
};

struct scripted_fixture : udp_fixture {
  scripted_fixture() {
    use({"scripted", [](io_loop& loop, const endpoint& local, bool dual_stack, datagram_events& events)
                       -> result<std::unique_ptr<datagram_socket>, std::error_code> {
           auto channel = std::make_shared<scripted_channel>(loop, events);
           if (const auto error = channel->open(local, dual_stack))
             return std::error_code{error};
           kernel = channel.get();
           return own_udp_channel(std::move(channel));
         }});
    open(one, v4());
  }

  /// Asks again and again, as what it asks about makes no event.
  void eventually(std::function<bool()> done) {
    signal_once reached;
    std::function<void()> look = [&] {
      inside(hands[0], [&](puppet&) {
        if (done())
          reached();
        else
          look();
      });
    };
    look();
    reached.wait();
    on_loop([](puppet&) {});  // The chain of messages has ended.
  }

  static inline scripted_channel* kernel = nullptr;  // Of `one`, and lives as long.
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(udp_channel_net_tests, scripted_fixture)

BOOST_AUTO_TEST_CASE(a_full_kernel_fills_the_batch_and_room_is_told_when_it_is_empty) {
  on_loop([&](puppet&) {
    kernel->room = 10;
    kernel->room_per_call = 100;
    std::size_t count = 0;
    while (one.socket->send(v4(9), bytes(1'000)))
      ++count;
    BOOST_TEST(count == datagram_batch::batch_bytes_max / 1'000);
    BOOST_TEST(one.socket->prepare(1'000).empty());
    BOOST_TEST(one.writable == 0);  // Not from inside a call.
    one.on_writable = [this, count] {
      BOOST_TEST(kernel->sent.size() == count);
      BOOST_TEST(one.socket->send(v4(9), bytes(5)));
    };
  });
  until(one, [&] { return one.writable == 1; });
  eventually([] { return kernel->sent.back() == 5; });
  BOOST_TEST(one.socket->dropped() == 0u);
}

BOOST_AUTO_TEST_CASE(what_waits_for_the_kernel_leaves_although_nobody_asks) {
  on_loop([&](puppet&) {
    kernel->room_per_call = 1;
    for (int i = 0; i < 3; ++i)
      one.socket->send(v4(9), bytes(1));
  });
  eventually([] { return kernel->sent.size() == 3; });
  BOOST_TEST(on_loop([&](puppet&) { return one.writable; }) == 0);  // Nobody was turned away.
}

BOOST_AUTO_TEST_CASE(a_turn_is_one_batch) {
  on_loop([&](puppet&) {
    kernel->room = 100;
    one.socket->send(v4(9), bytes(1));
    one.socket->send(v4(9), bytes(2));
    BOOST_TEST(kernel->sent.empty());
  });
  eventually([] { return kernel->sent == std::vector<std::size_t>{1, 2}; });
}

BOOST_AUTO_TEST_CASE(errors_that_mean_unreachable_are_told_and_others_only_counted) {
  on_loop([&](puppet&) {
    kernel->room = 100;
    for (auto why : {std::errc::host_unreachable, std::errc::no_buffer_space, std::errc::network_unreachable,
           std::errc::invalid_argument}) {
      kernel->fault = std::make_error_code(why);
      one.socket->send(v4(9), bytes(1));
      one.socket->flush();
    }
    BOOST_TEST(one.socket->dropped() == 4u);
  });
  until(one, [&] { return one.refused.size() >= 2; });
  BOOST_REQUIRE(one.refused.size() == 2u);
  BOOST_TEST((one.refused[0].why == std::errc::host_unreachable));
  BOOST_TEST((one.refused[1].why == std::errc::network_unreachable));
  BOOST_TEST((one.refused[0].to == v4(9)));
}

BOOST_AUTO_TEST_CASE(a_storm_of_reports_is_cut_short) {
  on_loop([&](puppet&) {
    for (int i = 0; i < 1'000; ++i)
      kernel->note_error(v4(9), std::make_error_code(std::errc::connection_refused));
  });
  until(one, [&] { return !one.refused.empty(); });
  on_loop([&](puppet&) { BOOST_TEST(one.refused.size() == 64u); });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
