// SPDX-License-Identifier: MIT
#include "actors/connection_supervisor.hpp"

#include "actors/dialer.hpp"
#include "actors/peer_connection.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

/// A link closes its socket and is gone; it has nothing to finish.
constexpr auto link_deadline = std::chrono::seconds{2};

runtime::supervision_options temporary_children() {
  runtime::supervision_options out;
  out.strategy = runtime::supervision_strategy::one_for_one;
  return out;
}

} // namespace

connection_supervisor::connection_supervisor(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  runtime::host& host, connection_context context, caf::actor_addr node)
  : supervisor(config, std::move(loop), temporary_children()), host_(host), context_(std::move(context)),
    node_(std::move(node)), next_dial_((std::uint64_t{context_.incarnation} << 32) + 1),
    accepts_per_source_(context_.limits.accepts_per_source, host_.random().u64()) {}

caf::behavior connection_supervisor::handlers() {
  return {
    [this](const runtime::stream_accepted& x) { accept(x); },
    [this](const link_settled& x) { settled(x); },
    [this](const dial_peer& x) { return dial(x); },
    [this](const dial_opened& x) { opened(x); },
    [this](const dial_failed& x) { fail_dial(x.dial, x.reason); },
    [this](const transports_known& x) {
      transports_.said({x.where.address.to_string(), x.where.port}, x.transports, now());
    },
    [this](const adopt_link& x) { adopt_survivor(x); },
    [this](const services_changed& x) { context_.services = x; },
    [this](const set_session& x) { context_.session = x.session; },
    [this](const routes_changed& x) {
      context_.table = x.table;
      tell_links(x);
    },
    [this](const local_identity_changed& x) {
      context_.identity = x.identity;
      tell_links(x);
    },
    [this](const get_connection_counters&) {
      auto out = counters_;
      out.half_open = half_open_.size();
      return out;
    },
  };
}

template <class Message>
void connection_supervisor::tell_links(const Message& news) {
  for (const auto& [name, link] : links_)
    tell(link, news);
}

std::string connection_supervisor::next_name(const char* what) {
  const auto number = std::to_string(++last_number_);
  return context_.incarnation == 1 ? what + ("-" + number)
                                   : what + ("-" + std::to_string(context_.incarnation) + "." + number);
}

// -- links ------------------------------------------------------------------------------------------------------------

void connection_supervisor::accept(const runtime::stream_accepted& x) {
  const auto& limits = context_.limits;
  auto& from_there = half_open_per_address_[x.remote.address];
  // Programs on this machine share one address and have better ways to do harm: for them only the total counts.
  const bool neighbour = x.remote.address.is_loopback();
  const bool crowd = from_there >= limits.half_open_per_address_max && !neighbour;
  // Streams on datagrams have been through such a budget already, before they cost anything.
  const bool flood = x.kind == transport::tcp && !neighbour
                     && !(accepts_per_source_.take(x.remote.address, now()) && accepts_.take(limits.accepts, now()));
  if (stopping() || crowd || flood || half_open_.size() >= limits.half_open_max) {
    if (from_there == 0)
      half_open_per_address_.erase(x.remote.address);
    ++counters_.links_refused;
    LIBRATS_LOG(runtime::log_level::debug, kind(), "refuses ", x.remote.to_string(),
      flood ? ": too many connections at a time" : ": too many unfinished handshakes");
    tell(context_.services.brokers[x.stream.loop], runtime::drop_stream{x.stream});
    return;
  }
  ++from_there;
  const auto name = start_link(x.stream, protocols::role::responder, 0, 0);
  half_open_.emplace(name, x.remote.address);
}

std::string connection_supervisor::start_link(const runtime::stream_ref& stream, protocols::role role,
  std::uint64_t dial, std::size_t attempt) {
  link_args args;
  args.name = next_name("peer_connection");
  args.stream = stream;
  args.role = role;
  args.dial = dial;
  args.attempt = attempt;
  args.serial = std::uint64_t{context_.incarnation} << 32 | last_number_;
  args.session = context_.session;
  args.limits = context_.limits;
  args.allow_plaintext_remote = context_.allow_plaintext_remote;
  args.identity = context_.identity;
  args.table = context_.table;
  args.directory = context_.services.directory;
  args.supervisor = address();
  args.node = node_;
  args.random = &host_.random();
  const auto name = args.name;
  runtime::child_spec spec;
  spec.name = name;
  spec.restart = runtime::restart_kind::temporary;
  spec.shutdown_deadline = link_deadline;
  spec.orphan = runtime::orphan_rule::survives;
  spec.start = [this, &args] {
    const auto& loop = host_.loop(args.stream.loop);
    return runtime::spawn_pinned<peer_connection>(system(), loop, std::move(args));
  };
  if (add_child(std::move(spec)))
    links_.emplace(name, child(name));
  return name;
}

void connection_supervisor::adopt_survivor(const adopt_link& x) {
  runtime::child_spec spec;
  spec.name = x.name;
  spec.restart = runtime::restart_kind::temporary;
  spec.shutdown_deadline = link_deadline;
  spec.orphan = runtime::orphan_rule::survives;
  if (!adopt(std::move(spec), x.handle))
    return;
  links_.emplace(x.name, x.handle);
  if (!x.settled) {
    half_open_.emplace(x.name, x.remote);
    ++half_open_per_address_[x.remote];
  }
  // What changed while nobody passed it on.
  tell(x.handle, routes_changed{context_.table});
  tell(x.handle, local_identity_changed{context_.identity});
}

