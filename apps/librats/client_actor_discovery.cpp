// SPDX-License-Identifier: MIT
// How a client finds peers that nobody told it of.
#include "apps/librats/client_actor.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

/// Opening sockets takes no time; this is for a node that is very busy.
constexpr auto start_timeout = std::chrono::seconds{15};
/// The node ends a search by itself, long before.
constexpr auto search_timeout = std::chrono::minutes{3};
/// Beyond the time that a STUN query has itself.
constexpr auto answer_margin = std::chrono::seconds{5};

constexpr auto not_running = "the client does not run";

/// Any address will do, but most programs know IPv4 alone.
std::string best_address(const std::vector<ip_address>& all) {
  const auto v4 = std::find_if(all.begin(), all.end(), [](const auto& x) { return x.is_v4(); });
  if (v4 != all.end())
    return v4->to_string();
  return all.empty() ? std::string{} : all.front().to_string();
}

} // namespace

caf::message_handler client_actor::discovery_handlers() {
  return {
    // -- the DHT
    [this](const actors::start_dht& x) { return start(x); },
    [this](const actors::stop_dht& x) { tell(node_, x); },
    [this](const actors::get_dht_status& x) -> caf::result<actors::dht_status> {
      if (phase_ != phase::running)
        return actors::dht_status{};
      return pass_on<actors::dht_status>(node_, x);
    },
    [this](const find_content& x) { find(x); },
    [this](const actors::announce_peer& x) { announce(x); },
    // -- mDNS
    [this](const actors::start_mdns& x) { return start(x); },
    [this](const actors::stop_mdns&) { stop_mdns(); },
    [this](const actors::query_mdns& x) { tell(node_, x); },
    [this](const actors::get_mdns_status& x) -> caf::result<actors::mdns_status> {
      if (phase_ != phase::running)
        return actors::mdns_status{};
      return pass_on<actors::mdns_status>(node_, x);
    },
    [this](const actors::service_seen& x) { notice(x.service); },
    [this](const actors::service_gone& x) {
      services_.erase({x.service.instance, x.service.interface});
    },
    [this](const get_services&) { return services(); },
    // -- our own address
    [this](const actors::discover_address& x) { return discover(x); },
    [this](const actors::ignore_address& x) {
      if (ignored_.insert(x.address).second)
        tell(node_, x);
    },
  };
}

// -- the DHT ----------------------------------------------------------------------------------------------------------

caf::result<actors::dht_started> client_actor::start(const actors::start_dht& x) {
  if (phase_ != phase::running)
    return runtime::failure(not_running);
  auto promise = make_response_promise<actors::dht_started>();
  ask(
    node_, start_timeout, x, [promise](const actors::dht_started& at) mutable { promise.deliver(at); },
    [this, promise](caf::error& why) mutable {
      tell(node_, actors::stop_dht{}); // It would try again by itself, and the program thinks that it is off.
      promise.deliver(std::move(why));
    });
  return caf::delegated<actors::dht_started>{};
}

void client_actor::find(const find_content& x) {
  const auto search = ++last_search_;
  searches_[search] = x.function;
  if (phase_ != phase::running) {
    end_search(search, {});
    return;
  }
  ask(
    node_, search_timeout, actors::find_peers{x.target, nullptr, true},
    [this, search](const actors::peers_found& found) { end_search(search, found.peers); },
    [this, search](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::info, kind(), "cannot search the DHT: ", runtime::describe_error(why));
      end_search(search, {});
    });
}

/// Once: the client may have stopped before the answer came.
void client_actor::end_search(std::uint64_t search, const std::vector<endpoint>& found) {
  const auto entry = searches_.find(search);
  if (entry == searches_.end())
    return;
  search_finished news{std::move(entry->second), {}};
  searches_.erase(entry);
  for (const auto& one : found)
    news.peers.push_back(one.to_string());
  if (news.function)
    tell(callbacks_, std::move(news));
}

void client_actor::announce(const actors::announce_peer& x) {
  if (phase_ != phase::running)
    return;
  ask(
    node_, search_timeout, x,
    [this, x](const actors::peers_found& told) {
      LIBRATS_LOG(runtime::log_level::debug, kind(), "announced ", x.target.short_string(), " to ", told.nodes_told,
        " nodes of the DHT");
    },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::info, kind(), "cannot announce in the DHT: ", runtime::describe_error(why));
    });
}

// -- mDNS -------------------------------------------------------------------------------------------------------------

caf::result<actors::mdns_started> client_actor::start(const actors::start_mdns& x) {
  if (phase_ != phase::running)
    return runtime::failure(not_running);
  auto promise = make_response_promise<actors::mdns_started>();
  ask(
    node_, start_timeout, x,
    [this, promise](const actors::mdns_started& on) mutable {
      browsing_ = true;
      tell(node_, actors::watch_services{self()});
      promise.deliver(on);
    },
    [this, promise](caf::error& why) mutable {
      stop_mdns(); // It would wait for a better network, and the program thinks that it is off.
      promise.deliver(std::move(why));
    });
  return caf::delegated<actors::mdns_started>{};
}

void client_actor::stop_mdns() {
  browsing_ = false;
  services_.clear();
  tell(node_, actors::stop_mdns{});
}

void client_actor::notice(const protocols::mdns_found_service& x) {
  if (!browsing_)
    return;
  MdnsService now_known;
  now_known.service_name = x.instance + "._librats._tcp.local.";
  now_known.host_name = x.host;
  now_known.ip_address = best_address(x.addresses);
  now_known.port = x.port;
  now_known.txt_records = x.txt;
  now_known.last_seen = now();
  services_[{x.instance, x.interface}] = now_known;
  if (!now_known.ip_address.empty())
    tell(callbacks_, service_noticed{std::move(now_known)});
}

/// One entry per name: the first interface with an address speaks for all.
services_known client_actor::services() const {
  services_known out;
  for (const auto& [key, one] : services_) {
    auto& all = out.services;
    if (all.empty() || all.back().service_name != one.service_name)
      all.push_back(one);
    else if (all.back().ip_address.empty())
      all.back() = one;
  }
  return out;
}

// -- our own address --------------------------------------------------------------------------------------------------

caf::result<actors::address_discovered> client_actor::discover(const actors::discover_address& x) {
  if (phase_ != phase::running)
    return runtime::failure(not_running);
  auto promise = make_response_promise<actors::address_discovered>();
  ask(
    node_, x.timeout + answer_margin, x,
    [this, promise](const actors::address_discovered& found) mutable {
      public_address_ = found.mapped;
      invalidate();
      promise.deliver(found);
    },
    [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return caf::delegated<actors::address_discovered>{};
}

/// The node is gone.
void client_actor::end_discovery() {
  browsing_ = false;
  services_.clear();
  while (!searches_.empty())
    end_search(searches_.begin()->first, {});
}

} // namespace librats::apps
