// SPDX-License-Identifier: MIT
#include "apps/rats-sim/stun_desk.hpp"

#include "protocols/stun/binding_responder.hpp"

#include <utility>

namespace librats::apps {

void stun_desk::open() {
  socket_.reset();
  if (auto opened = host_.net().open_datagrams({ip_address{}, port}, false, *this))
    socket_ = std::move(*opened);
}

void stun_desk::datagram_received(const endpoint& from, mutable_bytes_view in) {
  if (const auto answer = protocols::stun::answer_binding(from, in))
    socket_->send(from, *answer);
}

} // namespace librats::apps
