// SPDX-License-Identifier: MIT
// What a node remembers of file transfers, and who is asked about them.
#include "actors/node.hpp"
#include "actors/transfers.hpp"

#include <utility>

namespace librats::actors {

namespace {

constexpr auto transfers_name = "transfers";
constexpr auto transfers_deadline = std::chrono::seconds{5};

constexpr auto switched_off = "file transfer is switched off";
constexpr auto restarting = "file transfer is being restarted";

} // namespace

void node::start_transfers() {
  if (!options_.transfers.enabled)
    return;
  add_child({transfers_name, runtime::restart_kind::permanent, transfers_deadline, [this, self = address()] {
               transfers::args args;
               args.options = options_.transfers;
               args.self = id_;
               args.audience = transfer_audience_;
               args.memory = std::exchange(transfer_memory_, {});
               args.node = self;
               return runtime::spawn_pinned<transfers>(system(), shared_loop(), host_, std::move(args));
             }});
}

template <class Reply, class Message>
caf::result<Reply> node::ask_transfers(const Message& request) {
  if (!options_.transfers.enabled)
    return runtime::failure(switched_off);
  if (const auto all = child(transfers_name))
    return pass_on<Reply>(all, request);
  return runtime::failure(restarting);
}

void node::change_transfer_audience(const caf::actor& newcomer) {
  if (newcomer)
    observe(newcomer);
  tell(child(transfers_name), transfer_audience_);
}

caf::message_handler node::transfer_handlers() {
  return {
    [this](const offer_files& x) { return ask_transfers<files_offered>(x); },
    [this](const answer_offer& x) { return ask_transfers<offer_answered>(x); },
    [this](const request_files& x) { return ask_transfers<files_requested>(x); },
    [this](const steer_transfer& x) { return ask_transfers<transfer_steered>(x); },
    [this](const get_transfers& x) -> caf::result<transfer_list> {
      if (!options_.transfers.enabled)
        return transfer_list{};
      return ask_transfers<transfer_list>(x);
    },
    [this](const get_transfer& x) { return ask_transfers<transfer_report>(x); },
    [this](const get_transfer_statistics& x) -> caf::result<transfer_statistics> {
      if (!options_.transfers.enabled)
        return transfer_statistics{};
      return ask_transfers<transfer_statistics>(x);
    },
    [this](const answer_file_request& x) { tell(child(transfers_name), x); },
    [this](const configure_transfers& x) { tell(child(transfers_name), x); },
    [this](const set_offer_handler& x) {
      transfer_audience_.offer_handler = x.handler;
      change_transfer_audience(x.handler);
    },
    [this](const set_file_request_handler& x) {
      transfer_audience_.request_handler = x.handler;
      change_transfer_audience(x.handler);
    },
    [this](const watch_transfers& x) {
      if (x.watcher)
        transfer_audience_.watchers.insert(x.watcher);
      change_transfer_audience(x.watcher);
    },
    [this](const unwatch_transfers& x) {
      transfer_audience_.watchers.erase(x.watcher);
      change_transfer_audience({});
    },
    // -- from the parts
    [this](const transfer_memory& x) { transfer_memory_ = x; },
  };
}

void node::forget_in_transfers(const caf::actor_addr& who) {
  auto& all = transfer_audience_;
  const auto is_gone = [&](const caf::actor& x) { return x && x.address() == who; };
  bool changed = false;
  for (auto* one : {&all.offer_handler, &all.request_handler})
    if (is_gone(*one)) {
      *one = nullptr;
      changed = true;
    }
  for (auto it = all.watchers.begin(); it != all.watchers.end();)
    if (is_gone(*it)) {
      it = all.watchers.erase(it);
      changed = true;
    } else {
      ++it;
    }
  if (changed)
    change_transfer_audience({});
}

} // namespace librats::actors
