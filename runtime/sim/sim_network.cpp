// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_network.hpp"

#include "runtime/net/change_coalescer.hpp"
#include "runtime/sim/sim_datagram.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_multicast.hpp"
#include "runtime/sim/sim_stream.hpp"

#include <algorithm>
#include <utility>

namespace librats::runtime {

namespace {

/// A connection request without an answer is repeated after this, then after twice as long and so on, so many times in
/// all; after the last wait (127 s from the start) the attempt fails. Linux does so (`tcp_syn_retries` = 6).
constexpr auto syn_interval = std::chrono::seconds{1};
constexpr int syn_attempts_max = 7;
/// Every IPv4 address counts as one of a /8, in which hosts are born, every IPv6 address as one of a /64.
constexpr std::uint8_t prefix_v4 = 8;
constexpr std::uint8_t prefix_v6 = 64;
/// A simulated name server is one hop away.
constexpr auto lookup_time = std::chrono::milliseconds{1};

} // namespace

struct sim_acceptor_core {
  acceptor_events* events;
  endpoint local;
};

namespace {

class sim_acceptor final : public acceptor {
public:
  explicit sim_acceptor(std::shared_ptr<sim_acceptor_core> core) : core_(std::move(core)) {}
  ~sim_acceptor() override { core_->events = nullptr; }
  [[nodiscard]] endpoint local() const override { return core_->local; }

private:
  std::shared_ptr<sim_acceptor_core> core_;
};

/// A connection request on its way, as its SYN travels there and the answer back.
class sim_dial : public std::enable_shared_from_this<sim_dial> {
public:
  sim_dial(sim_network& from, const endpoint& local, const endpoint& remote, std::uint64_t token, dial_events& events)
    : world_(from.world()), from_(from), local_(local), remote_(remote), token_(token), events_(&events),
      epoch_(from.epoch()) {}

  void send_syn(int attempt) {
    if (events_ == nullptr || epoch_ != from_.epoch())
      return;
    sent_at_ = world_.now();
    if (!from_.usable(local_.address)) {
      repeat(attempt);
      return;
    }
    const auto way = from_.way_to(nat_protocol::tcp, local_, remote_);
    seen_ = way.from;
    auto* to = way.target;
    const auto& path = world_.link(from_.host(), to != nullptr ? to->host() : from_.host());
    const bool lost = to == nullptr || !path.passes_streams || world_.random().chance(path.loss);
    if (lost) {
      repeat(attempt);
      return;
    }
    world_.at_host(to->host(), world_.now() + path.latency,
      [self = shared_from_this(), to, attempt] { self->arrive(*to, attempt); });
  }

  /// There is no way to the other side; known at once, told from the loop.
  void fail_unreachable() {
    world_.at_host(from_.host(), world_.now(), [self = shared_from_this()] {
      if (auto* events = self->take_events())
        events->dial_failed(self->token_, std::make_error_code(std::errc::network_unreachable));
    });
  }

  void cancel() { events_ = nullptr; }

private:
  void repeat(int attempt) {
    if (events_ == nullptr)
      return;
    // Counted from the sending, not from where the request got lost.
    world_.at_host(from_.host(), sent_at_ + syn_interval * (1 << attempt), [self = shared_from_this(), attempt] {
      if (attempt + 1 < syn_attempts_max)
        self->send_syn(attempt + 1);
      else if (auto* events = self->take_events())
        events->dial_failed(self->token_, std::make_error_code(std::errc::timed_out));
    });
  }

  void arrive(sim_network& door, int attempt) {
    const auto inner = door.pass_in(nat_protocol::tcp, seen_, remote_);
    if (door.silent() || inner.target == nullptr || !world_.reachable(from_.host(), door.host())) {
      repeat(attempt);
      return;
    }
    arrive_inside(*inner.target, inner.to, attempt);
  }

