// SPDX-License-Identifier: MIT
#pragma once

#include "librats.h"
#include "tests/apps/librats/support/inbox.hpp"

#include <string>
#include <utility>

namespace librats::test {

/// A client on loopback that tells who comes and goes.
struct observed_client {
  explicit observed_client(int max_peers = 10) : client(0, max_peers, "127.0.0.1") {
    client.set_connection_callback([this](socket_t socket, const std::string& id) { came.push({socket, id}); });
    client.set_disconnect_callback([this](socket_t socket, const std::string& id) { left.push({socket, id}); });
    client.set_advanced_connection_callback(
      [this](socket_t, const std::string&, const ConnectionAttemptResult& x) { attempts.push(x); });
  }

  bool dial(const observed_client& other) {
    return client.connect_to_peer("127.0.0.1", other.client.get_listen_port());
  }

  // Before the client: its destructor waits for callbacks that use them.
  inbox<std::pair<socket_t, std::string>> came;
  inbox<std::pair<socket_t, std::string>> left;
  inbox<ConnectionAttemptResult> attempts;
  RatsClient client;
};

/// Two clients, `a` dials `b`.
struct client_pair {
  void connect() {
    BOOST_REQUIRE(a.client.start());
    BOOST_REQUIRE(b.client.start());
    BOOST_REQUIRE(a.dial(b));
    at_a = a.came.pop();
    at_b = b.came.pop();
  }

  observed_client a;
  observed_client b;
  std::pair<socket_t, std::string> at_a;  ///< How `a` knows `b`.
  std::pair<socket_t, std::string> at_b;
};

struct connected_pair : client_pair {
  connected_pair() { connect(); }
};

} // namespace librats::test
