// SPDX-License-Identifier: MIT
#include "librats_sim.h"

#include "actors/node.hpp"
#include "apps/librats/simulated_program.hpp"
#include "protocols/crypto/identity.hpp"
#include "runtime/config/config_load.hpp"
#include "runtime/config/node_config.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace librats {

namespace {

/// Where nodes listen unless their INI text says otherwise: each has a machine for itself.
constexpr std::uint16_t usual_port = 4000;

runtime::node_settings read_settings(const std::string& ini) {
  const auto load = runtime::load_config_text(runtime::node_schema(), ini, "add_node");
  if (!load.ok())
    throw std::invalid_argument(runtime::to_string(load.errors));
  auto out = runtime::to_node_settings(load.values);
  const auto unset = [&](const char* section, const char* key) {
    return load.values.origin(section, key).from == runtime::config_origin::source::builtin;
  };
  // What the world outside has and the simulated one has not.
  if (out.node.listen_port == 0)
    out.node.listen_port = usual_port;
  if (unset("dht", "public_bootstrap"))
    out.dht.public_bootstrap = false;
  if (unset("dht", "ipv6"))
    out.dht.ipv6 = false;
  if (unset("dht", "restrict_addresses"))
    out.dht.restrict_addresses = false;
  return out;
}

runtime::sim_options world_options(const SimulatedNetwork::Options& options) {
  runtime::sim_options out;
  out.seed = options.seed;
  out.link.latency = options.latency;
  out.link.jitter = options.jitter;
  out.link.loss = options.loss;
  return out;
}

} // namespace

// -- a node ----------------------------------------------------------------------------------------------------------

class SimulatedNode::impl {
public:
  impl(runtime::sim_world& in, runtime::sim_host& on, runtime::node_settings how)
    : world(in), host(on), settings(std::move(how)), key(protocols::key_pair::generate(host.random().key())),
      id(key.id().to_string()) {}

  void start() {
    if (program != nullptr)
      return;
    auto options = actors::make_node_options(settings, key);
    if (!options)
      throw std::invalid_argument(options.error());
    node = actors::spawn_node(host, std::move(*options));
    host.own(node);
    keeper = runtime::spawn_pinned<simulated_program>(world.system(), host.loop(0), node, state);
    program = static_cast<simulated_program*>(caf::actor_cast<caf::abstract_actor*>(keeper));
    // A node listens before anybody can dial it.
    world.settle();
    for (const auto& [address, port] : dialed)
      program->dial(address, port);
  }

  void crash() {
    if (program == nullptr)
      return;
    node = nullptr;
    keeper = nullptr;
    program = nullptr;
    state->peers.clear();
    host.power_off();
  }

  runtime::sim_world& world;
  runtime::sim_host& host;
  runtime::node_settings settings;
  protocols::key_pair key;
  std::string id;
  std::shared_ptr<simulated_state> state = std::make_shared<simulated_state>();
  std::vector<std::pair<std::string, std::uint16_t>> dialed;
  caf::actor node;
  caf::actor keeper;
  simulated_program* program = nullptr; ///< Null while the machine is off.
};

SimulatedNode::SimulatedNode(std::unique_ptr<impl> made) : impl_(std::move(made)) {}
SimulatedNode::~SimulatedNode() = default;

const std::string& SimulatedNode::id() const noexcept {
  return impl_->id;
}

std::vector<std::string> SimulatedNode::peers() const {
  std::vector<std::string> out;
  for (const auto& one : impl_->state->peers)
    out.push_back(one.to_string());
  return out;
}

bool SimulatedNode::running() const noexcept {
  return impl_->program != nullptr;
}

void SimulatedNode::connect(const SimulatedNode& other) {
  impl_->dialed.emplace_back(other.impl_->host.address().to_string(), other.impl_->settings.node.listen_port);
  if (running())
    impl_->program->dial(impl_->dialed.back().first, impl_->dialed.back().second);
}

void SimulatedNode::on(const std::string& type, MessageHandler handler) {
  const bool known = impl_->state->types.count(type) != 0;
  impl_->state->types[type] = std::move(handler);
  if (running() && !known)
    impl_->program->listen_to_type(type);
}

void SimulatedNode::send(const std::string& peer_id, const std::string& type, const nlohmann::json& message) {
  if (const auto to = librats::peer_id::parse(peer_id); to && running())
    impl_->program->send_typed(*to, type, message.dump());
}

void SimulatedNode::subscribe(const std::string& topic, TopicHandler handler) {
  const bool known = impl_->state->topics.count(topic) != 0;
  auto own = [self = impl_->id, handler = std::move(handler)](const std::string& author, const std::string& data) {
    if (author != self)
      handler(author, data);
  };
  impl_->state->topics[topic] = std::move(own);
  if (running() && !known)
    impl_->program->join(topic);
}

void SimulatedNode::publish(const std::string& topic, const std::string& data) {
  if (running())
    impl_->program->publish(topic, data);
}

void SimulatedNode::crash() {
  impl_->crash();
}

void SimulatedNode::start() {
  impl_->start();
}

runtime::sim_host& SimulatedNode::host() noexcept {
  return impl_->host;
}

// -- the network -----------------------------------------------------------------------------------------------------

class SimulatedNetwork::impl {
public:
  explicit impl(const Options& options) : world(world_options(options)) {}

  runtime::sim_world world;
  std::vector<std::unique_ptr<SimulatedNode>> nodes; ///< Gone before the world is.
  std::vector<std::size_t> splits;
};

SimulatedNetwork::SimulatedNetwork() : SimulatedNetwork(Options{}) {}
SimulatedNetwork::SimulatedNetwork(const Options& options) : impl_(std::make_unique<impl>(options)) {}
SimulatedNetwork::~SimulatedNetwork() = default;

SimulatedNode& SimulatedNetwork::add_node(const std::string& ini) {
  auto settings = read_settings(ini);
  auto made = std::make_unique<SimulatedNode::impl>(impl_->world, impl_->world.add_host(), std::move(settings));
  impl_->nodes.push_back(std::unique_ptr<SimulatedNode>{new SimulatedNode(std::move(made))});
  impl_->nodes.back()->start();
  return *impl_->nodes.back();
}

SimulatedNode& SimulatedNetwork::node(std::size_t index) {
  return *impl_->nodes.at(index);
}

std::size_t SimulatedNetwork::size() const noexcept {
  return impl_->nodes.size();
}

void SimulatedNetwork::run_for(std::chrono::nanoseconds span) {
  impl_->world.run_for(span);
}

bool SimulatedNetwork::run_until(const std::function<bool()>& done, std::chrono::nanoseconds limit) {
  return impl_->world.run_until(done, limit);
}

void SimulatedNetwork::isolate(const std::vector<const SimulatedNode*>& nodes) {
  std::vector<runtime::sim_host*> inside;
  std::vector<runtime::sim_host*> outside;
  for (const auto& one : impl_->nodes) {
    const bool cut = std::find(nodes.begin(), nodes.end(), one.get()) != nodes.end();
    (cut ? inside : outside).push_back(&one->host());
  }
  impl_->splits.push_back(impl_->world.split(inside, outside));
}

void SimulatedNetwork::heal() {
  for (const auto one : std::exchange(impl_->splits, {}))
    impl_->world.join(one);
}

std::chrono::nanoseconds SimulatedNetwork::elapsed() const noexcept {
  return impl_->world.elapsed();
}

std::uint64_t SimulatedNetwork::event_hash() const noexcept {
  return impl_->world.event_hash();
}

runtime::sim_world& SimulatedNetwork::world() noexcept {
  return impl_->world;
}

} // namespace librats
