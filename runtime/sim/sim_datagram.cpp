// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_datagram.hpp"

#include "runtime/net/shared_datagram_socket.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_multicast.hpp"

#include <utility>

namespace librats::runtime {

namespace {

/// Bytes of one socket that wait for the uplink. What Linux grants by default (`net.core.wmem_max`).
constexpr std::size_t send_buffer_bytes = 208 * 1024;

} // namespace

sim_datagram_core::sim_datagram_core(sim_network& net, const endpoint& local, bool dual_stack, datagram_events& events)
  : net_(net), local_(local), dual_stack_(dual_stack), events_(&events), epoch_(net.epoch()) {}

event_loop& sim_datagram_core::loop() { return *net_.world().host(net_.host()).loop(0); }

std::optional<ip_address> sim_datagram_core::source_for(const endpoint& to) const {
  if (!dual_stack_ && local_.address.is_v6() != to.address.is_v6())
    return std::nullopt;
  if (local_.address.is_unspecified() || to.address.is_loopback())
    return net_.source_for(to.address);
  return net_.usable(local_.address) ? std::optional{local_.address} : std::nullopt;
}

std::vector<sim_network*> sim_datagram_core::audience() const { return net_.on_link(true); }

// -- the user's side -------------------------------------------------------------------------------------------------

mutable_bytes_view sim_datagram_core::prepare(std::size_t size) {
  if (size > datagram_size_max)
    return {};
  auto room = batch_.prepare(size);
  if (room.empty()) {
    flush();
    room = batch_.prepare(size);
    if (room.empty())
      promised_room_ = true;
  }
  return room;
}

void sim_datagram_core::commit(const endpoint& to, std::size_t size) {
  batch_.commit(to, size);
  loop().call_at_turn_end(*this);
}

void sim_datagram_core::flush() {
  forget_departed();
  trains leaving;
  while (!blocked_ && !batch_.empty()) {
    const auto one = batch_.run_at(0, 1, 0);
    if (departing_bytes_ != 0 && departing_bytes_ + one.content.size() > send_buffer_bytes) {
      wait_for_room();
      break;
    }
    send_one(*one.to, one.content, leaving);
    batch_.pop(1);
  }
  for (auto& x : leaving)
    net_.world().at_host(x.target->host(), x.arrival,
      [self = shared_from_this(), x = std::make_unique<train>(std::move(x))] { self->arrive(*x); });
}

void sim_datagram_core::close() {
  flush();
  events_ = nullptr;
  loop().withdraw(*this);
}

// -- the network -----------------------------------------------------------------------------------------------------

void sim_datagram_core::send_one(const endpoint& to, bytes_view content, trains& out) {
  auto& world = net_.world();
  const auto source = source_for(to);
  if (!source) {
    ++dropped_;
    world.at_host(net_.host(), world.now(), [self = shared_from_this(), to] {
      self->refuse(to, std::make_error_code(std::errc::network_unreachable));
    });
    return;
  }
  bool dropped = false;
  const auto departed = net_.departure(content.size(), true, dropped);
  if (dropped)
    ++dropped_;
  if (!dropped && departed > world.now()) {
    departing_.push_back({departed, content.size()});
    departing_bytes_ += content.size();
  }
  if (dropped || net_.silent())
    return;
  const endpoint from{*source, local_.port};
  if (to.address.is_multicast()) {
    for (auto* target : audience())
      send_copy(*target, from, from, to, departed, content, out);
  } else if (const auto way = net_.way_to(nat_protocol::udp, from, to); way.target != nullptr) {
    send_copy(*way.target, from, way.from, to, departed, content, out);
  }
}

void sim_datagram_core::send_copy(sim_network& target, const endpoint& source, const endpoint& from,
  const endpoint& to, time_point departed, bytes_view content, trains& out) {
  auto& world = net_.world();
  const auto routers = world.same_link(net_.host(), target.host()) ? std::uint8_t{0} : sim_routers;
  const auto hops = hops_for(to);
  if (hops <= routers)
    return;
  const auto& path = world.link(net_.host(), target.host());
  const int copies = world.random().chance(path.duplication) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (!path.passes_datagrams || world.random().chance(path.loss))
      continue;
    auto arrival = departed + path.latency
                   + duration{static_cast<std::int64_t>(
                     world.random().below(static_cast<std::uint64_t>(path.jitter.count()) + 1))};
    if (world.random().chance(path.reordering))
      arrival += path.reordering_delay;
    const bool goes_on = !out.empty() && out.back().arrival == arrival && out.back().to == to
                         && out.back().target == &target;
    if (!goes_on) {
      const bool inside = to.address.is_loopback() || on_loopback();
      out.push_back({&target, source, from, to, arrival, static_cast<std::uint8_t>(hops - routers), inside, {}});
    }
    out.back().cars.push_back(to_bytes(content));
  }
}

