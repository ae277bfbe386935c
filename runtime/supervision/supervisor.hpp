// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/pinned_actor.hpp"
#include "runtime/supervision/child_spec.hpp"

#include <caf/response_promise.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace librats::runtime {

/// An actor that starts children in order, restarts them by the rules of their specifications, stops them in reverse
/// order with a deadline each (neighbouring temporary children together), and ends itself ("escalates") when the
/// restart budget is spent. Derive from it and call `add_child` in `started`; children may come and go at any time.
///
/// Uses the timer slots 2 and 3 of `pinned_actor`; derived classes have 0 and 1.
class supervisor : public pinned_actor {
public:
  supervisor(caf::actor_config& config, std::shared_ptr<event_loop> loop, const supervision_options& options = {});

protected:
  void started() final;
  /// Adds the first children.
  virtual void start_children() = 0;
  /// A child came to life, for the first time or again. The handle differs at each restart.
  virtual void child_started(const std::string& name, const caf::actor& child);
  /// A child is gone for good: temporary, or transient and done.
  virtual void child_gone(const std::string& name, const caf::error& reason);
  /// An actor that this one monitors ended, child or not. Called once per DOWN message.
  virtual void observed_ended(const caf::actor_addr& who);
  /// All children are stopped and this supervisor is about to end.
  virtual void children_stopped();
  /// Inside `children_stopped`: something is left to do, and `end_now` will be called. Its parent does not wait beyond
  /// the deadline.
  void hold_end() noexcept { end_held_ = true; }
  void end_now();

  /// Starts a child now. False when the name is taken, the supervisor is stopping or a temporary child cannot start;
  /// the start of any other child is tried again by the restart rules.
  bool add_child(child_spec spec);
  /// Takes over a child that runs already, such as one that survived the former incarnation of this supervisor.
  bool adopt(child_spec spec, const caf::actor& child);
  /// Stops one child by its deadline and forgets it.
  void remove_child(const std::string& name);
  /// The running child; null while it is down or unknown.
  [[nodiscard]] caf::actor child(const std::string& name) const;
  [[nodiscard]] std::size_t child_count() const noexcept { return children_.size(); }
  /// Stops all children in reverse order, then ends with `reason`. An exit message does the same.
  void stop_in_order(caf::error reason);
  [[nodiscard]] bool stopping() const noexcept { return stop_reason_.has_value(); }

  caf::result<tree_node> describe_tree(const get_tree& request) override;
  void timer_fired(std::uint32_t slot) override;
  /// Takes the children along that do not survive this supervisor, however it ends.
  void stopped() override;

private:
  struct running_child {
    child_spec spec;
    caf::actor handle{};                     // Null while down.
    std::uint32_t restarts = 0;
    std::optional<time_point> restart_at{};  // Set while a restart waits for its time.
    bool stop_for_restart = false;           // Stopped by the strategy, to be started again.
    bool stop_queued = false;                // Stands in `to_stop_`.
    bool stop_sent = false;                  // Stands in `being_stopped_`.
    bool removed = false;                    // Stopped for good by `remove_child`.
  };
  using child_list = std::list<running_child>;
  static constexpr std::uint32_t restart_slot = 2;
  static constexpr std::uint32_t deadline_slot = 3;

  running_child& insert(child_spec spec);
  [[nodiscard]] caf::error try_start(running_child& child);
  void enqueue_stop(running_child& child);
  void watch(running_child& child, const caf::actor& handle);
  void child_ended(const caf::actor_addr& who, const caf::error& reason);
  void schedule_restart(running_child& failed, const caf::error& reason);
  void restart_due();
  void arm_restart_timer();
  void stop_siblings(const running_child& failed);
  void stop_next();
  void forget(running_child& child, const caf::error& reason);
  void erase(running_child& child);
  static bool stops_for_restart(const running_child* child) noexcept { return child->stop_for_restart; }

  supervision_options options_;
  restart_policy policy_;
  child_list children_;  // In start order.
  std::unordered_map<std::string, child_list::iterator> by_name_;
  std::unordered_map<caf::actor_id, running_child*> by_actor_;  // Living children.
  std::list<running_child*> to_stop_;  // Front first.
  std::vector<running_child*> being_stopped_;
  bool restart_waits_ = false;  // A restart is due and waits for a sibling to be down.
  std::optional<caf::error> stop_reason_;
  bool end_held_ = false;
};

} // namespace librats::runtime
