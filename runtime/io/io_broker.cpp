// SPDX-License-Identifier: MIT
#include "runtime/io/io_broker.hpp"

#include "runtime/log/log.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace librats::runtime {

namespace {

constexpr std::uint32_t deadline_slot = 0;
constexpr std::uint32_t claim_slot = 1;

std::string listen_failure(const endpoint& local, std::uint16_t tried, const std::error_code& why) {
  auto out = "cannot listen on " + local.to_string() + ": " + why.message();
  if (why == std::errc::address_in_use) {
    if (tried > 1)
      out += "; the next " + std::to_string(tried - 1) + (tried == 2 ? " port is" : " ports are") + " taken too";
    out += "; choose another listen_port or stop the program that holds it";
  } else if (why == std::errc::permission_denied) {
    out += "; ports below 1024 need a privilege, choose a higher listen_port";
  } else if (why == std::errc::address_not_available) {
    out += "; bind_address is not an address of this machine";
  }
  return out;
}

} // namespace

io_broker::io_broker(caf::actor_config& config, std::shared_ptr<event_loop> loop)
  : pinned_actor(config, std::move(loop)) {}

void io_broker::started() {
  // What an earlier incarnation left behind may still be claimed; nobody else watches its time. Other nodes of this
  // process have their streams in the same table.
  expect_claims();
}

caf::behavior io_broker::handlers() {
  return {
    [this](const dial_stream& x) { return dial(x); },
    [this](const cancel_dial& x) { cancel(x); },
    [this](const drop_stream& x) { loop().streams().claim(x.stream.id); },
    [this](const stream_handover& x) { adopt(x); },
    [this](const open_listener& x) { return listen(x); },
    [this](const resolve_name& x) { return resolve(x); },
    [this](const watch_network& x) {
      watcher_ = x.receiver;
      if (!watch_)
        watch_ = loop().net().watch(*this);
    },
    [this](const list_interfaces&) { return interface_list{loop().net().interfaces()}; },
  };
}

void io_broker::stopped() {
  acceptor_.reset();
  watch_.reset();
  watcher_ = nullptr;
  receiver_ = nullptr;
  brokers_.clear();
  // Whoever asked shall not wait for its own timeout.
  for (auto& [token, dial] : std::exchange(dials_, {}))
    dial.promise.deliver(failure("the broker ended before the dial did"));
  for (auto& [token, lookup] : std::exchange(lookups_, {}))
    lookup.promise.deliver(failure("cannot resolve " + lookup.host + ": the broker ended"));
}

// -- listening -------------------------------------------------------------------------------------------------------

caf::result<listener_opened> io_broker::listen(const open_listener& request) {
  auto options = request.options;
  const auto attempts = options.local.port == 0 ? std::uint16_t{1} : std::max<std::uint16_t>(request.port_attempts, 1);
  acceptor_.reset();
  receiver_ = request.receiver;
  brokers_ = request.brokers;
  std::error_code why;
  std::uint16_t tried = 0;
  while (tried < attempts) {
    auto opened = loop().net().listen(options, *this);
    if (opened) {
      acceptor_ = std::move(*opened);
      return listener_opened{acceptor_->local()};
    }
    why = opened.error();
    if (why == std::errc::address_family_not_supported && options.dual_stack && options.local.address.is_v6()) {
      options.local.address = ip_address{};  // A machine without IPv6: the IPv4 wildcard is all there is.
      continue;
    }
    ++tried;
    if (why != std::errc::address_in_use || options.local.port == 65535)
      break;
    ++options.local.port;
  }
  return failure(listen_failure(request.options.local, tried, why));
}

void io_broker::accepted(std::unique_ptr<stream> incoming) {
  guarded([&] {
    const auto target = brokers_.empty() ? caf::actor{} : brokers_[next_broker_++ % brokers_.size()];
    if (!target || target.id() == id()) {
      announce(std::move(incoming), receiver_);
      return;
    }
    const auto remote = incoming->remote();
    const auto kind = incoming->kind();
    if (auto wanderer = incoming->detach())
      tell(target, stream_handover{std::make_shared<std::unique_ptr<detached_stream>>(std::move(wanderer)), remote,
                     kind, receiver_});
  });
}

void io_broker::adopt(const stream_handover& x) {
  if (auto mine = loop().net().attach(std::move(*x.wanderer)))
    announce(std::move(mine), x.receiver);
}

