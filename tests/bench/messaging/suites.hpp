// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/support/rig.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::bench {

/// What the messages hold.
enum class document {
  number, ///< {"n":<time>}, about 25 bytes.
  chat,   ///< Five members, a text of 40 characters among them, about 130 bytes.
};

struct message_figures {
  double seconds = 0;
  double cpu_seconds = 0; ///< Of the whole process: both ends.
  double p50 = 0;         ///< From before the document is written until it is read at the other end, in seconds.
  double p99 = 0;
};

/// Collects how long messages took.
class latencies {
public:
  explicit latencies(std::size_t count) { all_.reserve(count); }
  void note(std::int64_t sent_at);
  /// The `share` of all that took no longer. Reorders.
  double percentile(double share);

private:
  std::vector<std::int64_t> all_;
};

/// Nanoseconds on a steady clock.
std::int64_t nanoseconds();

/// A document as a program would make it, with the time in "n".
nlohmann::json make_document(document which);

/// Typed JSON messages from a pinned actor to another, which reads each: `count` of them, at most `window`
/// unacknowledged. With `batched`, the receiver takes the frames of its link as they come (`register_messages`), else
/// one `typed_received` for each message.
message_figures run_embedded(bench_pair& pair, document which, std::size_t count, std::size_t window, bool batched);

/// The same between two clients of librats.h, from the main thread to a handler; acknowledged by typed messages.
message_figures run_clients(document which, std::size_t count, std::size_t window);

/// Requests from one client to another, `window` of them open.
message_figures run_requests(std::size_t count, std::size_t window);

/// Seconds to make, write and read `count` documents on one thread, with the envelope of a typed message.
double bare_json(document which, std::size_t count);

/// The size of a typed message with this document, in bytes.
std::size_t message_size(document which);

} // namespace librats::bench
