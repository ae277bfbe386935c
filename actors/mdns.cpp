// SPDX-License-Identifier: MIT
#include "actors/mdns.hpp"

#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t wakeup_slot = 0;

} // namespace

mdns::mdns(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its)
  : pinned_actor(config, std::move(loop)), args_(std::move(its)),
    engine_(protocols::mdns_engine::config{}, args_.seed) {}

void mdns::started() {
  set_exit_handler([this](caf::exit_msg& x) {
    if (x.reason != caf::exit_reason::kill) {
      engine_.withdraw(now());
      pump();
    }
    quit(x.reason);
  });
  set_down_handler([this](caf::down_msg& x) {
    watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(),
                      [&](const auto& y) { return y.address() == x.source; }),
      watchers_.end());
  });
  use_interfaces();
  publish();
  engine_.browse(now());
  pump();
}

void mdns::stopped() {
  for (const auto& one : std::exchange(watchers_, {}))
    demonitor(one.address());
  sockets_.clear();
}

caf::behavior mdns::handlers() {
  return {
    [this](const start_mdns& x) -> caf::result<mdns_started> {
      args_.options = x.options;
      publish();
      pump();
      if (sockets_.empty())
        return runtime::failure(trouble_.empty() ? "no interface has multicast" : trouble_);
      return mdns_started{interface_names_.size()};
    },
    [this](const query_mdns&) {
      engine_.ask_again(now());
      pump();
    },
    [this](const get_mdns_status&) { return status(); },
    [this](const watch_services& x) {
      if (!x.watcher || std::find(watchers_.begin(), watchers_.end(), x.watcher) != watchers_.end())
        return;
      watchers_.push_back(x.watcher);
      monitor(x.watcher);
      for (auto& one : engine_.services())
        tell(x.watcher, service_seen{std::move(one)});
    },
    [this](const local_identity_changed& x) {
      const bool news = args_.identity->listen_port != x.identity->listen_port;
      args_.identity = x.identity;
      if (news)
        publish();
      pump();
    },
    [this](const runtime::network_changed&) {
      use_interfaces();
      engine_.network_changed(now());
      pump();
    },
    [](const services_changed&) {},
  };
}

void mdns::timer_fired(std::uint32_t) {
  engine_.advance(now());
  pump();
}

// -- sockets ----------------------------------------------------------------------------------------------------------

/// Opens what is new and lets go of what is lost. Of an interface that refuses one family the other one is used.
void mdns::use_interfaces() {
  auto& net = loop().net();
  std::map<std::uint32_t, protocols::mdns_interface> links;
  std::map<socket_key, runtime::interface_address> wanted;
  for (const auto& one : net.interfaces()) {
    if (!one.multicast || !one.running)
      continue;
    if (!args_.bound_to.is_unspecified() && one.address != args_.bound_to)
      continue;  // Nobody could dial us elsewhere.
    auto& link = links[one.index];
    link.index = one.index;
    link.name = one.interface;
    link.addresses.push_back({one.address, one.prefix_length});
    wanted.emplace(socket_key{one.index, one.address.is_v6()}, one);
  }
  for (auto x = sockets_.begin(); x != sockets_.end();)
    x = wanted.count(x->first) == 0 ? sockets_.erase(x) : std::next(x);
  trouble_.clear();
  for (const auto& [key, interface] : wanted) {
    if (sockets_.count(key) != 0)
      continue;
    runtime::multicast_options options;
    options.group = key.second ? protocols::mdns_group_v6() : protocols::mdns_group_v4();
    options.port = protocols::mdns_port;
    options.interface = interface;
    auto opened = net.open_multicast(options, key.first, *this);
    if (opened) {
      sockets_.emplace(key, std::move(*opened));
      continue;
    }
    trouble_ = "cannot use multicast on " + interface.interface + ": " + opened.error().message();
    LIBRATS_LOG(runtime::log_level::debug, kind(), trouble_);
  }
  std::vector<protocols::mdns_interface> usable;
  interface_names_.clear();
  for (auto& [index, link] : links) {
    auto& all = link.addresses;
    all.erase(std::remove_if(all.begin(), all.end(),
                [&, index = index](const auto& x) { return sockets_.count({index, x.address.is_v6()}) == 0; }),
      all.end());
    if (all.empty())
      continue;
    interface_names_[index] = link.name;
    usable.push_back(std::move(link));
  }
  engine_.set_interfaces(usable, now());
}

void mdns::multicast_received(std::uint64_t token, const runtime::multicast_arrival& how, mutable_bytes_view in) {
  guarded([&] {
    protocols::mdns_origin origin;
    origin.interface = how.interface != 0 ? how.interface : static_cast<unsigned>(token);
    origin.from = how.from;
    origin.to_group = !how.to || how.to->is_multicast();
    origin.untouched = how.hops == std::uint8_t{255};
    engine_.handle(origin, in, now());
    pump();
  });
}

/// A node that does not listen has nothing to offer; it only looks.
void mdns::publish() {
  if (args_.identity->listen_port == 0) {
    engine_.withdraw(now());
    return;
  }
  protocols::mdns_service mine;
  mine.instance = args_.options.instance.empty() ? protocols::instance_label(args_.self) : args_.options.instance;
  mine.host = args_.machine;
  mine.port = args_.identity->listen_port;
  mine.txt = protocols::node_txt(args_.self, args_.protocol, args_.options.txt);
  if (!engine_.publish(mine, now()))
    LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot offer the service: its TXT entries are too long");
}

void mdns::pump() {
  while (const auto out = engine_.poll_transmit()) {
    const auto socket = sockets_.find({out->interface, out->v6});
    if (socket == sockets_.end())
      continue;
    const auto group = out->v6 ? protocols::mdns_group_v6() : protocols::mdns_group_v4();
    socket->second->send(out->to.value_or(endpoint{group, protocols::mdns_port}), out->datagram);
  }
  while (const auto event = engine_.poll_event())
    tell_watchers(*event);
  if (const auto due = engine_.next_wakeup())
    arm_timer(wakeup_slot, *due);
  else
    cancel_timer(wakeup_slot);
}

void mdns::tell_watchers(const protocols::mdns_event& x) {
  if (const auto* found = std::get_if<protocols::mdns_service_found>(&x)) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "sees ", found->service.instance, " on ",
      interface_names_[found->service.interface]);
    for (const auto& one : watchers_)
      tell(one, service_seen{found->service});
  } else if (const auto* updated = std::get_if<protocols::mdns_service_updated>(&x)) {
    for (const auto& one : watchers_)
      tell(one, service_seen{updated->service});
  } else if (const auto* lost = std::get_if<protocols::mdns_service_lost>(&x)) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "lost ", lost->service.instance);
    for (const auto& one : watchers_)
      tell(one, service_gone{lost->service});
  } else if (const auto* renamed = std::get_if<protocols::mdns_renamed>(&x)) {
    LIBRATS_LOG(runtime::log_level::info, kind(), "is called ", renamed->instance, " at ", renamed->host,
      " now: somebody else holds the name");
  } else if (const auto* announced = std::get_if<protocols::mdns_announced>(&x)) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "announced ", announced->instance, " on ",
      interface_names_[announced->interface]);
  }
}

mdns_status mdns::status() const {
  mdns_status out;
  out.running = true;
  out.instance = engine_.instance();
  out.host = engine_.host();
  for (const auto& [index, name] : interface_names_)
    out.interfaces.push_back(name);
  out.services = engine_.services();
  out.counted = engine_.counted();
  out.trouble = trouble_;
  return out;
}

} // namespace librats::actors
