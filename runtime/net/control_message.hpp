// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstring>
#include <optional>

namespace librats::runtime {

/// Memory for control messages (cmsg(3)) that carry values of these `sizes`, aligned as the system wants it.
template <std::size_t... sizes>
union control_room {
  char bytes[(CMSG_SPACE(sizes) + ...)];
  cmsghdr alignment;
};

/// The value that the system put beside a message; empty when there is none, or one of another size.
template <class T>
std::optional<T> find_control(msghdr& message, int level, int type) {
  for (auto* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level == level && at->cmsg_type == type && at->cmsg_len >= CMSG_LEN(sizeof(T))) {
      T out;
      std::memcpy(&out, CMSG_DATA(at), sizeof(out));
      return out;
    }
  }
  return std::nullopt;
}

/// Puts one value beside a message, which must have room for it and is given no other.
template <class T>
void put_control(msghdr& message, int level, int type, const T& value) {
  auto* at = CMSG_FIRSTHDR(&message);
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN(sizeof(T));
  std::memcpy(CMSG_DATA(at), &value, sizeof(value));
}

} // namespace librats::runtime