void sim_datagram_core::arrive(train& x) {
  auto& world = net_.world();
  if (x.target->silent() || !world.reachable(net_.host(), x.target->host()))
    return;
  if (x.to.address.is_multicast())
    return arrive_in_group(x);
  const auto addressed = x.to;
  const auto inner = x.target->pass_in(nat_protocol::udp, x.from, x.to);
  if (inner.target == nullptr || inner.target->silent() || !world.reachable(net_.host(), inner.target->host()))
    return;
  x.target = inner.target;
  x.to = inner.to;
  if (!x.target->usable(x.to.address))
    return;
  auto receiver = x.target->datagrams_on(x.to.port, x.to.address.is_v6());
  if (!receiver || !receiver->is_open())
    receiver = x.target->sharing_port(x.to);
  if (receiver && receiver->events_ != nullptr
      && (receiver->local_.address.is_unspecified() || receiver->local_.address == x.to.address)) {
    receiver->receive(x);
    return;
  }
  // One answer for all of them, as systems limit the rate of these (RFC 1812 section 4.3.2.8).
  const auto& back = world.link(x.target->host(), net_.host());
  if (!x.target->answers_icmp() || world.random().chance(back.loss))
    return;
  world.at_host(net_.host(), world.now() + back.latency,
    [self = shared_from_this(), to = addressed, here = x.source, from = x.target->host()] {
    if (self->net_.world().reachable(from, self->net_.host()) && self->net_.usable(here.address))
      self->refuse(to, std::make_error_code(std::errc::connection_refused));
  });
}

void sim_datagram_core::arrive_in_group(const train& x) {
  for (const auto& one : x.target->listening_to(x.to, x.inside)) {
    auto copy = x;  // Everybody may change his.
    one->receive(copy);
  }
}

void sim_datagram_core::receive(train& x) {
  for (auto& one : x.cars) {
    if (events_ == nullptr)
      return;
    net_.world().note_event(sim_world::event_kind::datagram, net_.host(), one);
    hand_over(x, one);
  }
  if (events_ != nullptr)
    events_->datagrams_drained();
}

void sim_datagram_core::refuse(const endpoint& to, std::error_code why) {
  if (events_ == nullptr || net_.silent() || epoch_ != net_.epoch())
    return;
  net_.world().note_event(sim_world::event_kind::refuse, net_.host(), {});
  events_->datagram_refused(to, why);
}

// -- the send buffer -------------------------------------------------------------------------------------------------

void sim_datagram_core::forget_departed() {
  while (!departing_.empty() && departing_.front().when <= net_.world().now()) {
    departing_bytes_ -= departing_.front().size;
    departing_.pop_front();
  }
}

void sim_datagram_core::wait_for_room() {
  blocked_ = true;
  // A kernel calls when half of its buffer is free, not for every datagram.
  auto left = departing_bytes_;
  auto half_empty = departing_.begin();
  for (; left - half_empty->size > send_buffer_bytes / 2; ++half_empty)
    left -= half_empty->size;
  net_.world().at_host(net_.host(), half_empty->when, [self = shared_from_this()] {
    if (self->events_ == nullptr)
      return;
    self->blocked_ = false;
    self->flush();
    if (self->blocked_ || !std::exchange(self->promised_room_, false))
      return;
    self->net_.world().note_event(sim_world::event_kind::writable, self->net_.host(), {});
    self->events_->datagrams_writable();
  });
}

std::unique_ptr<datagram_socket> own_sim_datagrams(std::shared_ptr<sim_datagram_core> core) {
  return std::make_unique<shared_datagram_socket<sim_datagram_core>>(std::move(core));
}

} // namespace librats::runtime
