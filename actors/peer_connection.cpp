// SPDX-License-Identifier: MIT
#include "actors/peer_connection.hpp"

#include "actors/advertised_addresses.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t establish_slot = 0;
constexpr std::uint32_t locate_slot = 1;
constexpr std::uint32_t retire_slot = 2;

/// Between two questions for a directory or supervisor that is being restarted.
constexpr auto locate_interval = std::chrono::milliseconds{50};
/// The node itself answers that question, at once.
constexpr auto locate_timeout = std::chrono::seconds{5};
/// How long a link that was replaced waits for the peer to close it: some round trips, even long ones. Of two links
/// that the same end dialed, "the newer one" need not be the same to both (wire/00 section 8); who dialed closes first,
/// and the other end follows.
constexpr auto retirement_of_dialer = std::chrono::seconds{2};
constexpr auto retirement_of_acceptor = std::chrono::seconds{10};
/// So many frames do not wait for the end of the turn. A write of them costs some 5 us, which is little beside them.
constexpr std::size_t early_frames = 64;
/// Distinct senders that are told about congestion; the node and its watchers are told in any case.
constexpr std::size_t producers_max = 16;

} // namespace

peer_connection::peer_connection(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, link_args args)
  : pinned_actor(config, std::move(loop)), args_(std::move(args)), window_(args_.limits.receive_window, address()) {}

peer_connection::~peer_connection() = default;

void peer_connection::started() {
  set_down_handler([this](caf::down_msg& x) { lost_service(x.source); });
  set_exit_handler([this](caf::exit_msg& x) {
    flush();  // What was sent before the stop shall leave before it.
    close("this node stops");
    quit(x.reason);
  });
  monitor(args_.directory);
  monitor(args_.supervisor);
  monitor(args_.node);
  started_at_ = last_received_ = now();
  stream_ = loop().streams().claim(args_.stream.id);
  if (!stream_) {
    close("the stream was gone before it was claimed");
    return;
  }
  remote_ = stream_->remote();
  transport_ = stream_->kind();
  if (args_.session->security == protocols::security_mode::plaintext && !args_.allow_plaintext_remote
      && !remote_.address.is_loopback()) {
    abort("plaintext is only allowed on this machine; set allow_plaintext_remote to change that");
    return;
  }
  session_ = std::make_unique<protocols::session>(args_.session, args_.role, args_.random->key());
  arm_timer(establish_slot, started_at_ + args_.limits.establish_timeout);
  stream_->start(*this);
  call_at_turn_end();
}

void peer_connection::stopped() {
  // An observer that stays registered keeps the memory of a dead link for as long as the observed actor lives.
  if (args_.directory)
    demonitor(args_.directory.address());
  demonitor(args_.supervisor);
  demonitor(args_.node);
  stream_.reset();
  session_.reset();
  queue_.clear();
  early_.clear();
  args_.directory = nullptr;
  args_.table = nullptr;
}

caf::behavior peer_connection::handlers() {
  return {
    [this](const send_frames& x) { queue(x.frames, x.droppable); },
    [this](const offer_frames& x) { return send_report{queue_offered(x.frames)}; },
    [this](const broadcast_frames& x) { queue(x.frames); },
    [this](const deliveries_finished& x) {
      window_.finished(x.bytes);
      if (held_back_)
        read_on();
    },
    [this](const link_verdict& x) { accept_verdict(x); },
    [this](const routes_changed& x) { args_.table = x.table; },
    [this](const local_identity_changed& x) {
      args_.identity = x.identity;
      if (phase_ == phase::open)
        send_identify();
    },
    [this](const close_link& x) {
      flush();
      close(x.reason);
    },
    [this](const cancel_handshake&) {
      if (phase_ == phase::handshaking)
        abort("another attempt was faster");
    },
    [this](const retire_link& x) { retire(x.back); },
    [this](const get_link_report&) {
      return link_report{frames_sent_, frames_received_, frames_dropped_, bytes_sent_, bytes_received_, queued_bytes(),
        held_back_ ? now() : last_received_, stream_ ? stream_->quality() : runtime::stream_quality{}};
    },
  };
}

// -- the stream -------------------------------------------------------------------------------------------------------

void peer_connection::stream_bytes(mutable_bytes_view in) {
  guarded([&] { receive(in); });
}

void peer_connection::stream_writable() {
  guarded([&] { flush(); });
}

void peer_connection::stream_closed(std::error_code why) {
  guarded([&] { close(why ? why.message() : "closed by the peer"); });
}

// -- receiving --------------------------------------------------------------------------------------------------------

void peer_connection::receive(mutable_bytes_view in) {
  if (phase_ == phase::closed)
    return;
  last_received_ = now();
  bytes_received_ += in.size();
  session_->handle_bytes(in);
  drain_session();
}

