// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"
#include "tests/actors/recorder.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::test {

using namespace std::chrono_literals;

/// What became of a request.
template <class Reply>
struct answer {
  std::optional<Reply> value;
  std::string error;
  bool done = false;
};

template <class Reply>
using answer_ptr = std::shared_ptr<answer<Reply>>;

/// One node on a machine of its own, and the recorder that watches it.
struct sim_node {
  sim_node(runtime::sim_host& its_host, std::string its_name) : host(its_host), name(std::move(its_name)) {}

  runtime::sim_host& host;
  std::string name;
  caf::actor node;
  caf::actor watcher;
  recorder* heard = nullptr;
  std::shared_ptr<const protocols::session_config> session;
  peer_id id;
  std::shared_ptr<std::optional<caf::error>> end;  ///< Why the node ended, once it has.

  [[nodiscard]] endpoint address() const { return {host.address(), port}; }
  static constexpr std::uint16_t port = 4000;
};

using node_adjuster = std::function<void(actors::node_options&)>;

/// Dials over TCP first, for tests of what streams on datagrams do otherwise.
inline void over_tcp(actors::node_options& x) { x.transports.preferred = protocols::transport::tcp; }

/// A simulated world with nodes A, B, C, ..., and the questions that tests ask them. Every helper that returns an
/// answer runs the world until it is there.
class sim_nodes {
public:
  explicit sim_nodes(const runtime::sim_options& options = {});

  /// A node on a new machine, listening on port 4000, its recorder watching.
  sim_node& add(const node_adjuster& adjust = {});
  /// The same on a machine that exists; `number` chooses the key.
  sim_node& add_on(runtime::sim_host& host, std::size_t number, const node_adjuster& adjust = {});
  /// One more recorder on the machine of `x`.
  std::pair<caf::actor, recorder*> add_recorder(sim_node& x);

  // -- asking

  /// Asks in the name of the node's recorder; does not wait.
  template <class Reply, class Message>
  answer_ptr<Reply> request(sim_node& x, const caf::actor& whom, Message message, duration patience = 10min) {
    auto out = std::make_shared<answer<Reply>>();
    x.heard->guarded([&] {
      x.heard->ask(
        whom, patience, std::move(message),
        [out](const Reply& reply) {
          out->value = reply;
          out->done = true;
        },
        [out](caf::error& why) {
          out->error = runtime::describe_error(why);
          out->done = true;
        });
    });
    return out;
  }

  template <class Reply>
  bool await(const answer_ptr<Reply>& x, duration limit = 5min) {
    return world.run_until([&] { return x->done; }, limit);
  }

  /// Looks a few times a second, until `holds` does or `limit` is over. It may ask nodes.
  bool eventually(const std::function<bool()>& holds, duration limit) {
    for (const auto end = world.now() + limit; !holds(); run(250ms))
      if (world.now() >= end)
        return false;
    return true;
  }

  template <class Reply, class Message>
  answer<Reply> ask(sim_node& x, Message message) {
    auto out = request<Reply>(x, x.node, std::move(message));
    if (!await(out))
      out->error = "no answer";
    return *out;
  }

  template <class Message>
  void tell(sim_node& x, Message message) {
    x.heard->guarded([&] { x.heard->tell(x.node, std::move(message)); });
  }

  // -- everyday requests

  answer_ptr<actors::connected_to> dial(sim_node& from, const std::string& host, std::uint16_t port = sim_node::port);
  answer_ptr<actors::connected_to> dial(sim_node& from, const sim_node& to);
  /// Empty when connected, with both ends knowing it and the network quiet; else the sentence of the failure.
  std::string connect(sim_node& from, sim_node& to);
  std::string connect(sim_node& from, const std::string& host, std::uint16_t port = sim_node::port);

  /// Registers the recorder; empty when it worked.
  std::string handle_channel(sim_node& x, const std::string& channel);
  std::string handle_channel(sim_node& x, const std::string& channel, const caf::actor& handler);
  void send(sim_node& from, const sim_node& to, const std::string& channel, const std::string& text);
  void send(sim_node& from, const sim_node& to, actors::frame_batch frames);
  void send_typed(sim_node& from, const sim_node& to, const std::string& type, const std::string& json);
  void broadcast(sim_node& from, const std::string& channel, const std::string& text);
  std::optional<actors::send_status> offer(sim_node& from, const sim_node& to, actors::frame_batch frames);

  actors::node_status status(sim_node& x);
  std::vector<actors::peer_report> peers(sim_node& x);
  /// The names of the peers, sorted and joined by blanks.
  std::string peer_names(sim_node& x);
  runtime::tree_node tree(sim_node& x);

  // -- faults

  /// The living actor of that name, or the first one of that kind; null when there is none.
  caf::actor part(sim_node& x, const std::string& name);
  void crash(sim_node& x, const std::string& name);
  void kill(sim_node& x, const std::string& name);
  void stop(sim_node& x);

  void run(duration span) { world.run_for(span); }
  /// Cuts the nodes off from each other, until `world.heal()`.
  void cut(sim_node& a, sim_node& b) { world.partition({&a.host}, {&b.host}); }

  name_book names;
  runtime::sim_world world;
  std::list<sim_node> nodes;
};

/// The frames of one App payload.
actors::frame_batch app_frames(const std::string& channel, const std::string& text);

/// The node of that name, or the first of that kind, in a tree; null when there is none.
const runtime::tree_node* find_part(const runtime::tree_node& root, const std::string& name);

/// The name of the `i`th node.
std::string node_name(std::size_t i);

/// The options that `sim_nodes` starts from.
actors::node_options default_options(std::size_t number);

/// For tests that crash actors on purpose.
struct quiet_log {
  quiet_log();
};

} // namespace librats::test
