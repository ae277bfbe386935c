// SPDX-License-Identifier: MIT
#include "tests/runtime/net/net_fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

/// A broker on each loop and one client, which is asked and watched from the test's thread.
template <class Base>
struct broker_on : Base {
  std::vector<caf::actor> brokers;
  caf::actor client;

  broker_on() {
    for (std::size_t i = 0; i < this->hands.size(); ++i)
      brokers.push_back(spawn_pinned<io_broker>(this->system, this->host->loop(i)));
    client = spawn_pinned<broker_client>(this->system, this->host->loop(0), brokers[0]);
  }

  /// Lets the client do something and waits until `done` holds, which is asked after each of its news.
  void act(const std::function<void(broker_client&)>& what, const std::function<bool(const broker_client&)>& done) {
    auto reached = std::make_shared<signal_once>();
    inside<broker_client>(client, [=](broker_client& x) {
      x.on_news = [=](broker_client& self) {
        if (done(self))
          (*reached)();
      };
      what(x);
    });
    reached->wait();
    this->on_loop([&](puppet&) { behind<broker_client>(client).on_news = nullptr; });
  }

  /// After `act`, nothing happens to the client any more that the test did not ask for.
  broker_client& answers() { return behind<broker_client>(client); }

  endpoint listen(const open_listener& request) {
    act([=](broker_client& x) { x.listen(request); },
      [](const broker_client& x) { return x.opened || !x.why.empty(); });
    BOOST_REQUIRE_MESSAGE(answers().opened.has_value(), answers().why);
    return *answers().opened;
  }
  static open_listener at(const endpoint& local, bool dual_stack = true) {
    open_listener out;
    out.options.local = local;
    out.options.dual_stack = dual_stack;
    return out;
  }
  void dial(const endpoint& to, duration timeout = patience, std::uint64_t id = 1) {
    act([=](broker_client& x) { x.dial({id, to, timeout}); },
      [](const broker_client& x) { return !x.dialed.empty() || !x.failed.empty(); });
  }
};

using one_broker = broker_on<net_fixture>;
using two_brokers = broker_on<two_loops>;

/// True when the kernel lets a foreign program connect.
bool connects(const endpoint& to) {
  boost::asio::io_context context;
  tcp::socket socket{context};
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(to.address.to_string());
  socket.connect({address, to.port}, error);
  return !error;
}

/// A port that somebody else holds.
struct foreign_port {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  [[nodiscard]] std::uint16_t port() const { return acceptor.local_endpoint().port(); }
};

