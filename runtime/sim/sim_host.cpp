// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_host.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

namespace librats::runtime {

namespace {

/// What one connection of a simulated host seals at once.
constexpr std::size_t write_scratch_size = 64 * 1024;

class sim_loop final : public event_loop {
public:
  sim_loop(sim_world& world, sim_network& network) : world_(world), network_(network), host_(network.host()) {}

  actor_resumer* unit() noexcept override { return &world_.unit(); }
  [[nodiscard]] time_point now() const noexcept override { return world_.now(); }
  [[nodiscard]] std::uint32_t index() const noexcept override { return 0; }
  timer_handle arm_timer(time_point due, timer_target& target, std::uint32_t slot) override {
    return world_.arm_timer(host_, due, target, slot);
  }
  void cancel_timer(const timer_handle& handle) override { world_.cancel_timer(host_, handle); }
  void call_at_turn_end(turn_task& task) override {
    turn_tasks_.add(task);
    world_.mark_turn(turn_tasks_);
  }
  void withdraw(turn_task& task) noexcept override { turn_tasks_.remove(task); }
  network& net() noexcept override { return network_; }
  stream_table& streams() noexcept override { return streams_; }

  /// All hosts share one: nobody keeps it beyond the call.
  mutable_bytes_view write_scratch() noexcept override {
    static thread_local bytes scratch(write_scratch_size);
    return scratch;
  }

private:
  sim_world& world_;
  sim_network& network_;
  std::size_t host_;
  turn_tasks turn_tasks_;
  stream_table streams_;
};

} // namespace

sim_host::sim_host(sim_world& world, std::size_t index, std::uint64_t seed)
  : world_(world), index_(index), random_(seed), network_(world, index),
    loop_(std::make_shared<sim_loop>(world, network_)), drift_since_(world.now()) {}

sim_host::~sim_host() = default;

std::int64_t sim_host::unix_time_ms() const {
  constexpr std::int64_t world_begins = 1'767'225'600;
  constexpr std::int64_t ms_per_second = 1000;
  return world_begins * ms_per_second
         + std::chrono::floor<std::chrono::milliseconds>(world_.elapsed() + clock_error()).count();
}

duration sim_host::clock_error() const noexcept {
  const auto drifted = static_cast<double>((world_.now() - drift_since_).count()) * clock_drift_ / 1e6;
  return clock_error_ + duration{static_cast<std::int64_t>(drifted)};
}

void sim_host::set_clock_error(duration error) noexcept {
  clock_error_ = error;
  drift_since_ = world_.now();
}

void sim_host::set_clock_drift(double parts_per_million) noexcept {
  set_clock_error(clock_error());
  clock_drift_ = parts_per_million;
}

// -- the disk --------------------------------------------------------------------------------------------------------

void sim_host::set_disk_capacity(std::uint64_t bytes) {
  disk_.set_capacity(bytes);
  disk_.share_with([this] { return databases_.used(); });
  databases_.set_room([this] { return disk_.room(); });
}

void sim_host::set_disk_full(bool full) {
  disk_.set_full(full);
  databases_.set_full(full);
}

void sim_host::set_disk_read_only(bool read_only) {
  disk_.set_unwritable(read_only);
  databases_.set_read_only(read_only);
}

void sim_host::set_disk_failures(double share) {
  // Not from the random stream of the machine, so that what its node draws stays the same.
  disk_.set_failures(share, world_.seed() * 2 + 2 * index_);
  databases_.set_failures(share, world_.seed() * 2 + 2 * index_ + 1);
}

std::string sim_host::machine_name() const { return "host-" + std::to_string(index_ + 1); }

void sim_host::power_off() {
  network_.go_silent();
  if (power_loss_ != power_loss::keeps)
    disk_.lose_power_after(0);  // Whoever dies now writes nothing any more.
  kill_roots();
  network_.go_silent();  // Again, should one of the dying have opened a socket.
  databases_.lose_power(random_);
  if (power_loss_ == power_loss::keeps)
    return;
  sim_disk::aftermath what;
  if (power_loss_ == power_loss::tears) {
    what.renames_survive = random_.below(2) == 0;
    what.torn_by = random_.u64();
  }
  disk_.restore_power(what);
}

void sim_host::kill_processes() {
  kill_roots();
}

void sim_host::kill_roots() {
  for (const auto& root : std::exchange(roots_, {}))
    caf::anon_send_exit(root, caf::exit_reason::kill);
  world_.settle();
  // Then whoever is left: nobody survives the process.
  while (loop_->residents().kill_all())
    world_.settle();
  loop_->streams().clear();
  network_.forget_sockets();
}

ip_address sim_host::address_of(std::size_t index) noexcept {
  const auto n = static_cast<std::uint32_t>(index + 1);
  return ip_address::v4(10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
    static_cast<std::uint8_t>(n));
}

std::optional<std::size_t> sim_host::index_of(const ip_address& address) noexcept {
  const auto raw = address.raw();
  if (!address.is_v4() || raw[0] != 10)
    return std::nullopt;
  const auto n = std::size_t{raw[1]} << 16 | std::size_t{raw[2]} << 8 | raw[3];
  return n == 0 ? std::nullopt : std::optional{n - 1};
}

} // namespace librats::runtime