  void arrive_inside(sim_network& to, const endpoint& at, int attempt) {
    if (to.silent() || !world_.reachable(from_.host(), to.host()) || !to.usable(at.address)) {
      repeat(attempt);
      return;
    }
    if (epoch_ != from_.epoch())
      return;  // The answer would find nobody, so the other side never accepts.
    const auto back = world_.link(to.host(), from_.host()).latency;
    const auto listener = to.acceptor_on(at.port);
    const bool wanted = listener && listener->events != nullptr
                        && (listener->local.address.is_unspecified() || listener->local.address == at.address);
    if (!wanted) {
      world_.note_event(sim_world::event_kind::refuse, to.host(), {});
      world_.at_host(from_.host(), world_.now() + back, [self = shared_from_this()] {
        if (auto* events = self->take_events())
          events->dial_failed(self->token_, std::make_error_code(std::errc::connection_refused));
      });
      return;
    }
    auto connection = std::make_shared<sim_connection>(from_, to, local_, at);
    connection->translate(seen_, remote_);
    world_.note_event(sim_world::event_kind::accept, to.host(), {});
    listener->events->accepted(connection->make_stream(1));
    world_.at_host(from_.host(), world_.now() + back, [self = shared_from_this(), connection] {
      auto mine = connection->make_stream(0);
      if (auto* events = self->take_events()) {
        self->world_.note_event(sim_world::event_kind::connect, self->from_.host(), {});
        events->dialed(self->token_, std::move(mine));
      }
    });
  }

  dial_events* take_events() {
    auto* events = std::exchange(events_, nullptr);
    return epoch_ == from_.epoch() ? events : nullptr;
  }

  sim_world& world_;
  sim_network& from_;
  endpoint local_;
  endpoint remote_;
  endpoint seen_;  // As the other side sees us.
  std::uint64_t token_;
  dial_events* events_;
  std::uint64_t epoch_;
  time_point sent_at_{};
};

class sim_dial_operation final : public pending_operation {
public:
  explicit sim_dial_operation(std::shared_ptr<sim_dial> dial) : dial_(std::move(dial)) {}
  ~sim_dial_operation() override { dial_->cancel(); }

private:
  std::shared_ptr<sim_dial> dial_;
};

class sim_lookup_operation final : public pending_operation {
public:
  explicit sim_lookup_operation(std::shared_ptr<bool> cancelled) : cancelled_(std::move(cancelled)) {}
  ~sim_lookup_operation() override { *cancelled_ = true; }

private:
  std::shared_ptr<bool> cancelled_;
};

} // namespace

/// Waits for the end of a storm as the real one does.
class sim_network_watch final : public network_watch {
public:
  sim_network_watch(sim_network& net, network_change_events& events)
    : net_(net), events_(events), storm_(*net.world().host(net.host()).loop(0), [this] { settled(); }) {
    net_.watches_.push_back(this);
  }
  ~sim_network_watch() override {
    net_.watches_.erase(std::find(net_.watches_.begin(), net_.watches_.end(), this));
  }
  void changed() { storm_.changed(); }

private:
  void settled() {
    net_.world().note_event(sim_world::event_kind::network, net_.host(), {});
    events_.network_changed();  // May end this object.
  }

