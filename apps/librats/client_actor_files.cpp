// SPDX-License-Identifier: MIT
// The client's part of transfers: the program's word is asked on its own thread, everything else is the node's.
#include "apps/librats/client_actor.hpp"
#include "apps/librats/file_reports.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

constexpr auto list_timeout = std::chrono::seconds{15};

} // namespace

template <class Reply, class Message>
caf::result<Reply> client_actor::ask_node(const Message& x) {
  if (phase_ != phase::running)
    return runtime::failure("the client does not run");
  return pass_on<Reply>(node_, x);
}

caf::message_handler client_actor::file_handlers() {
  return {
    // -- from the node
    [this](const actors::transfer_report& x) { tell(callbacks_, x); },
    [this](const actors::transfer_offered& x) { tell(callbacks_, x); },
    [this](const actors::files_wanted& x) { tell(callbacks_, x); },
    // -- from the program
    [this](const actors::answer_offer& x) { return ask_node<actors::offer_answered>(x); },
    [this](const actors::answer_file_request& x) { tell(node_, x); },
    [this](const actors::offer_files& x) { return ask_node<actors::files_offered>(x); },
    [this](const actors::request_files& x) { return ask_node<actors::files_requested>(x); },
    [this](const actors::steer_transfer& x) { return ask_node<actors::transfer_steered>(x); },
    [this](const actors::get_transfer& x) { return ask_node<actors::transfer_report>(x); },
    [this](const actors::get_transfers& x) { return list_transfers(x); },
    [this](const forget_ended_transfers&) { forget_transfers(); },
    [this](const actors::get_transfer_statistics& x) -> caf::result<actors::transfer_statistics> {
      if (phase_ != phase::running)
        return actors::transfer_statistics{};
      return pass_on<actors::transfer_statistics>(node_, x);
    },
  };
}

/// To a node that knows nothing of it yet.
void client_actor::take_files() {
  forgotten_transfers_.clear();
  tell(node_, actors::set_offer_handler{self()});
  tell(node_, actors::set_file_request_handler{self()});
  tell(node_, actors::watch_transfers{self()});
}

caf::result<actors::transfer_list> client_actor::list_transfers(const actors::get_transfers& x) {
  if (phase_ != phase::running)
    return actors::transfer_list{};
  auto promise = make_response_promise<actors::transfer_list>();
  ask(
    node_, list_timeout, x,
    [this, promise](actors::transfer_list& all) mutable {
      auto& list = all.transfers;
      list.erase(std::remove_if(list.begin(), list.end(),
                   [&](const auto& one) { return forgotten_transfers_.count(one.id) != 0; }),
        list.end());
      promise.deliver(std::move(all));
    },
    [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return caf::delegated<actors::transfer_list>{};
}

void client_actor::forget_transfers() {
  if (phase_ != phase::running)
    return;
  ask(
    node_, list_timeout, actors::get_transfers{true},
    [this](const actors::transfer_list& all) {
      forgotten_transfers_.clear();
      for (const auto& one : all.transfers)
        if (has_ended(one.phase))
          forgotten_transfers_.insert(one.id);
    },
    [](caf::error&) {});
}

} // namespace librats::apps
