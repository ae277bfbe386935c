// SPDX-License-Identifier: MIT
#include "apps/rats-client/peer_names.hpp"

#include "runtime/log/escape.hpp"

#include <algorithm>
#include <cctype>

namespace librats::apps {

namespace {

/// More need not be named to see that a prefix is too short.
constexpr std::size_t named_max = 5;
constexpr std::size_t shown_digits = 12;

} // namespace

result<peer_id, std::string> find_peer(std::string_view prefix, const std::vector<peer_id>& peers) {
  std::string wanted{prefix};
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
    [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto quoted = "\"" + runtime::escaped(prefix, 80) + "\"";
  if (wanted.empty() || wanted.find_first_not_of("0123456789abcdef") != std::string::npos)
    return quoted + " is no peer id; accepted are the first hex digits of one, see /peers";
  std::vector<peer_id> found;
  std::copy_if(peers.begin(), peers.end(), std::back_inserter(found),
    [&](const peer_id& x) { return x.to_string().compare(0, wanted.size(), wanted) == 0; });
  if (found.size() == 1)
    return found.front();
  if (found.empty())
    return peers.empty() ? std::string{"no peer is connected"} : "no connected peer's id begins with " + quoted;
  auto out = quoted + " may be any of";
  for (std::size_t i = 0; i < std::min(found.size(), named_max); ++i)
    out += (i == 0 ? " " : ", ") + found[i].to_string().substr(0, std::max(shown_digits, wanted.size() + 1));
  return out + (found.size() > named_max ? ", ..." : "") + "; give more digits";
}

} // namespace librats::apps
