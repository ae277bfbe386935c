// SPDX-License-Identifier: MIT
#include "actors/datagram_mux.hpp"

#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t claim_slot = 0;
constexpr std::uint32_t stop_slot = 1;

/// Of one stream in one turn: 80 KiB. The others get their turn before the next ones.
constexpr std::size_t packets_per_turn = 64;
/// How long a mux that is told to stop lets its streams finish. Most need one round trip.
constexpr auto stop_patience = std::chrono::seconds{2};
/// Actors that get foreign datagrams: a few protocols share the port.
constexpr std::size_t foreign_handlers_max = 16;
/// Dials that wait for the socket. The node opens it as the first thing it does.
constexpr std::size_t early_dials_max = 1024;

} // namespace

datagram_mux::datagram_mux(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  runtime::random_source& random, const options& its)
  : pinned_actor(config, std::move(loop)), random_(random), options_(its) {}

void datagram_mux::started() {
  set_down_handler([this](caf::down_msg& x) {
    foreign_handlers_.erase(std::remove_if(foreign_handlers_.begin(), foreign_handlers_.end(),
                              [&](const auto& y) { return y.address() == x.source; }),
      foreign_handlers_.end());
  });
  set_exit_handler([this](caf::exit_msg& x) {
    if (x.reason == caf::exit_reason::kill) {
      quit(x.reason);
      return;
    }
    stop_reason_ = x.reason;
    receiver_ = nullptr;
    arm_timer(stop_slot, now() + stop_patience);
    finish_stopping();
  });
}

void datagram_mux::stopped() {
  const auto gone = runtime::failure("the datagram transport ended before the dial did");
  for (auto& [serial, dial] : std::exchange(dials_, {}))
    dial.promise.deliver(gone);
  for (auto& [request, dial] : std::exchange(early_, {}))
    dial.promise.deliver(gone);
  close_socket();
  receiver_ = nullptr;
  for (const auto& one : std::exchange(foreign_handlers_, {}))
    demonitor(one.address());
}

caf::behavior datagram_mux::handlers() {
  return {
    [this](const open_datagrams& x) { return open(x); },
    [this](const dial_datagram_stream& x) { return dial(x); },
    [this](const runtime::cancel_dial& x) { cancel(x); },
    [this](const register_datagrams& x) {
      if (!x.handler || foreign_handlers_.size() >= foreign_handlers_max
          || std::find(foreign_handlers_.begin(), foreign_handlers_.end(), x.handler) != foreign_handlers_.end())
        return;
      monitor(x.handler);
      foreign_handlers_.push_back(x.handler);
    },
    [this](const send_datagram& x) {
      if (socket_)
        socket_->send(x.to, x.payload.view());
    },
    [this](const get_datagram_report&) { return report(); },
  };
}

// -- opening and closing ----------------------------------------------------------------------------------------------

caf::result<datagrams_opened> datagram_mux::open(const open_datagrams& request) {
  close_socket();
  auto opened = loop().net().open_datagrams(request.local.local, request.local.dual_stack, *this);
  if (opened) {
    socket_ = std::move(*opened);
    endpoint_.emplace(options_.acceptance, draw_secret(), random_.u64(), now());
    receiver_ = stop_reason_ ? nullptr : request.receiver;
  }
  opened_once_ = true;
  for (auto& [dial, entry] : std::exchange(early_, {}))
    begin_dial(dial, std::move(entry));
  if (!opened)
    return runtime::failure("cannot use UDP on " + request.local.local.to_string() + ": " + opened.error().message());
  return datagrams_opened{socket_->local()};
}

void datagram_mux::close_socket() {
  // Each tells its owner, who may let go of it while we look, and the other end, which may miss it.
  for (const auto& [serial, link] : std::exchange(links_, {})) {
    link->abort();
    if (socket_)
      link->service(*socket_, 1);
    link->orphan();
  }
  pending_.clear();
  endpoint_.reset();
  socket_.reset();
  socket_full_ = false;
}

void datagram_mux::finish_stopping() {
  if (!stop_reason_)
    return;
  const bool late = !timer_armed(stop_slot);
  if (!late && !links_.empty())
    return;
  for (const auto& [serial, link] : links_) {
    link->abort();
    if (socket_)
      link->service(*socket_, 1);  // The Reset.
  }
  if (socket_)
    socket_->flush();
  quit(*stop_reason_);
}

