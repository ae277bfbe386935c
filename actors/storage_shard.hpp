// SPDX-License-Identifier: MIT
#pragma once

#include "actors/shard_messages.hpp"
#include "runtime/caf/pooled_actor.hpp"
#include "runtime/database/key_value_database.hpp"
#include "runtime/host/host.hpp"

#include <memory>
#include <optional>
#include <string>

namespace librats::actors {

/// Keeps one part of a store on disk: a database of its own, on a thread of its own. Opens it when it is first asked,
/// and again after it broke; holds no state that matters, so it may crash at any time.
class storage_shard final : public runtime::pooled_actor {
public:
  storage_shard(caf::actor_config& config, runtime::host& host, runtime::database_options where)
    : pooled_actor(config), host_(host), where_(std::move(where)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "storage_shard"; }

protected:
  caf::behavior handlers() override;
  void stopped() override { database_.reset(); }

private:
  /// Empty when it is open.
  std::optional<runtime::database_error> open(shard_opening& found);
  shard_page read(const read_shard& x);
  shard_committed commit(const commit_shard& x);

  runtime::host& host_;
  runtime::database_options where_;
  std::unique_ptr<runtime::key_value_database> database_;
};

/// Starts one on a thread of its own, unless the world has but one thread.
caf::actor spawn_storage_shard(runtime::host& host, runtime::database_options where);

} // namespace librats::actors
