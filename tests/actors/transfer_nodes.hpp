// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_messages.hpp"
#include "runtime/sim/sim_random.hpp"
#include "tests/actors/sim_nodes.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace librats::test {

/// Watches the transfers of a node, and decides about offers and requests as the test says.
class clerk final : public runtime::pinned_actor {
public:
  clerk(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor its_node)
    : pinned_actor(config, std::move(loop)), node_(std::move(its_node)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "clerk"; }
  using pinned_actor::guarded;

  std::string takes_into;                    ///< Offers are accepted with this destination; empty: they wait.
  std::string refuses_with;                  ///< Or refused.
  std::map<std::string, std::string> serves; ///< Requested paths, and what is sent for them.
  bool decides_requests = false;
  std::vector<actors::transfer_offered> offers;
  std::vector<actors::files_wanted> wanted;
  std::vector<actors::transfer_report> reports;
  std::map<actors::transfer_number, actors::transfer_report> last;
  std::vector<byte_slice> heard; ///< FileChunk messages, where it is registered for them.

  [[nodiscard]] std::string phases(actors::transfer_number id) const {
    static constexpr const char* names[] = {
      "offered", "active", "paused", "waiting", "completed", "failed", "cancelled"};
    std::string out;
    const char* before = "";
    for (const auto& one : reports) {
      const auto* name = names[static_cast<int>(one.phase)];
      if (one.id == id && name != before)
        out += std::string{out.empty() ? "" : " "} + name;
      if (one.id == id)
        before = name;
    }
    return out;
  }

protected:
  caf::behavior handlers() override {
    return {
      [this](const actors::transfer_offered& x) {
        offers.push_back(x);
        if (!refuses_with.empty())
          answer({x.id, false, {}, refuses_with});
        else if (!takes_into.empty())
          answer({x.id, true, takes_into, {}});
      },
      [this](const actors::files_wanted& x) {
        wanted.push_back(x);
        if (!decides_requests)
          return;
        const auto found = serves.find(x.path);
        const bool known = found != serves.end();
        tell(node_, actors::answer_file_request{x.id, x.from, known, known ? found->second : "", known ? "" : "no"});
      },
      [this](const actors::frames_received& x) {
        for (const auto& one : x.frames)
          heard.push_back(one.payload);
      },
      [this](const actors::transfer_report& x) {
        reports.push_back(x);
        last[x.id] = x;
      },
    };
  }

private:
  void answer(actors::answer_offer what) {
    ask(
      node_, 1min, std::move(what), [](const actors::offer_answered&) {}, [](caf::error&) {});
  }

  caf::actor node_;
};

/// Nodes with files on simulated disks.
struct transfer_nodes : sim_nodes {
  using sim_nodes::sim_nodes;

  clerk& add_clerk(sim_node& x, bool decides = true) {
    auto handle = runtime::spawn_pinned<clerk>(world.system(), x.host.loop(0), x.node);
    world.settle();
    clerks.push_back(handle);
    tell(x, actors::watch_transfers{handle});
    if (decides)
      tell(x, actors::set_offer_handler{handle});
    world.settle();
    return *static_cast<clerk*>(caf::actor_cast<caf::abstract_actor*>(handle));
  }

  static bytes content(std::size_t size, std::uint64_t seed) {
    bytes out(size);
    runtime::sim_random{seed}.fill(out);
    return out;
  }

  static void plant(sim_node& x, const std::string& path, bytes what) {
    x.host.files().plant(path, std::move(what), runtime::file_access::everybody);
  }

  /// "(none)" when there is no such file.
  static std::string read(sim_node& x, const std::string& path) {
    const auto out = x.host.files().read_file(path, std::size_t{1} << 30);
    return out ? std::string{as_text(*out)} : "(none)";
  }

  /// Everything on its disk that is not where a transfer leaves its files, and not a list of what was delivered.
  static std::string leftovers(sim_node& x) {
    std::string out;
    for (const auto& name : x.host.files().names())
      if (name.find("temp_transfers/") == 0 && name.rfind("/delivered") == std::string::npos)
        out += name + "\n";
    return out;
  }

  answer<actors::files_offered> offer(sim_node& from, const sim_node& to, const std::string& path) {
    return ask<actors::files_offered>(from, actors::offer_files{to.id, path, {}, true});
  }

  actors::transfer_report look(sim_node& x, actors::transfer_number id) {
    return ask<actors::transfer_report>(x, actors::get_transfer{id}).value.value_or(actors::transfer_report{});
  }

  std::string steer(sim_node& x, actors::transfer_number id, actors::transfer_command what) {
    return ask<actors::transfer_steered>(x, actors::steer_transfer{id, what}).error;
  }

  actors::transfer_statistics count(sim_node& x) {
    return *ask<actors::transfer_statistics>(x, actors::get_transfer_statistics{}).value;
  }

  bool ends(sim_node& x, actors::transfer_number id, actors::transfer_phase how, duration limit = 5min) {
    return eventually([&] { return look(x, id).phase == how; }, limit);
  }

  /// The only transfer of `x` that has not ended.
  actors::transfer_report only(sim_node& x) {
    const auto all = ask<actors::transfer_list>(x, actors::get_transfers{false}).value;
    BOOST_TEST_REQUIRE(all.has_value());
    BOOST_TEST_REQUIRE(all->transfers.size() == 1u);
    return all->transfers.front();
  }

  std::list<caf::actor> clerks;
};

} // namespace librats::test
