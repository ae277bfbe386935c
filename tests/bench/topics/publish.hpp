// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/support/rig.hpp"

#include <cstddef>
#include <vector>

namespace librats::bench {

struct publish_figures {
  double seconds = 0;
  double cpu_seconds = 0;  ///< Of the process: all nodes.
};

/// Joins a topic with nobody to hear; blocks until that is done.
void join_quietly(bench_node& at, const std::string& topic);

/// Blocks until `at` knows so many subscribers and has so many peers in its mesh. False when that takes a minute.
bool await_topic(bench_node& at, const std::string& topic, std::size_t subscribers, std::size_t mesh);

/// Publishes `count` times `size` bytes at `from`, with at most `window` on their way to the slowest of `to`: each
/// receiver's pinned consumer acknowledges on an App channel over its link to `from`. All have joined the topic.
publish_figures run_publications(bench_node& from, const peer_id& from_id, const std::vector<bench_node*>& to,
  const std::string& topic, std::size_t count, std::size_t size, std::size_t window);

} // namespace librats::bench
