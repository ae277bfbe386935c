// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/sim/sim_world.hpp"

#include <fstream>
#include <functional>
#include <string>
#include <utility>

namespace librats::apps {

/// Writes a line for each event of a world: seconds, node, kind, bytes, and the event hash before it, by which the
/// first difference between two runs is found: `12.345678901 all/17 datagram 84 0123456789abcdef`. Somebody has to pass
/// it the events of `world`.
class trace_file final : public runtime::sim_world::event_observer {
public:
  trace_file(const std::string& path, const runtime::sim_world& world, std::function<std::string(std::size_t)> name_of);
  void observe(runtime::sim_world::event_kind kind, std::size_t host, bytes_view content) override;
  /// Whether all went to the file.
  [[nodiscard]] bool good() { return out_.flush().good(); }

private:
  std::ofstream out_;
  const runtime::sim_world& world_;
  std::function<std::string(std::size_t)> name_of_;
};

} // namespace librats::apps
