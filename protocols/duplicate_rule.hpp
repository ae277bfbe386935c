// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/wire/role.hpp"

namespace librats::protocols {

/// What the duplicate rule looks at: only things that both ends of a link see alike.
struct link_traits {
  protocols::role role = protocols::role::initiator; ///< Ours on this link.
  protocols::transport transport = protocols::transport::tcp;
};

/// Decides which of two established links to `remote` stays; true when it is `incoming`, the newer one. Both ends come
/// to the same answer, so exactly one link is left (wire/00 section 8):
/// 1. opposite roles: the link that the node with the smaller id dialed;
/// 2. same role, different transports: the datagram link;
/// 3. same role, same transport: the newer link, because the remote came back.
[[nodiscard]] bool new_link_survives(
  const peer_id& self, const peer_id& remote, link_traits existing, link_traits incoming) noexcept;

} // namespace librats::protocols
