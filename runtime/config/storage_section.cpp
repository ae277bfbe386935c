// SPDX-License-Identifier: MIT
#include "runtime/config/storage_section.hpp"

namespace librats::runtime {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;

} // namespace

void declare_storage(config_schema& out, const storage_section& d) {
  const auto number = [](std::size_t x) { return static_cast<std::int64_t>(x); };
  out.section("storage", "A key-value store that is kept equal with all peers")
    .boolean("enabled", d.enabled, "Keep a store; off, what peers say about theirs is ignored")
    .path("directory", d.directory,
      "Directory of its databases, for this node alone; empty is storage in data_dir, or memory alone without data_dir")
    .integer("shards", number(d.shards), 1, 64,
      "Databases, each with a thread of its own; a directory keeps the number that it was made with")
    .word("durability", d.full_durability ? "full" : "relaxed", {"relaxed", "full"},
      "What an acknowledged write survives: relaxed the end of the process, full a loss of power too, which is slower")
    .boolean("sync", d.sync, "Exchange entries with peers")
    .size("value_max", number(d.value_max), kib, 16 * mib, "Largest value that this node writes, in bytes")
    .integer("entries_max", number(d.entries_max), 1000, 1'000'000'000, "Most keys, those of removed entries included")
    .size(
      "bytes_max", number(d.bytes_max), mib, 1024 * gib, "Most bytes of keys and values together; they are in memory")
    .integer("tombstone_days", d.tombstone_days, 1, 36500,
      "Days after which a removal is forgotten; a peer that was away for longer brings the entry back");
}

storage_section to_storage_section(const config_values& values) {
  const auto count = [&](const char* name) { return static_cast<std::size_t>(values.integer("storage", name)); };
  storage_section out;
  out.enabled = values.boolean("storage", "enabled");
  out.directory = values.text("storage", "directory");
  out.shards = count("shards");
  out.full_durability = values.text("storage", "durability") == "full";
  out.sync = values.boolean("storage", "sync");
  out.value_max = count("value_max");
  out.entries_max = count("entries_max");
  out.bytes_max = count("bytes_max");
  out.tombstone_days = static_cast<unsigned>(values.integer("storage", "tombstone_days"));
  return out;
}

} // namespace librats::runtime
