// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_world.hpp"

#include "protocols/core/source_budget.hpp"
#include "protocols/gossip/gossip_codec.hpp"
#include "protocols/wire/frame.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace librats::test {

using namespace librats::protocols;

namespace {

constexpr std::size_t link_overhead = block_prefix_size + inner_header_size + aead_tag_size;
constexpr std::size_t segment_max = 1448; ///< What a TCP segment carries on Ethernet.
constexpr std::size_t segment_header = 40;
constexpr auto ms = std::chrono::milliseconds{1};
constexpr auto dial_time = std::chrono::milliseconds{200};
constexpr std::size_t dials_per_introduction = 4; ///< As `pex_policy` has it.

/// The number of a member stands in the last bytes of its id, where it changes neither order nor hash.
constexpr std::size_t number_at = peer_id::size - sizeof(std::uint32_t);

std::uint32_t number_of(const peer_id& x) {
  std::uint32_t out = 0;
  std::memcpy(&out, x.raw.data() + number_at, sizeof(out));
  return out;
}

/// Where a member can be dialed: a public address of its own.
endpoint place_of(std::uint32_t number) {
  return {ip_address::v4(44, static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
            static_cast<std::uint8_t>(number)),
    4000};
}

template <class Value>
double at_share(std::vector<Value>& x, double share) {
  if (x.empty())
    return 0;
  const auto at = x.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(x.size() - 1));
  std::nth_element(x.begin(), at, x.end());
  return static_cast<double>(*at);
}

void remove_value(std::vector<std::uint32_t>& x, std::uint32_t value) {
  const auto found = std::find(x.begin(), x.end(), value);
  if (found == x.end())
    return;
  *found = x.back();
  x.pop_back();
}

} // namespace

// -- figures ----------------------------------------------------------------------------------------------------------

void delivery_histogram::add(std::size_t value) {
  if (counts_.size() <= value)
    counts_.resize(value + 1);
  ++counts_[value];
  ++count_;
}

std::size_t delivery_histogram::quantile(double share) const {
  const auto wanted = std::ceil(share * static_cast<double>(count_));
  double seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += static_cast<double>(counts_[i]);
    if (seen >= wanted)
      return i;
  }
  return 0;
}

template <class Function>
void gossip_world::for_each_owed(Function f) const {
  for (const auto& x : publications_) {
    if (x.at + options_.patience > now_)
      continue;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto& m = members_[i];
      if (m.sybil || i == x.author || m.since + options_.settled > x.at)
        continue;
      if (m.left == never || m.left >= x.at + options_.patience)
        f(x.author, i, i < x.hops.size() && x.hops[i] != 0);
    }
  }
}

template <class Predicate>
double gossip_world::delivered_where(Predicate counts) const {
  std::uint64_t owed = 0;
  std::uint64_t got = 0;
  for_each_owed([&](std::size_t author, std::size_t node, bool there) {
    if (!counts(author, node))
      return;
    ++owed;
    got += there ? 1 : 0;
  });
  return owed == 0 ? 0 : static_cast<double>(got) / static_cast<double>(owed);
}

double gossip_world::delivered() const {
  return delivered_where([](std::size_t, std::size_t) { return true; });
}

double gossip_world::delivered_to_watched() const {
  return delivered_where([&](std::size_t, std::size_t node) { return node < options_.watched; });
}

double gossip_world::delivered_from_watched() const {
  return delivered_where([&](std::size_t author, std::size_t) { return author < options_.watched; });
}

std::uint64_t gossip_world::deliveries_owed() const {
  std::uint64_t out = 0;
  for_each_owed([&](std::size_t, std::size_t, bool) { ++out; });
  return out;
}

