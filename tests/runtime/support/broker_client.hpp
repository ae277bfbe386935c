// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/io_broker.hpp"
#include "tests/runtime/caf/test_messages.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::runtime {

/// Asks a broker for things and keeps the answers.
class broker_client final : public pinned_actor {
public:
  broker_client(caf::actor_config& config, std::shared_ptr<event_loop> loop, caf::actor its_broker)
    : pinned_actor(config, std::move(loop)), broker(std::move(its_broker)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "broker_client"; }
  using pinned_actor::loop;
  using pinned_actor::tell;

  void listen(open_listener request) {
    if (!request.receiver)
      request.receiver = caf::actor_cast<caf::actor>(this);
    ask(broker, patience, std::move(request), [this](const listener_opened& x) { news([&] { opened = x.local; }); },
      failed_as(0));
  }
  void dial(const dial_stream& request) {
    ask(broker, patience, request, [this](const stream_dialed& x) { news([&] { dialed.push_back(x); }); },
      failed_as(request.id));
  }
  void resolve(const std::string& name) {
    ask(broker, patience, resolve_name{name},
      [this](const name_resolved& x) { news([&] { addresses = x.addresses; }); }, failed_as(0));
  }
  void list() {
    ask(broker, patience, list_interfaces{},
      [this](const interface_list& x) { news([&] { interfaces = x.interfaces; }); }, failed_as(0));
  }

  caf::actor broker;
  std::optional<endpoint> opened;
  std::vector<stream_dialed> dialed;
  std::vector<stream_accepted> accepted;
  std::vector<std::uint64_t> failed;
  std::vector<ip_address> addresses;
  std::vector<interface_address> interfaces;
  std::string why;
  /// Called after each of the above, on the actor's own thread.
  std::function<void(broker_client&)> on_news;

protected:
  caf::behavior handlers() override {
    return {
      [this](const call_inside& x) { x.what(*this); },
      [this](const stream_accepted& x) { news([&] { accepted.push_back(x); }); },
    };
  }
  void stopped() override {
    on_news = nullptr;
    broker = nullptr;
  }

private:
  static constexpr auto patience = std::chrono::minutes{10};

  template <class F>
  void news(F what) {
    what();
    if (on_news)
      on_news(*this);
  }
  std::function<void(caf::error&)> failed_as(std::uint64_t id) {
    return [this, id](caf::error& x) {
      news([&] {
        failed.push_back(id);
        why = describe_error(x);
      });
    };
  }
};

} // namespace librats::runtime
