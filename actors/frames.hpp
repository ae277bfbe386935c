// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/wire/frame.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace librats::actors {

/// One inner message: header and payload. The payload is shared, never copied on the way through the actors.
struct frame {
  protocols::frame_header header;
  byte_slice payload;
};

/// Frames that stay together and in order. Many are shared by all receivers of a broadcast; a lone one, as programs
/// send them by the million, is held in place and costs no memory of its own.
class frame_batch {
public:
  frame_batch() = default;
  explicit frame_batch(frame one) : one_(std::move(one)), size_(1) {}
  explicit frame_batch(std::vector<frame> many) : size_(many.size()) {
    if (size_ == 1)
      one_ = std::move(many.front());
    else if (size_ != 0)
      many_ = std::make_shared<const std::vector<frame>>(std::move(many));
  }

  [[nodiscard]] const frame* begin() const noexcept { return many_ ? many_->data() : &one_; }
  [[nodiscard]] const frame* end() const noexcept { return begin() + size_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::shared_ptr<const std::vector<frame>> many_;
  frame one_;
  std::size_t size_ = 0;
};

inline frame_batch make_batch(std::vector<frame> frames) { return frame_batch{std::move(frames)}; }

inline frame_batch make_batch(protocols::message_type type, byte_slice payload, protocols::channel_id channel = 0) {
  return frame_batch{frame{{type, 0, channel}, std::move(payload)}};
}

/// Sends frames to one peer: to the node, or straight to the link that `peer_connected` names, which saves one hop.
/// Not answered; frames to a peer that is not connected are dropped.
struct send_frames {
  peer_id to;
  frame_batch frames;
  /// A peer that is far behind, by more than half of the send limit, does without these frames; else one that is beyond
  /// the limit is dropped. For what is better late or lost than in the way.
  bool droppable = false;
};

/// The same as a request, answered with `send_report`.
struct offer_frames {
  peer_id to;
  frame_batch frames;
};

/// Sends frames to every connected peer. Sent to the node.
struct broadcast_frames {
  frame_batch frames;
};

/// What became of offered frames.
enum class send_status : std::uint8_t {
  queued,         ///< On their way; delivery is not known.
  congested,      ///< Queued too, but the peer's queue is above its mark: wait for `peer_writable`.
  not_connected,  ///< Dropped.
  too_large,      ///< Dropped: a payload that no block can hold, or that alone exceeds the send queue.
};

struct send_report {
  send_status status = send_status::queued;
};

/// Held by what a link hands out. As long as a copy is held, by a message that waits in a mailbox for instance, its
/// bytes count against `connection_limits::receive_window`; a link beyond that reads no further, and its peer has to
/// wait. Who keeps a payload for longer keeps only that.
using delivery_receipt = std::shared_ptr<const void>;

/// Frames that arrived from a peer for one receiver, in order. The sender of this message is the link.
struct frames_received {
  peer_id from;
  std::vector<frame> frames;
  delivery_receipt receipt;
};

/// Who gets which frames. An immutable value: a change makes a new table, and links keep the one they were given last.
struct routing_table {
  std::map<protocols::channel_id, std::vector<caf::actor>> channels;     ///< For App frames.
  std::map<protocols::message_type, std::vector<caf::actor>> types;      ///< For all others.
};

using routes = std::shared_ptr<const routing_table>;

} // namespace librats::actors