topic_mesh::figures gossip_world::counted() const {
  topic_mesh::figures out;
  for (const auto i : here_) {
    const auto* mesh = members_[i].node->mesh(topic);
    if (mesh == nullptr)
      continue;
    const auto& x = mesh->counted();
    out.published += x.published;
    out.received += x.received;
    out.delivered += x.delivered;
    out.forwarded += x.forwarded;
    out.duplicates += x.duplicates;
    out.rejected += x.rejected;
    out.grafts_refused += x.grafts_refused;
    out.ihave_refused += x.ihave_refused;
    out.ids_asked += x.ids_asked;
    out.promises_broken += x.promises_broken;
    out.iwant_answered += x.iwant_answered;
    out.iwant_refused += x.iwant_refused;
  }
  return out;
}

gossip_world::opinions gossip_world::ask_honest() const {
  opinions out;
  std::vector<double> honest;
  std::vector<double> sybils;
  std::vector<double> mesh_honest;
  std::vector<double> mesh_sybils;
  std::size_t graylisted = 0;
  for (const auto i : here_) {
    auto& node = *members_[i].node;
    for (const auto& [peer, score] : node.router.scores(now_)) {
      const auto is_sybil = members_[number_of(peer)].sybil != nullptr;
      (is_sybil ? sybils : honest).push_back(score);
      graylisted += is_sybil && score < options_.router.thresholds.graylist ? 1 : 0;
    }
    std::size_t good = 0;
    if (const auto* mesh = node.mesh(topic))
      for (const auto& peer : mesh->mesh()) {
        const auto is_sybil = members_[number_of(peer)].sybil != nullptr;
        (is_sybil ? mesh_sybils : mesh_honest).push_back(node.router.score(now_, peer));
        good += is_sybil ? 0 : 1;
      }
    out.nodes_without_honest_mesh += good == 0 ? 1 : 0;
    for (const auto& one : members_[i].links) {
      const auto is_sybil = members_[one.to].sybil != nullptr;
      ++out.links;
      out.links_to_sybils += is_sybil ? 1 : 0;
      out.sybils_dialed += is_sybil && node.router.is_of_our_choice(members_[one.to].id) ? 1 : 0;
    }
  }
  if (!sybils.empty())
    out.sybils_graylisted = static_cast<double>(graylisted) / static_cast<double>(sybils.size());
  out.mesh_places = mesh_honest.size() + mesh_sybils.size();
  out.mesh_places_of_sybils = mesh_sybils.size();
  out.honest_mesh_median = at_share(mesh_honest, 0.5);
  out.sybil_mesh_median = at_share(mesh_sybils, 0.5);
  out.honest_median = at_share(honest, 0.5);
  out.honest_low = at_share(honest, 0.01);
  out.sybil_median = at_share(sybils, 0.5);
  return out;
}

// -- who is there, and linked to whom ---------------------------------------------------------------------------------

gossip_world::gossip_world(const gossip_world_options& options)
  : options_(options), random_(options.seed), index_(0, keyed_id_hash{options.seed}) {
  for (std::size_t i = 0; i < options_.nodes; ++i)
    add_honest();
  for (std::size_t i = 0; i < options_.sybils; ++i) {
    const auto number = add_member();
    if (options_.honest_dial_sybils && options_.sybils_come == duration{0} && options_.hubs == 0)
      dialable_.push_back(number);
  }
  for (std::uint32_t i = 0; i < options_.nodes; ++i)
    for (std::size_t k = 0; k < options_.links_per_node; ++k)
      dial_somebody(i);
}

std::uint32_t gossip_world::add_member() {
  const auto number = static_cast<std::uint32_t>(members_.size());
  auto& out = members_.emplace_back();
  for (auto& byte : out.id.raw)
    byte = static_cast<std::uint8_t>(random_.next());
  std::memcpy(out.id.raw.data() + number_at, &number, sizeof(number));
  out.since = now_;
  return number;
}

void gossip_world::add_honest() {
  const auto number = add_member();
  auto& x = members_[number];
  if (options_.uplink > 0)
    x.uplink = random_.share() < options_.slow_share ? options_.slow_uplink : options_.uplink;
  x.node = std::make_unique<gossip_node>(x.id, options_.mesh, options_.router, now_, random_.next());
  here_.push_back(number);
  if (options_.hubs == 0 || number < options_.hubs)
    dialable_.push_back(number);
}

