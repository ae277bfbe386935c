// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/config/config_document.hpp"
#include "runtime/config/node_config.hpp"
#include "runtime/sim/link_profile.hpp"
#include "runtime/sim/nat_profile.hpp"
#include "runtime/sim/sim_host.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// Everything that a simulation is told, as plain values. Groups, regions and workloads are named by their place in the
/// lists below. Times count from the beginning of the world.
struct scenario {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::string title;
  duration length{};
  std::uint64_t seed = 1;
  duration census{};            ///< Between two looks at the trees of all nodes; zero: only at the end.
  std::uint64_t memory_max = 0; ///< Bytes; 0: what the machine has to spare.

  runtime::link_profile link; ///< Where nothing else is said.

  struct region {
    std::string name;
    runtime::link_profile inside;
    runtime::uplink_profile uplink;
  };
  std::vector<region> regions;
  runtime::uplink_profile uplink; ///< Of hosts in no region.

  struct path {
    std::size_t from = none;
    std::size_t to = none;
    bool both_ways = true;
    runtime::link_profile profile;
  };
  std::vector<path> paths;

  /// A kind of box that translates addresses.
  struct nat {
    std::string name;
    runtime::nat_profile how;
    std::size_t behind = none; ///< Another one.
  };
  std::vector<nat> nats;

  /// How good disks and clocks are.
  struct machine {
    std::uint64_t disk_size = 0; ///< Bytes; 0: no limit.
    runtime::sim_host::power_loss disk_crash = runtime::sim_host::power_loss::tears;
    duration clock_error{};       ///< At most, either way.
    std::int64_t clock_drift = 0; ///< Parts in a million, at most, either way.
  };

  enum class topology : std::uint8_t { none, ring, chain, star, random, mesh };
  struct group {
    std::string name;
    std::size_t count = 1;
    std::size_t region = none;
    std::string lan;
    std::size_t nat = none;     ///< None: they can be reached from everywhere.
    bool nat_of_its_own = true; ///< A box for each member; else one for all.
    duration start{};
    duration spread{};
    duration stop{}; ///< Zero: never.
    topology dial = topology::none;
    std::size_t dial_to = none; ///< Whose members are dialed.
    std::size_t dials = 1;
    std::size_t bootstrap = none; ///< Whose members the DHT begins with.
    std::size_t bootstraps = 1;
    std::int64_t churn = 0; ///< Millionths of the group that go down each minute.
    duration churn_from{};
    duration churn_until{};
    duration away{};
    bool lose_power = true;       ///< Else only the process dies, and the kernel closes its connections.
    std::size_t part_crashes = 0; ///< Per minute, each of a random part of a random member; from `churn_from` on too.
    scenario::machine machine;
    runtime::node_settings node;
  };
  std::vector<group> groups;

  enum class trouble : std::uint8_t { disk_full, disk_errors, disk_read_only, clock };
  struct fault {
    std::string name;
    trouble kind = trouble::disk_full;
    std::size_t group = none;
    std::size_t members = 0;
    duration at{};
    duration until{};
    std::uint64_t room = 0; ///< Bytes.
    double errors = 0;      ///< Share of steps.
    duration jump{};
  };
  std::vector<fault> faults;

  struct partition {
    std::string name;
    std::vector<std::size_t> left;  ///< Groups.
    std::vector<std::size_t> right; ///< Groups.
    duration at{};
    duration until{};
  };
  std::vector<partition> partitions;

  enum class work : std::uint8_t { topic, message, lookup, write, transfer, address };
  struct workload {
    std::string name;
    work kind = work::topic;
    std::size_t from = none;
    std::size_t senders = 0; ///< 0: all members.
    std::vector<std::size_t> to;
    std::string topic;
    duration every{};
    std::size_t size = 0;
    duration begin{};
    duration end{};
    duration grace{};
    duration settle{};
    std::size_t keys = 1;
    std::size_t size_max = 0;  ///< Of values and files: anything from `size` to this.
    bool favourites = false;   ///< Some keys are written more often than others.
    std::int64_t removals = 0; ///< Millionths of writes that remove a key.
  };
  std::vector<workload> workloads;

  enum class mischief : std::uint8_t { garbage, half_open, slow_reader, mute, spam, invalid, sybil, announce };
  struct attack {
    std::string name;
    mischief kind = mischief::garbage;
    std::size_t count = 1;
    std::size_t targets = none; ///< A group.
    std::size_t links = 1;      ///< Of each, at once.
    std::string topic;
    std::string key; ///< What they announce under.
    std::size_t size = 0;
    duration begin{};
    duration end{};
    duration every{}; ///< Between two messages or dials of a link.
  };
  std::vector<attack> attacks;

  /// What must hold. An empty optional asks nothing.
  struct expectation {
    std::string name;
    std::size_t workload = none;
    std::size_t group = none; ///< None: all.
    duration from{};          ///< Zero: judged at the end alone; else all along from then on.
    duration until{};
    std::optional<std::int64_t> delivered_min; ///< Millionths.
    std::optional<duration> latency_p50_max;
    std::optional<duration> latency_p99_max;
    std::optional<duration> latency_max;
    std::optional<std::int64_t> duplicates_max;
    std::optional<std::int64_t> restarts_max;
    std::optional<std::int64_t> components_max;
    std::optional<std::int64_t> peers_min;
    std::optional<std::int64_t> peers_max;
    std::optional<std::int64_t> up_min;
    std::optional<std::int64_t> completed_min; ///< Millionths of transfers.
    std::optional<std::int64_t> given_up_max;  ///< Transfers.
    std::size_t with = none;                   ///< A group, for the links between the two.
    std::optional<std::int64_t> links_min;
    std::optional<std::int64_t> links_max;
    bool intact = false; ///< Transfers.
    bool converged = false; ///< Stores.
    bool kept = false;      ///< Acknowledged writes.
  };
  std::vector<expectation> expectations;

  [[nodiscard]] std::size_t node_count() const noexcept;
  /// Links that the dials of the nodes ask for, an upper bound.
  [[nodiscard]] std::uint64_t links_wanted() const noexcept;
};

/// The declaration of everything that a scenario may say.
[[nodiscard]] runtime::document_schema scenario_schema();

/// A scenario, or the mistakes in it.
struct scenario_load {
  scenario what;
  std::vector<runtime::config_error> errors;

  [[nodiscard]] bool ok() const noexcept { return errors.empty(); }
};

/// Reads a file and `settings` (`group.all.count=5`) and looks for contradictions. Blocks on the file.
[[nodiscard]] scenario_load load_scenario(const std::string& file, const std::vector<std::string>& settings);
[[nodiscard]] scenario_load load_scenario_text(
  const std::string& text, const std::string& file, const std::vector<std::string>& settings = {});

} // namespace librats::apps
