// SPDX-License-Identifier: MIT
#include "tests/protocols/support/dht_churn.hpp"

#include <algorithm>
#include <utility>

namespace librats::test {

using namespace librats::protocols;

namespace {

constexpr auto turn = std::chrono::milliseconds{100};
constexpr auto arrival_pause = std::chrono::milliseconds{50};

dht_world::options world_of(const dht_churn::config& cfg) {
  dht_world::options out;
  out.seed = cfg.seed;
  out.spread = true;
  return out;
}

announce_schedule schedule_of(time_point now, std::uint64_t seed) {
  announce_schedule out{{}, now, seed};
  out.set_listening(now, true);
  out.set_peers_wanted(now, false); // Searches are made by others.
  return out;
}

/// With IP and UDP headers.
double traffic(const dht_core::figures& x) {
  constexpr double header_bytes = 28;
  const auto datagrams = x.queries_in + x.queries_out + x.replies_in + x.replies_out;
  return static_cast<double>(x.bytes_in + x.bytes_out) + header_bytes * static_cast<double>(datagrams);
}

double at_share(std::vector<double>& x, double share) {
  if (x.empty())
    return 0;
  std::sort(x.begin(), x.end());
  return x[std::min(x.size() - 1, static_cast<std::size_t>(share * static_cast<double>(x.size())))];
}

std::optional<node_id> target_of_query(const krpc::query& x) {
  if (const auto* get_peers = std::get_if<krpc::get_peers>(&x))
    return get_peers->target;
  if (const auto* find_node = std::get_if<krpc::find_node>(&x))
    return find_node->target;
  return std::nullopt;
}

ip_address some_address(small_random& random) {
  const auto byte = [&random] { return static_cast<std::uint8_t>(random.next()); };
  return ip_address::v4(static_cast<std::uint8_t>(20 + random.below(70)), byte(), byte(), byte());
}

} // namespace

dht_churn::dht_churn(const config& cfg) : world(world_of(cfg)), cfg_(cfg) {
  false_address_ = {some_address(world.random()), 6881};
}

// -- who comes and goes -----------------------------------------------------------------------------------------------

void dht_churn::arrive() {
  const auto index = world.add();
  if (world.random().share() < cfg_.liars)
    world.nodes[index].lie = [this, index](
                               const krpc::request& x, const endpoint& from) { return lie(index, x, from); };
}

void dht_churn::leave() {
  std::size_t who = 0;
  do
    who = world.random().below(world.nodes.size());
  while (!world.nodes[who].up);
  world.leave(who);
  out_.left += watching_ ? 1 : 0;
  for (auto& x : members_)
    if (x.who == who)
      take_over(x);
  arrive();
}

std::size_t dht_churn::honest_node() {
  std::size_t out = 0;
  do
    out = world.random().below(world.nodes.size());
  while (!world.nodes[out].up || !world.nodes[out].settled || world.nodes[out].lie);
  return out;
}

/// Says everything there is to say wrongly: that nobody is here, another id, nodes that do not exist or under wrong
/// ids, peers that do not exist, tokens that are none, where we are. Takes announcements and forgets them.
std::optional<dht_world::lie> dht_churn::lie(std::size_t liar, const krpc::request& x, const endpoint& from) {
  auto& random = world.random();
  dht_world::lie out;
  out.what.requester = endpoint{false_address_.address, from.port};
  const auto target = target_of_query(x.what);
  out.silent = !std::holds_alternative<krpc::ping>(x.what) && random.below(8) == 0;
  if (!target)
    return out;
  if (random.below(8) == 0)
    out.sender = world.random_id();
  out.what.token = {static_cast<std::uint8_t>(random.next())};
  if (random.below(2) == 0)
    for (std::size_t i = 0; i < krpc::values_max; ++i)
      out.what.values.push_back({some_address(random), 6881});
  const auto near_target = [&] {
    auto id = world.random_id();
    std::copy_n(target->raw.begin(), 2 + random.below(8), id.raw.begin());
    return id;
  };
  const auto how = random.below(3);
  if (how == 0)
    out.what.nodes = world.nodes[liar].core->table().closest_confirmed(*target, 8);
  for (int i = 0; how == 1 && i < 8; ++i)
    out.what.nodes.push_back({near_target(), {some_address(random), 6881}});
  for (int i = 0; how == 2 && i < 8; ++i)
    out.what.nodes.push_back({near_target(), world.nodes[random.below(world.nodes.size())].at});
  return out;
}

// -- who announces and searches ---------------------------------------------------------------------------------------

void dht_churn::take_over(member& x) {
  x.who = honest_node();
  x.announced = false;
  ++x.life;
  x.schedule = schedule_of(world.now(), world.random().next());
}

void dht_churn::poll_members() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& x = members_[i];
    if (!x.schedule.poll_action(world.now()))
      continue;
    const auto ended = [this, i, life = x.life](const dht_world::outcome& found) {
      auto& done = members_[i];
      if (done.life != life)
        return;
      done.announced = true;
      done.schedule.lookup_ended(world.now(), 0, found.counted.stored != 0);
      out_.announces += watching_ ? 1 : 0;
      out_.unheard += watching_ && found.counted.stored == 0 ? 1 : 0;
    };
    world.begin_look_up(x.who, world.nodes[x.who].core->lookup_config(lookup::purpose::get_peers, x.key),
      lookup::storing{lookup::announcement{x.port, false}}, ended);
  }
}