void connection_supervisor::settled(const link_settled& x) {
  leave_half_open(x.name);
  if (x.connected)
    ++counters_.links_established;
  if (x.handshake_failed)
    ++counters_.handshakes_failed;
  attempt_settled(x);
}

void connection_supervisor::leave_half_open(const std::string& name) {
  const auto found = half_open_.find(name);
  if (found == half_open_.end())
    return;
  const auto address = half_open_per_address_.find(found->second);
  if (address != half_open_per_address_.end() && --address->second == 0)
    half_open_per_address_.erase(address);
  half_open_.erase(found);
}

void connection_supervisor::child_gone(const std::string& name, const caf::error& reason) {
  leave_half_open(name);
  links_.erase(name);
  const auto why = stopping() ? std::string{"the node stops"} : runtime::describe_error(reason);
  for (auto& [number, dial] : dials_) {
    // A link that died without a word takes its attempt along, a dialer what has no link yet.
    const auto link
      = std::find_if(dial.links.begin(), dial.links.end(), [&](const auto& x) { return x.second == name; });
    if (link != dial.links.end()) {
      link_settled news;
      news.dial = number;
      news.attempt = link->first;
      news.reason = why;
      attempt_settled(news);
      return;
    }
    if (dial.dialer == name) {
      dial.dialer.clear();
      if (dial.links.empty())
        fail_dial(number, why);
      return;
    }
  }
}

void connection_supervisor::children_stopped() {
  while (!dials_.empty())
    fail_dial(dials_.begin()->first, "the node stops");
}

void connection_supervisor::stopped() {
  supervisor::stopped();
  // After a crash: who asked must not wait for ever.
  while (!dials_.empty())
    fail_dial(dials_.begin()->first, "the connection supervisor failed during the dial");
  links_.clear();
  context_.services = {};
  context_.table = nullptr;
}

// -- dials ------------------------------------------------------------------------------------------------------------

caf::result<connected_to> connection_supervisor::dial(const dial_peer& request) {
  if (stopping())
    return runtime::failure("the node stops");
  const auto number = next_dial_++;
  const auto loop = next_loop_++ % static_cast<std::uint32_t>(host_.loop_count());
  pending_dial entry;
  entry.dialer = next_name("dialer");
  entry.target = {request.host, request.port};
  entry.promise = make_response_promise<connected_to>();
  dial_args args;
  args.dial = number;
  args.host = request.host;
  args.port = request.port;
  args.race = race_for(entry.target);
  args.timeout = context_.limits.dial_timeout;
  args.broker = context_.services.brokers[loop];
  args.mux = context_.services.mux;
  args.supervisor = address();
  runtime::child_spec spec;
  spec.name = entry.dialer;
  spec.restart = runtime::restart_kind::temporary;
  spec.shutdown_deadline = link_deadline;
  spec.start = [&] { return runtime::spawn_pinned<dialer>(system(), host_.loop(loop), std::move(args)); };
  dials_.emplace(number, std::move(entry));
  add_child(std::move(spec));
  return caf::delegated<connected_to>{};
}

protocols::dial_race_config connection_supervisor::race_for(const protocols::transport_memory::target& target) const {
  protocols::dial_race_config out;
  const auto& use = context_.transports;
  std::vector<transport> allowed;
  for (const auto one : {use.preferred, use.preferred == transport::udp ? transport::tcp : transport::udp})
    if (one == transport::udp ? use.udp && context_.services.mux : use.tcp)
      allowed.push_back(one);
  out.order = transports_.order(target, std::move(allowed), now());
  out.fallback_delay = use.fallback_delay;
  return out;
}

void connection_supervisor::opened(const dial_opened& x) {
  const auto found = dials_.find(x.dial);
  if (found == dials_.end()) {
    tell(context_.services.brokers[x.stream.stream.loop], runtime::drop_stream{x.stream.stream});
    return;
  }
  found->second.links[x.attempt] = start_link(x.stream.stream, protocols::role::initiator, x.dial, x.attempt);
}

void connection_supervisor::attempt_settled(const link_settled& x) {
  const auto found = dials_.find(x.dial);
  if (found == dials_.end())
    return;
  auto& dial = found->second;
  dial.links.erase(x.attempt);
  if (x.connected)
    win_dial(x);
  else if (!dial.dialer.empty())
    tell(child(dial.dialer), attempt_failed{x.attempt, x.reason});
  else if (dial.links.empty())
    fail_dial(x.dial, x.reason);
}

void connection_supervisor::win_dial(const link_settled& x) {
  const auto found = dials_.find(x.dial);
  auto entry = std::move(found->second);
  dials_.erase(found);
  transports_.worked(entry.target, x.over, now());
  end_dialing(entry);
  entry.promise.deliver(connected_to{x.id, x.remote});
}

/// Calls off what still runs: a dial that has its answer needs no other stream (wire/07 section 12).
void connection_supervisor::end_dialing(const pending_dial& x) {
  tell(child(x.dialer), dial_won{});
  for (const auto& [attempt, name] : x.links)
    tell(child(name), cancel_handshake{});
}

void connection_supervisor::fail_dial(std::uint64_t dial, const std::string& reason) {
  const auto found = dials_.find(dial);
  if (found == dials_.end())
    return;
  auto entry = std::move(found->second);
  dials_.erase(found);
  LIBRATS_LOG(runtime::log_level::debug, kind(), "did not reach ", entry.target.first, " port ", entry.target.second,
    ": ", reason);
  end_dialing(entry);
  entry.promise.deliver(runtime::failure(reason));
}

} // namespace librats::actors