void gossip_world::join_all() {
  joined_ = true;
  gossip_sybil::config cfg{options_.attack, topic, now_ + options_.sybils_turn, {}, {}};
  for (std::size_t i = 0; i < options_.victims; ++i)
    cfg.victims.insert(members_[i].id);
  if (options_.attack == sybil_kind::lure)
    for (std::uint32_t i = 0; i < members_.size(); ++i)
      if (!members_[i].node)
        cfg.named.push_back({place_of(i), members_[i].id});
  for (std::uint32_t i = 0; i < members_.size(); ++i)
    if (!members_[i].node) {
      members_[i].sybil = std::make_unique<gossip_sybil>(cfg, members_[i].id, now_, random_.next());
      for (const auto& one : members_[i].links)
        members_[i].sybil->connected(one.to, [&](std::uint32_t to, const byte_slice& x) { say(i, to, x); });
    }
  coming_.push({now_ + options_.sybils_come, 0, 0, what::sybils_come, {}});
  if (options_.honest_late != duration{0})
    run_for(options_.honest_late);
  for (const auto i : here_) {
    members_[i].since = now_;
    members_[i].node->join(now_, topic);
    pump(i);
  }
  if (options_.churn_per_minute > 0)
    coming_.push({now_, 0, 0, what::churn, {}});
}

gossip_world::link* gossip_world::find_link(std::uint32_t from, std::uint32_t to) {
  auto& links = members_[from].links;
  const auto at =
    std::lower_bound(links.begin(), links.end(), to, [](const link& x, std::uint32_t y) { return x.to < y; });
  return at != links.end() && at->to == to ? &*at : nullptr;
}

void gossip_world::dial(std::uint32_t who, std::uint32_t whom) {
  if (who == whom || find_link(who, whom) != nullptr || find_link(whom, who) != nullptr)
    return;
  const auto span = static_cast<std::uint64_t>((options_.latency_max - options_.latency_min).count());
  const auto latency = options_.latency_min + duration{static_cast<duration::rep>(random_.below(span + 1))};
  for (const auto dialed : {true, false}) {
    const auto from = dialed ? who : whom;
    const auto to = dialed ? whom : who;
    auto& m = members_[from];
    const auto at =
      std::lower_bound(m.links.begin(), m.links.end(), to, [](const link& x, std::uint32_t y) { return x.to < y; });
    m.links.insert(at, {to, dialed, latency, now_});
    if (m.node && options_.links_wanted != 0) {
      m.node->router.peer_connected(now_, members_[to].id, dialed, place_of(to).address);
      m.node->router.set_addresses(members_[to].id, {place_of(to)});
    } else if (m.node)
      m.node->router.peer_connected(now_, members_[to].id, dialed);
    else if (m.sybil)
      m.sybil->connected(to, [&](std::uint32_t peer, const byte_slice& x) { say(from, peer, x); });
  }
  if (joined_)
    for (const auto one : {who, whom})
      if (members_[one].node)
        pump(one);
}

void gossip_world::dial_somebody(std::uint32_t who) {
  dial(who, dialable_[static_cast<std::size_t>(random_.below(dialable_.size()))]);
}

void gossip_world::hear_of_others(std::uint32_t who) {
  while (const auto x = members_[who].node->router.poll_introduction()) {
    auto named = x->peers;
    random_.shuffle_front(named, dials_per_introduction);
    named.resize(std::min(named.size(), dials_per_introduction));
    for (const auto& one : named)
      if (members_[who].links.size() < options_.links_wanted)
        coming_.push({now_ + dial_time, who, number_of(one.id), what::introduced, {}});
  }
}

void gossip_world::break_link(std::uint32_t who, std::uint32_t to) {
  auto& m = members_[who];
  const auto* found = find_link(who, to);
  if (found == nullptr)
    return;
  const auto dialed = found->dialed;
  m.links.erase(m.links.begin() + (found - m.links.data()));
  if (m.sybil)
    m.sybil->disconnected(to);
  if (!m.node)
    return;
  m.node->router.peer_disconnected(now_, members_[to].id);
  pump(who);
  if (dialed)
    dial_somebody(who);
}

