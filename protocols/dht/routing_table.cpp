// SPDX-License-Identifier: MIT
#include "protocols/dht/routing_table.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"
#include "protocols/dht/networks.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace librats::protocols {

namespace {

constexpr std::size_t buckets_max = node_id::bit_count;
constexpr std::int64_t rtt_ms_max = 60'000;

} // namespace

routing_table::routing_table(const node_id& own, const config& cfg) : cfg_(cfg), own_(own), buckets_(1) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void routing_table::heard_of(const node_contact& x, time_point now) {
  start_clock(now);
  if (find(x) != nullptr)
    return; // A query proves nothing: whoever fakes its sender would keep a dead node alive.
  entry fresh;
  fresh.id = x.id;
  fresh.at = x.at;
  fresh.fits = is_secure_node_id(x.id, x.at.address);
  insert(fresh);
}

void routing_table::tried(const node_contact& x, time_point now) {
  start_clock(now);
  if (auto* known = find(x))
    known->touched = seconds(now);
}

void routing_table::answered(const node_contact& x, duration rtt, time_point now) {
  start_clock(now);
  const auto update = [&](entry& e) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(rtt).count();
    const auto sample = std::clamp<std::int64_t>(ms, 1, rtt_ms_max);
    e.rtt_ms = static_cast<std::uint16_t>(e.rtt_ms == 0 ? sample : (3 * e.rtt_ms + sample) / 4);
    e.touched = e.answered = seconds(now);
    e.failures = 0;
  };
  auto& b = buckets_[index_of(x.id)];
  const auto same = [&x](const entry& e) { return e.is(x); };
  if (const auto known = std::find_if(b.nodes.begin(), b.nodes.end(), same); known != b.nodes.end()) {
    update(*known);
    return;
  }
  entry fresh;
  fresh.id = x.id;
  fresh.at = x.at;
  fresh.fits = is_secure_node_id(x.id, x.at.address);
  if (const auto known = std::find_if(b.spares.begin(), b.spares.end(), same); known != b.spares.end()) {
    fresh = *known; // It may deserve a place now.
    b.spares.erase(known);
  }
  update(fresh);
  insert(fresh);
}

void routing_table::failed(const node_contact& x, time_point now) {
  start_clock(now);
  auto* known = find(x);
  if (known == nullptr)
    return;
  known->touched = seconds(now);
  if (known->failures < failures_max)
    ++known->failures;
  const auto& spares = buckets_[index_of(x.id)].spares;
  const bool good_spare =
    std::any_of(spares.begin(), spares.end(), [&](const entry& e) { return e.confirmed() && e.failures == 0; });
  const bool gone = !known->confirmed() || good_spare || known->failures >= failures_max
    || (!spares.empty() && known->failures >= failures_max_replaceable);
  if (gone)
    remove(x);
}

void routing_table::remove(const node_contact& x) {
  const auto index = index_of(x.id);
  auto& b = buckets_[index];
  const auto erase = [&x](std::vector<entry>& from) {
    from.erase(std::remove_if(from.begin(), from.end(), [&x](const entry& e) { return e.is(x); }), from.end());
  };
  erase(b.nodes);
  erase(b.spares);
  fill_up(index);
}

void routing_table::set_own_id(const node_id& own, time_point now) {
  start_clock(now);
  if (own == own_)
    return;
  std::vector<entry> all;
  for (auto& b : buckets_) {
    all.insert(all.end(), b.nodes.begin(), b.nodes.end());
    all.insert(all.end(), b.spares.begin(), b.spares.end());
  }
  std::stable_partition(all.begin(), all.end(), [](const entry& x) { return x.confirmed(); });
  own_ = own;
  buckets_.assign(1, {});
  for (const auto& x : all)
    insert(x);
}