void io_broker::announce(std::unique_ptr<stream> incoming, const caf::actor& receiver) {
  const auto remote = incoming->remote();
  const auto kind = incoming->kind();
  const stream_ref ref{loop().index(), loop().streams().put(std::move(incoming), now())};
  expect_claims();
  tell(receiver, stream_accepted{ref, remote, kind});
}

void io_broker::accept_failed(std::error_code why) {
  guarded([&] { LIBRATS_LOG(log_level::warn, kind(), "cannot accept a connection: ", why.message()); });
}

void io_broker::network_changed() {
  guarded([&] { tell(watcher_, runtime::network_changed{}); });
}

// -- dialing ---------------------------------------------------------------------------------------------------------

caf::result<stream_dialed> io_broker::dial(const dial_stream& request) {
  const auto token = ++last_token_;
  dial_in_progress entry;
  entry.requester = current_sender() ? current_sender()->id() : 0;
  entry.id = request.id;
  entry.deadline = now() + request.timeout;
  entry.promise = make_response_promise<stream_dialed>();
  entry.operation = loop().net().dial(request.remote, token, *this);
  dials_.emplace(token, std::move(entry));
  arm_deadline_timer();
  return caf::delegated<stream_dialed>{};
}

void io_broker::cancel(const cancel_dial& request) {
  const auto asker = current_sender() ? current_sender()->id() : 0;
  const auto found = std::find_if(dials_.begin(), dials_.end(), [&](const auto& x) {
    return x.second.requester == asker && x.second.id == request.id;
  });
  if (found != dials_.end())
    finish_dial(found->first, nullptr, "the dial was cancelled");
}

void io_broker::dialed(std::uint64_t token, std::unique_ptr<stream> outgoing) {
  guarded([&] { finish_dial(token, std::move(outgoing), {}); });
}

void io_broker::dial_failed(std::uint64_t token, std::error_code why) {
  guarded([&] { finish_dial(token, nullptr, why.message()); });
}

void io_broker::finish_dial(std::uint64_t token, std::unique_ptr<stream> outgoing, const std::string& why) {
  const auto found = dials_.find(token);
  if (found == dials_.end())
    return;
  auto entry = std::move(found->second);
  dials_.erase(found);
  if (outgoing == nullptr) {
    entry.promise.deliver(failure(why));
    return;
  }
  const auto remote = outgoing->remote();
  const auto kind = outgoing->kind();
  const stream_ref ref{loop().index(), loop().streams().put(std::move(outgoing), now())};
  expect_claims();
  entry.promise.deliver(stream_dialed{ref, remote, kind});
}

void io_broker::arm_deadline_timer() {
  std::optional<time_point> earliest;
  for (const auto& [token, dial] : dials_)
    if (!earliest || dial.deadline < *earliest)
      earliest = dial.deadline;
  if (earliest)
    arm_timer(deadline_slot, *earliest);
}

void io_broker::expect_claims() {
  if (const auto oldest = loop().streams().oldest(); oldest && !timer_armed(claim_slot))
    arm_timer(claim_slot, *oldest + claim_timeout);
}

void io_broker::timer_fired(std::uint32_t slot) {
  if (slot == claim_slot) {
    if (const auto dropped = loop().streams().drop_older(now() - claim_timeout); dropped != 0)
      LIBRATS_LOG(log_level::debug, kind(), "closed ", dropped, " streams that nobody claimed");
    expect_claims();
    return;
  }
  std::vector<std::uint64_t> late;
  for (const auto& [token, dial] : dials_)
    if (dial.deadline <= now())
      late.push_back(token);
  for (auto token : late)
    finish_dial(token, nullptr, "no answer in time");
  arm_deadline_timer();
}

// -- names -----------------------------------------------------------------------------------------------------------

caf::result<name_resolved> io_broker::resolve(const resolve_name& request) {
  const auto token = ++last_token_;
  lookup_in_progress entry;
  entry.host = request.host;
  entry.promise = make_response_promise<name_resolved>();
  entry.operation = loop().net().resolve(request.host, token, *this);
  lookups_.emplace(token, std::move(entry));
  return caf::delegated<name_resolved>{};
}

void io_broker::resolved(std::uint64_t token, std::vector<ip_address> addresses, std::error_code why) {
  guarded([&] {
    const auto found = lookups_.find(token);
    if (found == lookups_.end())
      return;
    auto entry = std::move(found->second);
    lookups_.erase(found);
    if (why)
      entry.promise.deliver(failure("cannot resolve " + entry.host + ": " + why.message()));
    else
      entry.promise.deliver(name_resolved{std::move(addresses)});
  });
}

} // namespace librats::runtime