bool ipv6_works() {
  boost::asio::io_context context;
  boost::system::error_code error;
  tcp::acceptor x{context};
  x.open(tcp::v6(), error);
  if (!error)
    x.bind({boost::asio::ip::address_v6::loopback(), 0}, error);
  return !error;
}
boost::test_tools::assertion_result has_ipv6(boost::unit_test::test_unit_id) { return ipv6_works(); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(io_broker_net_tests, one_broker)

BOOST_AUTO_TEST_CASE(a_dual_stack_listener_takes_both_families, *boost::unit_test::precondition(has_ipv6)) {
  const auto local = listen(at({ip_address::v6_any(), 0}));
  BOOST_TEST(local.port != 0);
  BOOST_TEST(connects(v4(local.port)));
  BOOST_TEST(connects(v6(local.port)));
}

BOOST_AUTO_TEST_CASE(an_ipv6_only_listener_refuses_ipv4, *boost::unit_test::precondition(has_ipv6)) {
  const auto local = listen(at({ip_address::v6_any(), 0}, false));
  BOOST_TEST(!connects(v4(local.port)));
  BOOST_TEST(connects(v6(local.port)));
}

BOOST_AUTO_TEST_CASE(an_ipv4_listener_refuses_ipv6) {
  const auto local = listen(at({ip_address{}, 0}));
  BOOST_TEST(connects(v4(local.port)));
  BOOST_TEST(!connects(v6(local.port)));
}

BOOST_AUTO_TEST_CASE(a_mapped_address_never_shows, *boost::unit_test::precondition(has_ipv6)) {
  const auto local = listen(at({ip_address::v6_any(), 0}));
  act([=](broker_client& x) { x.dial({1, v4(local.port), patience}); },
    [](const broker_client& x) { return !x.dialed.empty() && !x.accepted.empty(); });
  BOOST_TEST((answers().accepted[0].remote.address == ip_address::v4_loopback()));
  BOOST_TEST((answers().dialed[0].remote == v4(local.port)));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_followed_by_a_free_one) {
  const foreign_port taken;
  auto request = at(v4(taken.port()));
  request.port_attempts = 50;
  const auto local = listen(request);
  BOOST_TEST(local.port != taken.port());
  BOOST_TEST(connects(local));
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_a_sentence_that_says_what_to_do) {
  const foreign_port taken;
  auto request = at(v4(taken.port()));
  request.port_attempts = 1;
  act([=](broker_client& x) { x.listen(request); }, [](const broker_client& x) { return !x.why.empty(); });
  const auto subject = "cannot listen on " + v4(taken.port()).to_string() + ": Address already in use; ";
  BOOST_TEST(answers().why == subject + "choose another listen_port or stop the program that holds it");
}

BOOST_AUTO_TEST_CASE(a_foreign_bind_address_is_a_sentence_that_says_so) {
  act([](broker_client& x) { x.listen(at({ip_address::v4(192, 0, 2, 1), 0})); },
    [](const broker_client& x) { return !x.why.empty(); });
  BOOST_TEST(answers().why.find("bind_address is not an address of this machine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refused_dial_is_answered_with_its_cause) {
  std::uint16_t port = 0;
  {
    const foreign_port closed_again;
    port = closed_again.port();
  }
  dial(v4(port));
  BOOST_TEST(answers().why == "Connection refused");
}

BOOST_AUTO_TEST_CASE(a_dial_ends_at_its_deadline) {
  // Nobody accepts and the queue of one is full, so the kernel leaves further requests without an answer.
  foreign_port deaf;
  boost::system::error_code error;
  deaf.acceptor.listen(0, error);
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    auto& one = fillers.emplace_back(deaf.context);
    one.async_connect(deaf.acceptor.local_endpoint(), [](const boost::system::error_code&) {});
  }
  dial(v4(deaf.port()), 20ms);
  BOOST_TEST(answers().failed.size() == 1u);
  BOOST_TEST(answers().why == "no answer in time");
}

BOOST_AUTO_TEST_CASE(a_cancelled_dial_is_answered_at_once) {
  foreign_port open;
  // Both messages are in the mailbox before the kernel's answer can be.
  act(
    [&](broker_client& x) {
      x.dial({9, v4(open.port()), patience});
      x.tell(x.broker, cancel_dial{9});
    },
    [](const broker_client& x) { return !x.failed.empty(); });
  BOOST_TEST(answers().why == "the dial was cancelled");
  BOOST_TEST(answers().dialed.empty());
}

BOOST_AUTO_TEST_CASE(literal_addresses_and_localhost_resolve_and_nonsense_does_not) {
  act([](broker_client& x) { x.resolve("127.0.0.7"); }, [](const broker_client& x) { return !x.addresses.empty(); });
  BOOST_TEST((answers().addresses == std::vector<ip_address>{ip_address::v4(127, 0, 0, 7)}));
  act([](broker_client& x) {
    x.addresses.clear();
    x.resolve("localhost");
  }, [](const broker_client& x) { return !x.addresses.empty(); });
  BOOST_TEST(answers().addresses[0].is_loopback());
  const std::string nonsense(300, 'x');  // Longer than a name can be, so that no server is asked.
  act([=](broker_client& x) { x.resolve(nonsense); }, [](const broker_client& x) { return !x.why.empty(); });
  BOOST_TEST(answers().why.find("cannot resolve xxx") == 0u);
}

BOOST_AUTO_TEST_CASE(the_interfaces_are_listed) {
  act([](broker_client& x) { x.list(); }, [](const broker_client& x) { return !x.interfaces.empty(); });
  BOOST_TEST(!answers().interfaces.empty());
}

BOOST_AUTO_TEST_CASE(a_stopped_broker_closes_its_port) {
  const auto local = listen(at({ip_address{}, 0}));
  end(brokers[0], caf::exit_reason::user_shutdown);
  BOOST_TEST(!connects(v4(local.port)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(io_broker_handover_tests, two_brokers)

BOOST_AUTO_TEST_CASE(accepted_streams_are_spread_over_the_loops_and_work_there) {
  for (const auto& to : {ip_address::v4_loopback(), ip_address::v6_loopback()}) {
    if (to.is_v6() && !ipv6_works())
      continue;
    auto request = at({ip_address::v6_any(), 0});
    if (!ipv6_works())
      request.options.local.address = ip_address{};
    request.brokers = brokers;
    answers().opened.reset();
    answers().accepted.clear();
    answers().dialed.clear();
    const auto local = listen(request);
    act(
      [=](broker_client& x) {
        for (std::uint64_t id = 1; id <= 4; ++id)
          x.dial({id, {to, local.port}, patience});
      },
      [](const broker_client& x) { return x.accepted.size() == 4 && x.dialed.size() == 4; });
    int per_loop[2] = {};
    for (const auto& one : answers().accepted) {
      ++per_loop[one.stream.loop];
      BOOST_TEST((one.remote.address == to));
    }
    BOOST_TEST(per_loop[0] == 2);
    BOOST_TEST(per_loop[1] == 2);
    // A stream that was handed over carries bytes on its new loop.
    for (const auto& accepted : answers().accepted) {
      if (accepted.stream.loop != 1)
        continue;
      std::promise<bytes> got;
      auto future = got.get_future();
      stream_events_of_test here;
      stream_events_of_test there;
      there.on_bytes = [&](mutable_bytes_view in) { got.set_value(to_bytes(in)); };
      on_loop([&](puppet& x) { there.own(x.loop().streams().claim(accepted.stream.id)); }, 1);
      on_loop([&](puppet& x) {
        for (const auto& dialed : answers().dialed) {
          auto mine = x.loop().streams().claim(dialed.stream.id);
          if (mine && mine->local() == accepted.remote)
            here.own(std::move(mine));
          else if (mine)
            x.loop().streams().put(std::move(mine), x.now());
        }
        here.mine->write(bytes{1, 2, 3});
      });
      BOOST_TEST((wait_for(future) == bytes{1, 2, 3}));
      on_loop([&](puppet&) { there.mine.reset(); }, 1);
      on_loop([&](puppet&) { here.mine.reset(); });
      break;  // The ids of the streams that were put back have changed.
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stream_for_a_dead_broker_is_closed) {
  auto request = at({ip_address{}, 0});
  request.brokers = {brokers[1]};
  const auto local = listen(request);
  end(brokers[1], caf::exit_reason::kill);
  boost::asio::io_context context;
  tcp::socket socket{context};
  boost::system::error_code error;
  socket.connect({boost::asio::ip::address_v4::loopback(), local.port}, error);
  char one = 0;
  socket.read_some(boost::asio::buffer(&one, 1), error);  // Ends, because the stream nobody took is closed.
  BOOST_TEST(!!error);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
