// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/attackers.hpp"
#include "apps/rats-sim/ledger.hpp"
#include "apps/rats-sim/machine_faults.hpp"
#include "apps/rats-sim/resident.hpp"
#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/store_books.hpp"
#include "apps/rats-sim/stun_desk.hpp"
#include "apps/rats-sim/transfer_books.hpp"
#include "protocols/crypto/identity.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace librats::apps {

/// A simulated network as a scenario describes it. Builds all machines at once; nodes start when the scenario says so.
class simulation final : private resident_listener, public presence {
public:
  /// `what` must outlive it. The seed is that of the scenario.
  explicit simulation(const scenario& what);
  ~simulation() override;

  /// Lets the world go on to `when`; earlier when `interrupted` says so, which is asked after each event.
  void run_to(duration when, const std::function<bool()>& interrupted);
  /// Asks all nodes for their trees; the answers are counted as they come.
  void take_census();
  /// Asks all stores for what they hold; the answers are there when the world has settled.
  void audit_stores();
  /// Compares the files that arrived with their sources once more.
  void audit_files();
  /// Judges what is due. Call now and then.
  void settle_accounts();

  // -- what there is to see

  /// A member of the network: its machine stays, the node on it may come and go.
  struct place {
    std::size_t group = 0;
    std::size_t number = 0; ///< In its group, from 0.
    runtime::sim_host* host = nullptr;
    protocols::key_pair key;
    std::vector<std::size_t> dials;
    caf::actor node;
    caf::actor keeper;
    resident* program = nullptr; ///< Null while it is down.
    bool up = false;
    bool retired = false; ///< Stopped in order, and not to come back.
    duration since{};
    std::uint32_t lives = 0;
    std::vector<std::size_t> peers;    ///< Sorted.
    std::uint64_t restarts = 0;        ///< Of parts, in this life as far as counted.
    std::uint64_t restarts_before = 0; ///< In earlier lives.
  };
  [[nodiscard]] const std::vector<place>& members() const noexcept { return members_; }
  [[nodiscard]] const std::vector<ledger>& ledgers() const noexcept { return ledgers_; }
  [[nodiscard]] const store_books& stores() const noexcept { return stores_; }
  /// One for each [attackers NAME].
  [[nodiscard]] const std::vector<std::unique_ptr<attackers>>& strangers() const noexcept { return attackers_; }
  [[nodiscard]] const transfer_books& transfers() const noexcept { return transfers_; }
  [[nodiscard]] const scenario& what() const noexcept { return what_; }
  [[nodiscard]] runtime::sim_world& world() noexcept { return world_; }
  [[nodiscard]] const runtime::sim_world& world() const noexcept { return world_; }
  [[nodiscard]] duration now() const noexcept { return world_.elapsed(); }
  [[nodiscard]] std::uint64_t crashes() const noexcept { return crashes_; }
  [[nodiscard]] std::uint64_t part_crashes() const noexcept { return part_crashes_; }
  [[nodiscard]] std::size_t up_count() const noexcept { return up_count_; }
  [[nodiscard]] std::size_t link_count() const noexcept { return link_ends_ / 2; }
  /// `group/number`; `machine-` and a number for one that is no member.
  [[nodiscard]] std::string name_of(std::size_t member) const;
  [[nodiscard]] bool up_since(std::size_t member, duration since) const override;

  /// Writes down what happens to one member, a line for each event; none: nothing.
  void follow(std::size_t member, std::ostream& to);

private:
  // -- building
  void build_network();
  void build_members();
  void make_folders();
  void build_nats();
  void open_stun_desks();
  void build_attackers();
  void choose_dials();
  void schedule_lives();
  void schedule_faults();
  void schedule_work();
  [[nodiscard]] std::vector<runtime::sim_host*> hosts_of(std::size_t group) const;

  // -- lives
  void start(std::size_t at);
  void went_down(std::size_t at);
  void crash(std::size_t at);
  void stop(std::size_t at);
  void churn(std::size_t group);
  void crash_part(std::size_t group);
  [[nodiscard]] std::size_t random_up(std::size_t group);

  // -- work
  void work(std::size_t workload, std::size_t sender);
  void publish(std::size_t workload, std::size_t sender);
  void send_message(std::size_t workload, std::size_t sender);
  void look_up(std::size_t workload, std::size_t sender);
  void announce_keys(std::size_t at);
  void write_to_store(std::size_t workload, std::size_t sender);
  void ask_address(std::size_t workload, std::size_t sender);
  void send_file(std::size_t workload, std::size_t sender);
  /// A random peer that belongs to a group which the workload names; `none` when there is no such one.
  [[nodiscard]] std::size_t random_peer(std::size_t member, const std::vector<std::size_t>& groups);
  [[nodiscard]] std::size_t random_size(const scenario::workload& what);
  void compare_file(const std::string& name, transfer_books::file& what);

  // -- resident_listener
  void connected(std::size_t member, const peer_id& peer) override;
  void disconnected(std::size_t member, const peer_id& peer, const std::string& reason) override;
  void topic_message(std::size_t member, bytes_view payload) override;
  void typed_message(std::size_t member, std::string_view text) override;
  void transfer_changed(std::size_t member, const actors::transfer_report& how) override;

  void at(duration when, std::function<void()> what);
  /// True when the event is about the one that is followed.
  void tell_follower(std::size_t member, const std::string& event);
  [[nodiscard]] std::size_t first_of(std::size_t group) const noexcept { return first_of_[group]; }
  [[nodiscard]] std::size_t announcer_of(const scenario::workload& work, std::size_t key) const;

  const scenario& what_;
  runtime::sim_world world_;
  runtime::sim_random random_;
  std::vector<std::size_t> first_of_; ///< The first member of each group.
  std::vector<place> members_;
  std::map<peer_id, std::size_t> member_of_;
  std::vector<ledger> ledgers_;
  machine_faults machine_faults_;
  std::map<std::size_t, std::unique_ptr<stun_desk>> stun_desks_; ///< By host.
  std::vector<std::unique_ptr<attackers>> attackers_;
  store_books stores_;
  transfer_books transfers_;
  std::size_t up_count_ = 0;
  std::size_t link_ends_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t part_crashes_ = 0;
  std::size_t followed_ = scenario::none;
  std::ostream* follower_ = nullptr;
};

} // namespace librats::apps
