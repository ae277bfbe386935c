// SPDX-License-Identifier: MIT
#include "actors/peer_directory.hpp"

#include "actors/advertised_addresses.hpp"
#include "protocols/duplicate_rule.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

/// A link answers from its own loop; one that is too busy for that long is listed without figures.
constexpr auto report_timeout = std::chrono::seconds{1};
/// A peer that dials again and again must not pile up links.
constexpr std::size_t spares_max = 8;

struct report_collector {
  peer_list list;
  std::size_t missing = 1;
  caf::typed_response_promise<peer_list> promise;

  void done_one() {
    if (--missing == 0)
      promise.deliver(std::move(list));
  }
};

} // namespace

peer_directory::peer_directory(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  const peer_id& self, std::size_t peers_max, caf::actor_addr node)
  : pinned_actor(config, std::move(loop)), self_(self), peers_max_(peers_max), node_(std::move(node)) {}

void peer_directory::started() {
  set_down_handler([this](caf::down_msg& x) {
    forget(x.source, runtime::is_orderly_exit(x.reason) ? "the link ended" : runtime::describe_error(x.reason));
  });
}

void peer_directory::stopped() {
  peers_.clear();
  by_link_.clear();
}

caf::behavior peer_directory::handlers() {
  return {
    [this](const link_established& x) { decide(x); },
    [this](const link_closed& x) {
      if (current_sender())
        forget(caf::actor_cast<caf::actor_addr>(current_sender()), x.reason);
    },
    [this](const link_identified& x) { note_identify(x); },
    [this](const peer_rtt_measured& x) { note_rtt(x); },
    [this](const disconnect_peer& x) {
      const auto found = peers_.find(x.id);
      if (found == peers_.end())
        return;
      for (auto& one : std::exchange(found->second.spares, {})) {
        by_link_.erase(one.link.link.id());
        tell(one.link.link, close_link{"disconnected by the application"});
      }
      tell(found->second.link.link, close_link{"disconnected by the application"});
    },
    [this](const get_peers&) { return list_peers(); },
  };
}

void peer_directory::decide(const link_established& x) {
  const auto& id = x.link.id;
  if (id == self_) {
    refuse(x, "connected to ourselves", false);
    return;
  }
  const auto found = peers_.find(id);
  if (found == peers_.end()) {
    if (!x.restored && x.link.role == protocols::role::responder && peers_max_ != 0 && peers_.size() >= peers_max_) {
      refuse(x, "the limit of " + std::to_string(peers_max_) + " peers is reached", false);
      return;
    }
    admit(x, true);
    return;
  }
  auto& existing = found->second;
  if (by_link_.count(x.link.link.id()) != 0)
    return;  // Told twice around a restart.
  if (!replaces(existing, x)) {
    refuse(x, "another link to the same peer stays", true);
    if (!x.restored) {
      monitor(x.link.link);
      set_aside(existing, {x.link, x.serial});
    }
    return;
  }
  tell(existing.link.link, retire_link{});
  set_aside(existing, {existing.link, existing.serial});
  admit(x, false);
}

void peer_directory::set_aside(entry& peer, spare loser) {
  by_link_[loser.link.link.id()] = loser.link.id;
  peer.spares.push_back(std::move(loser));
  if (peer.spares.size() <= spares_max)
    return;
  const auto oldest = peer.spares.front().link.link;
  peer.spares.erase(peer.spares.begin());
  by_link_.erase(oldest.id());
  tell(oldest, close_link{"replaced by another link to the same peer"});
}

bool peer_directory::replaces(const entry& existing, const link_established& incoming) const {
  // The rule's last resort is "the newer one stays". Links that make themselves known again after a restart of this
  // actor may come in any order, so the order of birth is what counts.
  const protocols::link_traits old_traits{existing.link.role, existing.link.transport};
  const protocols::link_traits new_traits{incoming.link.role, incoming.link.transport};
  if (incoming.restored && incoming.serial < existing.serial)
    return !protocols::new_link_survives(self_, incoming.link.id, new_traits, old_traits);
  return protocols::new_link_survives(self_, incoming.link.id, old_traits, new_traits);
}

