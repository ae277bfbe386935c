// SPDX-License-Identifier: MIT
#include "runtime/supervision/supervisor.hpp"

#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <iterator>

namespace librats::runtime {

namespace {

/// Collects the answers of all children to one `get_tree`.
struct tree_collector {
  tree_node root;
  std::size_t missing = 0;
  caf::typed_response_promise<tree_node> promise;

  void done_one() {
    if (--missing == 0)
      promise.deliver(std::move(root));
  }
};

} // namespace

supervisor::supervisor(caf::actor_config& config, std::shared_ptr<event_loop> loop, const supervision_options& options)
  : pinned_actor(config, std::move(loop)), options_(options), policy_(options.limits) {}

void supervisor::started() {
  set_down_handler([this](caf::down_msg& x) {
    observed_ended(x.source);
    child_ended(x.source, x.reason);
  });
  set_exit_handler([this](caf::exit_msg& x) { stop_in_order(x.reason); });
  start_children();
}

void supervisor::child_started(const std::string&, const caf::actor&) {}
void supervisor::child_gone(const std::string&, const caf::error&) {}
void supervisor::observed_ended(const caf::actor_addr&) {}
void supervisor::children_stopped() {}

bool supervisor::add_child(child_spec spec) {
  if (stopping() || by_name_.count(spec.name) != 0)
    return false;
  const auto temporary = spec.restart == restart_kind::temporary;
  auto& child = insert(std::move(spec));
  const auto why = try_start(child);
  if (!why)
    return true;
  if (temporary) {
    LIBRATS_LOG(log_level::warn, kind(), "cannot start ", child.spec.name, ": ", describe_error(why));
    erase(child);
    return false;
  }
  schedule_restart(child, why);
  return true;
}

bool supervisor::adopt(child_spec spec, const caf::actor& handle) {
  if (stopping() || by_name_.count(spec.name) != 0)
    return false;
  watch(insert(std::move(spec)), handle);
  return true;
}

supervisor::running_child& supervisor::insert(child_spec spec) {
  children_.push_back(running_child{std::move(spec)});
  const auto position = std::prev(children_.end());
  by_name_.emplace(position->spec.name, position);
  return *position;
}

void supervisor::remove_child(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end())
    return;
  auto& child = *found->second;
  child.removed = true;
  if (!child.handle) {
    forget(child, caf::exit_reason::user_shutdown);
    return;
  }
  enqueue_stop(child);
  stop_next();
}

caf::actor supervisor::child(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found != by_name_.end() ? found->second->handle : caf::actor{};
}

caf::error supervisor::try_start(running_child& child) {
  child.restart_at.reset();
  caf::actor handle;
  try {
    handle = child.spec.start();
  } catch (...) {
    return crash_error(std::current_exception());
  }
  if (!handle)
    return failure("its start function gave no actor");
  watch(child, handle);
  child_started(child.spec.name, handle);
  return {};
}

void supervisor::watch(running_child& child, const caf::actor& handle) {
  child.handle = handle;
  by_actor_.emplace(handle.id(), &child);
  monitor(handle);
}

void supervisor::child_ended(const caf::actor_addr& who, const caf::error& reason) {
  const auto found = by_actor_.find(who.id());
  if (found == by_actor_.end())
    return;
  auto& child = *found->second;
  by_actor_.erase(found);
  child.handle = nullptr;
  child.stop_sent = false;
  if (std::exchange(child.stop_queued, false))
    to_stop_.remove(&child);
  being_stopped_.erase(std::remove(being_stopped_.begin(), being_stopped_.end(), &child), being_stopped_.end());
  if (being_stopped_.empty())
    cancel_timer(deadline_slot);
  const auto& spec = child.spec;
  if (stopping() || child.removed) {
    if (!is_orderly_exit(reason) && reason != caf::exit_reason::kill)
      LIBRATS_LOG(log_level::warn, kind(), "lost ", spec.name, " while it stopped: ", describe_error(reason));
    forget(child, reason);
  } else if (child.stop_for_restart) {
    child.stop_for_restart = false;  // The failed sibling's timer starts both again.
  } else if (spec.restart == restart_kind::temporary
             || (spec.restart == restart_kind::transient && is_orderly_exit(reason))) {
    if (!is_orderly_exit(reason))
      LIBRATS_LOG(log_level::warn, kind(), "lost ", spec.name, ": ", describe_error(reason));
    forget(child, reason);
  } else {
    schedule_restart(child, reason);
  }
  stop_next();
}

void supervisor::schedule_restart(running_child& failed, const caf::error& reason) {
  const auto delay = policy_.next(now());
  if (!delay) {
    LIBRATS_LOG(log_level::error, kind(), "gives up: ", failed.spec.name, " failed once too often: ",
      describe_error(reason));
    stop_in_order(failure("restart budget spent on " + failed.spec.name));
    return;
  }
  ++failed.restarts;
  LIBRATS_LOG(log_level::warn, kind(), "restarts ", failed.spec.name, " in ",
    std::chrono::duration_cast<std::chrono::milliseconds>(*delay).count(), " ms: ", describe_error(reason));
  failed.restart_at = now() + *delay;
  stop_siblings(failed);
  arm_restart_timer();
}

void supervisor::stop_siblings(const running_child& failed) {
  if (options_.strategy == supervision_strategy::one_for_one)
    return;
  // In reverse start order; for rest_for_one only those that were started after the failed one.
  for (auto i = children_.rbegin(); i != children_.rend(); ++i) {
    auto& sibling = *i;
    if (&sibling == &failed) {
      if (options_.strategy == supervision_strategy::rest_for_one)
        break;
      continue;
    }
    if (sibling.spec.restart == restart_kind::temporary)
      sibling.removed = true;  // Stopped with the others, but never started again.
    else
      sibling.restart_at = failed.restart_at;
    if (sibling.handle && !sibling.stop_for_restart) {
      sibling.stop_for_restart = true;
      enqueue_stop(sibling);
    }
  }
}

