// SPDX-License-Identifier: MIT
// Commands about peers that nobody told us of.
#include "apps/rats-client/client_session.hpp"
#include "apps/ratsd/status_text.hpp"
#include "apps/support/numbers.hpp"
#include "protocols/bencode/document.hpp"
#include "protocols/bencode/writer.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/log/escape.hpp"

#include <utility>

namespace librats::apps {

namespace {

/// Opening a socket takes no time; this is for a busy node.
constexpr auto start_timeout = std::chrono::seconds{15};
/// The node ends a lookup by itself, long before.
constexpr auto lookup_timeout = std::chrono::minutes{3};
constexpr auto stun_timeout = std::chrono::seconds{5};

constexpr std::size_t shown_bytes_max = 4096;

std::string quoted(const std::string& text) {
  return "\"" + runtime::escaped(text, 80) + "\"";
}

std::string no_target(const std::string& text) {
  return quoted(text) + " is no place on the network; accepted: host:port or [IPv6]:port";
}

std::string no_action(const std::string& text) {
  return quoted(text) + " is no action; accepted: start or stop";
}

std::string found_text(const std::string& key, const actors::peers_found& x) {
  std::string out;
  for (const auto& one : x.peers)
    out += one.to_string() + "\n";
  return out + "* peers under " + protocols::content_hash(key).to_string() + ": " + std::to_string(x.peers.size())
    + "; nodes asked: " + std::to_string(x.nodes_asked);
}

/// A text as it is; any other value as it was bencoded.
std::string item_text(const protocols::dht_item& x) {
  const auto document = protocols::bencode::document::parse(x.value);
  const auto text = document ? document->root().string() : std::nullopt;
  auto out = runtime::escaped(as_text(text.value_or(bytes_view{x.value})), shown_bytes_max);
  if (x.proof)
    out += "\n* version " + std::to_string(x.proof->seq) + ", signed by " + to_hex(x.proof->key);
  return out;
}

} // namespace

// -- the DHT ----------------------------------------------------------------------------------------------------------

void client_session::use_dht(const command& x) {
  const auto& args = x.arguments;
  if (args.empty())
    return show<actors::dht_status>(
      actors::get_dht_status{}, [](const actors::dht_status& status) { return dht_text(status); });
  if (args[0] == "stop" && args.size() == 1) {
    tell(node_, actors::stop_dht{});
    dht_on_ = false;
    return line_done();
  }
  if (args[0] != "start")
    return end_badly(args[0] == "stop" ? "that is too much; usage: /dht stop" : no_action(args[0]));
  actors::start_dht request;
  auto& how = request.options;
  how.enabled = true;
  if (args.size() == 1) {
    how.state_folder = options_.data_dir;
    how.bootstrap = actors::dht_options::public_bootstrap();
    how.stun_servers = actors::dht_options::public_stun();
  } else if (const auto begin = runtime::parse_host_port(args[1])) {
    // A private DHT. Its other family, of which nobody is known, would only make every lookup wait.
    how.bootstrap = {{begin->host, begin->port}};
    if (const auto address = ip_address::parse(begin->host)) {
      how.ipv4 = address->is_v4();
      how.ipv6 = address->is_v6();
    }
  } else {
    return end_badly(no_target(args[1]));
  }
  ask(
    node_, start_timeout, std::move(request),
    [this](const actors::dht_started& on) {
      dht_on_ = true;
      std::string where;
      for (const auto& one : {on.v4, on.v6})
        if (one)
          where += (where.empty() ? "" : " and ") + one->to_string();
      out_->print("* in the DHT at " + where);
      line_done();
    },
    [this](caf::error& why) {
      tell(node_, actors::stop_dht{}); // It would try again by itself.
      end_badly(runtime::describe_error(why));
    });
}

bool client_session::needs_dht() {
  if (!dht_on_)
    end_badly("this node is not in the DHT; /dht start joins it");
  return dht_on_;
}

void client_session::find(const std::string& key) {
  if (!needs_dht())
    return;
  show<actors::peers_found>(
    actors::find_peers{protocols::content_hash(key), nullptr, false},
    [key](const actors::peers_found& found) { return found_text(key, found); }, lookup_timeout);
}

void client_session::announce(const command& x) {
  const auto& args = x.arguments;
  actors::announce_peer request{protocols::content_hash(args[0]), 0};
  if (args.size() > 1) {
    const auto port = parse_port(args[1]);
    if (!port || *port == 0)
      return end_badly(quoted(args[1]) + " is no port; accepted: a whole number from 1 to 65535");
    request.port = *port;
  }
  if (!needs_dht())
    return;
  show<actors::peers_found>(
    request,
    [this, request](const actors::peers_found& told) {
      if (told.nodes_told == 0) {
        fail("no node of the DHT took the announcement");
        return std::string{"* it may work once more nodes are known; see /dht"};
      }
      return "* announced to " + std::to_string(told.nodes_told) + " nodes under " + request.target.to_string();
    },
    lookup_timeout);
}

void client_session::put(const std::string& text) {
  if (!needs_dht())
    return;
  actors::put_item request;
  protocols::bencode::writer{request.item.value}.string(text);
  show<actors::item_stored>(
    std::move(request),
    [](const actors::item_stored& stored) {
      return stored.target.to_string() + "\n* stored by " + std::to_string(stored.nodes) + " nodes";
    },
    lookup_timeout);
}

void client_session::get(const std::string& target) {
  const auto where = protocols::node_id::parse(target);
  if (!where)
    return end_badly(quoted(target) + " is no target; accepted: 40 hex digits, as /put shows them");
  if (!needs_dht())
    return;
  show<actors::item_got>(
    actors::get_item{*where, {}},
    [this, where](const actors::item_got& got) {
      if (got.item)
        return item_text(*got.item);
      fail("nothing was found under " + where->to_string());
      return std::string{"* items are forgotten two hours after they were put"};
    },
    lookup_timeout);
}

// -- the local network ------------------------------------------------------------------------------------------------

void client_session::use_mdns(const command& x) {
  const auto& args = x.arguments;
  if (args.empty())
    return show<actors::mdns_status>(
      actors::get_mdns_status{}, [](const actors::mdns_status& status) { return mdns_text(status); });
  if (args[0] == "stop" && args.size() == 1) {
    tell(node_, actors::stop_mdns{});
    return line_done();
  }
  if (args[0] != "start")
    return end_badly(args[0] == "stop" ? "that is too much; usage: /mdns stop" : no_action(args[0]));
  actors::start_mdns request;
  request.options.enabled = true;
  if (args.size() > 1)
    request.options.instance = args[1];
  ask(
    node_, start_timeout, std::move(request),
    [this](const actors::mdns_started& on) {
      out_->print("* multicast DNS is on, on " + std::to_string(on.interfaces) + " interfaces");
      line_done();
    },
    [this](caf::error& why) {
      tell(node_, actors::stop_mdns{});
      end_badly(runtime::describe_error(why));
    });
}

// -- our own address --------------------------------------------------------------------------------------------------

void client_session::ask_address(const command& x) {
  actors::discover_address request;
  request.timeout = stun_timeout;
  if (x.arguments.empty()) {
    request.servers = actors::dht_options::public_stun();
  } else if (const auto server = runtime::parse_host_port(x.arguments[0])) {
    request.servers = {{server->host, server->port}};
  } else {
    return end_badly(no_target(x.arguments[0]));
  }
  show<actors::address_discovered>(
    std::move(request),
    [](const actors::address_discovered& found) {
      return "* seen as " + found.mapped.to_string() + " by " + found.server.to_string();
    },
    stun_timeout + answer_timeout);
}

} // namespace librats::apps
