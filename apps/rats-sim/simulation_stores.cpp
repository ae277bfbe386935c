// SPDX-License-Identifier: MIT
// The replicated store in a simulation: who writes what, and what the stores hold in the end.
#include "apps/rats-sim/payload.hpp"
#include "apps/rats-sim/simulation.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

using runtime::concat;

void simulation::write_to_store(std::size_t workload, std::size_t sender) {
  const auto& how = what_.workloads[workload];
  auto among = how.keys;
  while (how.favourites && among > 1 && random_.below(2) == 0)
    among = (among + 1) / 2;
  const auto key = concat(how.topic, " ", random_.below(among));
  const bool removes =
    how.removals != 0 && random_.below(runtime::config_share_whole) < static_cast<std::uint64_t>(how.removals);
  // Owed to whoever writes, by his own node.
  const auto number = ledgers_[workload].sent(now(), sender, sender);
  const auto life = members_[sender].lives;
  const auto answered = [this, workload, number, sender, life] {
    if (members_[sender].lives == life)
      ledgers_[workload].arrived(now(), number, sender);
  };
  tell_follower(sender, concat(removes ? "removes " : "writes ", key));
  if (removes) {
    stores_.removal_asked(key);
    members_[sender].program->remove(key, [answered](bool done) {
      if (done)
        answered();
    });
    return;
  }
  const auto value = make_payload({static_cast<std::uint32_t>(workload), number}, random_size(how));
  members_[sender].program->put(
    key, value, [this, workload, sender, key, answered](std::optional<std::uint64_t> stamp) {
      if (!stamp)
        return tell_follower(sender, "could not write " + key);
      stores_.acknowledged(workload, sender, key, {*stamp, members_[sender].key.id()});
      answered();
    });
}

void simulation::audit_stores() {
  stores_.begin_audit();
  const bool asked = std::any_of(
    what_.expectations.begin(), what_.expectations.end(), [](const auto& one) { return one.converged || one.kept; });
  if (!asked)
    return;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& one = members_[i];
    if (!one.up || !what_.groups[one.group].node.storage.enabled)
      continue;
    one.program->look_at_store([this, i](store_books::content what) {
      for (const auto& [key, record] : what)
        if (const auto label = read_payload(record.data.view()); !label || !label->intact)
          for (auto& books : ledgers_)
            if (books.what().kind == scenario::work::write && key.find(books.what().topic + " ") == 0)
              books.corrupted(i);
      stores_.found(i, std::move(what));
    });
  }
}

} // namespace librats::apps
