// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

#include "protocols/typed/typed_message.hpp"
#include "runtime/log/log_setup.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace librats::test {

std::string node_name(std::size_t i) {
  return i < 26 ? std::string(1, static_cast<char>('A' + i)) : "N" + std::to_string(i);
}

quiet_log::quiet_log() {
  runtime::log_options how;
  how.console = std::getenv("RATS_TEST_LOG") != nullptr;  // For whoever looks for the cause of a failure.
  how.level = how.console ? runtime::log_level::debug : how.level;
  static_cast<void>(runtime::configure_logging(how));
}

actors::node_options default_options(std::size_t number) {
  std::array<std::uint8_t, 32> secret{};
  secret.fill(0x5a);
  for (std::size_t i = 0; i < sizeof(number); ++i)  // Not at the beginning, where X25519 clears some bits.
    secret[8 + i] = static_cast<std::uint8_t>(number >> 8 * i);
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::from_private(secret);
  actors::node_options out;
  out.session = std::move(session);
  out.listener.local.port = sim_node::port;
  return out;
}

sim_nodes::sim_nodes(const runtime::sim_options& options) : world(options) {}

sim_node& sim_nodes::add(const node_adjuster& adjust) { return add_on(world.add_host(), nodes.size(), adjust); }

sim_node& sim_nodes::add_on(runtime::sim_host& host, std::size_t number, const node_adjuster& adjust) {
  auto options = default_options(number);
  if (adjust)
    adjust(options);
  auto& mine = nodes.emplace_back(host, node_name(number));
  mine.session = options.session;
  mine.id = options.session->static_key.id();
  names.peers[mine.id] = mine.name;
  mine.node = actors::spawn_node(host, std::move(options));
  host.own(mine.node);
  mine.end = std::make_shared<std::optional<caf::error>>();
  caf::actor_cast<caf::abstract_actor*>(mine.node)->attach_functor(
    [end = mine.end](const caf::error& reason) { *end = reason; });
  std::tie(mine.watcher, mine.heard) = add_recorder(mine);
  tell(mine, actors::watch_events{mine.watcher});
  world.settle();
  return mine;
}

std::pair<caf::actor, recorder*> sim_nodes::add_recorder(sim_node& x) {
  auto handle = runtime::spawn_pinned<recorder>(world.system(), x.host.loop(0), names);
  world.settle();
  return {handle, static_cast<recorder*>(caf::actor_cast<caf::abstract_actor*>(handle))};
}

// -- everyday requests ------------------------------------------------------------------------------------------------

answer_ptr<actors::connected_to> sim_nodes::dial(sim_node& from, const std::string& host, std::uint16_t port) {
  return request<actors::connected_to>(from, from.node, actors::connect_to{host, port});
}

answer_ptr<actors::connected_to> sim_nodes::dial(sim_node& from, const sim_node& to) {
  return dial(from, to.host.address().to_string());
}

std::string sim_nodes::connect(sim_node& from, const std::string& host, std::uint16_t port) {
  const auto out = dial(from, host, port);
  return await(out) ? out->error : "no answer";
}

std::string sim_nodes::connect(sim_node& from, sim_node& to) {
  auto failed = connect(from, to.host.address().to_string());
  if (failed.empty())
    run(1s);
  return failed;
}

std::string sim_nodes::handle_channel(sim_node& x, const std::string& channel) {
  return handle_channel(x, channel, x.watcher);
}

std::string sim_nodes::handle_channel(sim_node& x, const std::string& channel, const caf::actor& handler) {
  names.channels[protocols::channel_of(channel)] = channel;
  return ask<actors::channel_registered>(x, actors::register_channel{channel, handler}).error;
}

actors::frame_batch app_frames(const std::string& channel, const std::string& text) {
  return actors::make_batch(protocols::message_type::app, byte_slice::copy_of(text), protocols::channel_of(channel));
}

void sim_nodes::send(sim_node& from, const sim_node& to, const std::string& channel, const std::string& text) {
  send(from, to, app_frames(channel, text));
}

void sim_nodes::send(sim_node& from, const sim_node& to, actors::frame_batch frames) {
  tell(from, actors::send_frames{to.id, std::move(frames)});
}

void sim_nodes::send_typed(sim_node& from, const sim_node& to, const std::string& type, const std::string& json) {
  send(from, to, actors::make_batch(protocols::message_type::typed, byte_slice{*protocols::encode_typed(type, json)}));
}

void sim_nodes::broadcast(sim_node& from, const std::string& channel, const std::string& text) {
  tell(from, actors::broadcast_frames{app_frames(channel, text)});
}

std::optional<actors::send_status> sim_nodes::offer(sim_node& from, const sim_node& to, actors::frame_batch frames) {
  const auto out = ask<actors::send_report>(from, actors::offer_frames{to.id, std::move(frames)});
  return out.value ? std::optional{out.value->status} : std::nullopt;
}

actors::node_status sim_nodes::status(sim_node& x) {
  return ask<actors::node_status>(x, actors::get_status{}).value.value_or(actors::node_status{});
}

std::vector<actors::peer_report> sim_nodes::peers(sim_node& x) {
  return ask<actors::peer_list>(x, actors::get_peers{}).value.value_or(actors::peer_list{}).peers;
}

std::string sim_nodes::peer_names(sim_node& x) {
  std::vector<std::string> all;
  for (const auto& one : peers(x))
    all.push_back(names.of(one.link.id));
  std::sort(all.begin(), all.end());
  std::string out;
  for (const auto& one : all)
    out += (out.empty() ? "" : " ") + one;
  return out;
}

runtime::tree_node sim_nodes::tree(sim_node& x) {
  return ask<runtime::tree_node>(x, runtime::get_tree{}).value.value_or(runtime::tree_node{});
}

// -- faults -----------------------------------------------------------------------------------------------------------

const runtime::tree_node* find_part(const runtime::tree_node& root, const std::string& name) {
  if (root.name == name || root.kind == name)
    return &root;
  for (const auto& one : root.children)
    if (const auto* found = find_part(one, name))
      return found;
  return nullptr;
}

caf::actor sim_nodes::part(sim_node& x, const std::string& name) {
  const auto all = tree(x);
  const auto* found = find_part(all, name);
  return found != nullptr ? found->handle : caf::actor{};
}

void sim_nodes::crash(sim_node& x, const std::string& name) {
  const auto victim = part(x, name);
  BOOST_REQUIRE_MESSAGE(victim, "no " << name << " to crash");
  caf::anon_send(victim, runtime::inject_crash{"crashed by the test"});
}

void sim_nodes::kill(sim_node& x, const std::string& name) {
  const auto victim = part(x, name);
  BOOST_REQUIRE_MESSAGE(victim, "no " << name << " to kill");
  caf::anon_send_exit(victim, caf::exit_reason::kill);
}

void sim_nodes::stop(sim_node& x) {
  caf::anon_send_exit(x.node, caf::exit_reason::user_shutdown);
  world.run_until([&] { return x.end->has_value(); }, 1min);
}

} // namespace librats::test
