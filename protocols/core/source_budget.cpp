// SPDX-License-Identifier: MIT
#include "protocols/core/source_budget.hpp"

#include <algorithm>
#include <utility>

namespace librats {

namespace {

constexpr std::size_t ways = 4;
constexpr std::size_t subscriber_bytes = 8; ///< A /64.

} // namespace

std::uint64_t hash_address(const ip_address& x, std::uint64_t seed, std::size_t prefix_bytes) noexcept {
  const auto raw = x.raw();
  auto out = mix_bits(seed + (x.is_v6() ? 0x9e3779b97f4a7c15u : 0));
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at < std::min(raw.size(), prefix_bytes); ++at) {
    word = word << 8 | raw[at];
    if (at % 8 == 7)
      out = mix_bits(out ^ std::exchange(word, 0));
  }
  return mix_bits(out ^ word ^ (std::uint64_t{at} << 56));
}

source_budget::source_budget(const token_rate& limit, std::uint64_t seed, std::size_t sources)
  : limit_(limit), seed_(seed), sources_(ways) {
  while (sources_ < sources)
    sources_ *= 2;
}

std::uint64_t source_budget::key_of(const ip_address& from) const noexcept {
  return std::max<std::uint64_t>(hash_address(from, seed_, subscriber_bytes), 1);
}

bool source_budget::take(const ip_address& from, time_point now) {
  if (table_.empty())
    table_.resize(sources_);
  const auto key = key_of(from);
  const auto set = table_.begin() + static_cast<std::ptrdiff_t>(key % (sources_ / ways) * ways);
  const auto end = set + ways;
  auto place = std::find_if(set, end, [&](const entry& x) { return x.key == key; });
  if (place == end) {
    place = std::min_element(set, end, [](const entry& a, const entry& b) {
      return a.key == 0 || b.key == 0 ? a.key < b.key : a.used_at < b.used_at;
    });
    *place = {};
    place->key = key;
  }
  place->used_at = now;
  return place->bucket.take(limit_, now);
}

} // namespace librats