void peer_connection::drain_session() {
  while (const auto frame = session_->poll_frame()) {
    ++frames_received_;
    if (phase_ == phase::handshaking)
      established();
    dispatch(*frame);
    if (phase_ == phase::closed)
      return;
  }
  deliver_batch();
  if (session_->state() == protocols::session_state::failed) {
    abort(std::string{phase_ == phase::handshaking ? "handshake failed: " : "broken frame: "}
          + to_string(session_->error()));
    return;
  }
  if (phase_ == phase::handshaking) {
    call_at_turn_end();  // There may be a handshake message to send.
    if (session_->state() == protocols::session_state::established)
      established();
  }
}

void peer_connection::established() {
  phase_ = phase::awaiting_verdict;
  handshake_ = now() - started_at_;
  // What follows on the stream waits in the kernel until the directory has decided.
  stream_->pause_reading();
  if (args_.directory)
    tell(args_.directory, self_description(false));
}

link_established peer_connection::self_description(bool restored) {
  link_established out;
  out.link.id = session_->remote_id();
  out.link.remote = remote_;
  out.link.role = args_.role;
  out.link.transport = transport_;
  out.link.security = session_->security();
  out.link.handshake = handshake_;
  out.link.static_key = to_bytes(session_->remote_static_key());
  out.link.handshake_hash = to_bytes(session_->handshake_hash());
  out.link.link = caf::actor_cast<caf::actor>(this);
  out.serial = args_.serial;
  out.restored = restored;
  return out;
}

void peer_connection::accept_verdict(const link_verdict& x) {
  if (phase_ != phase::awaiting_verdict)
    return;
  link_settled news;
  news.name = args_.name;
  news.dial = args_.dial;
  news.attempt = args_.attempt;
  news.over = transport_;
  news.connected = x.accepted || x.already_connected;
  news.id = session_->remote_id();
  news.remote = remote_;
  news.reason = x.reason;
  tell(caf::actor_cast<caf::actor>(args_.supervisor), news);
  cancel_timer(establish_slot);
  phase_ = phase::open;
  // A link that may not stay still delivers what it brought (wire/00 section 8): the peer sent it in good faith.
  for (auto& one : std::exchange(early_, {}))
    dispatch({one.header, one.payload.view()});
  deliver_batch();
  if (!x.accepted && !x.already_connected) {
    abort(x.reason);
    return;
  }
  if (!x.accepted) {
    read_on();  // It is the peer that closes it; meanwhile nothing that it says on it is lost.
    retire(false);
    return;
  }
  LIBRATS_LOG(runtime::log_level::debug, kind(), "reached ", peer_name(), " in ",
    std::chrono::duration_cast<std::chrono::microseconds>(handshake_).count(), " us");
  send_identify();
  read_on();
}

void peer_connection::dispatch(const protocols::frame_view& x) {
  if (phase_ == phase::awaiting_verdict) {
    early_.push_back({x.header, byte_slice::copy_of(x.payload)});
    return;
  }
  if (x.header.type == protocols::message_type::control) {
    handle_control(x.payload);
    return;
  }
  const auto same_handlers = [&](const protocols::frame_header& last) {
    return last.type == x.header.type && last.channel == x.header.channel;
  };
  if (!batch_.empty() && !same_handlers(batch_.last_header()))
    deliver_batch();
  if (batch_.empty() && handlers_of(x.header) == nullptr)
    return;  // Nobody wants it (wire/01 section 2).
  batch_.push(x);
}

const std::vector<caf::actor>* peer_connection::handlers_of(const protocols::frame_header& header) const {
  if (!args_.table)
    return nullptr;
  if (header.type == protocols::message_type::app) {
    const auto found = args_.table->channels.find(header.channel);
    return found != args_.table->channels.end() ? &found->second : nullptr;
  }
  const auto found = args_.table->types.find(header.type);
  return found != args_.table->types.end() ? &found->second : nullptr;
}

void peer_connection::deliver_batch() {
  if (batch_.empty())
    return;
  const auto* receivers = handlers_of(batch_.last_header());
  const auto bytes = batch_.bytes();
  auto frames = batch_.take();
  if (receivers == nullptr)
    return;
  const auto message
    = caf::make_message(frames_received{session_->remote_id(), std::move(frames), window_.take(bytes)});
  for (const auto& one : *receivers)
    send(one, message);
  if (window_.is_full() && stream_ && !std::exchange(held_back_, true))
    stream_->pause_reading();
}

/// Reads, unless those who got what was read are far behind.
void peer_connection::read_on() {
  if (phase_ != phase::open || !stream_)
    return;
  held_back_ = !window_.has_room();
  if (!held_back_)
    stream_->resume_reading();
}

