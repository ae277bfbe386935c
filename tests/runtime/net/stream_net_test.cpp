// SPDX-License-Identifier: MIT
#include "tests/runtime/net/net_fixture.hpp"

#include <algorithm>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t large = 64u * 1024 * 1024;

std::uint8_t byte_at(std::size_t i, std::uint8_t salt) {
  return static_cast<std::uint8_t>((i * 131) ^ (i >> 16) ^ salt);
}

/// Sends `large` bytes as the stream takes them, and checks every byte that comes the other way.
struct bulk {
  bulk(stream_events_of_test& x, std::uint8_t out_salt, std::uint8_t in_salt, std::function<void()> done)
    : side(x), salt_out(out_salt), salt_in(in_salt), finished(std::move(done)) {
    side.on_bytes = [this](mutable_bytes_view in) {
      for (auto one : in)
        wrong += one != byte_at(received++, salt_in) ? 1 : 0;
      check();
    };
    side.on_writable = [this] {
      ++refusals;
      send();
    };
  }

  void send() {
    bytes block(200'000);
    while (sent < large) {
      const auto size = std::min(block.size(), large - sent);
      for (std::size_t i = 0; i < size; ++i)
        block[i] = byte_at(sent + i, salt_out);
      const auto taken = side.mine->write(bytes_view{block}.first(size));
      sent += taken;
      if (taken < size)
        return;
    }
    check();
  }
  void check() {
    if (sent == large && received == large)
      finished();
  }

  stream_events_of_test& side;
  std::uint8_t salt_out;
  std::uint8_t salt_in;
  std::function<void()> finished;
  std::size_t sent = 0;
  std::size_t received = 0;
  std::size_t wrong = 0;
  int refusals = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_net_tests, net_fixture)

BOOST_AUTO_TEST_CASE(the_two_ends_know_each_other) {
  for (const auto& at : {v4(), v6()}) {
    connected_pair pair{*this, at};
    on_loop([&](puppet&) {
      BOOST_TEST((pair.dialer_stream->local() == pair.listener_stream->remote()));
      BOOST_TEST((pair.dialer_stream->remote() == pair.listener_stream->local()));
      BOOST_TEST((pair.dialer_stream->remote().address == at.address));
      BOOST_TEST((pair.dialer_stream->kind() == transport::tcp));
      pair.dialer_stream.reset();
      pair.listener_stream.reset();
    });
  }
}

BOOST_AUTO_TEST_CASE(sixty_four_mebibytes_go_both_ways_at_once) {
  connected_pair pair{*this, v4()};
  int done = 0;
  signal_once both;
  const auto one_done = [&] {
    if (++done == 2)
      both();
  };
  bulk a{pair.dialer, 17, 99, one_done};
  bulk b{pair.listener, 99, 17, one_done};
  on_loop([&](puppet&) {
    pair.dialer.own(std::move(pair.dialer_stream));
    pair.listener.own(std::move(pair.listener_stream));
    a.send();
    b.send();
  });
  both.wait();
  BOOST_TEST(a.wrong == 0u);
  BOOST_TEST(b.wrong == 0u);
  BOOST_TEST(a.refusals > 0);  // No kernel buffer holds all of it.
  BOOST_TEST(b.refusals > 0);
}

BOOST_AUTO_TEST_CASE(a_paused_reader_holds_the_writer_back_and_loses_nothing) {
  signal_once all;
  std::size_t sent = 0;
  std::size_t received = 0;
  connected_pair pair{*this, v4()};
  const bytes block(1024 * 1024, 7);
  on_loop([&](puppet&) {
    pair.listener.on_bytes = [&](mutable_bytes_view in) {
      received += in.size();
      if (received == sent)
        all();
    };
    pair.listener.own(std::move(pair.listener_stream));
    pair.dialer.own(std::move(pair.dialer_stream));
    pair.listener.mine->pause_reading();
    for (;;) {
      const auto taken = pair.dialer.mine->write(block);
      sent += taken;
      if (taken < block.size())
        break;
    }
  });
  // The kernel may move bytes from one buffer to the other and announce room; what matters is that nobody reads.
  BOOST_TEST(on_loop([&](puppet&) { return received; }) == 0u);
  on_loop([&](puppet&) { pair.listener.mine->resume_reading(); });
  all.wait();
  BOOST_TEST(on_loop([&](puppet&) { return received; }) == sent);
  BOOST_TEST(sent > 0u);
}

BOOST_AUTO_TEST_CASE(a_closed_stream_ends_in_order_after_its_last_byte) {
  connected_pair pair{*this, v4()};
  std::promise<std::error_code> closed;
  auto future = closed.get_future();
  std::size_t received = 0;
  on_loop([&](puppet&) {
    pair.listener.on_bytes = [&](mutable_bytes_view in) { received += in.size(); };
    pair.listener.on_closed = [&](std::error_code why) { closed.set_value(why); };
    pair.listener.own(std::move(pair.listener_stream));
    pair.dialer.own(std::move(pair.dialer_stream));
    BOOST_TEST(pair.dialer.mine->write(bytes(10'000)) == 10'000u);
    pair.dialer.mine.reset();
  });
  BOOST_TEST(!wait_for(future));
  BOOST_TEST(received == 10'000u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_leaves_bytes_unread_resets_the_stream) {
  connected_pair pair{*this, v4()};
  std::promise<std::error_code> closed;
  auto future = closed.get_future();
  on_loop([&](puppet&) {
    pair.dialer.on_closed = [&](std::error_code why) { closed.set_value(why); };
    pair.dialer.own(std::move(pair.dialer_stream));
    BOOST_TEST(pair.dialer.mine->write(bytes(1'000)) == 1'000u);
  });
  on_loop([&](puppet&) { pair.listener_stream.reset(); });
  BOOST_TEST((wait_for(future) == std::errc::connection_reset));
  on_loop([&](puppet&) { BOOST_TEST(pair.dialer.mine->write(bytes(10)) == 0u); });
}

BOOST_AUTO_TEST_CASE(a_writer_that_does_not_read_learns_of_a_reset_from_its_write) {
  connected_pair pair{*this, v4()};
  std::promise<std::error_code> closed;
  auto future = closed.get_future();
  bool over = false;
  on_loop([&](puppet&) {
    pair.dialer.on_closed = [&](std::error_code why) {
      over = true;
      closed.set_value(why);
    };
    pair.dialer.own(std::move(pair.dialer_stream));
    pair.dialer.mine->pause_reading();
    pair.dialer.mine->write(bytes(1'000));
    pair.listener_stream.reset();
  });
  std::function<void()> write_until_over = [&] {
    inside(hands[0], [&](puppet&) {
      if (over)
        return;
      pair.dialer.mine->write(bytes(1'000));
      write_until_over();
    });
  };
  write_until_over();
  const auto why = wait_for(future);
  BOOST_TEST((why == std::errc::connection_reset || why == std::errc::broken_pipe));
  on_loop([](puppet&) {});  // The chain of messages has ended.
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_destroyed_inside_its_own_events) {
  connected_pair pair{*this, v4()};
  signal_once gone;
  int events = 0;
  on_loop([&](puppet&) {
    pair.listener.on_bytes = [&](mutable_bytes_view) {
      ++events;
      pair.listener.mine.reset();
      gone();
    };
    pair.listener.on_closed = [&](std::error_code) { ++events; };
    pair.listener.own(std::move(pair.listener_stream));
    pair.dialer.own(std::move(pair.dialer_stream));
    pair.dialer.mine->write(bytes(1'000));
  });
  gone.wait();
  on_loop([&](puppet&) { pair.dialer.mine.reset(); });
  BOOST_TEST(on_loop([&](puppet&) { return events; }) == 1);
}

BOOST_AUTO_TEST_CASE(an_aborted_stream_is_silent_and_its_peer_sees_the_end) {
  connected_pair pair{*this, v4()};
  signal_once ended;
  int events = 0;
  on_loop([&](puppet&) {
    pair.listener.on_closed = [&](std::error_code) { ended(); };
    pair.dialer.on_bytes = [&](mutable_bytes_view) { ++events; };
    pair.dialer.on_closed = [&](std::error_code) { ++events; };
    pair.listener.own(std::move(pair.listener_stream));
    pair.dialer.own(std::move(pair.dialer_stream));
    pair.listener.mine->write(bytes(1'000));
    pair.dialer.mine->abort();
    pair.dialer.mine->abort();
    BOOST_TEST(pair.dialer.mine->write(bytes(10)) == 0u);
  });
  ended.wait();
  BOOST_TEST(on_loop([&](puppet&) { return events; }) == 0);
}

BOOST_AUTO_TEST_CASE(a_stream_reports_its_quality) {
  connected_pair pair{*this, v4()};
  signal_once arrived;
  on_loop([&](puppet&) {
    pair.listener.on_bytes = [&](mutable_bytes_view) { arrived(); };
    pair.listener.own(std::move(pair.listener_stream));
    pair.dialer.own(std::move(pair.dialer_stream));
    BOOST_TEST(pair.dialer.mine->write(bytes(1'000)) == 1'000u);
  });
  arrived.wait();
  on_loop([&](puppet&) {
    const auto quality = pair.dialer.mine->quality();
#ifdef __linux__
    BOOST_REQUIRE(quality.smoothed_rtt.has_value());
    BOOST_TEST((*quality.smoothed_rtt > 0ns && *quality.smoothed_rtt < 1min));
    BOOST_TEST(quality.packets_sent >= 3u);  // Syn, its acknowledgement, the bytes.
    BOOST_TEST(quality.retransmissions < quality.packets_sent);
#else
    BOOST_TEST(!quality.smoothed_rtt.has_value());
#endif
    pair.dialer.mine->abort();
    BOOST_TEST(!pair.dialer.mine->quality().smoothed_rtt.has_value());
  });
}

BOOST_AUTO_TEST_CASE(a_cancelled_dial_says_nothing) {
  struct silent final : dial_events {
    void dialed(std::uint64_t, std::unique_ptr<stream>) override { ++calls; }
    void dial_failed(std::uint64_t, std::error_code) override { ++calls; }
    int calls = 0;
  } events;
  on_loop([&](puppet& x) { x.loop().net().dial(v4(1), 1, events).reset(); });
  on_loop([](puppet&) {});
  on_loop([](puppet&) {});
  BOOST_TEST(on_loop([&](puppet&) { return events.calls; }) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
