// SPDX-License-Identifier: MIT
#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>

#include <memory>
#include <optional>

namespace librats::runtime {

/// Takes note of how an actor ends.
class ending {
public:
  explicit ending(const caf::actor& watched) {
    caf::actor_cast<caf::abstract_actor*>(watched)->attach_functor(
      [seen = seen_](const caf::error& reason) { *seen = reason; });
  }

  [[nodiscard]] bool seen() const noexcept { return seen_->has_value(); }
  [[nodiscard]] const caf::error& reason() const { return seen_->value(); }

private:
  std::shared_ptr<std::optional<caf::error>> seen_ = std::make_shared<std::optional<caf::error>>();
};

} // namespace librats::runtime