void gossip_world::somebody_leaves() {
  const auto who = here_[static_cast<std::size_t>(random_.below(here_.size()))];
  if (who < options_.permanent)
    return;
  auto& m = members_[who];
  for (const auto& one : std::exchange(m.links, {})) {
    const auto notice = static_cast<std::uint64_t>(options_.leave_noticed_max.count());
    coming_.push(
      {now_ + duration{static_cast<duration::rep>(random_.below(notice + 1))}, one.to, who, what::link_broken, {}});
  }
  m.node.reset();
  m.left = now_;
  remove_value(here_, who);
  remove_value(dialable_, who);
}

/// One leaves, another one comes.
void gossip_world::churn() {
  somebody_leaves();
  add_honest();
  const auto newcomer = static_cast<std::uint32_t>(members_.size() - 1);
  members_[newcomer].node->join(now_, topic);
  for (std::size_t k = 0; k < options_.links_per_node; ++k)
    dial_somebody(newcomer);
  pump(newcomer);
  const auto per_second = options_.churn_per_minute * static_cast<double>(options_.nodes) / 60;
  const std::chrono::duration<double> pause{1 / per_second};
  coming_.push({now_ + std::chrono::duration_cast<duration>(pause), 0, 0, what::churn, {}});
}

void gossip_world::sybils_dial() {
  for (std::uint32_t i = 0; i < members_.size(); ++i) {
    if (!members_[i].sybil)
      continue;
    const auto targets = options_.sybil_targets != 0 ? options_.sybil_targets : here_.size();
    for (std::size_t k = 0; k < options_.sybil_links; ++k)
      dial(i,
        targets <= options_.sybil_links ? here_[k % targets] : here_[static_cast<std::size_t>(random_.below(targets))]);
    wake(i, members_[i].sybil->poll_timeout());
  }
}

// -- what happens -----------------------------------------------------------------------------------------------------

void gossip_world::publish(std::size_t node, std::string_view text) {
  const auto number = static_cast<std::uint32_t>(node);
  if (const auto id = members_[node].node->publish(now_, topic, as_bytes(text))) {
    index_.emplace(*id, publications_.size());
    auto& x = publications_.emplace_back();
    x.at = now_;
    x.author = number;
    x.hops.resize(members_.size());
    x.hops[node] = 1;
  }
  pump(number);
}

void gossip_world::count_from_now() {
  publications_.clear();
  index_.clear();
  latencies_ms_ = {};
  latencies_to_watched_ms_ = {};
  latencies_from_watched_ms_ = {};
  hops_ = {};
}

void gossip_world::run_for(duration x) {
  const auto end = now_ + x;
  while (const auto next = coming_.take(end)) {
    now_ = next->at;
    happen(*next);
  }
  now_ = end;
}

