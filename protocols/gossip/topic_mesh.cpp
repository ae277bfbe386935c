// SPDX-License-Identifier: MIT
#include "protocols/gossip/topic_mesh.hpp"

#include "protocols/core/take_front.hpp"

#include <cassert>
#include <utility>

namespace librats::protocols {

namespace {

bool contains(const std::vector<peer_id>& x, const peer_id& id) {
  return std::find(x.begin(), x.end(), id) != x.end();
}

std::chrono::seconds whole_seconds(duration x) {
  return std::chrono::ceil<std::chrono::seconds>(x);
}

} // namespace

topic_mesh::topic_mesh(
  const config& cfg, time_point now, std::string topic, const peer_id& self, const secret_random::key_type& seed)
  : cfg_(cfg), topic_(std::move(topic)), self_(self), secret_(seed), random_(secret_.next()),
    seen_(cfg.seen, secret_.next()), cache_(cfg.cache, secret_.next()), queue_(cfg.validation, secret_.next()),
    replays_(cfg.replay), heartbeat_at_(now + cfg.heartbeat), opportunity_at_(now + cfg.opportunistic_every) {
  assert(cfg.d_out < cfg.d_low && cfg.d_low <= cfg.d && cfg.d <= cfg.d_high && cfg.d_high <= 32);
  // Topics that were opened together need not beat together.
  heartbeat_at_ -= duration{static_cast<duration::rep>(
    random_.below(static_cast<std::uint64_t>(std::max<duration::rep>(cfg.heartbeat.count(), 1))))};
}

// -- inputs: what we want ---------------------------------------------------------------------------------------------

bool topic_mesh::subscribe(time_point now) {
  if (std::exchange(subscribed_, true))
    return false;
  for (const auto& peer : std::exchange(fanout_, {}))
    if (mesh_.size() < cfg_.d && may_graft(now, peer))
      graft(peer);
  fill_mesh(now);
  wake(now);
  return true;
}

bool topic_mesh::unsubscribe(time_point now) {
  if (!std::exchange(subscribed_, false))
    return false;
  while (!mesh_.empty()) {
    // No back-off: UNSUBSCRIBE has made the other one forget us already, and we may be back soon.
    send(mesh_.front().id, byte_slice{encode_topic_op(gossip_op::prune, topic_)});
    remove_from_mesh(mesh_.begin());
  }
  asked_.clear();
  wake(now);
  return true;
}

result<message_id> topic_mesh::publish(time_point now, bytes_view data) {
  const message_id id{self_, secret_.next()}; // Random, so that nobody can take the next number before we do.
  bytes with_envelope;
  if (cfg_.signing_key) {
    const auto unix_ms = unix_time(now);
    if (!unix_ms)
      return wire_errc::out_of_order;
    if (data.size() > gossip_publish_max)
      return wire_errc::too_large;
    const auto noise = secret_.draw<std::tuple_size_v<xeddsa_noise>>();
    with_envelope = sign_publication(*cfg_.signing_key, id, topic_, data, *unix_ms, noise);
  }
  const auto content_size = data.size();
  auto raw = encode_publish(id, topic_, cfg_.signing_key ? bytes_view{with_envelope} : data);
  if (!raw)
    return raw.error();
  const byte_slice payload{std::move(*raw)};
  ++figures_.published;
  seen_.insert(now, id);
  cache_.put(id, payload);
  for (const auto& peer : own_targets(now))
    send(peer, payload);
  published_at_ = now;
  wake(now);
  if (subscribed_ && cfg_.deliver_own) {
    ++figures_.delivered;
    events_.emplace_back(
      gossip_delivery{id, self_, payload.sub(payload.size() - content_size, content_size), authorship::proven});
  }
  return id;
}

bool topic_mesh::handle_verdict(time_point now, std::uint64_t ticket, verdict x) {
  const auto found = queue_.take(ticket);
  if (!found)
    return false;
  judge(now, *found, x);
  return true;
}

void topic_mesh::set_unix_time(time_point now, std::uint64_t ms) noexcept {
  unix_known_at_ = now;
  unix_ms_ = ms;
}

// -- inputs: peers ----------------------------------------------------------------------------------------------------

void topic_mesh::add_subscriber(time_point now, const peer_id& peer, double score, bool outbound) {
  const auto [place, fresh] = subscribers_.try_emplace(peer);
  place->second.score = score;
  place->second.outbound = outbound;
  if (!fresh)
    return;
  place->second.place = places_.size();
  places_.push_back(peer);
  events_.emplace_back(topic_peer_joined{peer});
  if (!subscribed_)
    return;
  fill_mesh(now);
  wake(now);
}

void topic_mesh::remove_subscriber(time_point now, const peer_id& peer) {
  const auto found = subscribers_.find(peer);
  if (found == subscribers_.end())
    return;
  if (const auto at = find_member(peer); at != mesh_.end()) {
    remove_from_mesh(at);
    wake(now);
  }
  doubts_.erase(peer);
  fanout_.erase(std::remove(fanout_.begin(), fanout_.end(), peer), fanout_.end());
  const auto place = found->second.place;
  subscribers_.erase(found);
  if (place + 1 != places_.size()) {
    places_[place] = places_.back();
    subscribers_.at(places_[place]).place = place;
  }
  places_.pop_back();
  events_.emplace_back(topic_peer_left{peer});
}

void topic_mesh::handle_link_replaced(time_point now, const peer_id& peer) {
  if (in_mesh(peer))
    send(peer, byte_slice{encode_topic_op(gossip_op::graft, topic_)});
  wake(now);
}

void topic_mesh::set_score(time_point now, const peer_id& peer, double score) {
  const auto found = subscribers_.find(peer);
  if (found == subscribers_.end())
    return;
  found->second.score = score;
  if (score < 0 && in_mesh(peer))
    wake(now);
}

void topic_mesh::handle_message(time_point now, const peer_id& from, const byte_slice& payload) {
  const auto x = decode_gossip(payload.view());
  if (!x)
    return;
  if (const auto* publication = std::get_if<gossip_publish>(&*x); publication && publication->topic == topic_)
    handle_publish(now, from, payload, *publication);
  else if (const auto* ihave = std::get_if<gossip_ihave>(&*x); ihave && ihave->topic == topic_)
    handle_ihave(now, from, ihave->ids);
  else if (const auto* graft = std::get_if<gossip_graft>(&*x); graft && graft->topic == topic_)
    handle_graft(now, from);
  else if (const auto* prune = std::get_if<gossip_prune>(&*x); prune && prune->topic == topic_)
    handle_prune(now, from, *prune);
}

void topic_mesh::handle_iwant(time_point now, const peer_id& from, const std::vector<message_id>& ids) {
  if (score_of(from) < cfg_.thresholds.gossip) {
    figures_.iwant_refused += ids.size();
    return;
  }
  auto& mine = accounts_[from];
  wake(now);
  for (const auto& id : ids) {
    const auto spent = mine.bytes_answered;
    const auto budget = spent == 0              ? gossip_publish_max
      : spent < cfg_.answer_bytes_per_heartbeat ? cfg_.answer_bytes_per_heartbeat - spent
                                                : 0;
    byte_slice payload;
    if (cache_.take(id, from, budget, payload) != message_cache::answer::given) {
      ++figures_.iwant_refused;
      continue;
    }
    mine.bytes_answered += payload.size();
    ++figures_.iwant_answered;
    send(from, std::move(payload));
  }
}

void topic_mesh::handle_publish(
  time_point now, const peer_id& from, const byte_slice& payload, const gossip_publish& x) {
  ++figures_.received;
  if (!subscribed_ || payload.size() > gossip_publish_max) {
    ++figures_.unwanted;
    return;
  }
  if (auto* known = seen_.find(x.id)) {
    handle_duplicate(now, from, x.id, *known);
    return;
  }
  if (x.id.origin == self_) { // From before a restart, or forged: nothing that we would take from others.
    ++figures_.duplicates;
    return;
  }
  doubts_.erase(from);
  gossip_delivery message{x.id, from, {}, from == x.id.origin ? authorship::link : authorship::claimed};
  if (!open(now, payload, x, message))
    return;
  if (!cfg_.validate) {
    seen_.insert(now, x.id);
    accept(now, message, payload, {from});
    return;
  }
  const auto ticket = queue_.add(now, message, payload);
  if (!ticket) { // Not marked as seen: gossip may bring it again when there is room.
    ++figures_.overloaded;
    return;
  }
  seen_.insert(now, x.id);
  events_.emplace_back(gossip_validate{*ticket, std::move(message)});
}

/// Finds out what the data is and who wrote it. A message that is refused for its signature leaves no trace among the
/// seen ones: else a forgery under the id of a message would keep the message itself out.
bool topic_mesh::open(time_point now, const byte_slice& payload, const gossip_publish& x, gossip_delivery& out) {
  const auto data_at = payload.size() - x.data.size();
  if (cfg_.signatures == signature_policy::ignore
    || (cfg_.signatures == signature_policy::check && !looks_signed(x.data))) {
    asked_.erase(x.id);
    out.data = payload.sub(data_at, x.data.size());
    return true;
  }
  const auto opened = open_publication(x.id, x.topic, x.data);
  if (!opened) {
    ++figures_.forged;
    note(out.from, peer_conduct::invalid_message);
    return false;
  }
  asked_.erase(x.id); // Who sent it kept its promise, whatever becomes of it here.
  if (const auto unix_ms = unix_time(now)) {
    if (replays_.check(*unix_ms, opened->written_at_ms, x.id) != replay_guard::judgement::fresh) {
      ++figures_.stale;
      seen_.insert(now, x.id); // It is authentic, so nothing else can come under this id.
      return false;
    }
    replays_.remember(*unix_ms, opened->written_at_ms, x.id);
  }
  out.author = authorship::proven;
  out.data = payload.sub(data_at + signed_envelope_size, opened->data.size());
  return true;
}

void topic_mesh::handle_duplicate(time_point now, const peer_id& from, const message_id& id, seen_cache::sighting& x) {
  ++figures_.duplicates;
  if (queue_.add_carrier(id, from) || !cfg_.count_mesh_deliveries)
    return;
  const auto at = find_member(from);
  if (at == mesh_.end())
    return;
  const auto bit = std::uint32_t{1} << at->slot;
  if ((x.carriers & bit) == 0 && now - x.first <= cfg_.mesh_delivery_window)
    note(from, peer_conduct::mesh_delivery);
  x.carriers |= bit;
}

void topic_mesh::accept(
  time_point now, const gossip_delivery& x, const byte_slice& payload, const std::vector<peer_id>& carriers) {
  note(x.from, peer_conduct::first_delivery);
  if (cfg_.count_mesh_deliveries)
    for (std::size_t i = 1; i < carriers.size(); ++i)
      note(carriers[i], peer_conduct::mesh_delivery);
  cache_.put(x.id, payload);
  for (const auto& one : mesh_) {
    if (one.id == x.id.origin || contains(carriers, one.id))
      continue;
    ++figures_.forwarded;
    send(one.id, payload);
  }
  ++figures_.delivered;
  events_.emplace_back(x);
  wake(now);
}

void topic_mesh::judge(time_point now, const validation_queue::pending& x, verdict what) {
  if (what == verdict::reject) {
    ++figures_.rejected;
    for (const auto& carrier : x.carriers)
      note(carrier, peer_conduct::invalid_message);
  } else if (what == verdict::ignore || !subscribed_) {
    ++figures_.ignored;
  } else {
    accept(now, x.message, x.payload, x.carriers);
  }
}

void topic_mesh::handle_graft(time_point now, const peer_id& from) {
  // A member that grafts once more may have missed our GRAFT; one that does so without end wants us to work.
  if (in_mesh(from)) {
    wake(now);
    if (++accounts_[from].grafts > cfg_.grafts_tolerated)
      note(from, peer_conduct::misbehaved);
    return;
  }
  if (!subscribed_) {
    send(from, byte_slice{encode_topic_op(gossip_op::prune, topic_)});
    return;
  }
  if (const auto held = backoffs_.find(from);
      held != backoffs_.end() && held->second.ours && now < held->second.until) {
    ++figures_.grafts_refused;
    wake(now);
    if (++accounts_[from].grafts > cfg_.grafts_tolerated)
      note(from, peer_conduct::misbehaved);
    else // Who grafts without end is not answered without end.
      send_prune(from, held->second.until - now);
    return;
  }
  // At the limit only merit gets in, dialed by us or not: `balance_outbound` sees to it that some are of our choice.
  if (subscribers_.count(from) == 0 || score_of(from) < 0 || !make_room_for(now, from)) {
    ++figures_.grafts_refused;
    hold_back(from, now + cfg_.prune_backoff, true);
    turn_away(from);
    return;
  }
  add_to_mesh(from);
}

void topic_mesh::handle_prune(time_point now, const peer_id& from, const gossip_prune& x) {
  const auto at = find_member(from);
  if (at == mesh_.end())
    return;
  remove_from_mesh(at);
  const auto wanted = x.backoff ? std::min<duration>(*x.backoff, cfg_.backoff_max) : cfg_.foreign_backoff;
  hold_back(from, now + wanted, false);
  wake(now);
}

void topic_mesh::handle_ihave(time_point now, const peer_id& from, const id_list_view& ids) {
  if (!subscribed_)
    return;
  auto& mine = accounts_[from];
  wake(now);
  // Whom we do not listen to any more could else go on for ever at the score where we stopped listening.
  if (++mine.ihaves == cfg_.ihaves_per_heartbeat + 1)
    note(from, peer_conduct::misbehaved);
  if (score_of(from) < cfg_.thresholds.gossip || mine.ihaves > cfg_.ihaves_per_heartbeat
    || mine.ids_asked >= cfg_.ids_asked_per_heartbeat) {
    ++figures_.ihave_refused;
    return;
  }
  std::vector<message_id> wanted;
  for (std::size_t i = 0; i < std::min(ids.size(), cfg_.ids_per_ihave); ++i) {
    if (mine.ids_asked >= cfg_.ids_asked_per_heartbeat)
      break;
    const auto id = ids[i];
    if (!may_ask(now, from, id))
      continue;
    auto& asked = asked_[id];
    const auto counts = asked.times == 0 || !doubted(now, asked.peer);
    if (asked.times != 0) // Whom we asked before has let us wait.
      doubts_[asked.peer] = now + cfg_.doubt;
    asked = {from, now, asked.times + (counts ? 1 : 0)};
    ++mine.ids_asked;
    wanted.push_back(id);
  }
  if (wanted.empty())
    return;
  figures_.ids_asked += wanted.size();
  send(from, byte_slice{encode_iwant(wanted)});
}

bool topic_mesh::may_ask(time_point now, const peer_id& from, const message_id& id) const {
  if (id.origin == self_ || seen_.contains(id))
    return false;
  const auto found = asked_.find(id);
  if (found == asked_.end())
    return asked_.size() < cfg_.asked_max;
  // Who offers everything and sends nothing is asked, so that it is found out, but nobody waits for it.
  if (doubted(now, from))
    return false;
  return doubted(now, found->second.peer)
    || (now - found->second.at >= cfg_.ask_again && found->second.times < cfg_.asks_max);
}

bool topic_mesh::doubted(time_point now, const peer_id& peer) const {
  const auto found = doubts_.find(peer);
  return found != doubts_.end() && now < found->second;
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<topic_mesh::transmit> topic_mesh::poll_transmit() {
  return take_front(to_send_);
}

std::optional<topic_mesh::farewell> topic_mesh::poll_farewell() {
  return take_front(farewells_);
}

std::optional<gossip_event> topic_mesh::poll_event() {
  return take_front(events_);
}

std::optional<std::vector<message_id>> topic_mesh::poll_offered() {
  return take_front(offered_);
}

std::vector<conduct_note> topic_mesh::take_notes() {
  return std::exchange(notes_, {});
}

std::vector<peer_id> topic_mesh::mesh() const {
  std::vector<peer_id> out;
  for (const auto& one : mesh_)
    out.push_back(one.id);
  return out;
}

// -- small things -----------------------------------------------------------------------------------------------------

/// Who gets a publication of ours at once.
std::vector<peer_id> topic_mesh::own_targets(time_point now) {
  const auto welcome = [&](const peer_id& x) { return score_of(x) >= cfg_.thresholds.publish; };
  if (!subscribed_) {
    fanout_.erase(
      std::remove_if(fanout_.begin(), fanout_.end(), [&](const peer_id& x) { return !welcome(x); }), fanout_.end());
    if (fanout_.size() < cfg_.fanout)
      for (const auto& peer :
        pick(cfg_.fanout - fanout_.size(), [&](const peer_id& x) { return welcome(x) && !contains(fanout_, x); }))
        fanout_.push_back(peer);
    return fanout_;
  }
  fill_mesh(now);
  auto out = mesh();
  // While the mesh is too small, the rest of its places is made up for by sending directly.
  const auto extra = std::max(cfg_.publish_extra, cfg_.d - std::min(cfg_.d, out.size()));
  for (const auto& peer : pick(extra, [&](const peer_id& x) { return welcome(x) && !in_mesh(x); }))
    out.push_back(peer);
  return out;
}

void topic_mesh::send_prune(const peer_id& to, duration pause) {
  send(to, byte_slice{encode_prune(topic_, whole_seconds(pause))});
}

/// There is no place for it here, so it is told of others; but who behaves badly, or came for the mesh alone, is not.
void topic_mesh::turn_away(const peer_id& to) {
  if (cfg_.introduce && subscribers_.count(to) != 0 && score_of(to) >= 0)
    farewells_.push_back({to, whole_seconds(cfg_.prune_backoff)});
  else
    send_prune(to, cfg_.prune_backoff);
}

void topic_mesh::note(const peer_id& peer, peer_conduct what) {
  // The same once more is added to the last note on that peer; entering and leaving the mesh keep their order.
  constexpr std::ptrdiff_t look_back = 32;
  const auto first = notes_.rend() - notes_.rbegin() > look_back ? notes_.rbegin() + look_back : notes_.rend();
  const auto last = std::find_if(notes_.rbegin(), first, [&](const conduct_note& x) { return x.peer == peer; });
  const auto countable = what != peer_conduct::grafted && what != peer_conduct::pruned;
  if (countable && last != first && last->what == what)
    last->count += 1;
  else
    notes_.push_back({peer, what, 1});
}

std::optional<std::uint64_t> topic_mesh::unix_time(time_point now) const noexcept {
  if (!unix_ms_)
    return std::nullopt;
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - unix_known_at_).count();
  return *unix_ms_ + static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
}

} // namespace librats::protocols
