// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_datagram.hpp"

#include "runtime/sim/sim_host.hpp"

#include <utility>

namespace librats::runtime {

namespace {

class sim_datagram_socket final : public datagram_socket {
public:
  explicit sim_datagram_socket(std::shared_ptr<sim_datagram_core> core) : core_(std::move(core)) {}
  ~sim_datagram_socket() override { core_->events = nullptr; }

  bool send(const endpoint& to, bytes_view datagram) override {
    auto& world = core_->net.world();
    auto* target = core_->net.network_at(to.address);
    bool dropped = false;
    const auto departed = core_->net.departure(datagram.size(), true, dropped);
    if (dropped || target == nullptr || core_->net.silent())
      return true;
    const auto& path = world.link(core_->net.host(), target->host());
    const int copies = world.random().chance(path.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      if (world.random().chance(path.loss))
        continue;
      auto arrival = departed + path.latency
                     + duration{static_cast<std::int64_t>(
                       world.random().below(static_cast<std::uint64_t>(path.jitter.count()) + 1))};
      if (world.random().chance(path.reordering))
        arrival += path.reordering_delay;
      world.at(arrival, [&world, from = core_->net.host(), source = source_for(to), target, to,
                          content = to_bytes(datagram)]() mutable {
        if (target->silent() || !world.reachable(from, target->host()))
          return;
        const auto receiver = target->datagrams_on(to.port);
        if (!receiver || receiver->events == nullptr
            || !(receiver->local.address.is_unspecified() || receiver->local.address == to.address))
          return;
        world.note_event(sim_world::event_kind::datagram, target->host(), content);
        receiver->events->datagram_received(source, content);
      });
    }
    return true;
  }

  [[nodiscard]] endpoint local() const override { return core_->local; }

private:
  [[nodiscard]] endpoint source_for(const endpoint& to) const {
    return {to.address.is_loopback() ? to.address : sim_host::address_of(core_->net.host()), core_->local.port};
  }

  std::shared_ptr<sim_datagram_core> core_;
};

} // namespace

std::unique_ptr<datagram_socket> make_sim_datagram_socket(std::shared_ptr<sim_datagram_core> core) {
  return std::make_unique<sim_datagram_socket>(std::move(core));
}

} // namespace librats::runtime
