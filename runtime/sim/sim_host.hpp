// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/host/host.hpp"
#include "runtime/sim/sim_database.hpp"
#include "runtime/sim/sim_disk.hpp"
#include "runtime/sim/sim_network.hpp"
#include "runtime/sim/sim_world.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace librats::runtime {

/// One machine of a simulated world: one loop, its addresses, its own random stream and disk.
class sim_host final : public host {
public:
  sim_host(sim_world& world, std::size_t index, std::uint64_t seed);
  ~sim_host() override;

  caf::actor_system& system() noexcept override { return world_.system(); }
  [[nodiscard]] std::size_t loop_count() const noexcept override { return 1; }
  [[nodiscard]] const std::shared_ptr<event_loop>& loop(std::size_t) const noexcept override { return loop_; }
  random_source& random() noexcept override { return random_; }
  sim_disk& files() noexcept override { return disk_; }
  /// The world begins on 1 January 2026; `set_clock_error` moves the clock of this host.
  result<std::unique_ptr<key_value_database>, database_error> open_database(const database_options& what) override {
    return databases_.open(what, unix_time());
  }
  [[nodiscard]] std::int64_t unix_time() const override { return unix_time_ms() / 1000; }
  [[nodiscard]] std::int64_t unix_time_ms() const override;
  /// `host-` and a number, from 1.
  [[nodiscard]] std::string machine_name() const override;
  void set_clock_error(std::int64_t seconds) noexcept { set_clock_error(std::chrono::seconds{seconds}); }
  /// From now on the clock is ahead by this, or behind when it is negative.
  void set_clock_error(duration error) noexcept;
  [[nodiscard]] duration clock_error() const noexcept;
  /// From now on the clock goes so many parts in a million too fast, or too slow when it is negative. Timers are not
  /// affected: they stand on a clock that nobody can set.
  void set_clock_drift(double parts_per_million) noexcept;
  sim_databases& databases() noexcept { return databases_; }
  [[nodiscard]] bool single_threaded() const noexcept override { return true; }

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  /// The first one; unspecified when it has none.
  [[nodiscard]] ip_address address() const noexcept {
    return network_.addresses().empty() ? ip_address{} : network_.addresses().front();
  }
  /// Moves the machine to other addresses, which nobody else has. What is bound to all addresses goes on with the new
  /// ones; streams of an address that is gone stall and time out; `network_watch` tells.
  void set_addresses(std::vector<ip_address> addresses) {
    world_.note_addresses(index_, addresses);
    network_.set_addresses(std::move(addresses));
  }
  /// Pulls the cable and plugs it in again. Streams stall meanwhile; what is sent finds no way; `network_watch` tells.
  void down() { network_.set_up(false); }
  void up() { network_.set_up(true); }
  /// Plugs the machine into a local network, on which multicast works; "" is none. See `sim_world::set_lan`.
  void set_lan(const std::string& name) { world_.set_lan(*this, name); }
  /// Whether its interface takes part in multicast, as it does unless this is switched off.
  void set_multicast(bool available) noexcept { network_.set_multicast(available); }
  [[nodiscard]] sim_network& net() noexcept { return network_; }
  sim_world& world() noexcept { return world_; }

  // -- the disk, files and databases together

  /// What a loss of power makes of what was written to files and never synced; databases lose what they did not sync
  /// in any case.
  enum class power_loss : std::uint8_t {
    keeps, ///< All of it is there.
    loses, ///< None of it, renames included.
    tears, ///< Chance decides for each block of a file, and for the renames.
  };
  void set_power_loss(power_loss what) noexcept { power_loss_ = what; }
  /// So many bytes fit.
  void set_disk_capacity(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t disk_used() const { return disk_.used() + databases_.used(); }
  void set_disk_full(bool full);
  void set_disk_read_only(bool read_only);
  /// By this chance each step of reading or writing fails.
  void set_disk_failures(double share);

  void set_uplink(const uplink_profile& profile) noexcept { network_.set_uplink(profile); }
  /// Whether a datagram to a port where nobody listens is answered (`datagram_refused`), as without a firewall; it is
  /// unless this is switched off.
  void set_answers_icmp(bool answers) noexcept { network_.set_answers_icmp(answers); }
  /// A name that every host can resolve to this one.
  void set_name(std::string name) { name_ = std::move(name); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// An actor to be killed first when the power goes: the root of a node.
  void own(const caf::actor& root) { roots_.push_back(root); }
  /// The machine stops at once: its actors die, its sockets vanish without a word to the other side. It stays silent
  /// until it is used again, which the first new socket decides; its disk keeps what `set_power_loss` says.
  void power_off();
  /// The process dies, the machine stays: the kernel closes its connections and refuses new ones.
  void kill_processes();

  /// The address of a host's birth: 10.0.0.0/8, counted from 10.0.0.1.
  static ip_address address_of(std::size_t index) noexcept;
  static std::optional<std::size_t> index_of(const ip_address& address) noexcept;

private:
  void kill_roots();
  sim_world& world_;
  std::size_t index_;
  sim_random random_;
  sim_disk disk_;
  sim_databases databases_;
  sim_network network_;
  std::shared_ptr<event_loop> loop_;
  std::string name_;
  power_loss power_loss_ = power_loss::keeps;
  duration clock_error_{0};  ///< At `drift_since_`.
  double clock_drift_ = 0;   ///< Parts in a million.
  time_point drift_since_;
  std::vector<caf::actor> roots_;
};

} // namespace librats::runtime
