// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/session/session.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace librats::test {

/// A frame that outlives the session's buffers.
struct owned_frame {
  protocols::frame_header header;
  bytes payload;
};

inline std::shared_ptr<protocols::session_config> make_config(
  std::uint8_t key_byte, protocols::security_mode security, std::string protocol = "librats/1.0") {
  auto out = std::make_shared<protocols::session_config>();
  out->security = security;
  out->protocol = std::move(protocol);
  out->static_key = protocols::key_pair::from_private(filled(key_byte));
  return out;
}

/// Hands `stream` over in pieces of at most `piece` bytes, as a reader would, and collects the frames.
inline std::vector<owned_frame> deliver(protocols::session& to, bytes stream, std::size_t piece = SIZE_MAX) {
  std::vector<owned_frame> out;
  mutable_bytes_view rest{stream};
  while (!rest.empty()) {
    // A buffer of its own for every piece: whatever the session still needs, it has to have copied.
    auto chunk = to_bytes(rest.first(std::min(piece, rest.size())));
    rest = rest.subspan(chunk.size());
    to.handle_bytes(chunk);
    while (const auto frame = to.poll_frame())
      out.push_back({frame->header, to_bytes(frame->payload)});
  }
  return out;
}

/// Two ends of one link and the wire between them.
struct session_pair {
  explicit session_pair(protocols::security_mode security = protocols::security_mode::noise)
    : session_pair(make_config(0x11, security), make_config(0x22, security)) {}
  session_pair(
    std::shared_ptr<const protocols::session_config> dialer, std::shared_ptr<const protocols::session_config> acceptor)
    : initiator(std::move(dialer), protocols::role::initiator, filled(0x33)),
      responder(std::move(acceptor), protocols::role::responder, filled(0x44)) {}

  /// Carries handshake blocks to and fro until both are silent.
  session_pair& run_handshake(std::size_t piece = SIZE_MAX) {
    for (bool busy = true; busy;) {
      const auto there = initiator.poll_transmit();
      deliver(responder, there, piece);
      const auto back = responder.poll_transmit();
      deliver(initiator, back, piece);
      busy = !there.empty() || !back.empty();
    }
    return *this;
  }

  [[nodiscard]] bool established() const {
    return initiator.state() == protocols::session_state::established
      && responder.state() == protocols::session_state::established;
  }

  protocols::session initiator;
  protocols::session responder;
};

/// One sealed block.
inline bytes seal(protocols::session& from, const protocols::frame_header& header, bytes_view payload) {
  bytes out(from.sealed_size(payload.size()));
  const auto size = from.seal(header, payload, out);
  if (!size || *size != out.size())
    throw std::runtime_error{"seal refused"};
  return out;
}

} // namespace librats::test