void gossip_world::happen(const event& x) {
  ++events_;
  trace_ = mix_bits(trace_ ^ x.to ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  auto& m = members_[x.to];
  const auto send = [&](std::uint32_t to, const byte_slice& payload) { say(x.to, to, payload); };
  switch (x.kind) {
  case what::churn: churn(); return;
  case what::sybils_come: sybils_dial(); return;
  case what::link_broken: break_link(x.to, x.from); return;
  case what::introduced:
    if (m.node && (members_[x.from].node || members_[x.from].sybil))
      dial(x.to, x.from);
    return;
  case what::timer:
    if (x.at != m.armed) // Another one was set, for earlier.
      return;
    m.armed = never;
    if (m.node) {
      m.node->handle_timeout(now_);
      pump(x.to);
    } else if (m.sybil) {
      m.sybil->handle_timeout(now_, send);
      wake(x.to, m.sybil->poll_timeout());
    }
    return;
  case what::message:
    trace_ = mix_bits(trace_ ^ x.payload.size() ^ x.payload.data()[0]);
    if (m.node) {
      m.node->router.handle_message(now_, members_[x.from].id, x.payload);
      pump(x.to);
    } else if (m.sybil) {
      m.sybil->handle_message(x.from, x.payload, send);
    }
  }
}

void gossip_world::pump(std::uint32_t i) {
  auto& node = *members_[i].node;
  do {
    for (const auto& [ticket, valid] : std::exchange(verdicts_, {}))
      node.mesh(topic)->handle_verdict(now_, ticket, valid ? verdict::accept : verdict::reject);
    node.pump(
      now_, [&](const peer_id& to, const byte_slice& payload) { say(i, number_of(to), payload); },
      [&](const std::string&, const gossip_event& x) {
        if (const auto* message = std::get_if<gossip_delivery>(&x))
          hear(i, *message);
        else if (const auto* question = std::get_if<gossip_validate>(&x))
          verdicts_.emplace_back(question->ticket, question->message.data.text().substr(0, 4) != gossip_sybil::invalid);
      });
  } while (!verdicts_.empty());
  hear_of_others(i);
  // A timer is never taken back, only joined by an earlier one.
  if (const auto due = node.poll_timeout())
    wake(i, *due);
}

void gossip_world::wake(std::uint32_t i, time_point due) {
  auto& armed = members_[i].armed;
  if (due >= armed)
    return;
  armed = std::max(due, now_);
  coming_.push({armed, i, i, what::timer, {}});
}

void gossip_world::hear(std::uint32_t i, const gossip_delivery& x) {
  const auto found = index_.find(x.id);
  if (found == index_.end() || x.from == members_[i].id)
    return;
  auto& known = publications_[found->second];
  if (known.hops.size() <= i)
    known.hops.resize(members_.size());
  if (known.hops[i] != 0) {
    ++twice_;
    return;
  }
  const auto from = number_of(x.from);
  const auto before = from < known.hops.size() ? known.hops[from] : std::uint8_t{0};
  known.hops[i] = static_cast<std::uint8_t>(std::min(before + 1, 255)); // Over an attacker: as if it was the author.
  if (before == 0)
    known.hops[i] = 2;
  const auto took = static_cast<std::size_t>((now_ - known.at) / ms);
  latencies_ms_.add(took);
  if (i < options_.watched)
    latencies_to_watched_ms_.add(took);
  if (known.author < options_.watched)
    latencies_from_watched_ms_.add(took);
  hops_.add(known.hops[i] - std::size_t{1});
}

void gossip_world::say(std::uint32_t from, std::uint32_t to, const byte_slice& payload) {
  auto* way = find_link(from, to);
  if (way == nullptr)
    return;
  auto leaves = now_;
  if (auto& sender = members_[from]; sender.node) {
    const auto whole = payload.size() + link_overhead;
    const auto on_the_wire = whole + segment_header * ((whole + segment_max - 1) / segment_max);
    if (sender.uplink > 0) {
      const auto begins = std::max(now_, sender.uplink_free);
      if (payload.data()[0] == static_cast<std::uint8_t>(gossip_op::publish)
        && begins - now_ > options_.uplink_patience) {
        ++dropped_at_uplinks_;
        return;
      }
      const std::chrono::duration<double> takes{static_cast<double>(on_the_wire) / sender.uplink};
      leaves = sender.uplink_free = begins + std::chrono::duration_cast<duration>(takes);
    }
    ++sent_.messages;
    sent_.bytes += payload.size();
    sent_.wire_bytes += on_the_wire;
  } else {
    ++sybil_messages_;
  }
  if (options_.loss > 0 && random_.share() < options_.loss)
    return;
  auto took = way->latency;
  if (options_.jitter > 0)
    took = std::chrono::duration_cast<duration>(took * (1 + options_.jitter * (2 * random_.share() - 1)));
  way->last_arrival = std::max(way->last_arrival, leaves + took);
  coming_.push({way->last_arrival, to, from, what::message, payload});
}

} // namespace librats::test
