// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_options.hpp"
#include "protocols/core/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace librats::actors {

/// Which addresses a socket can send to.
enum class gathered_family : std::uint8_t {
  v4,
  v6,
  either,  ///< IPv4 where a name has it, else IPv6.
};

/// What the names of servers stand for, one lookup each: when the last one has ended, the addresses of the wanted
/// family in the order of the names, the first of each name before the second ones.
class endpoint_gathering {
public:
  using receiver = std::function<void(const std::vector<endpoint>&)>;

  endpoint_gathering(const std::vector<protocols::dial_target>& names, gathered_family family, receiver use)
    : names_(names), found_(names.size()), missing_(names.size()), family_(family), use_(std::move(use)) {}

  /// The lookup of `names[i]` ended; `addresses` is empty when it failed.
  void ended(std::size_t i, const std::vector<ip_address>& addresses) {
    const auto take = [&](bool v6) {
      for (const auto& one : addresses)
        if (one.is_v6() == v6 && found_[i].size() < per_name_max)
          found_[i].push_back({one, names_[i].port});
    };
    if (family_ != gathered_family::v6)
      take(false);
    if (family_ == gathered_family::v6 || (family_ == gathered_family::either && found_[i].empty()))
      take(true);
    if (--missing_ != 0)
      return;
    std::vector<endpoint> all;
    for (std::size_t rank = 0; rank < per_name_max; ++rank)
      for (const auto& of_one : found_)
        if (rank < of_one.size())
          all.push_back(of_one[rank]);
    use_(all);
  }

private:
  /// A name with more addresses is one service behind all of them.
  static constexpr std::size_t per_name_max = 2;

  std::vector<protocols::dial_target> names_;
  std::vector<std::vector<endpoint>> found_;
  std::size_t missing_;
  gathered_family family_;
  receiver use_;
};

} // namespace librats::actors
