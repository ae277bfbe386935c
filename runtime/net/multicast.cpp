// SPDX-License-Identifier: MIT
#include "runtime/net/multicast.hpp"

namespace librats::runtime {

std::error_code check_multicast_options(const multicast_options& options) noexcept {
  const auto& here = options.interface;
  const bool sound = options.group.is_multicast() && options.port != 0 && options.hops != 0 && here.index != 0
                     && !here.address.is_unspecified() && options.group.is_v6() == here.address.is_v6();
  return sound ? std::error_code{} : std::make_error_code(std::errc::invalid_argument);
}

} // namespace librats::runtime
