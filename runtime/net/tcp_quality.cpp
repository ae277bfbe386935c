// SPDX-License-Identifier: MIT
#include "runtime/net/tcp_quality.hpp"

#ifdef __linux__
#  include <linux/tcp.h>
#  include <netinet/in.h>
#  include <sys/socket.h>

#  include <cstddef>
#endif

namespace librats::runtime {

#ifdef __linux__

stream_quality tcp_quality(int socket) noexcept {
  tcp_info info{};  // An older kernel fills less of it; the rest stays zero.
  auto size = static_cast<socklen_t>(sizeof(info));
  stream_quality out;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return out;
  if (info.tcpi_rtt != 0)
    out.smoothed_rtt = std::chrono::microseconds{info.tcpi_rtt};
  out.retransmissions = info.tcpi_total_retrans;
  out.packets_sent = info.tcpi_segs_out;
  return out;
}

#else

stream_quality tcp_quality(int) noexcept { return {}; }

#endif

} // namespace librats::runtime