void peer_connection::handle_control(bytes_view payload) {
  const auto info = protocols::decode_identify(payload);
  if (!info) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores an identify of ", peer_name(), ": ",
      to_string(info.error()));
    return;
  }
  if (args_.directory)
    tell(args_.directory, link_identified{session_->remote_id(), *info});
}

// -- sending ----------------------------------------------------------------------------------------------------------

send_status peer_connection::queue(const frame_batch& frames, bool droppable) {
  if (phase_ == phase::closed)
    return send_status::not_connected;
  auto status = send_status::queued;
  for (const auto& one : frames) {
    if (send_queue::cost(one) > args_.limits.send_queue_max || one.payload.size() > session_->payload_max()) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "drops a frame of ", one.payload.size(), " bytes for ",
        peer_name(), ": more than the send queue may hold");
      status = send_status::too_large;
      continue;
    }
    if (droppable) {
      if (!has_room_for_droppable()) {
        ++frames_dropped_;
        continue;
      }
      allowance_ = std::max(allowance_, send_queue::cost(one));
    }
    queue_.push(one);
  }
  call_at_turn_end();
  // What the stream takes at once was never a burden; and of many small frames the first shall travel, and be worked
  // on by the peer, while the others are still being made.
  if (queued_bytes() > congestion_mark() || (!congested_ && queue_.size() >= early_frames))
    flush();
  if (phase_ == phase::closed)
    return send_status::not_connected;
  if (queued_bytes() > args_.limits.send_queue_max + allowance_) {
    abort("slow consumer: " + std::to_string(queued_bytes()) + " bytes wait to be sent");
    return send_status::not_connected;
  }
  if (queued_bytes() <= congestion_mark())
    return status;
  mark_congested();
  note_producer();
  return status == send_status::queued ? send_status::congested : status;
}

/// Who offers heeds the answer. So what is offered while there is room never ends the link, be it one frame that is as
/// large as the limit.
send_status peer_connection::queue_offered(const frame_batch& frames) {
  if (queued_bytes() <= congestion_mark())
    for (const auto& one : frames)
      allowance_ = std::max(allowance_, send_queue::cost(one));
  return queue(frames);
}

bool peer_connection::has_room_for_droppable() {
  const auto mark = args_.limits.send_queue_max / 2;
  if (queued_bytes() > mark && !congested_)
    flush();  // Nothing was tried since the burst began.
  return queued_bytes() <= mark;
}

void peer_connection::flush() {
  if (phase_ == phase::closed || !stream_)
    return;
  if (!unsent_.empty()) {
    const auto taken = stream_->write(unsent_);
    bytes_sent_ += taken;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (!unsent_.empty())
      return;
    unsent_ = {};
  }
  if (const auto handshake = session_->poll_transmit(); !handshake.empty() && !write_out(handshake))
    return;
  if (phase_ != phase::open)
    return;  // Frames wait for the verdict: a link that may not stay carries none of ours.
  const auto scratch = loop().write_scratch();
  std::size_t used = 0;
  while (!queue_.empty()) {
    const auto& next = queue_.front();
    const auto size = session_->sealed_size(next.payload.size());
    auto target = scratch.subspan(used);
    bytes large;
    if (size > target.size()) {
      if (used != 0) {
        if (!write_out(scratch.first(used)))
          return;
        used = 0;
        continue;
      }
      large.resize(size);  // Larger than the loop's buffer: sealed in memory of its own.
      target = large;
    }
    const auto sealed = session_->seal(next.header, next.payload.view(), target);
    if (!sealed) {
      abort(std::string{"cannot seal a frame: "} + to_string(sealed.error()));
      return;
    }
    ++frames_sent_;
    queue_.pop();
    if (large.empty())
      used += *sealed;
    else if (!write_out(large))
      return;
  }
  if (used != 0 && !write_out(scratch.first(used)))
    return;
  allowance_ = 0;
  if (congested_)
    mark_writable();
}

/// Hands sealed bytes to the stream and keeps what does not fit. False when the stream is full.
bool peer_connection::write_out(bytes_view sealed) {
  const auto taken = stream_->write(sealed);
  bytes_sent_ += taken;
  if (taken == sealed.size())
    return true;
  unsent_ = to_bytes(sealed.subspan(taken));
  if (congested_ && queued_bytes() <= congestion_mark())
    mark_writable();
  return false;
}

void peer_connection::note_producer() {
  const auto producer = caf::actor_cast<caf::actor_addr>(current_sender());
  if (!producer || producers_.size() >= producers_max
      || std::find(producers_.begin(), producers_.end(), producer) != producers_.end())
    return;
  producers_.push_back(producer);
  if (producer != args_.node)
    tell(caf::actor_cast<caf::actor>(producer), peer_congested{session_->remote_id()});
}