void peer_directory::admit(const link_established& x, bool first) {
  auto& mine = peers_[x.link.id];
  const bool known = !first;
  mine.link = x.link;
  mine.serial = x.serial;
  if (!known)
    mine.since = now();
  by_link_[x.link.link.id()] = x.link.id;
  monitor(x.link.link);
  if (!x.restored)
    tell(caf::actor_cast<caf::actor>(node_), link_admitted{x.link, first});
}

void peer_directory::refuse(const link_established& x, const std::string& reason, bool already_connected) {
  link_verdict verdict;
  verdict.reason = reason;
  verdict.already_connected = already_connected;
  if (x.restored)
    tell(x.link.link, close_link{reason});
  else
    tell(x.link.link, verdict);
}

void peer_directory::forget(const caf::actor_addr& link, const std::string& reason) {
  const auto found = by_link_.find(link.id());
  if (found == by_link_.end())
    return;  // Known to be over.
  const auto id = found->second;
  by_link_.erase(found);
  auto& mine = peers_.at(id);
  auto& spares = mine.spares;
  if (mine.link.link.address() != link) {
    const auto same = [&](const spare& x) { return x.link.link.address() == link; };
    spares.erase(std::remove_if(spares.begin(), spares.end(), same), spares.end());
    return;
  }
  if (!spares.empty()) {  // The other end kept another one: most likely the one that the rule puts first.
    const auto traits = [](const spare& x) { return protocols::link_traits{x.link.role, x.link.transport}; };
    auto best = std::min_element(spares.begin(), spares.end(), [&](const spare& a, const spare& b) {
      return a.serial < b.serial ? !protocols::new_link_survives(self_, id, traits(a), traits(b))
                                 : protocols::new_link_survives(self_, id, traits(b), traits(a));
    });
    mine.link = std::move(best->link);
    mine.serial = best->serial;
    spares.erase(best);
    tell(mine.link.link, retire_link{true});
    tell(caf::actor_cast<caf::actor>(node_), link_admitted{mine.link, false});
    return;
  }
  peers_.erase(id);
  tell(caf::actor_cast<caf::actor>(node_), peer_disconnected{id, reason});
}

void peer_directory::note_identify(const link_identified& x) {
  const auto found = peers_.find(x.id);
  if (found == peers_.end())
    return;
  auto& mine = found->second;
  mine.identify = x.info;
  mine.addresses = believable_addresses(x.info.addresses, mine.link.remote.address, x.info.listen_port);
  tell(caf::actor_cast<caf::actor>(node_), peer_identified{x.id, x.info});
}

void peer_directory::note_rtt(const peer_rtt_measured& x) {
  if (const auto found = peers_.find(x.id); found != peers_.end())
    found->second.rtt = x.smoothed;
}

peer_report peer_directory::describe(const entry& x) {
  peer_report out;
  out.link = x.link;
  out.identify = x.identify;
  out.addresses = x.addresses;
  out.since = x.since;
  out.rtt = x.rtt;
  return out;
}

caf::result<peer_list> peer_directory::list_peers() {
  auto collector = std::make_shared<report_collector>();
  collector->promise = make_response_promise<peer_list>();
  collector->missing += peers_.size();
  collector->list.peers.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) {
    const auto i = collector->list.peers.size();
    collector->list.peers.push_back(describe(peer));
    ask(peer.link.link, report_timeout, get_link_report{},
      [collector, i](const link_report& x) {
        auto& mine = collector->list.peers[i];
        mine.frames_sent = x.frames_sent;
        mine.frames_received = x.frames_received;
        mine.frames_dropped = x.frames_dropped;
        mine.bytes_sent = x.bytes_sent;
        mine.bytes_received = x.bytes_received;
        mine.queued = x.queued;
        mine.quality = x.quality;
        if (!mine.rtt)
          mine.rtt = x.quality.smoothed_rtt;
        collector->done_one();
      },
      [collector](caf::error&) { collector->done_one(); });
  }
  collector->done_one();
  return caf::delegated<peer_list>{};
}

} // namespace librats::actors
