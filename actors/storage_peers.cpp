// SPDX-License-Identifier: MIT
// What the store says to peers, and when.
#include "actors/storage.hpp"

#include <utility>

namespace librats::actors {

namespace {

/// Bytes for one peer that wait for the disk, or are on their way to a link which has not said yet whether it has room.
constexpr std::size_t ahead_max = 512 * 1024;
/// A link answers from its own loop, at once unless it is very busy.
constexpr auto link_timeout = std::chrono::seconds{30};

} // namespace

void storage::connected(const peer_connected& x) {
  retire(x.id);
  peers_.insert_or_assign(x.id, peer_state{x.link});
  replica_.peer_connected(now(), x.id);
  settle();
}

void storage::disconnected(const peer_disconnected& x) {
  retire(x.id);
  replica_.peer_disconnected(x.id);
  peers_.erase(x.id);
  stir();
}

/// What a session has counted is added up before it ends.
void storage::retire(const peer_id& peer) {
  const auto* session = replica_.session(peer);
  if (!session)
    return;
  const auto& x = session->counted();
  retired_.entries_sent += x.entries_sent;
  retired_.entries_received += x.entries_received;
  retired_.entries_refused += x.entries_refused;
  retired_.requests_sent += x.requests_sent;
  retired_.requests_received += x.requests_received;
}

void storage::received(const frames_received& x) {
  const auto wall = wall_ms();
  for (const auto& one : x.frames) {
    counted_.bytes_received += one.payload.size();
    replica_.handle_message(now(), wall, x.from, one.payload.view());
  }
  settle();
}

void storage::mark(const peer_id& peer, bool congested) {
  const auto at = peers_.find(peer);
  if (at == peers_.end())
    return;
  at->second.congested = congested;
  stir();
}

void storage::pump_peers() {
  for (auto& [peer, its] : peers_) {
    release(peer, its);
    poll(peer, its);
    release(peer, its);
  }
  if (replica_.has_events())
    settle(); // Saying that a comparison is finished finishes it.
  tell_syncs();
}

void storage::tell_syncs() {
  const auto durable = pipeline_.durable();
  for (; !syncs_.empty() && syncs_.front().first <= durable; syncs_.pop_front())
    tell(node(), storage_synced{syncs_.front().second});
}

/// Takes from the session what the link has room for. What a message says may not be on disk yet.
void storage::poll(const peer_id& peer, peer_state& its) {
  while (!its.congested && its.offered + its.held_bytes < ahead_max) {
    auto message = replica_.poll_transmit(now(), peer);
    if (!message)
      return;
    its.held_bytes += message->size();
    its.held.emplace_back(pipeline_.last(), std::move(*message));
  }
}

void storage::release(const peer_id& peer, peer_state& its) {
  const auto durable = pipeline_.durable();
  std::vector<frame> frames;
  std::size_t size = 0;
  while (!its.held.empty() && its.held.front().first <= durable) {
    auto message = std::move(its.held.front().second);
    its.held.pop_front();
    its.held_bytes -= message.size();
    size += message.size();
    frames.push_back({{protocols::message_type::storage, 0, 0}, byte_slice{std::move(message)}});
  }
  if (!frames.empty())
    offer(peer, its, std::move(frames), size);
}

void storage::offer(const peer_id& peer, peer_state& its, std::vector<frame> frames, std::size_t size) {
  its.offered += size;
  counted_.bytes_sent += size;
  const auto answered = [this, peer, size, to = its.link](bool congested) {
    const auto at = peers_.find(peer);
    if (at == peers_.end() || at->second.link != to)
      return; // It was about a link before this one.
    at->second.offered -= size;
    at->second.congested = at->second.congested || congested;
    stir();
  };
  ask(
    its.link, link_timeout, offer_frames{peer, make_batch(std::move(frames))},
    [answered](const send_report& x) { answered(x.status == send_status::congested); },
    [answered](caf::error&) { answered(false); });
}

} // namespace librats::actors
