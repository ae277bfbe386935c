// SPDX-License-Identifier: MIT
#include "protocols/dht/flood_guard.hpp"

#include "protocols/core/source_budget.hpp"

#include <algorithm>
#include <tuple>

namespace librats::protocols {

namespace {

constexpr std::size_t subscriber_bytes_v6 = 8;

std::size_t power_of_two(std::size_t at_least) noexcept {
  std::size_t out = 4;
  while (out < at_least)
    out *= 2;
  return out;
}

} // namespace

flood_guard::flood_guard(const config& cfg, std::uint64_t seed) : cfg_(cfg), seed_(seed) {
  cfg_.sources_max = power_of_two(cfg_.sources_max);
}

bool flood_guard::admit(const ip_address& from, time_point now) {
  if (cfg_.loopback_exempt && from.is_loopback())
    return true;
  if (table_.empty())
    table_.resize(cfg_.sources_max);
  auto& x = place_of(key_of(from), now);
  if (over(x, now)) {
    x.since = now;
    x.count = 0;
    x.ignored = false;
  }
  if (!x.ignored && ++x.count > cfg_.datagrams_max) {
    x.ignored = true;
    x.since = now + cfg_.ignored_for;
    ++times_blocked_;
  }
  refused_ += x.ignored ? 1 : 0;
  return !x.ignored;
}

bool flood_guard::ignores(const ip_address& from, time_point now) const {
  if (table_.empty())
    return false;
  const auto key = key_of(from);
  const auto first = table_.begin() + static_cast<std::ptrdiff_t>(key & (cfg_.sources_max - 1) & ~(ways - 1));
  return std::any_of(first, first + static_cast<std::ptrdiff_t>(ways),
    [&](const source& x) { return x.key == key && x.ignored && now < x.since; });
}

std::uint64_t flood_guard::key_of(const ip_address& from) const noexcept {
  const auto hash = hash_address(from, seed_, from.is_v6() ? subscriber_bytes_v6 : std::size_t{4});
  return hash == 0 ? 1 : hash;
}

bool flood_guard::over(const source& x, time_point now) const noexcept {
  return x.ignored ? now >= x.since : now - x.since >= cfg_.window;
}

flood_guard::source& flood_guard::place_of(std::uint64_t key, time_point now) {
  const auto first = table_.begin() + static_cast<std::ptrdiff_t>(key & (cfg_.sources_max - 1) & ~(ways - 1));
  const auto last = first + static_cast<std::ptrdiff_t>(ways);
  if (const auto found = std::find_if(first, last, [key](const source& x) { return x.key == key; }); found != last)
    return *found;
  // What tells nothing any more gives way first, then who is not ignored and sent least, then who is for the shortest
  // time: a flood from many addresses must not set free who floods from one.
  const auto worth = [&](const source& x) {
    const auto stage = x.key == 0 || over(x, now) ? 0 : x.ignored ? 2 : 1;
    return std::make_tuple(stage, stage == 1 ? x.count : 0U, x.since);
  };
  const auto victim =
    std::min_element(first, last, [&](const source& a, const source& b) { return worth(a) < worth(b); });
  *victim = source{key, now, 0, false};
  return *victim;
}

} // namespace librats::protocols