void peer_connection::mark_congested() {
  if (!std::exchange(congested_, true))
    tell(caf::actor_cast<caf::actor>(args_.node), peer_congested{session_->remote_id()});
}

void peer_connection::mark_writable() {
  congested_ = false;
  const auto news = peer_writable{session_->remote_id()};
  tell(caf::actor_cast<caf::actor>(args_.node), news);
  for (const auto& one : std::exchange(producers_, {}))
    if (one != args_.node)
      tell(caf::actor_cast<caf::actor>(one), news);
}

void peer_connection::send_identify() {
  if (!args_.identity)
    return;
  protocols::identify mine;
  mine.listen_port = args_.identity->listen_port;
  mine.addresses = advertised_addresses(args_.identity->addresses, remote_.address);
  mine.transports = args_.identity->transports;
  if (!remote_.address.is_unspecified())  // On TCP the source port means nothing (wire/02 section 1).
    mine.observed = endpoint{remote_.address, transport_ == transport::udp ? remote_.port : std::uint16_t{0}};
  queue_.push({{protocols::message_type::control, 0, 0}, byte_slice{protocols::encode(mine)}});
  call_at_turn_end();
}

// -- belonging --------------------------------------------------------------------------------------------------------

void peer_connection::lost_service(const caf::actor_addr& who) {
  if (who == args_.node) {
    close("the node is gone");
    return;
  }
  if (args_.directory && who == args_.directory.address()) {
    args_.directory = nullptr;
    directory_lost_ = true;
  } else if (who == args_.supervisor) {
    supervisor_lost_ = true;
  } else {
    return;
  }
  find_services();
}

void peer_connection::find_services() {
  const auto node = caf::actor_cast<caf::actor>(args_.node);
  if (phase_ == phase::closed || !node)
    return;
  const auto again = [this](caf::error&) {
    if (phase_ != phase::closed)
      arm_timer(locate_slot, now() + locate_interval);
  };
  if (directory_lost_)
    ask(node, locate_timeout, locate_service{service::peer_directory},
      [this](const service_located& x) {
        if (!std::exchange(directory_lost_, false) || phase_ == phase::closed)
          return;
        args_.directory = x.handle;
        monitor(args_.directory);
        if (phase_ != phase::handshaking)
          tell(args_.directory, self_description(phase_ == phase::open));
      },
      again);
  if (supervisor_lost_)
    ask(node, locate_timeout, locate_service{service::connection_supervisor},
      [this](const service_located& x) {
        if (!std::exchange(supervisor_lost_, false) || phase_ == phase::closed)
          return;
        args_.supervisor = x.handle.address();
        monitor(args_.supervisor);
        tell(x.handle, adopt_link{args_.name, caf::actor_cast<caf::actor>(this), phase_ == phase::open,
                         remote_.address});
      },
      again);
}

void peer_connection::timer_fired(std::uint32_t slot) {
  if (slot == establish_slot)
    abort("the handshake was not finished in time");
  else if (slot == locate_slot)
    find_services();
  else if (slot == retire_slot)
    close("replaced by another link to the same peer");
}

void peer_connection::retire(bool back) {
  if (phase_ != phase::open)
    return;
  if (back) {
    cancel_timer(retire_slot);
    send_identify();  // If it never was the chosen one, the peer has heard nothing of us on it.
    return;
  }
  const bool dialed = args_.role == protocols::role::initiator;
  arm_timer(retire_slot, now() + (dialed ? retirement_of_dialer : retirement_of_acceptor));
}

void peer_connection::abort(const std::string& reason) {
  if (stream_)
    stream_->abort();
  close(reason);
}

void peer_connection::close(const std::string& reason) {
  if (phase_ == phase::closed)
    return;
  const auto before = std::exchange(phase_, phase::closed);
  deliver_batch();
  LIBRATS_LOG(runtime::log_level::debug, kind(), "leaves ", peer_name(), ": ", reason);
  if (before == phase::open && args_.directory)
    tell(args_.directory, link_closed{session_->remote_id(), reason});
  if (before != phase::open) {
    link_settled news;
    news.name = args_.name;
    news.dial = args_.dial;
    news.attempt = args_.attempt;
    news.over = transport_;
    news.remote = remote_;
    news.reason = reason;
    news.handshake_failed = before == phase::handshaking;
    tell(caf::actor_cast<caf::actor>(args_.supervisor), news);
  }
  stream_.reset();
  quit(caf::exit_reason::normal);
}

std::string peer_connection::peer_name() const {
  const bool known = session_ && !session_->remote_id().is_zero();
  return known ? session_->remote_id().short_string() + " at " + remote_.to_string() : remote_.to_string();
}

} // namespace librats::actors
