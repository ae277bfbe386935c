// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/io/io_broker.hpp"
#include "runtime/net/network.hpp"
#include "tests/runtime/support/broker_client.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace librats::runtime {

/// Long enough for the slowest machine under the slowest sanitizer; a test that waits so long has failed.
constexpr auto patience = std::chrono::seconds{60};

/// Waits for an event of another thread.
template <class T>
T wait_for(std::future<T>& x) {
  BOOST_REQUIRE_MESSAGE(x.wait_for(patience) == std::future_status::ready, "nothing happened in time");
  return x.get();
}

/// A promise that may be kept any number of times; the first one counts.
class signal_once {
public:
  void operator()() {
    if (!std::exchange(kept_, true))
      promise_.set_value();
  }
  void wait() { wait_for(future_); }

private:
  bool kept_ = false;  // Touched by one loop alone.
  std::promise<void> promise_;
  std::future<void> future_ = promise_.get_future();
};

/// An actor system on real threads and sockets, and a helper on each loop.
struct net_fixture {
  explicit net_fixture(std::size_t loops = 1) : host(std::make_unique<real_host>(system, loops)) {
    for (std::size_t i = 0; i < loops; ++i)
      hands.push_back(spawn(i));
  }
  ~net_fixture() {
    hands.clear();
    host.reset();  // Ends all actors of the loops.
  }

  caf::actor spawn(std::size_t loop = 0, puppet::strings strings = {}) {
    return spawn_pinned<puppet>(system, host->loop(loop), std::move(strings));
  }

  /// Runs `what` on a loop's thread, waits for it and gives its result. An exception reaches the test.
  template <class F>
  auto on_loop(F what, std::size_t loop = 0) {
    using result_type = decltype(what(std::declval<puppet&>()));
    auto task = std::make_shared<std::packaged_task<result_type(puppet&)>>(std::move(what));
    auto future = task->get_future();
    inside(hands[loop], [task](puppet& x) { (*task)(x); });
    return wait_for(future);
  }

  /// Ends an actor and waits until it is gone.
  static void end(const caf::actor& victim, caf::exit_reason why) {
    auto gone = std::make_shared<std::promise<void>>();
    auto future = gone->get_future();
    caf::actor_cast<caf::abstract_actor*>(victim)->attach_functor([gone](const caf::error&) { gone->set_value(); });
    caf::anon_send_exit(victim, why);
    wait_for(future);
  }

  network& net(std::size_t loop = 0) { return host->loop(loop)->net(); }

  static endpoint v4(std::uint16_t port = 0) { return {ip_address::v4_loopback(), port}; }
  static endpoint v6(std::uint16_t port = 0) { return {ip_address::v6_loopback(), port}; }

  system_config config{2};
  caf::actor_system system{config};
  std::unique_ptr<real_host> host;
  std::vector<caf::actor> hands;
};

struct two_loops : net_fixture {
  two_loops() : net_fixture(2) {}
};

/// What happens to one stream of a loop. Made, used and destroyed on that loop.
struct stream_events_of_test final : stream_events {
  void stream_bytes(mutable_bytes_view in) override {
    if (on_bytes)
      on_bytes(in);
  }
  void stream_writable() override {
    if (on_writable)
      on_writable();
  }
  void stream_closed(std::error_code why) override {
    if (on_closed)
      on_closed(why);
  }
  void own(std::unique_ptr<stream> x) {
    mine = std::move(x);
    mine->start(*this);
  }

  std::unique_ptr<stream> mine;
  std::function<void(mutable_bytes_view)> on_bytes;
  std::function<void()> on_writable;
  std::function<void(std::error_code)> on_closed;
};

/// Two connected streams of one loop. Made on the test's thread; the streams live and die on the loop.
class connected_pair final : acceptor_events, dial_events {
public:
  connected_pair(net_fixture& fixture, const endpoint& at, std::size_t loop = 0) : fixture_(fixture), loop_(loop) {
    fixture_.on_loop([&](puppet&) {
      auto opened = fixture_.net(loop_).listen({at, false, 16}, *this);
      if (!opened)
        throw std::system_error(opened.error());
      door_ = std::move(*opened);
      call_ = fixture_.net(loop_).dial(door_->local(), 5, *this);
    }, loop_);
    both_.wait();
  }
  ~connected_pair() {
    fixture_.on_loop([&](puppet&) {
      door_.reset();
      call_.reset();
      dialer.mine.reset();
      listener.mine.reset();
    }, loop_);
  }

  stream_events_of_test dialer;
  stream_events_of_test listener;
  std::unique_ptr<stream> dialer_stream;
  std::unique_ptr<stream> listener_stream;

private:
  void accepted(std::unique_ptr<stream> x) override {
    listener_stream = std::move(x);
    check();
  }
  void accept_failed(std::error_code) override {}
  void dialed(std::uint64_t, std::unique_ptr<stream> x) override {
    dialer_stream = std::move(x);
    check();
  }
  void dial_failed(std::uint64_t, std::error_code) override { both_(); }
  void check() {
    if (dialer_stream && listener_stream)
      both_();
  }

  net_fixture& fixture_;
  std::size_t loop_;
  std::unique_ptr<acceptor> door_;
  std::unique_ptr<pending_operation> call_;
  signal_once both_;
};

} // namespace librats::runtime
