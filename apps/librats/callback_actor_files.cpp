// SPDX-License-Identifier: MIT
#include "apps/librats/callback_actor.hpp"
#include "apps/librats/file_reports.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

caf::message_handler callback_actor::file_handlers() {
  return {
    [this](const actors::transfer_report& x) { notice(x); },
    [this](const actors::transfer_offered& x) { decide(x); },
    [this](const actors::files_wanted& x) { decide(x); },
    [this](const change_file_callback& x) { apply(x); },
  };
}

void callback_actor::apply(const change_file_callback& x) {
  switch (x.kind) {
    case file_callback_kind::progress:
      on_transfer_progress_ = share(std::get<FileTransferProgressCallback>(x.function));
      break;
    case file_callback_kind::completed:
      on_transfer_completed_ = share(std::get<FileTransferCompletedCallback>(x.function));
      break;
    case file_callback_kind::offered: on_offer_ = share(std::get<FileTransferRequestCallback>(x.function)); break;
    case file_callback_kind::directory_progress:
      on_directory_progress_ = share(std::get<DirectoryTransferProgressCallback>(x.function));
      break;
    case file_callback_kind::file_wanted: on_file_wanted_ = share(std::get<FileRequestCallback>(x.function)); break;
    case file_callback_kind::directory_wanted:
      on_directory_wanted_ = share(std::get<DirectoryRequestCallback>(x.function));
      break;
  }
}

void callback_actor::notice(const actors::transfer_report& x) {
  if (delivering_.expired())
    return;
  if (x.phase == actors::transfer_phase::active || x.phase == actors::transfer_phase::completed) {
    call(on_transfer_progress_, describe(x));
    if (x.directory)
      call(on_directory_progress_, std::to_string(x.id), x.current_file, std::uint64_t{x.files_done},
        std::uint64_t{x.files_total}, x.bytes_done, x.bytes_total);
  }
  if (has_ended(x.phase))
    call(on_transfer_completed_, std::to_string(x.id), x.phase == actors::transfer_phase::completed, x.error);
}

void callback_actor::decide(const actors::transfer_offered& x) {
  actors::answer_offer out;
  out.id = x.id;
  out.reason = "nobody takes files here";
  if (const auto function = on_offer_; function && !delivering_.expired()) {
    out.reason = "refused by the program";
    guarded([&] { out.accept = (*function)(x.from.to_string(), describe(x), std::to_string(x.id)); });
  }
  // The program may have answered itself meanwhile; then this comes too late, and nobody minds.
  if (out.accept)
    out.destination = free_destination(x.name);
  tell(caf::actor_cast<caf::actor>(current_sender()), std::move(out));
}

void callback_actor::decide(const actors::files_wanted& x) {
  actors::answer_file_request out;
  out.id = x.id;
  out.from = x.from;
  out.reason = "nobody gives files away here";
  const auto file = on_file_wanted_;
  const auto directory = on_directory_wanted_;
  if ((x.directory ? directory != nullptr : file != nullptr) && !delivering_.expired()) {
    out.reason = refusal_of_request(x.path);
    if (out.reason.empty()) {
      out.reason = "refused by the program";
      out.path = x.path;
      guarded([&] {
        const auto id = std::to_string(x.id);
        out.accept = x.directory ? (*directory)(x.from.to_string(), x.path, x.recursive, id)
                                 : (*file)(x.from.to_string(), x.path, id);
      });
    }
  }
  tell(caf::actor_cast<caf::actor>(current_sender()), std::move(out));
}

} // namespace librats::apps
