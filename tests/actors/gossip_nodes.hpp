// SPDX-License-Identifier: MIT
#pragma once

#include "actors/gossip_messages.hpp"
#include "tests/actors/sim_nodes.hpp"

#include <string>
#include <vector>

namespace librats::test {

using lines = std::vector<std::string>;

/// Nodes that talk over topics.
struct gossip_nodes : sim_nodes {
  using sim_nodes::sim_nodes;

  /// Empty when it worked. The node's recorder is the handler.
  std::string join(sim_node& x, const std::string& topic, bool watch_peers = false) {
    return ask<actors::joined_topic>(x, actors::join_topic{topic, x.watcher, watch_peers}).error;
  }

  bool leave(sim_node& x, const std::string& topic) {
    const auto out = ask<actors::left_topic>(x, actors::leave_topic{topic, x.watcher});
    return out.value && out.value->was_joined;
  }

  /// Empty when it worked.
  std::string publish(sim_node& x, const std::string& topic, const std::string& text) {
    return ask<actors::published>(x, actors::publish_to_topic{topic, {byte_slice::copy_of(text)}}).error;
  }

  actors::topic_status topic(sim_node& x, const std::string& topic) {
    return ask<actors::topic_status>(x, actors::get_topic_status{topic}).value.value_or(actors::topic_status{});
  }

  actors::gossip_status gossip(sim_node& x) {
    return ask<actors::gossip_status>(x, actors::get_gossip_status{}).value.value_or(actors::gossip_status{});
  }

  /// Names of the members, sorted.
  lines mesh_names(sim_node& x, const std::string& topic_name) {
    lines out;
    for (const auto& id : topic(x, topic_name).mesh)
      out.push_back(names.of(id));
    std::sort(out.begin(), out.end());
    return out;
  }
};

/// The validator of a test, which writes down what it is asked and answers by the text: `bad` is rejected, `hm` is
/// ignored, `later` answered by the test, `never` not at all, the rest accepted.
class test_validator final : public runtime::pinned_actor {
public:
  test_validator(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop)
    : pinned_actor(config, std::move(loop)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "test_validator"; }

  void answer_later(protocols::verdict what) {
    guarded([&] {
      for (const auto& [who, ticket] : std::exchange(later, {}))
        tell(who, actors::judge_messages{{{ticket, what}}});
    });
  }

  lines asked;
  std::vector<std::pair<caf::actor, std::uint64_t>> later;

protected:
  caf::behavior handlers() override {
    return {[this](const actors::validate_messages& x) {
      actors::judge_messages out;
      const auto asker = caf::actor_cast<caf::actor>(current_sender());
      for (const auto& [ticket, message] : x.messages) {
        const std::string text{message.data.text()};
        asked.push_back(x.topic + ": " + text);
        if (text == "later")
          later.emplace_back(asker, ticket);
        else if (text != "never")
          out.verdicts.emplace_back(ticket, text == "bad"  ? protocols::verdict::reject
                                            : text == "hm" ? protocols::verdict::ignore
                                                           : protocols::verdict::accept);
      }
      tell(asker, out);
    }};
  }
  void stopped() override { later.clear(); }
};

inline std::pair<caf::actor, test_validator*> add_validator(sim_nodes& net, sim_node& x) {
  const auto handle = runtime::spawn_pinned<test_validator>(net.world.system(), x.host.loop(0));
  x.host.own(handle);
  net.world.settle();
  return {handle, static_cast<test_validator*>(caf::actor_cast<caf::abstract_actor*>(handle))};
}

} // namespace librats::test
