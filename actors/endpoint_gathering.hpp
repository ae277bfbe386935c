// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_options.hpp"
#include "protocols/core/endpoint.hpp"

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace librats::actors {

/// What the names of servers stand for, one lookup each: when the last one has ended, the addresses of the wanted
/// family in the order of the names, the first of each name before the second ones.
class endpoint_gathering {
public:
  using receiver = std::function<void(const std::vector<endpoint>&)>;

  endpoint_gathering(const std::vector<protocols::dial_target>& names, bool v6, receiver use)
    : names_(names), found_(names.size()), missing_(names.size()), v6_(v6), use_(std::move(use)) {}

  /// The lookup of `names[i]` ended; `addresses` is empty when it failed.
  void ended(std::size_t i, const std::vector<ip_address>& addresses) {
    for (const auto& one : addresses)
      if (one.is_v6() == v6_ && found_[i].size() < per_name_max)
        found_[i].push_back({one, names_[i].port});
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
  bool v6_;
  receiver use_;
};

} // namespace librats::actors
