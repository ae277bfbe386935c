// SPDX-License-Identifier: MIT
#include "tests/protocols/support/mdns_world.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace librats::test {

using namespace protocols;

mdns_address mdns_address_of(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = ip_address::parse(text.substr(0, slash));
  if (!address)
    throw std::runtime_error{"no address: " + text};
  return {*address, slash == std::string::npos ? 0 : static_cast<unsigned>(std::stoul(text.substr(slash + 1)))};
}

std::size_t mdns_world::add(const std::vector<std::string>& addresses, mdns_engine::config cfg) {
  nodes_.push_back({std::make_unique<mdns_engine>(cfg, random_()), {}, {}, {}, {}, true, true});
  set_interfaces(nodes_.size() - 1, {{1u, 0, addresses}});
  return nodes_.size() - 1;
}

void mdns_world::set_interfaces(
  std::size_t who, const std::vector<std::tuple<unsigned, int, std::vector<std::string>>>& all) {
  auto& x = nodes_[who];
  x.links.clear();
  x.interfaces.clear();
  for (const auto& [index, link, addresses] : all) {
    mdns_interface what{index, "eth" + std::to_string(index), {}};
    for (const auto& address : addresses)
      what.addresses.push_back(mdns_address_of(address));
    x.links[index] = link;
    x.interfaces.push_back(what);
  }
  x.engine->set_interfaces(x.interfaces, now_);
  drain(who);
}

void mdns_world::start(std::size_t who, std::uint8_t id, const std::string& host, std::uint16_t port) {
  peer_id peer;
  peer.raw.fill(id);
  if (!engine(who).publish({instance_label(peer), host, port, node_txt(peer, "librats/1.0", {})}, now_))
    throw std::runtime_error{"not published"};
  engine(who).browse(now_);
  drain(who);
}

void mdns_world::inject(const endpoint& from, bytes datagram, int link, bool to_group) {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    for (const auto& [interface, where] : nodes_[i].links)
      if (where == link) {
        engine(i).handle({interface, from, to_group, false}, datagram, now_);
        drain(i);
      }
}

void mdns_world::drain(std::size_t who) {
  auto& x = nodes_[who];
  while (auto out = x.engine->poll_transmit()) {
    auto message = decode_dns(out->datagram);
    if (!message || message->cut || message->malformed > 0 || out->datagram.size() > mdns_datagram_max)
      throw std::runtime_error{"an engine sent nonsense"};
    log_.push_back({now_, who, *out, *message});
    const auto interface =
      std::find_if(x.interfaces.begin(), x.interfaces.end(), [&](const auto& y) { return y.index == out->interface; });
    if (interface == x.interfaces.end() || !x.is_heard)
      continue;
    const auto source = std::find_if(interface->addresses.begin(), interface->addresses.end(),
      [&](const auto& y) { return y.address.is_v6() == out->v6; });
    if (source == interface->addresses.end())
      throw std::runtime_error{"an engine sent by a family it has no address of"};
    put_on_link(x.links[out->interface], {source->address, mdns_port}, out->v6, out->to, out->datagram);
  }
  while (auto event = x.engine->poll_event())
    x.events.emplace_back(now_, std::move(*event));
  x.due = x.engine->next_wakeup();
}

void mdns_world::put_on_link(
  int link, const endpoint& from, bool v6, const std::optional<endpoint>& to, const bytes& datagram) {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    for (const auto& interface : nodes_[i].interfaces) {
      if (nodes_[i].links[interface.index] != link)
        continue;
      bool mine = false;
      bool hears_family = false;
      bool same_host = false;
      for (const auto& x : interface.addresses) {
        mine = mine || (to && x.address == to->address);
        hears_family = hears_family || x.address.is_v6() == v6;
        same_host = same_host || x.address == from.address;
      }
      if (!hears_family || (to && !mine))
        continue;
      const bool lost = !same_host && std::uniform_real_distribution<>{}(random_) < loss;
      const auto late =
        std::chrono::nanoseconds{std::uniform_int_distribution<std::int64_t>{0, jitter.count()}(random_)};
      auto& arrival = arrivals_[{from, i}];
      arrival = std::max(arrival, now_ + delay + late);
      if (!lost)
        on_the_way_.emplace(arrival, delivery{link, from, v6, to, datagram, i, interface.index});
      if (to)
        return;
    }
}

time_point mdns_world::next() const {
  auto out = time_point::max();
  for (const auto& x : nodes_)
    if (x.due)
      out = std::min(out, *x.due);
  if (!on_the_way_.empty())
    out = std::min(out, on_the_way_.begin()->first);
  return out;
}

void mdns_world::run_for(duration how_long) {
  const auto end = now_ + how_long;
  for (int idle = 0; next() <= end;) {
    const auto at = next();
    idle = at > now_ ? 0 : idle + 1;
    if (idle > 10'000)
      throw std::runtime_error{"somebody wants to be woken again and again at the same time"};
    now_ = std::max(now_, at);
    while (!on_the_way_.empty() && on_the_way_.begin()->first <= now_) {
      const auto x = on_the_way_.begin()->second;
      on_the_way_.erase(on_the_way_.begin());
      if (!nodes_[x.receiver].hears)
        continue;
      engine(x.receiver).handle({x.interface, x.from, !x.to.has_value(), false}, x.datagram, now_);
      drain(x.receiver);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].due && *nodes_[i].due <= now_) {
        engine(i).advance(now_);
        drain(i);
      }
    }
  }
  now_ = end;
}

std::vector<std::string> mdns_world::seen_by(std::size_t who) const {
  std::vector<std::string> out;
  for (const auto& x : nodes_[who].engine->services())
    out.push_back(x.instance);
  return out;
}

} // namespace librats::test
