// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "tests/bench/messaging/suites.hpp"
#include "tests/bench/support/process.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace librats::bench {

std::int64_t nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

void latencies::note(std::int64_t sent_at) {
  all_.push_back(nanoseconds() - sent_at);
}

double latencies::percentile(double share) {
  if (all_.empty())
    return 0;
  const auto at = all_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all_.size() - 1));
  std::nth_element(all_.begin(), at, all_.end());
  return static_cast<double>(*at) * 1e-9;
}

nlohmann::json make_document(document which) {
  if (which == document::number)
    return {{"n", nanoseconds()}};
  return {{"n", nanoseconds()}, {"from", "alice"}, {"text", "The quick brown fox jumps over the dog. "},
    {"tags", {"chat", 7, true}}, {"weight", 0.25}};
}

double bare_json(document which, std::size_t count) {
  const auto begin = seconds();
  for (std::size_t i = 0; i < count; ++i) {
    const auto payload = protocols::encode_typed_json("m", make_document(which));
    const auto data = protocols::parse_json(protocols::decode_typed(*payload)->json_text);
    if (!data || !data->contains("n"))
      std::abort();
  }
  return seconds() - begin;
}

std::size_t message_size(document which) {
  return protocols::encode_typed_json("m", make_document(which))->size();
}

} // namespace librats::bench