std::optional<node_id> routing_table::refresh_target(const node_id& like, secret_random& random, time_point now) {
  start_clock(now);
  const auto index = index_of(like);
  auto& b = buckets_[index];
  const auto since = std::chrono::seconds{static_cast<std::int64_t>(seconds(now)) - b.refreshed};
  if (b.refreshed != 0 && since < refresh_interval)
    return std::nullopt;
  const bool full = b.nodes.size() >= capacity_of(index) && index + 1 < buckets_.size();
  const auto good = [&](const entry& x) { return state_of(x, now) == state::good; };
  if (full && std::all_of(b.nodes.begin(), b.nodes.end(), good))
    return std::nullopt;
  b.refreshed = seconds(now);
  node_id out;
  out.raw = random.draw<node_id::size>();
  const auto copy_bit = [&](std::size_t bit, bool value) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
    out.raw[bit / 8] = static_cast<std::uint8_t>(value ? out.raw[bit / 8] | mask : out.raw[bit / 8] & ~mask);
  };
  for (std::size_t bit = 0; bit < index; ++bit)
    copy_bit(bit, own_.bit(bit));
  if (index + 1 < buckets_.size())
    copy_bit(index, !own_.bit(index));
  return out;
}

// -- outputs ----------------------------------------------------------------------------------------------------------

template <class Wanted>
std::vector<node_contact> routing_table::closest(const node_id& target, std::size_t count, const Wanted& wanted) const {
  std::vector<const entry*> found;
  std::size_t fitting = 0;
  const auto collect = [&](const bucket& b) {
    for (const auto& x : b.nodes)
      if (wanted(x)) {
        found.push_back(&x);
        fitting += x.fits ? 1 : 0;
      }
  };
  const auto fitting_min = count / 2;
  const auto enough = [&] { return found.size() >= count && fitting >= fitting_min; };
  // The target's own bucket holds what is nearest to it. All beyond that one are equally far as far as the first bits
  // go, and each one before it is farther than the next.
  const auto home = index_of(target);
  collect(buckets_[home]);
  if (!enough())
    std::for_each(buckets_.begin() + static_cast<std::ptrdiff_t>(home) + 1, buckets_.end(), collect);
  for (auto i = home; i > 0 && !enough(); --i)
    collect(buckets_[i - 1]);
  // Of up to some hundred only the first few are wanted in their order: a heap gives them up one by one.
  const auto farther = [&](const entry* a, const entry* b) { return closer(target, b->id, a->id); };
  std::make_heap(found.begin(), found.end(), farther);
  // Ids forged around the target would fill the answer; half of it belongs to nodes that cannot choose theirs.
  std::vector<node_contact> out;
  out.reserve(std::min(count, found.size()));
  auto room_for_others = count - std::min(fitting, fitting_min);
  for (auto rest = found.end(); rest != found.begin() && out.size() < count;) {
    std::pop_heap(found.begin(), rest, farther);
    const auto* x = *--rest;
    if (!x->fits && room_for_others == 0)
      continue;
    room_for_others -= x->fits ? 0 : 1;
    out.push_back({x->id, x->at});
  }
  return out;
}

std::vector<node_contact> routing_table::closest_confirmed(const node_id& target, std::size_t count) const {
  return closest(target, count, [](const entry& x) { return x.confirmed() && x.failures == 0; });
}

std::vector<node_contact> routing_table::closest_known(const node_id& target, std::size_t count) const {
  return closest(target, count, [](const entry& x) { return x.failures < failures_max_replaceable; });
}

std::optional<node_contact> routing_table::least_recently_touched(bool confirmed) const {
  const entry* found = nullptr;
  for (const auto& b : buckets_)
    for (const auto& x : b.nodes)
      if (x.confirmed() == confirmed
        && (found == nullptr || x.touched < found->touched || (!confirmed && x.touched == found->touched)))
        found = &x;
  if (found == nullptr)
    return std::nullopt;
  return node_contact{found->id, found->at};
}

bool routing_table::has_untried() const noexcept {
  for (const auto& b : buckets_)
    if (std::any_of(b.nodes.begin(), b.nodes.end(), [](const entry& x) { return x.touched == 0; }))
      return true;
  return false;
}

