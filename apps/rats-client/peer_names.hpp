// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace librats::apps {

/// The one peer whose id begins with these hex digits, in any case. The error is a sentence.
result<peer_id, std::string> find_peer(std::string_view prefix, const std::vector<peer_id>& peers);

} // namespace librats::apps
