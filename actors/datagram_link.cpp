// SPDX-License-Identifier: MIT
#include "actors/datagram_link.hpp"

#include <utility>

namespace librats::actors {

namespace {

/// So many refusals over such a time end a stream that is up: some round trips, and far less than the 45 s of silence.
constexpr std::uint32_t believed_refusals = 3;
constexpr auto refusal_patience = std::chrono::seconds{2};

class stream_end_category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "librats.datagram"; }
  [[nodiscard]] std::string message(int value) const override {
    return protocols::describe(static_cast<protocols::stream_end>(value));
  }
};

/// Empty for an orderly end.
std::error_code error_of(protocols::stream_end why) {
  static const stream_end_category category;
  if (why == protocols::stream_end::none || why == protocols::stream_end::finished)
    return {};
  return {static_cast<int>(why), category};
}

} // namespace

/// What the owner holds.
class datagram_link::handle final : public runtime::stream {
public:
  explicit handle(std::shared_ptr<datagram_link> link) : link_(std::move(link)) {}
  ~handle() override { link_->release(); }

  void start(runtime::stream_events& events) override { link_->start(events); }
  std::size_t write(bytes_view in) override { return link_->write(in); }
  void pause_reading() override { link_->pause(); }
  void resume_reading() override { link_->resume(); }
  void abort() override { link_->abort(); }
  /// All streams of a socket live on its loop.
  std::unique_ptr<runtime::detached_stream> detach() override { return nullptr; }
  [[nodiscard]] endpoint remote() const override { return link_->name_.remote; }
  [[nodiscard]] endpoint local() const override { return link_->name_.local; }
  [[nodiscard]] transport kind() const noexcept override { return transport::udp; }
  [[nodiscard]] runtime::stream_quality quality() const override {
    const auto stats = link_->stream_.stats();
    runtime::stream_quality out;
    out.smoothed_rtt = stats.smoothed_rtt;
    out.packets_sent = stats.packets_sent;
    out.retransmissions
      = (stats.bytes_retransmitted + protocols::packet_payload_max - 1) / protocols::packet_payload_max;
    return out;
  }

private:
  std::shared_ptr<datagram_link> link_;
};

datagram_link::datagram_link(link_keeper& keeper, std::shared_ptr<runtime::event_loop> loop, const names& its,
  const protocols::datagram_stream_options& options)
  : keeper_(&keeper), loop_(std::move(loop)), name_(its), stream_(options, *this, loop_->now()) {
  stream_.pause_reading();  // Until somebody reads.
}

datagram_link::~datagram_link() { loop_->cancel_timer(timer_); }

// -- for the mux ------------------------------------------------------------------------------------------------------

void datagram_link::receive(const protocols::packet_view& in) {
  refusals_ = 0;
  stream_.receive(in, loop_->now());
  ask_for_service();
}

void datagram_link::tick() {
  stream_.tick(loop_->now());
  ask_for_service();
}

datagram_link::state datagram_link::service(runtime::datagram_socket& socket, std::size_t packets) {
  if (std::exchange(resumes_, false) && !over())
    stream_.resume_reading(loop_->now());
  if (ended_ || over())
    tell_closed();
  for (; packets > 0; --packets) {
    const auto room = socket.prepare(protocols::datagram_max);
    if (room.empty())
      return state::no_room;
    const auto size = stream_.transmit(room, loop_->now());
    if (size == 0)
      break;
    socket.commit(name_.remote, size);
  }
  if (packets == 0)
    return state::more_to_send;
  if (over()) {
    tell_closed();
    return state::over;
  }
  rearm();
  return state::quiet;
}

void datagram_link::refused(std::error_code why) {
  if (over())
    return;
  if (!dialing()) {
    // Anybody can say so. It is believed when it comes again and again, while the peer does not answer what we sent.
    if (stream_.unacknowledged() == 0)
      return;
    if (refusals_++ == 0)
      refused_since_ = loop_->now();
    if (refusals_ < believed_refusals || loop_->now() - refused_since_ < refusal_patience)
      return;
  }
  refusal_ = why;
  stream_.abort();
  ask_for_service();
}

void datagram_link::orphan() {
  keeper_ = nullptr;
  loop_->cancel_timer(timer_);
  timer_ = {};
  stream_.abort();
  tell_closed();
}

void datagram_link::abort() {
  stream_.abort();
  ask_for_service();
}

std::unique_ptr<runtime::stream> datagram_link::make_handle() {
  owned_ = true;
  return std::make_unique<handle>(shared_from_this());
}

std::string datagram_link::failure() const {
  return refusal_ ? refusal_.message() : protocols::describe(stream_.ended());
}

// -- for the owner ----------------------------------------------------------------------------------------------------

void datagram_link::start(runtime::stream_events& events) {
  started_ = true;
  owner_ = &events;
  resume();
}

std::size_t datagram_link::write(bytes_view in) {
  if (over() || !keeper_)
    return 0;  // `stream_closed` is on its way.
  const auto taken = stream_.write(in, loop_->now());
  ask_for_service();
  return taken;
}

void datagram_link::pause() {
  resumes_ = false;
  stream_.pause_reading();
}

void datagram_link::resume() {
  resumes_ = true;
  ask_for_service();
}

void datagram_link::release() {
  owner_ = nullptr;
  owned_ = false;
  resumes_ = false;
  if (over() || !keeper_)
    return;
  if (started_)
    stream_.finish(loop_->now());
  else
    stream_.abort();  // Nobody wanted it.
  ask_for_service();
}

// -- from the stream --------------------------------------------------------------------------------------------------

void datagram_link::stream_opened() {
  if (keeper_)
    keeper_->opened(*this);
}

void datagram_link::stream_data(mutable_bytes_view in) {
  if (owner_)
    owner_->stream_bytes(in);
}

void datagram_link::stream_ended() {
  ended_ = true;
  ask_for_service();
}

void datagram_link::stream_writable() {
  if (owner_)
    owner_->stream_writable();
}

void datagram_link::timer_due(std::uint32_t) {
  timer_ = {};
  if (!keeper_)
    return;
  // Most often what it was armed for has happened meanwhile: then there is nothing to do but to wait for the next.
  if (stream_.next_wakeup() > loop_->now())
    rearm();
  else
    keeper_->timer_due(*this);
}

bool datagram_link::over() const noexcept { return stream_.ended() != protocols::stream_end::none; }

void datagram_link::tell_closed() {
  if (auto* owner = std::exchange(owner_, nullptr))
    owner->stream_closed(refusal_ ? refusal_ : error_of(stream_.ended()));
}

void datagram_link::ask_for_service() {
  if (keeper_)
    keeper_->service_later(*this);
}

/// Moves the timer only to an earlier time: one that fires too early finds nothing to do, and that is cheaper than
/// moving it with every packet.
void datagram_link::rearm() {
  const auto due = stream_.next_wakeup();
  if (due == time_point::max() || (timer_.sequence != 0 && timer_.due <= due))
    return;
  loop_->cancel_timer(timer_);
  timer_ = loop_->arm_timer(due, *this, 0);
}

} // namespace librats::actors