void supervisor::arm_restart_timer() {
  std::optional<time_point> earliest;
  for (const auto& child : children_)
    if (child.restart_at && !child.handle && (!earliest || *child.restart_at < *earliest))
      earliest = child.restart_at;
  if (earliest)
    arm_timer(restart_slot, std::max(*earliest, now()));
}

void supervisor::restart_due() {
  // Start order holds: nobody starts while a sibling that must be down first still runs.
  if (stopping())
    return;
  restart_waits_ = std::any_of(being_stopped_.begin(), being_stopped_.end(), stops_for_restart)
                   || std::any_of(to_stop_.begin(), to_stop_.end(), stops_for_restart);
  if (restart_waits_)
    return;  // `stop_next` arms the timer again.
  for (auto& child : children_) {
    if (!child.restart_at || child.handle || *child.restart_at > now())
      continue;
    if (const auto why = try_start(child)) {
      schedule_restart(child, why);
      break;  // Those that follow may have to wait for it.
    }
  }
  if (!stopping())
    arm_restart_timer();
}

void supervisor::enqueue_stop(running_child& child) {
  if (!std::exchange(child.stop_queued, true))
    to_stop_.push_back(&child);
}

void supervisor::stop_in_order(caf::error reason) {
  if (stopping())
    return;
  stop_reason_ = std::move(reason);
  cancel_timer(restart_slot);
  to_stop_.clear();
  std::vector<std::string> down;
  for (auto& child : children_) {
    child.stop_queued = child.handle && !child.stop_sent;
    if (child.stop_queued)
      to_stop_.push_front(&child);
    else if (!child.handle)
      down.push_back(child.spec.name);
  }
  for (const auto& name : down)  // By name, because `child_gone` may remove one that comes later.
    if (const auto found = by_name_.find(name); found != by_name_.end())
      forget(*found->second, *stop_reason_);
  stop_next();
}

void supervisor::stop_next() {
  if (!being_stopped_.empty())
    return;
  duration deadline{0};
  while (!to_stop_.empty()) {
    auto* child = to_stop_.front();
    // Temporary children, such as connections, know nothing of each other: they go together.
    const bool together = !being_stopped_.empty() && child->spec.restart == restart_kind::temporary
                          && being_stopped_.front()->spec.restart == restart_kind::temporary;
    if (!being_stopped_.empty() && !together)
      break;
    to_stop_.pop_front();
    child->stop_queued = false;
    if (std::exchange(child->stop_sent, true))
      continue;
    being_stopped_.push_back(child);
    deadline = std::max(deadline, child->spec.shutdown_deadline);
    send_exit(child->handle, caf::exit_reason::user_shutdown);
  }
  if (!being_stopped_.empty()) {
    arm_timer(deadline_slot, now() + deadline);
  } else if (!stopping()) {
    if (std::exchange(restart_waits_, false))
      arm_restart_timer();
  } else if (children_.empty()) {
    children_stopped();
    if (!end_held_)
      quit(*stop_reason_);
  }
}

void supervisor::end_now() {
  if (stopping() && children_.empty())
    quit(*stop_reason_);
}

void supervisor::timer_fired(std::uint32_t slot) {
  if (slot == restart_slot) {
    restart_due();
  } else if (slot == deadline_slot) {
    for (auto* child : being_stopped_) {
      LIBRATS_LOG(log_level::warn, kind(), "kills ", child->spec.name, ", which did not stop in time");
      send_exit(child->handle, caf::exit_reason::kill);
    }
  }
}

void supervisor::stopped() {
  // After an ordered stop nobody is left. After a crash or a kill the children follow at once.
  for (auto& child : children_) {
    if (child.handle && child.spec.orphan == orphan_rule::dies)
      send_exit(child.handle, caf::exit_reason::kill);
    child.handle = nullptr;  // Children know their parent: two actors that hold each other are never freed.
  }
}

void supervisor::forget(running_child& child, const caf::error& reason) {
  const auto name = child.spec.name;
  erase(child);
  child_gone(name, reason);
}

void supervisor::erase(running_child& child) {
  const auto found = by_name_.find(child.spec.name);
  children_.erase(found->second);
  by_name_.erase(found);
}

caf::result<tree_node> supervisor::describe_tree(const get_tree& request) {
  auto collector = std::make_shared<tree_collector>();
  collector->root = describe_self();
  if (stopping())
    collector->root.state = "stopping";
  collector->promise = make_response_promise<tree_node>();
  collector->root.children.resize(children_.size());
  collector->missing = children_.size() + 1;
  // Whoever asks us waits as long as we do, so those below us get less, or a silent one would hide all its siblings.
  const get_tree below{request.patience - request.patience / 4};
  std::size_t position = 0;
  for (const auto& child : children_) {
    const auto i = position++;
    auto& slot = collector->root.children[i];
    slot.name = child.spec.name;
    slot.restarts = child.restarts;
    slot.handle = child.handle;
    if (!child.handle) {
      slot.state = "restarting";
      collector->done_one();
      continue;
    }
    ask(child.handle, request.patience, below,
      [collector, i](const tree_node& answer) {
        auto& mine = collector->root.children[i];
        auto merged = answer;
        merged.name = mine.name;
        merged.restarts = mine.restarts;
        mine = std::move(merged);
        collector->done_one();
      },
      [collector, i](caf::error&) {
        collector->root.children[i].state = "busy";
        collector->done_one();
      });
  }
  collector->done_one();
  return caf::delegated<tree_node>{};
}

} // namespace librats::runtime
