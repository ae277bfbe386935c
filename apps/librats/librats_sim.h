// SPDX-License-Identifier: MIT
#pragma once

/// Nodes in a simulated world, for tests of programs that use librats: the actors that run on real sockets, on virtual
/// time and one thread, the same again for the same seed. Start reading at `librats::SimulatedNetwork`; the example is
/// apps/examples/own_test.cpp.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace librats {

namespace runtime {
class sim_host;
class sim_world;
} // namespace runtime

/// One node, and the machine that it runs on. Made by `SimulatedNetwork::add_node`, which owns it.
///
/// Handlers are called while the network runs. They may call everything here but what lets time pass. What they throw
/// ends the node's program, as in the real world.
class SimulatedNode {
public:
  using MessageHandler = std::function<void(const std::string& peer_id, const nlohmann::json& message)>;
  using TopicHandler = std::function<void(const std::string& author_id, const std::string& data)>;

  ~SimulatedNode();
  SimulatedNode(const SimulatedNode&) = delete;
  SimulatedNode& operator=(const SimulatedNode&) = delete;

  /// 64 hex digits; the same in every life of the node.
  [[nodiscard]] const std::string& id() const noexcept;
  /// The ids of those it is linked with, sorted.
  [[nodiscard]] std::vector<std::string> peers() const;
  [[nodiscard]] bool running() const noexcept;

  /// Dials the other one, now if this one runs and in every later life. A link that was there and is lost is dialed
  /// again; a dial that nobody answers is not repeated.
  void connect(const SimulatedNode& other);

  /// Typed JSON messages. Handlers stay over crashes; the last one for a type counts.
  void on(const std::string& type, MessageHandler handler);
  /// To a peer it is linked with; else the message is lost, as is what a node says that does not run.
  void send(const std::string& peer_id, const std::string& type, const nlohmann::json& message);

  /// Topics. What the node publishes itself does not come back to it. The last handler for a topic counts.
  void subscribe(const std::string& topic, TopicHandler handler);
  void publish(const std::string& topic, const std::string& data);

  /// The machine loses its power: the others hear nothing of it. `start` is its next life, on the same disk and with
  /// the same key.
  void crash();
  void start();

  /// Everything else that can happen to a machine: its disk, clock, cable and NAT.
  [[nodiscard]] runtime::sim_host& host() noexcept;

private:
  friend class SimulatedNetwork;
  class impl;
  explicit SimulatedNode(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

/// Machines with a node on each, and the network between them. Nothing happens but in `run_for` and `run_until`, which
/// let virtual time pass. To be used by one thread; several networks may exist, each for itself.
class SimulatedNetwork {
public:
  struct Options {
    std::uint64_t seed = 1;                    ///< Decides every random choice.
    std::chrono::microseconds latency{20'000}; ///< One way, between any two.
    std::chrono::microseconds jitter{5'000};   ///< Added to it, anything from nothing to this.
    double loss = 0;                           ///< Of datagrams, from 0 to 1; a stream repeats the segment.
  };

  SimulatedNetwork();
  explicit SimulatedNetwork(const Options& options);
  ~SimulatedNetwork();
  SimulatedNetwork(const SimulatedNetwork&) = delete;
  SimulatedNetwork& operator=(const SimulatedNetwork&) = delete;

  /// A machine with a node that runs at once. `ini` is like the file of `ratsd`, as "[gossip]\nd = 4\n". Throws
  /// std::invalid_argument with a sentence when there is a mistake in it.
  SimulatedNode& add_node(const std::string& ini = {});
  [[nodiscard]] SimulatedNode& node(std::size_t index);
  [[nodiscard]] std::size_t size() const noexcept;

  void run_for(std::chrono::nanoseconds span);
  /// Runs until `done` holds, at most for `limit`. Returns whether it holds.
  bool run_until(const std::function<bool()>& done, std::chrono::nanoseconds limit);

  /// Cuts the nodes off from all others, until `heal`. Their links stall, and end when they have been silent too long.
  void isolate(const std::vector<const SimulatedNode*>& nodes);
  void heal();

  /// Virtual time since the beginning.
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept;
  /// A digest of everything that happened: equal for equal seeds.
  [[nodiscard]] std::uint64_t event_hash() const noexcept;
  /// The world below, for whoever wants more of it: regions, links of their own, NAT boxes.
  [[nodiscard]] runtime::sim_world& world() noexcept;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace librats
