// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/actor_resumer.hpp"
#include "runtime/caf/sim_scheduler.hpp"
#include "runtime/io/timer_queue.hpp"
#include "runtime/io/turn_tasks.hpp"
#include "runtime/sim/event_queue.hpp"
#include "runtime/sim/link_profile.hpp"
#include "runtime/sim/sim_random.hpp"
#include "runtime/sim/sim_realms.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace librats::runtime {

class sim_host;

/// What a run is made of, apart from the nodes.
struct sim_options {
  std::uint64_t seed = 1;
  link_profile link;      ///< Between any two hosts that have no profile of their own.
  bool shuffle = true;    ///< Ready actors run in an order that the seed decides; else first come, first served.
  /// Each host runs alone for as long as nothing that another one does meanwhile can reach it, which is the latency of
  /// the world's shortest path; then the next one does. What happens at one host has the same times as without, but the
  /// memory of a host is in the cache while it runs, which makes large worlds several times faster. The event hash, an
  /// observer and `random` meet the hosts by turns, `run_until` asks between such rounds, and what CAF's own clock
  /// delivers is late by a round at most.
  bool by_turns = false;
};

/// Any number of machines, the network between them and their actors, on one thread and in virtual time. Every random
/// decision comes from one seed: the same binary, scenario and seed give the same `event_hash`, whatever the machine is
/// doing. Advances only inside `run_for` and `run_until`.
class sim_world {
public:
  explicit sim_world(const sim_options& options = {});
  ~sim_world();

  /// Adds a machine with one IPv4 address from 10.0.0.0/8, in the order of calling: 10.0.0.1, 10.0.0.2, ...
  sim_host& add_host();
  [[nodiscard]] sim_host& host(std::size_t index) { return *hosts_[index]; }
  [[nodiscard]] std::size_t host_count() const noexcept { return hosts_.size(); }

  caf::actor_system& system() noexcept { return scheduler_.system(); }
  [[nodiscard]] time_point now() const noexcept { return scheduler_.now(); }
  /// Virtual time since the world began.
  [[nodiscard]] duration elapsed() const noexcept { return now() - start_; }

  void run_for(duration span);
  /// Runs until `done` holds, at most for `limit`; returns whether it holds.
  bool run_until(const std::function<bool()>& done, duration limit);
  /// Lets everything happen that needs no time to pass.
  void settle();

  // -- the network

  /// The path from one host to another; the default is `sim_options::link`. Inside a host nothing takes time or is
  /// lost.
  void set_link(const sim_host& from, const sim_host& to, const link_profile& profile);
  void set_default_link(const link_profile& profile) {
    options_.link = profile;
    note_latency(profile);
  }
  /// Puts a host into a region, numbered from 0, in which it was not before; paths between regions are set below. For
  /// worlds in which a profile for each pair of hosts would take too much room.
  void set_region(const sim_host& host, std::size_t region);
  /// The path from any host of one region to any of the other, or inside of one. A profile of two hosts goes before it.
  void set_region_link(std::size_t from, std::size_t to, const link_profile& profile);
  [[nodiscard]] const link_profile& link(std::size_t from, std::size_t to) const;
  /// Cuts the two groups off from each other; who is in neither is not affected. Streams stall, datagrams are lost.
  void partition(const std::vector<sim_host*>& left, const std::vector<sim_host*>& right);
  void heal() { cut_.clear(); }
  /// The same for large groups, which costs a bit for each host. Ends with `join`, not with `heal`; as many as
  /// `splits_max` may be in force at once, beyond which it does nothing and returns that number.
  std::size_t split(const std::vector<sim_host*>& left, const std::vector<sim_host*>& right);
  void join(std::size_t split);
  static constexpr std::size_t splits_max = 64;
  [[nodiscard]] bool reachable(std::size_t from, std::size_t to) const {
    if (splits_in_force_ != 0 && split_between(from, to))
      return false;
    return cut_.empty() || cut_.count({from, to}) == 0;
  }

  /// Plugs a host into a link of that name, which it leaves the one that it was on for: what one of them sends to a
  /// multicast group reaches the others over the paths between them. Without a name it is on no link, as at first.
  void set_lan(const sim_host& host, const std::string& name);

  /// Adds a box that translates addresses, a machine on the open network with the next address.
  sim_host& add_nat(const nat_profile& profile);
  /// Moves a host, or a box, behind a box: it gets a private address from 172.16.0.0/12, which nobody else in the world
  /// has. From then on it can reach the outside, and the outside it only as the box allows. Before anything happens on
  /// it, if hosts run by turns.
  void put_behind(sim_host& host, const sim_host& nat);

  // -- reproducibility

