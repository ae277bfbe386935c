// SPDX-License-Identifier: MIT
#include "actors/stun_query.hpp"

#include "runtime/io/io_broker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;
constexpr std::uint32_t retry_slot = 1;

std::string sentence_of(const protocols::stun::address_query::failed& x) {
  using outcome = protocols::stun::address_query::outcome;
  switch (x.why) {
  case outcome::silence: break;
  case outcome::refused: return "nobody is there at the STUN server's address";
  case outcome::error: return "the STUN server answered with error " + std::to_string(x.error_code);
  case outcome::no_address: return "the STUN server's answer has no usable address";
  }
  return "no STUN server answered";
}

} // namespace

stun_query::stun_query(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its)
  : pinned_actor(config, std::move(loop)), args_(std::move(its)) {}

void stun_query::started() {
  arm_timer(deadline_slot, now() + args_.what.timeout);
  if (args_.mux) {
    tell(args_.mux, register_datagrams{caf::actor_cast<caf::actor>(this)});
  } else {
    const auto any = args_.family == gathered_family::v4 ? ip_address{} : ip_address::v6_any();
    auto opened = loop().net().open_datagrams({any, 0}, args_.family == gathered_family::either, *this);
    if (!opened) {
      fail("cannot use UDP: " + opened.error().message());
      return;
    }
    socket_ = std::move(*opened);
  }
  const auto& names = args_.what.servers;
  if (names.empty())
    fail("no STUN server is named");
  const auto all = std::make_shared<endpoint_gathering>(names, args_.family,
    [this](const std::vector<endpoint>& servers) { ask_servers(servers); });
  for (std::size_t i = 0; i < names.size(); ++i)
    ask(args_.broker, args_.what.timeout, runtime::resolve_name{names[i].host},
      [all, i](const runtime::name_resolved& x) { all->ended(i, x.addresses); },
      [all, i](caf::error&) { all->ended(i, {}); });
}

void stun_query::stopped() {
  if (args_.promise.pending())
    args_.promise.deliver(runtime::failure("the question to the STUN server was called off"));
  socket_.reset();
  args_.mux = nullptr;
  args_.broker = nullptr;
}

caf::behavior stun_query::handlers() {
  return {
    [this](const foreign_datagram& x) {
      if (query_ && query_->handle_datagram(now(), x.from, x.payload.view()))
        pump();
    },
  };
}

void stun_query::ask_servers(const std::vector<endpoint>& servers) {
  if (servers.empty()) {
    fail("cannot resolve " + args_.what.servers.front().host);
    return;
  }
  query_.emplace(protocols::stun::address_query::config{}, servers, args_.key, now());
  pump();
}

void stun_query::pump() {
  while (auto out = query_->poll_transmit())
    send_out(out->to, std::move(out->datagram));
  if (const auto event = query_->poll_event()) {
    if (const auto* mapped = std::get_if<protocols::stun::address_query::mapped>(&*event)) {
      args_.promise.deliver(address_discovered{mapped->address, mapped->server});
      quit(caf::exit_reason::normal);
    } else {
      fail(sentence_of(std::get<protocols::stun::address_query::failed>(*event)));
    }
    return;
  }
  if (const auto due = query_->poll_timeout())
    arm_timer(retry_slot, *due);
}

void stun_query::send_out(const endpoint& to, bytes datagram) {
  if (socket_)
    socket_->send(to, datagram);
  else
    tell(args_.mux, send_datagram{to, byte_slice{std::move(datagram)}});
}

void stun_query::timer_fired(std::uint32_t slot) {
  if (slot == deadline_slot) {
    fail("no STUN server answered in time");
    return;
  }
  query_->handle_timeout(now());
  pump();
}

void stun_query::fail(const std::string& why) {
  if (args_.promise.pending())
    args_.promise.deliver(runtime::failure(why));
  quit(caf::exit_reason::normal);
}

void stun_query::datagram_received(const endpoint& from, mutable_bytes_view in) {
  guarded([&] {
    if (query_ && query_->handle_datagram(now(), from, in))
      pump();
  });
}

void stun_query::datagram_refused(const endpoint& to, std::error_code) {
  guarded([&] {
    if (!query_)
      return;
    query_->handle_refused(now(), to);
    pump();
  });
}

} // namespace librats::actors
