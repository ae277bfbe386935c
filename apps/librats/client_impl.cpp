// SPDX-License-Identifier: MIT
#include "apps/librats/client_impl.hpp"

#include "actors/node_options.hpp"
#include "actors/send_queue.hpp"
#include "apps/librats/settings_file.hpp"
#include "runtime/log/log.hpp"

#include <caf/exit_reason.hpp>

#include <cstddef>

namespace librats {

namespace {

constexpr auto subject = "client";

/// A thread lets that much pile up between itself and one link before it waits for the link's answer. The answers tell
/// of congestion, so what lies in mailboxes stays far below the limit of the link's queue.
constexpr std::size_t unconfirmed_max = 256 * 1024;
/// How long a send waits for a peer that does not read. After that the limit of the queue decides.
constexpr auto room_patience = std::chrono::seconds{10};
/// A link answers from its loop; one that does not is as good as gone.
constexpr auto link_timeout = std::chrono::seconds{10};

actors::frame_batch batch_of(const actors::frame& one) {
  return actors::frame_batch{one};
}

} // namespace

RatsClient::impl::impl(apps::client_settings settings) {
  auto speaking = std::make_shared<int>();
  callbacks_ = runtime::spawn_detached<apps::callback_actor>(system_, std::weak_ptr<const void>{speaking});
  client_ = runtime::spawn_pinned<apps::client_actor>(system_, host_.loop(0), host_, std::move(settings), callbacks_,
    std::shared_ptr<const void>{std::move(speaking)});
}

RatsClient::impl::~impl() {
  stop(true, true);
  caf::scoped_actor self{system_, true};
  self->send_exit(callbacks_, caf::exit_reason::user_shutdown);
  self->wait_for(callbacks_);
  self->send_exit(client_, caf::exit_reason::user_shutdown);
  self->wait_for(client_);
}

std::shared_ptr<const apps::client_view> RatsClient::impl::view() const {
  auto& mine = memory();
  if (!mine.valid.expired())
    if (auto known = mine.view.lock())
      return known;
  const auto lease = apps::ask_blocking<apps::view_lease>(system_, client_, apps::get_view{});
  if (!lease) {  // It lives as long as this object: somebody calls while the client is destroyed.
    auto nothing = std::make_shared<apps::client_view>();
    auto settings = std::make_shared<apps::client_settings>();
    settings->key = std::make_shared<const protocols::key_pair>();
    nothing->settings = std::move(settings);
    return nothing;
  }
  mine.valid = lease->valid;
  mine.view = lease->view;
  mine.unconfirmed.clear();  // Of peers that left, too.
  mine.published.clear();
  return lease->view;
}

void RatsClient::impl::change(apps::change_settings what) {
  apps::ask_blocking<apps::settings_changed>(system_, client_, std::move(what));
}

// -- lifecycle --------------------------------------------------------------------------------------------------------

bool RatsClient::impl::start() {
  const auto answer = apps::ask_blocking<apps::client_started>(system_, client_, apps::start_client{});
  return answer && answer->ok;
}

void RatsClient::impl::stop(bool silently, bool save) {
  const auto answer = apps::ask_blocking<apps::client_stopped>(system_, client_, apps::stop_client{silently});
  if (save && answer && answer->last) {
    const auto met = ask_client<apps::history_known>(apps::get_history{});
    if (met && !met->peers.empty())
      if (const auto mistake
        = apps::save_history(host_.files(), answer->last->settings->data_directory, met->peers))
        LIBRATS_LOG(runtime::log_level::warn, subject, *mistake);
    for (const auto& mistake : {apps::save_settings(host_.files(), *answer->last->settings, false),
           apps::save_peers(host_.files(), *answer->last)})
      if (mistake)
        LIBRATS_LOG(runtime::log_level::warn, subject, *mistake);
  }
  if (!silently && !inside_callback())
    apps::ask_blocking<apps::callbacks_drained>(system_, callbacks_, apps::drain_callbacks{});
}

void RatsClient::impl::dial(const std::string& host, std::uint16_t port) {
  caf::anon_send(client_, apps::dial_host{host, port});
}

void RatsClient::impl::disconnect(const std::string& id) {
  if (const auto peer = peer_id::parse(id))
    caf::anon_send(client_, actors::disconnect_peer{*peer});
}

// -- sending ----------------------------------------------------------------------------------------------------------

void RatsClient::impl::finish_send(SendCallback callback, bool success, std::string error) {
  if (callback)
    caf::anon_send(callbacks_, apps::send_finished{std::move(callback), success, std::move(error)});
}

void RatsClient::impl::finish_request(ResponseCallback callback, std::string error) {
  if (callback)
    caf::anon_send(callbacks_, apps::question_answered{std::move(callback), {}, std::move(error)});
}

bool RatsClient::impl::send(const std::string& id, const std::optional<actors::frame>& one) {
  if (!one)
    return false;
  const auto now = view();
  const auto to = now->find(id);
  return to && send(memory(), *to, *one);
}

bool RatsClient::impl::congested(const std::string& id) {
  const auto to = view()->find(id);
  if (!to)
    return false;
  // The link itself answers, behind everything that is on its way to it.
  const auto report = apps::ask_blocking<actors::send_report>(system_, to->link.link,
    actors::offer_frames{to->link.id, actors::frame_batch{}}, link_timeout);
  memory().unconfirmed[to->link.id] = 0;
  return report && report->status == actors::send_status::congested;
}

int RatsClient::impl::broadcast(const std::optional<actors::frame>& one) {
  if (!one)
    return 0;
  const auto now = view();
  auto& mine = memory();
  int reached = 0;
  for (const auto& peer : now->peers)
    reached += send(mine, *peer, *one) ? 1 : 0;
  return reached;
}

/// Straight to the link, so that what one thread sends to a peer arrives in order, however it is sent.
bool RatsClient::impl::send(apps::thread_memory& mine, const apps::peer_entry& to, const actors::frame& one) {
  auto& unconfirmed = mine.unconfirmed[to.link.id];
  unconfirmed += actors::send_queue::cost(one);
  if (unconfirmed <= unconfirmed_max) {
    caf::anon_send(to.link.link, actors::send_frames{to.link.id, batch_of(one)});
    return true;
  }
  unconfirmed = 0;
  return send_and_wait(to, one);
}

bool RatsClient::impl::send_and_wait(const apps::peer_entry& to, const actors::frame& one) {
  const auto report = apps::ask_blocking<actors::send_report>(system_, to.link.link,
    actors::offer_frames{to.link.id, batch_of(one)}, link_timeout);
  if (!report || report->status == actors::send_status::not_connected)
    return false;
  if (report->status == actors::send_status::congested)
    apps::ask_blocking<apps::writable_now>(system_, client_, apps::await_writable{to.link.id}, room_patience);
  return true;
}

std::optional<actors::frame> apps::make_checked_frame(
  protocols::message_type type, byte_slice payload, const char* channel) {
  actors::frame one{{type, 0, channel != nullptr ? protocols::channel_of(channel) : protocols::channel_id{0}},
    std::move(payload)};
  if (actors::send_queue::cost(one) > actors::connection_limits{}.send_queue_max)
    return std::nullopt;
  return one;
}

} // namespace librats