void dht_churn::search() {
  const auto i = world.random().below(members_.size());
  const auto& wanted = members_[i];
  if (!wanted.announced)
    return;
  const auto from = honest_node();
  if (from == wanted.who)
    return;
  const endpoint peer{world.nodes[wanted.who].at.address, wanted.port};
  const auto ended = [this, i, peer, life = wanted.life](const dht_world::outcome& found) {
    if (members_[i].life != life)
      return; // It left meanwhile.
    ++out_.searches;
    out_.found += std::count(found.peers.begin(), found.peers.end(), peer) != 0 ? 1 : 0;
    out_.hops += found.counted.hops;
    out_.queries += found.counted.sent;
    out_.peers += static_cast<double>(found.peers.size());
    took_.push_back(std::chrono::duration<double>{found.counted.took}.count());
  };
  world.begin_look_up(
    from, world.nodes[from].core->lookup_config(lookup::purpose::get_peers, wanted.key), std::nullopt, ended);
}

// -- what becomes of it -----------------------------------------------------------------------------------------------

void dht_churn::pass(duration x) {
  const auto per_departure = std::chrono::duration<double>{std::chrono::hours{1}}
    / std::max(1e-9, cfg_.leaving_per_hour * static_cast<double>(cfg_.nodes));
  const auto leave_pause = std::chrono::duration_cast<duration>(per_departure);
  for (const auto until = world.now() + x; world.now() < until;) {
    world.run_for(turn);
    if (cfg_.leaving_per_hour > 0 && world.now() >= leave_at_) {
      leave_at_ = world.now() + leave_pause;
      leave();
    }
    poll_members();
    if (watching_ && world.now() >= search_at_) {
      search_at_ = world.now() + cfg_.search_pause;
      search();
    }
  }
}

dht_churn::figures dht_churn::run() {
  for (std::size_t i = 0; i < cfg_.nodes; ++i) {
    arrive();
    world.run_for(arrival_pause);
  }
  world.run_for(std::chrono::minutes{1});
  for (std::size_t i = 0; i < cfg_.keys; ++i) {
    members_.push_back(
      {world.random_id(), 0, static_cast<std::uint16_t>(1000 + i), schedule_of(world.now(), i), false, 0});
    take_over(members_.back());
  }
  pass(cfg_.settling);

  std::vector<double> before;
  for (const auto& x : world.nodes)
    before.push_back(traffic(x.core->counted()));
  std::vector<bool> idle(world.nodes.size());
  for (std::size_t i = 0; i < idle.size(); ++i)
    idle[i] = world.nodes[i].up && !world.nodes[i].lie;
  watching_ = true;
  search_at_ = world.now();
  pass(cfg_.watched);
  world.run_for(std::chrono::seconds{30}); // For the last searches.

  std::vector<double> rates;
  double tables = 0;
  for (const auto& x : members_)
    if (x.who < idle.size())
      idle[x.who] = false;
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    const auto& x = world.nodes[i];
    if (x.lie)
      continue;
    out_.misled_once += x.told.count(false_address_.address);
    if (!x.up)
      continue;
    out_.misled += x.core->external_address() == false_address_.address ? 1 : 0;
    ++tables;
    for (const auto& known : x.core->table().nodes(world.now()))
      if (known.now != routing_table::state::unconfirmed) {
        ++out_.confirmed;
        out_.gone += world.lives(known.contact.at) ? 0 : 1;
      }
    if (i < idle.size() && idle[i])
      rates.push_back((traffic(x.core->counted()) - before[i]) / std::chrono::duration<double>{cfg_.watched}.count());
  }
  for (const auto x : rates)
    out_.idle_bytes += x / static_cast<double>(rates.size());
  out_.idle_bytes_median = at_share(rates, 0.5);
  out_.idle_bytes_worst = at_share(rates, 0.99);
  out_.seconds_median = at_share(took_, 0.5);
  out_.seconds_worst = at_share(took_, 0.99);
  for (auto* sum : {&out_.hops, &out_.queries, &out_.peers})
    *sum /= static_cast<double>(std::max<std::size_t>(1, out_.searches));
  for (auto* sum : {&out_.confirmed, &out_.gone})
    *sum /= std::max(1.0, tables);
  return out_;
}

} // namespace librats::test