  /// A digest of every event so far: its virtual time, host, kind and bytes.
  [[nodiscard]] std::uint64_t event_hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t event_count() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return options_.seed; }
  sim_random& random() noexcept { return random_; }

  enum class event_kind : std::uint8_t { connect, accept, refuse, bytes, datagram, end, timer, resolve, writable,
    network };
  /// Sees every event that goes into the hash, just before it takes effect.
  class event_observer {
  public:
    virtual ~event_observer() = default;
    virtual void observe(event_kind kind, std::size_t host, bytes_view content) = 0;
  };
  /// At most one at a time; null is none.
  void set_observer(event_observer* observer) noexcept { observer_ = observer; }

  // -- for the simulated hosts

  void note_event(event_kind kind, std::size_t host, bytes_view content);
  /// For what concerns the world: all hosts have come as far as that.
  void at(time_point when, sim_task what) { queue_.add(std::max(when, now()), std::move(what)); }
  /// For what happens at one host. From another host no sooner than the path between them allows.
  void at_host(std::size_t host, time_point when, sim_task what);
  timer_handle arm_timer(std::size_t host, time_point due, timer_target& target, std::uint32_t slot);
  void cancel_timer(std::size_t host, const timer_handle& handle);
  void mark_turn(turn_tasks& tasks);
  actor_resumer& unit() noexcept { return scheduler_.unit(); }
  /// The hosts on the link of this one, itself included, in the order of their numbers.
  [[nodiscard]] std::vector<std::size_t> on_link(std::size_t host) const;
  /// Whether no router is between the two.
  [[nodiscard]] bool same_link(std::size_t a, std::size_t b) const;
  /// Whoever has this address now; null when nobody has.
  [[nodiscard]] sim_host* host_at(const ip_address& address) const;
  [[nodiscard]] sim_realms& realms() noexcept { return realms_; }
  /// Tells the number of whoever has an address.
  [[nodiscard]] std::function<std::optional<std::size_t>(const ip_address&)> owners() const;
  /// Remembers who has an address that is not the one of his birth.
  void note_addresses(std::size_t host, const std::vector<ip_address>& addresses);

private:
  /// On which sides of which splits a host is, a bit for each.
  struct sides {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
  };
  [[nodiscard]] bool split_between(std::size_t a, std::size_t b) const noexcept {
    const auto most = std::max(a, b);
    if (most >= sides_.size())
      return false;
    return ((sides_[a].left & sides_[b].right) | (sides_[a].right & sides_[b].left)) != 0;
  }

  /// What waits at one host, or at those behind one box; used when hosts run by turns.
  struct lane {
    event_queue events;
    timer_queue timers;
    time_point told = time_point::max();  ///< When `order_` believes that it goes on.
    time_point reached{};                 ///< Its own time is this or later.
    [[nodiscard]] time_point next() const {
      return std::min(events.next_due().value_or(time_point::max()), timers.next_due().value_or(time_point::max()));
    }
  };

  /// Moves on to the next thing that happens, if it happens by `limit`.
  bool step(time_point limit);
  bool step_by_turns(time_point limit);
  void run_lane(lane& one, time_point end);
  void expect(std::size_t number, time_point when);
  void share_lane(std::size_t host, std::size_t with);
  void note_latency(const link_profile& path) noexcept { shortest_ = std::min(shortest_, path.latency); }

  sim_options options_;
  sim_random random_;
  sim_scheduler scheduler_;
  time_point start_;
  std::vector<std::unique_ptr<sim_host>> hosts_;
  std::map<ip_address, std::size_t> moved_;
  sim_realms realms_;
  std::uint32_t private_addresses_ = 0;
  std::map<std::size_t, std::string> lan_of_;
  std::map<std::string, std::set<std::size_t>> lans_;
  event_queue queue_;   ///< Of the world; of all hosts unless they run by turns.
  timer_queue timers_;  ///< The same.
  std::vector<lane> lanes_;
  std::vector<std::size_t> lane_of_;  ///< By host. Those behind one box share the lane of the outermost one.
  deadline_heap order_;  ///< Of lanes, by number. Some entries are out of date.
  duration shortest_;    ///< No path between two hosts takes less.
  std::vector<turn_tasks*> turns_;
  std::map<std::pair<std::size_t, std::size_t>, link_profile> links_;
  std::vector<std::size_t> region_of_;  ///< By host; those beyond its end are in none.
  std::map<std::pair<std::size_t, std::size_t>, link_profile> region_links_;
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  std::vector<sides> sides_;  ///< By host; those beyond its end are on none.
  std::uint64_t splits_in_force_ = 0;
  event_observer* observer_ = nullptr;
  std::uint64_t hash_ = 14695981039346656037u;
  std::uint64_t events_ = 0;
};

} // namespace librats::runtime