std::vector<routing_table::node_view> routing_table::nodes(time_point now) const {
  std::vector<node_view> out;
  out.reserve(size());
  for (const auto& b : buckets_)
    for (const auto& x : b.nodes)
      out.push_back({{x.id, x.at}, std::chrono::milliseconds{x.rtt_ms}, state_of(x, now), x.fits});
  return out;
}

std::size_t routing_table::size() const noexcept {
  std::size_t out = 0;
  for (const auto& b : buckets_)
    out += b.nodes.size();
  return out;
}

std::size_t routing_table::confirmed() const noexcept {
  std::size_t out = 0;
  for (const auto& b : buckets_)
    for (const auto& x : b.nodes)
      out += x.confirmed() ? 1 : 0;
  return out;
}

std::size_t routing_table::spares() const noexcept {
  std::size_t out = 0;
  for (const auto& b : buckets_)
    out += b.spares.size();
  return out;
}

std::size_t routing_table::memory() const noexcept {
  auto out = buckets_.capacity() * sizeof(bucket);
  for (const auto& b : buckets_)
    out += (b.nodes.capacity() + b.spares.capacity()) * sizeof(entry);
  return out;
}

// -- places -----------------------------------------------------------------------------------------------------------

void routing_table::start_clock(time_point now) {
  if (!epoch_)
    epoch_ = now;
}

std::uint32_t routing_table::seconds(time_point now) const noexcept {
  if (!epoch_ || now <= *epoch_)
    return 1;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now - *epoch_).count()) + 1;
}

std::size_t routing_table::index_of(const node_id& id) const noexcept {
  return std::min(common_prefix_bits(own_, id), buckets_.size() - 1);
}

std::size_t routing_table::capacity_of(std::size_t index) const noexcept {
  return index < cfg_.wide_buckets.size() ? cfg_.wide_buckets[index] : cfg_.bucket_size;
}

routing_table::state routing_table::state_of(const entry& x, time_point now) const noexcept {
  if (!x.confirmed())
    return state::unconfirmed;
  if (x.failures != 0)
    return state::bad;
  const auto silent = std::chrono::seconds{static_cast<std::int64_t>(seconds(now)) - x.answered};
  return silent < questionable_after ? state::good : state::questionable;
}

routing_table::entry* routing_table::find(const node_contact& x) {
  auto& b = buckets_[index_of(x.id)];
  for (auto* part : {&b.nodes, &b.spares})
    for (auto& e : *part)
      if (e.is(x))
        return &e;
  return nullptr;
}

bool routing_table::make_way(const entry& x) {
  if (x.id == own_ || !is_dialable(x.at))
    return false;
  if (!x.fits && common_prefix_bits(own_, x.id) >= deep_prefix_bits)
    return false;
  // A node that answered gives way only to one that did as well, and only if it failed since, or sits at the very same
  // address and so has another id now, or if the newcomer alone has the id that belongs to its address.
  const auto yields = [&x](const entry& there) {
    if (!x.confirmed())
      return false;
    return !there.confirmed() || there.failures != 0 || there.at == x.at || (x.fits && !there.fits);
  };
  const auto home = index_of(x.id);
  const bool restricted = cfg_.restrict_addresses && is_public(x.at.address);
  const auto crowd = common_prefix_bits(own_, x.id) + crowded_bits;
  const auto in_the_way = [&](const entry& there, bool same_bucket) {
    if (same_bucket && there.id == x.id)
      return true;
    if (same_bucket && !x.fits && !there.fits && common_prefix_bits(there.id, x.id) >= crowd)
      return true;
    if (there.at.address == x.at.address)
      return restricted || there.at.port == x.at.port;
    return same_bucket && restricted && same_narrow_network(there.at.address, x.at.address);
  };
  bool any = false;
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    for (const auto* part : {&buckets_[i].nodes, &buckets_[i].spares})
      for (const auto& there : *part) {
        if (!in_the_way(there, i == home))
          continue;
        if (!yields(there))
          return false;
        any = true;
      }
  for (std::size_t i = 0; any && i < buckets_.size(); ++i)
    for (auto* part : {&buckets_[i].nodes, &buckets_[i].spares})
      part->erase(
        std::remove_if(part->begin(), part->end(), [&](const entry& there) { return in_the_way(there, i == home); }),
        part->end());
  return true;
}