protocols::cookie_secret datagram_mux::draw_secret() {
  protocols::cookie_secret out{};
  random_.fill(out);
  return out;
}

// -- dialing ----------------------------------------------------------------------------------------------------------

caf::result<runtime::stream_dialed> datagram_mux::dial(const dial_datagram_stream& request) {
  pending_dial entry;
  entry.requester = current_sender() ? current_sender()->id() : 0;
  entry.id = request.dial.id;
  entry.promise = make_response_promise<runtime::stream_dialed>();
  if (opened_once_ || early_.size() >= early_dials_max)
    begin_dial(request, std::move(entry));
  else
    early_.emplace_back(request, std::move(entry));
  return caf::delegated<runtime::stream_dialed>{};
}

void datagram_mux::begin_dial(const dial_datagram_stream& request, pending_dial entry) {
  const auto& to = request.dial.remote;
  if (!socket_ || stop_reason_) {
    entry.promise.deliver(runtime::failure("no UDP socket is open"));
    return;
  }
  if (socket_->local().address.is_v4() && to.address.is_v6()) {
    entry.promise.deliver(runtime::failure("our UDP socket is bound to IPv4"));
    return;
  }
  std::optional<protocols::connection_ids> ids;
  while (!ids)
    ids = endpoint_->ids_for(static_cast<std::uint32_t>(random_.u64()));
  auto& link = add_link(*ids, to, protocols::role::initiator, request.profile);
  dials_.emplace(link.name().serial, std::move(entry));
  service_later(link);
}

void datagram_mux::cancel(const runtime::cancel_dial& request) {
  const auto who = current_sender() ? current_sender()->id() : 0;
  const auto is_it = [&](const pending_dial& x) { return x.requester == who && x.id == request.id; };
  if (const auto early = std::find_if(early_.begin(), early_.end(), [&](const auto& x) { return is_it(x.second); });
      early != early_.end()) {
    early->second.promise.deliver(runtime::failure("called off"));
    early_.erase(early);
    return;
  }
  const auto found = std::find_if(dials_.begin(), dials_.end(), [&](const auto& x) { return is_it(x.second); });
  if (found == dials_.end())
    return;
  const auto link = links_.find(found->first);
  found->second.promise.deliver(runtime::failure("called off"));
  dials_.erase(found);
  if (link != links_.end())
    link->second->abort();
}

void datagram_mux::opened(datagram_link& link) {
  const auto found = dials_.find(link.name().serial);
  if (found == dials_.end())
    return;
  auto promise = std::move(found->second.promise);
  dials_.erase(found);
  ++dialed_;
  promise.deliver(runtime::stream_dialed{offer(link), link.name().remote, transport::udp});
}

// -- the socket -------------------------------------------------------------------------------------------------------

void datagram_mux::datagram_received(const endpoint& from, mutable_bytes_view in) {
  guarded([&] { arrived(from, in); });
}

void datagram_mux::datagrams_drained() {}  // What they ask for is done at the end of the turn.

void datagram_mux::datagrams_writable() {
  guarded([&] {
    socket_full_ = false;
    call_at_turn_end();
  });
}

void datagram_mux::datagram_refused(const endpoint& to, std::error_code why) {
  guarded([&] {
    for (const auto& [serial, link] : links_)
      if (link->name().remote == to)
        link->refused(why);
  });
}

void datagram_mux::arrived(const endpoint& from, mutable_bytes_view in) {
  if (!endpoint_)
    return;
  if (now() >= endpoint_->rotation_due())
    endpoint_->rotate(draw_secret(), now());
  using verdict = protocols::datagram_endpoint::verdict;
  const auto x = endpoint_->classify(in, from, now());
  switch (x.what) {
    case verdict::stream: static_cast<datagram_link*>(x.owner)->receive(x.packet); break;
    case verdict::accepted: accept(x, from); break;
    case verdict::reply: socket_->send(from, x.reply); break;
    case verdict::dropped: ++dropped_; break;
    case verdict::foreign: hand_on(from, in); break;
  }
}

