// SPDX-License-Identifier: MIT
#include "runtime/config/edit_distance.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <vector>

namespace librats::runtime {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.size() > compared_name_bytes_max || b.size() > compared_name_bytes_max)
    return std::numeric_limits<std::size_t>::max();
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t change = same(a[i - 1], b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

bool is_slip(std::size_t distance, std::string_view name) noexcept {
  return distance <= std::max<std::size_t>(1, name.size() / 3) && distance < name.size();
}

} // namespace librats::runtime
