// SPDX-License-Identifier: MIT
#pragma once

#include "actors/storage_messages.hpp"
#include "protocols/storage/storage_codec.hpp"
#include "tests/actors/sim_nodes.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace librats::test {

/// The rows of a node's databases: what the next start would find.
using disk_rows = std::map<std::string, bytes>;

/// Nodes that keep a store, with their recorders watching it.
struct storage_nodes : sim_nodes {
  using sim_nodes::sim_nodes;

  static void with_store(actors::node_options& x) { x.storage.enabled = true; }

  sim_node& add_store(const node_adjuster& adjust = {}) {
    auto& host = world.add_host();
    return start_store(host, nodes.size(), adjust);
  }

  /// On a machine that exists, where a store may be on disk.
  sim_node& start_store(runtime::sim_host& host, std::size_t number, const node_adjuster& adjust = {}) {
    auto& out = add_on(host, number, [&](actors::node_options& x) {
      with_store(x);
      if (adjust)
        adjust(x);
    });
    tell(out, actors::watch_storage{out.watcher, {}});
    world.settle();
    return out;
  }

  answer_ptr<actors::value_put> put_later(sim_node& x, const std::string& key, const std::string& text) {
    return request<actors::value_put>(x, x.node, actors::put_value{key, protocols::storage_string(text)});
  }

  /// Empty when it worked, as with the following.
  std::string put(sim_node& x, const std::string& key, const std::string& text) {
    return ask<actors::value_put>(x, actors::put_value{key, protocols::storage_string(text)}).error;
  }

  std::string remove(sim_node& x, const std::string& key) {
    const auto out = ask<actors::key_removed>(x, actors::remove_key{key});
    return !out.error.empty() ? out.error : out.value->existed ? "" : "nothing there";
  }

  /// `-` when there is nothing; else the value, or the error.
  std::string get(sim_node& x, const std::string& key) {
    const auto out = ask<actors::value_got>(x, actors::get_value{key});
    if (!out.value)
      return out.error;
    return out.value->record ? std::string{out.value->record->data.text()} : "-";
  }

  std::vector<std::string> keys(sim_node& x, const std::string& prefix = {}) {
    return ask<actors::key_list>(x, actors::list_keys{prefix, {}}).value.value_or(actors::key_list{}).keys;
  }

  std::string ready(sim_node& x) { return ask<actors::storage_ready>(x, actors::await_storage_ready{}).error; }

  actors::storage_status storage(sim_node& x) {
    return ask<actors::storage_status>(x, actors::get_storage_status{}).value.value_or(actors::storage_status{});
  }

  static disk_rows on_disk(const runtime::sim_host& host) {
    disk_rows out;
    for (const auto& name : const_cast<runtime::sim_host&>(host).databases().names())
      if (name.find(".damaged-") == std::string::npos)
        for (const auto& row : *const_cast<runtime::sim_host&>(host).databases().find(name))
          out.insert(row);
    return out;
  }

  /// Of a row; the version that it stands for.
  static protocols::storage_entry entry_of(const bytes& row) {
    auto view = protocols::storage_entries_view{1, row}.next();
    BOOST_TEST_REQUIRE(view.has_value());
    auto out = protocols::admit(*view);
    BOOST_TEST_REQUIRE(out.ok());
    return std::move(*out);
  }

  /// Whether all disks hold the same bytes.
  bool all_equal() {
    const auto first = on_disk(nodes.front().host);
    for (auto& one : nodes)
      if (on_disk(one.host) != first)
        return false;
    return true;
  }
};

} // namespace librats::test
