// SPDX-License-Identifier: MIT
#include "tests/bench/files/moving.hpp"

#include "actors/transfer_messages.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/rig.hpp"

#include <caf/event_based_actor.hpp>

#include <future>
#include <memory>
#include <utility>

#include <unistd.h>

namespace librats::bench {

namespace {

actors::node_options options_of(bool listen, transport over, const std::string& folder) {
  auto out = bench_options(listen, over);
  out.transfers.folder = folder;
  return out;
}

/// Takes every offer.
caf::behavior taker(caf::event_based_actor* self, const caf::actor& node, const std::string& destination) {
  return {[self, node, destination](const actors::transfer_offered& x) {
            self->send(node, actors::answer_offer{x.id, true, destination, {}});
          },
    [](const actors::offer_answered&) {}};
}

/// Waits for the end of the only transfer.
caf::behavior spectator(caf::event_based_actor* self, const std::shared_ptr<std::promise<std::string>>& over) {
  return {[self, over](const actors::transfer_report& x) {
    const bool failed = x.phase == actors::transfer_phase::failed || x.phase == actors::transfer_phase::cancelled;
    if (!failed && x.phase != actors::transfer_phase::completed)
      return;
    over->set_value(failed ? x.error : std::string{});
    self->quit();
  }};
}

} // namespace

moving_figures move_files(const std::string& from, const std::string& to, const std::string& folder, transport over) {
  runtime::system_config config;
  caf::actor_system system{config};
  bench_node receiver{system, options_of(true, over, folder)};
  bench_node sender{system, options_of(false, over, folder)};
  const auto handler = system.spawn(taker, receiver.node, to);
  caf::anon_send(receiver.node, actors::set_offer_handler{handler});
  const auto ended = std::make_shared<std::promise<std::string>>();
  auto end = ended->get_future();
  caf::anon_send(sender.node, actors::watch_transfers{system.spawn(spectator, ended)});
  moving_figures out;
  if (!sender.connect(receiver.port())) {
    out.error = "no link";
    return out;
  }
  forget_peak();
  const auto idle = resident_bytes(::getpid());
  const auto cpu = cpu_seconds();
  const auto start = seconds();
  if (ask<actors::files_offered>(system, sender.node, actors::offer_files{receiver.id, from, {}, true}).id == 0)
    out.error = "not offered";
  else
    out.error = end.get();
  out.seconds = seconds() - start;
  out.cpu_seconds = cpu_seconds() - cpu;
  out.memory = peak_resident_bytes() - idle;
  caf::anon_send_exit(handler, caf::exit_reason::user_shutdown);
  return out;
}

} // namespace librats::bench
