// SPDX-License-Identifier: MIT
#include "apps/rats-sim/trace.hpp"

#include <cstdio>

namespace librats::apps {

namespace {

const char* word_for(runtime::sim_world::event_kind x) noexcept {
  using kind = runtime::sim_world::event_kind;
  switch (x) {
  case kind::connect: return "connect";
  case kind::accept: return "accept";
  case kind::refuse: return "refuse";
  case kind::bytes: return "bytes";
  case kind::datagram: return "datagram";
  case kind::end: return "end";
  case kind::timer: return "timer";
  case kind::resolve: return "resolve";
  case kind::writable: return "writable";
  case kind::network: return "network";
  }
  return "event";
}

} // namespace

trace_file::trace_file(
  const std::string& path, const runtime::sim_world& world, std::function<std::string(std::size_t)> name_of)
  : out_(path, std::ios::trunc), world_(world), name_of_(std::move(name_of)) {}

void trace_file::observe(runtime::sim_world::event_kind kind, std::size_t host, bytes_view content) {
  char line[160];
  const auto now = world_.elapsed().count();
  std::snprintf(line, sizeof(line), "%lld.%09lld %s %s %zu %016llx\n", static_cast<long long>(now / 1'000'000'000),
    static_cast<long long>(now % 1'000'000'000), name_of_(host).c_str(), word_for(kind), content.size(),
    static_cast<unsigned long long>(world_.event_hash()));
  out_ << line;
}

} // namespace librats::apps
