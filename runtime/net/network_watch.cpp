// SPDX-License-Identifier: MIT
#include "runtime/net/network_watch.hpp"

#include "runtime/io/event_loop.hpp"

#include <utility>

namespace librats::runtime {

namespace {

class polling_watch final : public network_watch, private timer_target {
public:
  polling_watch(event_loop& loop, network_change_events& events)
    : loop_(loop), events_(events), known_(loop.net().interfaces()) {
    arm();
  }
  ~polling_watch() override { loop_.cancel_timer(timer_); }

private:
  void arm() { timer_ = loop_.arm_timer(loop_.now() + interface_poll_interval, *this, 0); }

  void timer_due(std::uint32_t) override {
    arm();
    auto found = loop_.net().interfaces();
    if (same_interfaces(found, known_))
      return;
    known_ = std::move(found);
    events_.network_changed();  // May end this object.
  }

  event_loop& loop_;
  network_change_events& events_;
  std::vector<interface_address> known_;
  timer_handle timer_;
};

} // namespace

std::unique_ptr<network_watch> make_polling_watch(event_loop& loop, network_change_events& events) {
  return std::make_unique<polling_watch>(loop, events);
}

} // namespace librats::runtime