void routing_table::insert(const entry& x) {
  if (!make_way(x))
    return;
  while (true) {
    const auto index = index_of(x.id);
    auto& b = buckets_[index];
    if (b.nodes.size() < capacity_of(index)) {
      b.nodes.push_back(x);
      return;
    }
    if (index + 1 < buckets_.size() || buckets_.size() >= buckets_max) {
      displace(b, x);
      return;
    }
    split_last();
  }
}

std::vector<routing_table::entry>::iterator routing_table::worst_of(std::vector<entry>& nodes) {
  // Who failed goes first, then who never answered, then whose id does not fit, then who was silent for longest.
  const auto worth = [](const entry& e) { return std::make_tuple(e.failures == 0, e.confirmed(), e.fits, e.answered); };
  return std::min_element(
    nodes.begin(), nodes.end(), [&](const entry& a, const entry& b) { return worth(a) < worth(b); });
}

void routing_table::displace(bucket& in, const entry& x) {
  const auto worst = worst_of(in.nodes);
  const bool gives_way = x.confirmed() && (worst->failures != 0 || !worst->confirmed() || (x.fits && !worst->fits));
  if (!gives_way) {
    keep_as_spare(in, x);
    return;
  }
  const auto out = std::exchange(*worst, x);
  if (out.failures == 0)
    keep_as_spare(in, out);
}

void routing_table::keep_as_spare(bucket& in, const entry& x) {
  if (in.spares.size() < cfg_.spares_max) {
    in.spares.push_back(x);
    return;
  }
  // The oldest of the least gives way: who never answered, then who answered longest ago.
  const auto worst = std::min_element(
    in.spares.begin(), in.spares.end(), [](const entry& a, const entry& b) { return a.answered < b.answered; });
  if (worst == in.spares.end() || worst->answered > x.answered)
    return;
  in.spares.erase(worst);
  in.spares.push_back(x);
}

void routing_table::split_last() {
  do {
    const auto depth = buckets_.size() - 1;
    buckets_.emplace_back();
    auto& near = buckets_[depth + 1];
    auto& far = buckets_[depth];
    const auto move = [&](std::vector<entry>& from, std::vector<entry>& to) {
      const auto nearer = std::stable_partition(
        from.begin(), from.end(), [&](const entry& x) { return common_prefix_bits(own_, x.id) <= depth; });
      to.assign(nearer, from.end());
      from.erase(nearer, from.end());
    };
    move(far.nodes, near.nodes);
    move(far.spares, near.spares);
    trim(depth);
    fill_up(depth);
  } while (buckets_.back().nodes.size() > capacity_of(buckets_.size() - 1) && buckets_.size() < buckets_max);
  fill_up(buckets_.size() - 1);
}

void routing_table::trim(std::size_t index) {
  auto& b = buckets_[index];
  while (b.nodes.size() > capacity_of(index)) { // The bucket before it was a wide one, and most of it belongs here.
    const auto worst = worst_of(b.nodes);
    const auto out = *worst;
    b.nodes.erase(worst);
    keep_as_spare(b, out);
  }
}

void routing_table::fill_up(std::size_t index) {
  auto& b = buckets_[index];
  const auto worth = [](const entry& x) {
    const auto quick = x.rtt_ms == 0 ? 0 : rtt_ms_max + 1 - x.rtt_ms;
    return std::make_tuple(x.failures == 0, x.confirmed(), x.fits, quick);
  };
  while (!b.spares.empty() && b.nodes.size() < capacity_of(index)) {
    const auto best = std::max_element(
      b.spares.begin(), b.spares.end(), [&](const entry& x, const entry& y) { return worth(x) < worth(y); });
    b.nodes.push_back(*best);
    b.spares.erase(best);
  }
}

} // namespace librats::protocols