  sim_network& net_;
  network_change_events& events_;
  change_coalescer storm_;
};

sim_network::sim_network(sim_world& world, std::size_t host)
  : world_(world), host_(host), addresses_{sim_host::address_of(host)} {}

sim_network::~sim_network() = default;

// -- addresses -------------------------------------------------------------------------------------------------------

void sim_network::set_addresses(std::vector<ip_address> addresses) {
  addresses_ = std::move(addresses);
  changed();
}

void sim_network::set_up(bool up) {
  if (std::exchange(up_, up) != up)
    changed();
}

void sim_network::changed() {
  for (auto* one : watches_)
    one->changed();
}

bool sim_network::usable(const ip_address& address) const {
  return address.is_loopback()
         || (up_ && std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end());
}

std::optional<ip_address> sim_network::source_for(const ip_address& remote) const {
  if (remote.is_loopback())
    return remote;
  for (const auto& mine : addresses_)
    if (up_ && mine.is_v6() == remote.is_v6())
      return mine;
  return std::nullopt;
}

std::unique_ptr<network_watch> sim_network::watch(network_change_events& events) {
  return std::make_unique<sim_network_watch>(*this, events);
}

// -- sockets ---------------------------------------------------------------------------------------------------------

void sim_network::forget_sockets() {
  acceptors_.clear();
  datagrams_.clear();
  members_.clear();
}

sim_network* sim_network::network_at(const ip_address& address) {
  if (address.is_loopback())
    return this;
  auto* found = world_.host_at(address);
  return found != nullptr ? &found->net() : nullptr;
}

sim_network::way sim_network::way_to(nat_protocol protocol, const endpoint& from, const endpoint& to) {
  if (to.address.is_loopback() || !world_.realms().any())
    return {network_at(to.address), from};
  const auto out = world_.realms().leave(world_.now(), protocol, host_, from, to, world_.owners());
  return out ? way{&world_.host(out->target).net(), out->from} : way{};
}

sim_network::recipient sim_network::pass_in(nat_protocol protocol, const endpoint& from, const endpoint& to) {
  if (!world_.realms().any() || to.address.is_loopback())
    return {this, to};
  const auto in = world_.realms().enter(world_.now(), protocol, host_, from, to, world_.owners());
  return in ? recipient{&world_.host(in->host).net(), in->to} : recipient{};
}

std::uint16_t sim_network::free_port() {
  do {
    last_port_ = last_port_ == 65535 ? 32768 : static_cast<std::uint16_t>(last_port_ + 1);
  } while (acceptor_on(last_port_) || datagrams_on(last_port_, false) || datagrams_on(last_port_, true)
           || port_shared(last_port_));
  return last_port_;
}

std::shared_ptr<sim_acceptor_core> sim_network::acceptor_on(std::uint16_t port) const {
  const auto found = acceptors_.find(port);
  return found != acceptors_.end() ? found->second.lock() : nullptr;
}

std::shared_ptr<sim_datagram_core> sim_network::datagrams_on(std::uint16_t port, bool v6) const {
  const auto found = datagrams_.find({port, v6});
  return found != datagrams_.end() ? found->second.lock() : nullptr;
}

// -- multicast -------------------------------------------------------------------------------------------------------

bool sim_network::port_shared(std::uint16_t port) const {
  return std::any_of(members_.begin(), members_.end(), [port](const auto& one) {
    const auto member = one.lock();
    return member && member->is_open() && member->options().port == port;
  });
}

std::vector<std::shared_ptr<sim_multicast_core>> sim_network::listening_to(const endpoint& group, bool inside) const {
  std::vector<std::shared_ptr<sim_multicast_core>> out;
  if (!inside && (!up_ || !multicast_))
    return out;
  for (const auto& one : members_)
    if (auto member = one.lock(); member && member->hears(group, inside))
      out.push_back(std::move(member));
  return out;
}

std::shared_ptr<sim_datagram_core> sim_network::sharing_port(const endpoint& to) const {
  std::shared_ptr<sim_datagram_core> out;
  for (const auto& one : members_) {
    auto member = one.lock();
    if (member && member->is_open() && member->options().port == to.port
        && member->options().group.is_v6() == to.address.is_v6())
      out = std::move(member);
  }
  return out;
}

std::vector<sim_network*> sim_network::on_link(bool itself_too) const {
  std::vector<sim_network*> out;
  for (const auto host : world_.on_link(host_))
    if (itself_too || host != host_)
      out.push_back(&world_.host(host).net());
  return out;
}

result<std::unique_ptr<datagram_socket>, std::error_code> sim_network::open_multicast(const multicast_options& options,
  std::uint64_t token, multicast_events& events) {
  if (const auto wrong = check_multicast_options(options))
    return wrong;
  silent_ = false;
  const auto& here = options.interface;
  const bool inside = here.index == sim_loopback_index;
  if (!inside && here.index != sim_cable_index)
    return std::make_error_code(std::errc::no_such_device);
  if (!inside && !multicast_)
    return std::make_error_code(std::errc::operation_not_supported);
  if (here.address.is_loopback() != inside || !usable(here.address))
    return std::make_error_code(std::errc::address_not_available);
  if (const auto other = datagrams_on(options.port, options.group.is_v6()); other && other->is_open())
    return std::make_error_code(std::errc::address_in_use);
  members_.erase(
    std::remove_if(members_.begin(), members_.end(), [](const auto& one) { return one.expired(); }), members_.end());
  auto core = std::make_shared<sim_multicast_core>(*this, options, token, events);
  members_.push_back(core);
  return own_sim_datagrams(std::move(core));
}

// -- paths -----------------------------------------------------------------------------------------------------------

time_point sim_network::departure(std::size_t size, bool may_drop, bool& dropped) {
  dropped = false;
  if (uplink_.bytes_per_second == 0)
    return world_.now();
  const auto begin = std::max(uplink_free_, world_.now());
  const auto rate = static_cast<double>(uplink_.bytes_per_second);
  const auto waiting = static_cast<double>((begin - world_.now()).count()) * rate / 1e9;
  if (may_drop && waiting + static_cast<double>(size) > static_cast<double>(uplink_.queue_bytes_max)) {
    dropped = true;
    return begin;
  }
  uplink_free_ = begin + duration{static_cast<std::int64_t>(static_cast<double>(size) * 1e9 / rate)};
  return uplink_free_;
}

result<std::unique_ptr<acceptor>, std::error_code> sim_network::listen(const listen_options& options,
  acceptor_events& events) {
  silent_ = false;
  auto local = options.local;
  if (local.port == 0)
    local.port = free_port();
  else if (acceptor_on(local.port))
    return std::make_error_code(std::errc::address_in_use);
  if (!local.address.is_unspecified() && network_at(local.address) != this)
    return std::make_error_code(std::errc::address_not_available);
  auto core = std::make_shared<sim_acceptor_core>(sim_acceptor_core{&events, local});
  acceptors_[local.port] = core;
  return std::unique_ptr<acceptor>{std::make_unique<sim_acceptor>(std::move(core))};
}

std::unique_ptr<pending_operation> sim_network::dial(const endpoint& remote, std::uint64_t token,
  dial_events& events) {
  silent_ = false;
  const auto source = source_for(remote.address);
  auto dial = std::make_shared<sim_dial>(*this, endpoint{source.value_or(ip_address{}), free_port()}, remote, token,
    events);
  if (source)
    dial->send_syn(0);
  else
    dial->fail_unreachable();
  return std::make_unique<sim_dial_operation>(std::move(dial));
}

std::unique_ptr<pending_operation> sim_network::resolve(const std::string& host, std::uint64_t token,
  resolve_events& events) {
  auto cancelled = std::make_shared<bool>(false);
  const auto literal = ip_address::parse(host);
  world_.at_host(host_, literal ? world_.now() : world_.now() + lookup_time,
    [this, host, token, &events, cancelled, literal, epoch = epoch_] {
      if (*cancelled || epoch != epoch_)
        return;
      world_.note_event(sim_world::event_kind::resolve, host_, as_bytes(host));
      std::vector<ip_address> found;
      if (literal)
        found.push_back(*literal);
      for (std::size_t i = 0; !literal && i < world_.host_count(); ++i)
        if (auto& named = world_.host(i); named.name() == host)
          found.insert(found.end(), named.net().addresses().begin(), named.net().addresses().end());
      const auto why = found.empty() ? std::make_error_code(std::errc::host_unreachable) : std::error_code{};
      events.resolved(token, std::move(found), why);
    });
  return std::make_unique<sim_lookup_operation>(std::move(cancelled));
}

std::vector<interface_address> sim_network::interfaces() {
  std::vector<interface_address> out{
    {"lo", ip_address::v4_loopback(), sim_loopback_index, prefix_v4, false, true, true}};
  for (const auto& mine : addresses_)
    if (up_)
      out.push_back({"eth0", mine, sim_cable_index, mine.is_v4() ? prefix_v4 : prefix_v6, multicast_, false, true});
  return out;
}

result<std::unique_ptr<datagram_socket>, std::error_code> sim_network::open_datagrams(const endpoint& local,
  bool dual_stack, datagram_events& events) {
  silent_ = false;
  if (!local.address.is_unspecified() && network_at(local.address) != this)
    return std::make_error_code(std::errc::address_not_available);
  auto bound = local;
  const bool both = dual_stack && bound.address.is_v6() && bound.address.is_unspecified();
  const bool v4 = both || bound.address.is_v4();
  const bool v6 = bound.address.is_v6();
  if (bound.port == 0)
    bound.port = free_port();
  else if ((v4 && datagrams_on(bound.port, false)) || (v6 && datagrams_on(bound.port, true)) || port_shared(bound.port))
    return std::make_error_code(std::errc::address_in_use);
  auto core = std::make_shared<sim_datagram_core>(*this, bound, both, events);
  if (v4)
    datagrams_[{bound.port, false}] = core;
  if (v6)
    datagrams_[{bound.port, true}] = core;
  return own_sim_datagrams(std::move(core));
}

} // namespace librats::runtime