void datagram_mux::accept(const protocols::datagram_endpoint::arrival& x, const endpoint& from) {
  if (!receiver_) {
    std::array<std::uint8_t, protocols::datagram_max> refusal{};
    const auto size = protocols::datagram_endpoint::refuse(x.packet, refusal);
    socket_->send(from, bytes_view{refusal.data(), size});
    return;
  }
  auto& link = add_link(x.ids, from, protocols::role::responder, protocols::dial_profile::normal);
  link.receive(x.packet);
  tell(receiver_, runtime::stream_accepted{offer(link), from, transport::udp});
}

void datagram_mux::hand_on(const endpoint& from, bytes_view in) {
  ++foreign_;
  if (foreign_handlers_.empty())
    return;
  const auto shared = caf::make_message(foreign_datagram{from, byte_slice::copy_of(in)});
  for (const auto& one : foreign_handlers_)
    send(one, shared);
}

// -- links ------------------------------------------------------------------------------------------------------------

datagram_link& datagram_mux::add_link(const protocols::connection_ids& ids, const endpoint& remote,
  protocols::role side, protocols::dial_profile profile) {
  protocols::datagram_stream_options its;
  its.side = side;
  its.receive_id = ids.receive_id;
  its.send_id = ids.send_id;
  its.profile = profile;
  its.congestion = options_.congestion;
  its.seed = random_.u64();
  const datagram_link::names names{++last_serial_, ids, socket_->local(), remote};
  auto link = std::make_shared<datagram_link>(static_cast<link_keeper&>(*this), shared_loop(), names, its);
  endpoint_->add(ids, remote, side, link.get());
  return *links_.emplace(names.serial, std::move(link)).first->second;
}

/// Leaves the stream in the loop's table for the connection that will own it.
runtime::stream_ref datagram_mux::offer(datagram_link& link) {
  const runtime::stream_ref out{loop().index(), loop().streams().put(link.make_handle(), now())};
  expect_claims();
  return out;
}

void datagram_mux::expect_claims() {
  if (const auto oldest = loop().streams().oldest(); oldest && !timer_armed(claim_slot))
    arm_timer(claim_slot, *oldest + runtime::claim_timeout);
}

void datagram_mux::timer_fired(std::uint32_t slot) {
  if (slot == stop_slot) {
    finish_stopping();
    return;
  }
  if (const auto dropped = loop().streams().drop_older(now() - runtime::claim_timeout); dropped != 0)
    LIBRATS_LOG(runtime::log_level::debug, kind(), "closed ", dropped, " streams that nobody claimed");
  expect_claims();
}

void datagram_mux::service_later(datagram_link& link) {
  if (std::exchange(link.waits_for_service, true))
    return;
  pending_.push_back(link.shared_from_this());
  if (!socket_full_)
    call_at_turn_end();
}

void datagram_mux::timer_due(datagram_link& link) {
  guarded([&] { link.tick(); });
}

void datagram_mux::turn_ended() {
  // What a link's owner does now may ask for service again: that is for the next turn.
  for (auto& link : std::exchange(pending_, {})) {
    link->waits_for_service = false;
    if (socket_full_ || !socket_)
      service_later(*link);
    else
      service(link);
  }
  if (socket_)
    socket_->flush();
  finish_stopping();
}

void datagram_mux::service(const std::shared_ptr<datagram_link>& link) {
  switch (link->service(*socket_, packets_per_turn)) {
    case datagram_link::state::quiet: break;
    case datagram_link::state::no_room:
      socket_full_ = true;
      service_later(*link);
      break;
    case datagram_link::state::more_to_send: service_later(*link); break;
    case datagram_link::state::over: forget(*link); break;
  }
}

void datagram_mux::forget(datagram_link& link) {
  const auto& name = link.name();
  if (const auto dial = dials_.find(name.serial); dial != dials_.end()) {
    dial->second.promise.deliver(runtime::failure(link.failure()));
    dials_.erase(dial);
  }
  if (endpoint_)
    endpoint_->remove(name.ids, name.remote);
  links_.erase(name.serial);
}

datagram_report datagram_mux::report() const {
  datagram_report out;
  out.streams = links_.size();
  out.dialed = dialed_;
  out.dropped = dropped_;
  out.foreign = foreign_;
  if (endpoint_) {
    const auto& count = endpoint_->count();
    out.accepted = count.accepted;
    out.dropped += count.over_budget + count.replies_suppressed;
    out.stateless_replies = count.cookies_demanded + count.refused + count.resets;
  }
  return out;
}

} // namespace librats::actors
