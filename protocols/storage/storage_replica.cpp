// SPDX-License-Identifier: MIT
#include "protocols/storage/storage_replica.hpp"

namespace librats::protocols {

storage_outcome storage_replica::put(std::uint64_t wall_ms, std::string_view key, const storage_value& value) {
  storage_change change;
  const auto outcome = store_.put(wall_ms, key, value, &change);
  return written(outcome, std::move(change));
}

storage_outcome storage_replica::remove(std::uint64_t wall_ms, std::string_view key) {
  storage_change change;
  const auto outcome = store_.remove(wall_ms, key, &change);
  return written(outcome, std::move(change));
}

storage_outcome storage_replica::written(storage_outcome outcome, storage_change change) {
  if (outcome != storage_outcome::stored)
    return outcome;
  for (auto& [peer, session] : sessions_)
    session.note_change(change.key);
  events_.emplace_back(changed{std::move(change)});
  return outcome;
}

void storage_replica::peer_connected(time_point now, const peer_id& peer) {
  sessions_.erase(peer);
  auto number = cfg_.first_session + sessions_begun_++;
  if (number == 0)
    number = cfg_.first_session + sessions_begun_++;
  sessions_.emplace(peer, sync_session{cfg_.session, now, self_ < peer, number});
}

void storage_replica::handle_message(time_point now, std::uint64_t wall_ms, const peer_id& from, bytes_view payload) {
  const auto at = sessions_.find(from);
  if (at == sessions_.end())
    return;
  at->second.handle_message(now, wall_ms, store_, payload);
  drain(at->second, from);
}

void storage_replica::handle_timeout(time_point now) {
  for (auto& [peer, session] : sessions_)
    session.handle_timeout(now);
}

void storage_replica::drain(sync_session& x, const peer_id& from) {
  while (auto happened = x.poll_event()) {
    auto* won = std::get_if<sync_session::entry_won>(&*happened);
    if (!won) {
      synced_ = true;
      events_.emplace_back(peer_synced{from});
      continue;
    }
    tell_others(&from, won->change.key, won->by_sync);
    events_.emplace_back(changed{std::move(won->change)});
  }
}

void storage_replica::tell_others(const peer_id* from, std::string_view key, bool many) {
  for (auto& [peer, session] : sessions_) {
    if (from && peer == *from)
      continue;
    // A whole store may come by a synchronisation, and others of ours may have it already: digests tell.
    if (many && session.peer_is_ours())
      session.request_sync();
    else
      session.note_change(key);
  }
}

storage_outcome storage_replica::adopt(std::uint64_t wall_ms, const storage_entry& entry) {
  storage_change change;
  const auto outcome = store_.merge(wall_ms, entry, &change);
  if (outcome != storage_outcome::stored)
    return outcome;
  tell_others(nullptr, change.key, true);
  events_.emplace_back(changed{std::move(change)});
  return outcome;
}

bool storage_replica::request_sync() {
  for (auto& [peer, session] : sessions_)
    session.request_sync();
  return !sessions_.empty();
}

std::optional<bytes> storage_replica::poll_transmit(time_point now, const peer_id& to) {
  const auto at = sessions_.find(to);
  if (at == sessions_.end())
    return std::nullopt;
  auto out = at->second.poll_transmit(now, store_);
  drain(at->second, to); // Saying that a comparison is finished finishes it.
  return out;
}

std::optional<storage_replica::event> storage_replica::poll_event() {
  if (events_.empty())
    return std::nullopt;
  auto out = std::move(events_.front());
  events_.pop_front();
  return out;
}

std::optional<time_point> storage_replica::poll_timeout() const {
  std::optional<time_point> out;
  for (const auto& [peer, session] : sessions_)
    if (const auto due = session.poll_timeout(); due && (!out || *due < *out))
      out = due;
  return out;
}

const sync_session* storage_replica::session(const peer_id& peer) const {
  const auto at = sessions_.find(peer);
  return at == sessions_.end() ? nullptr : &at->second;
}

} // namespace librats::protocols
