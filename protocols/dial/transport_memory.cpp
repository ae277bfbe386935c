// SPDX-License-Identifier: MIT
#include "protocols/dial/transport_memory.hpp"

#include "protocols/control/identify.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr std::size_t entries_max = 1024;              // wire/00 section 6.
constexpr auto lifetime = std::chrono::minutes{10};    // The same.

std::uint8_t bit(transport x) noexcept { return x == transport::tcp ? transport_bit_tcp : transport_bit_udp; }

} // namespace

transport_memory::entry& transport_memory::refresh(const target& where, time_point now) {
  const auto found = known_.find(where);
  if (found == known_.end() && known_.size() >= entries_max)
    known_.erase(std::min_element(known_.begin(), known_.end(),
      [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
  auto& out = known_[where];
  if (now - out.at > lifetime)
    out = {};
  out.at = now;
  return out;
}

void transport_memory::said(const target& where, std::uint8_t transports, time_point now) {
  if (transports != 0)
    refresh(where, now).said = transports;
}

void transport_memory::worked(const target& where, transport over, time_point now) {
  refresh(where, now).winner = over;
}

std::vector<transport> transport_memory::order(const target& where, std::vector<transport> allowed,
  time_point now) const {
  const auto found = known_.find(where);
  if (found == known_.end() || now - found->second.at > lifetime)
    return allowed;
  const auto& known = found->second;
  std::stable_partition(allowed.begin(), allowed.end(),
    [&](transport x) { return known.winner ? x == *known.winner : (known.said & bit(x)) != 0; });
  return allowed;
}

} // namespace librats::protocols
