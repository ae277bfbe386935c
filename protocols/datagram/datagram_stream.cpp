// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_stream.hpp"

#include "protocols/datagram/receive_half.hpp"
#include "protocols/datagram/send_half.hpp"
#include "protocols/datagram/sequence.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace librats::protocols {

using namespace std::chrono_literals;

namespace {

constexpr duration keep_alive_interval = 10s;
constexpr duration idle_max = 45s;
constexpr duration linger_max = 5s;
constexpr duration ack_delay = rtt_estimator::ack_delay_max;
/// Every second packet in order is acknowledged at once.
constexpr int delayed_packets_max = 2;
/// A window that opens again is announced so often in total.
constexpr int announcements_max = 4;
/// A Reset that is farther off than any window does not belong to this stream.
constexpr std::int32_t reset_distance_max = 8192;

/// After the n-th transmission of an unanswered Syn: how long to wait for an answer.
duration syn_interval(dial_profile profile, int transmissions) noexcept {
  return profile == dial_profile::punch ? duration{200ms} : duration{500ms} * (1 << (transmissions - 1));
}

constexpr int syn_transmissions_max(dial_profile profile) noexcept {
  return profile == dial_profile::punch ? 8 : 3;
}

constexpr time_point never = time_point::max();

} // namespace

const char* describe(stream_end why) noexcept {
  switch (why) {
    case stream_end::none: return "it lives";
    case stream_end::finished: return "both ends closed it in order";
    case stream_end::dial_failed: return "nobody answered the dial";
    case stream_end::reset: return "the other end reset it";
    case stream_end::idle: return "nothing was heard for 45 s";
    case stream_end::unanswered: return "a packet was transmitted 12 times for nothing";
    case stream_end::linger_over: return "it was closed here, and the rest was not acknowledged in time";
    case stream_end::aborted: return "it was aborted here";
  }
  return "it ended";
}

struct datagram_stream::state final : receive_half::sink {
  state(const datagram_stream_options& x, datagram_stream_events& listener, time_point now)
    : options(x), events(listener),
      // The Syn has number 1, and only the initiator sends one (wire/07 section 3).
      sending(x.side == role::initiator ? 2 : 1, make_congestion_control(x.congestion, x.seed)),
      receiving(x.side == role::initiator ? 1 : 2), is_open(x.side == role::responder), heard_at(now), sent_at(now),
      syn_at(x.side == role::initiator ? now : never) {}

  [[nodiscard]] bool lives() const noexcept { return end == stream_end::none; }

  // -- input
  void receive(const packet_view& in, time_point now);
  void receive_retry(const packet_view& in, time_point now);
  void receive_reset(const packet_view& in);
  void receive_content(const packet_view& in, time_point now);
  bool answers_dial(const packet_view& in, time_point now);
  void learn_extension(const packet_view& in) noexcept;
  void take(mutable_bytes_view in) override;
  void tick(time_point now);
  void announce_window(time_point now) noexcept;
  void after_input();

  // -- output
  std::size_t transmit(mutable_bytes_view out, time_point now);
  std::size_t transmit_syn(mutable_bytes_view out, time_point now);
  std::size_t transmit_ack(mutable_bytes_view out, time_point now);
  std::size_t transmit_payload(const send_half::outgoing& x, mutable_bytes_view out, time_point now);
  [[nodiscard]] packet_view header(packet_type type, std::uint32_t seq);
  void sent(time_point now) noexcept;
  [[nodiscard]] time_point next_wakeup() const noexcept;

  datagram_stream_options options;
  datagram_stream_events& events;
  send_half sending;
  receive_half receiving;
  stream_end end = stream_end::none;
  bool is_open;
  bool extended = false;
  bool finishing = false;
  bool ended_told = false;
  bool reset_wanted = false;   ///< The last packet of an aborted stream.
  bool ack_wanted = false;     ///< To be acknowledged at once.
  bool keep_alive_unanswered = false;
  bool retried = false;        ///< A Retry was answered; more are ignored.
  int in_order_unacked = 0;    ///< Packets in order since the last acknowledgement.
  int syn_transmissions = 0;
  int announcements = 0;       ///< Of the reopened window, still to come.
  std::uint16_t advertised = receive_half::window_max;
  std::array<std::uint8_t, packet_cookie_size> cookie{};
  time_point heard_at;
  time_point sent_at;
  time_point syn_at;           ///< The next Syn, or the end of a dial that sent its last.
  time_point ack_at = never;   ///< A delayed acknowledgement.
  time_point announce_at = never;
  time_point linger_until = never;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
};

// -- input ------------------------------------------------------------------------------------------------------------

void datagram_stream::state::receive(const packet_view& in, time_point now) {
  if (!lives())
    return;
  if (in.type == packet_type::reset)
    return receive_reset(in);
  if (in.conn_id != options.receive_id)
    return;
  ++packets_received;
  heard_at = now;
  keep_alive_unanswered = false;
  if (in.type == packet_type::retry)
    return receive_retry(in, now);
  if (!is_open && !answers_dial(in, now))
    return;
  learn_extension(in);
  // The window of a Syn counts as that of any packet; its payload is a cookie.
  const auto ranges = extended && in.type == packet_type::ack && (in.flags & packet_flag_ranges) != 0
    ? bytes_view{in.payload}
    : bytes_view{};
  sending.acknowledged(in.ack, in.sack, ranges, in.window, now);
  receive_content(in, now);
  after_input();
}

bool datagram_stream::state::answers_dial(const packet_view& in, time_point now) {
  // Whatever acknowledges the Syn answers the dial; more than that was never sent (wire/07 sections 3 and 4).
  if (in.ack != 1 || syn_transmissions == 0)
    return false;
  is_open = true;
  if (syn_transmissions == 1)
    sending.round_trip_measured(now - sent_at);
  syn_at = never;
  learn_extension(in);
  events.stream_opened();
  return lives();
}

void datagram_stream::state::learn_extension(const packet_view& in) noexcept {
  // A responder hears the offer on the Syn, an initiator the answer on everything that follows.
  if (extended || !options.offer_extension || (in.flags & packet_flag_extension) == 0)
    return;
  if (options.side == role::responder ? in.type == packet_type::syn && packets_received == 1 : in.ack >= 1) {
    extended = true;
    sending.extend();
    receiving.extend();
  }
}

void datagram_stream::state::receive_retry(const packet_view& in, time_point now) {
  if (is_open || retried || in.payload.size() != cookie.size())
    return;
  retried = true;
  std::copy(in.payload.begin(), in.payload.end(), cookie.begin());
  syn_transmissions = 0;
  syn_at = now;
}

void datagram_stream::state::receive_reset(const packet_view& in) {
  if (in.conn_id != options.receive_id && in.conn_id != options.send_id)
    return;
  if (in.seq == 0 && in.ack == 0) {
    // From a node without state. It only answers what we sent: while nothing of ours is unanswered, somebody made it
    // up.
    const auto waiting = !is_open || sending.outstanding() || keep_alive_unanswered;
    if (!waiting)
      return;
  } else {
    const auto ahead = sequence_distance(receiving.ack() + 1, in.seq);
    const auto behind = sequence_distance(in.ack, sending.next_seq() - 1);
    if (ahead > reset_distance_max || ahead < -reset_distance_max || behind < 0 || behind > reset_distance_max)
      return;
  }
  // When only our Fin was outstanding behind everything the other end had to say, it has simply gone first.
  const auto complete = finishing && sending.only_fin_outstanding() && receiving.end_received();
  end = complete ? stream_end::finished : stream_end::reset;
  ack_wanted = false;
}

void datagram_stream::state::receive_content(const packet_view& in, time_point now) {
  switch (in.type) {
    case packet_type::syn: ack_wanted = true; break;
    case packet_type::data:
    case packet_type::fin: {
      announcements = 0;
      announce_at = never;
      const auto repairs = receiving.holds_any();
      const auto verdict = receiving.receive(in.type, in.seq, in.payload, *this);
      if (verdict != receive_half::verdict::in_order || in.type == packet_type::fin || repairs)
        ack_wanted = true;
      else if (++in_order_unacked >= delayed_packets_max)
        ack_wanted = true;
      else
        ack_at = std::min(ack_at, now + ack_delay);
      break;
    }
    default: break;
  }
}

void datagram_stream::state::take(mutable_bytes_view in) {
  if (lives())
    events.stream_data(in);
}

void datagram_stream::state::after_input() {
  if (lives() && receiving.ended() && !ended_told && !finishing) {
    ended_told = true;
    events.stream_ended();
  }
  if (lives() && is_open && sending.poll_writable())
    events.stream_writable();
  if (lives() && sending.finished() && receiving.end_received())
    end = stream_end::finished;
}

void datagram_stream::state::tick(time_point now) {
  if (!lives())
    return;
  if (now >= linger_until) {
    // What was acknowledged arrived: then the other end merely did not close, and a Reset could cost it unread bytes.
    const auto complete = sending.finished();
    end = complete ? stream_end::finished : stream_end::linger_over;
    reset_wanted = !complete && packets_sent > 0;
    return;
  }
  if (!is_open) {
    if (syn_at <= now && syn_transmissions >= syn_transmissions_max(options.profile))
      end = stream_end::dial_failed;
    return;
  }
  if (now >= heard_at + idle_max) {
    end = stream_end::idle;
    return;
  }
  if (!sending.tick(now)) {
    end = stream_end::unanswered;
    return;
  }
  if (now >= ack_at)
    ack_wanted = true;
  if (now >= sent_at + keep_alive_interval) {
    ack_wanted = true;
    keep_alive_unanswered = true;
  }
  if (now >= announce_at)
    announce_window(now);
  after_input();
}

void datagram_stream::state::announce_window(time_point now) noexcept {
  ack_wanted = true;
  announce_at = --announcements > 0 ? now + sending.rtt().timeout(0) : never;
}

// -- output -----------------------------------------------------------------------------------------------------------

packet_view datagram_stream::state::header(packet_type type, std::uint32_t seq) {
  packet_view out;
  out.type = type;
  out.conn_id = options.send_id;
  out.seq = seq;
  out.ack = receiving.ack();
  out.window = receiving.window();
  if (extended || (options.side == role::initiator && options.offer_extension))
    out.flags = packet_flag_extension;
  if (const auto word = receiving.sack(); word != 0)
    out.sack = word;
  return out;
}

void datagram_stream::state::sent(time_point now) noexcept {
  ++packets_sent;
  sent_at = now;
  ack_wanted = false;
  ack_at = never;
  in_order_unacked = 0;
  advertised = receiving.window();
}

std::size_t datagram_stream::state::transmit_syn(mutable_bytes_view out, time_point now) {
  if (syn_at > now || syn_transmissions >= syn_transmissions_max(options.profile))
    return 0;
  auto x = header(packet_type::syn, 1);
  if (retried)
    x.payload = cookie;
  ++syn_transmissions;
  syn_at = now + syn_interval(options.profile, syn_transmissions);
  sent(now);
  return encode_packet(x, out);
}

std::size_t datagram_stream::state::transmit_ack(mutable_bytes_view out, time_point now) {
  auto x = header(packet_type::ack, sending.next_seq());
  std::array<std::uint8_t, packet_ranges_size_max> ranges;
  if (extended && receiving.holds_beyond_sack()) {
    x.payload = mutable_bytes_view{ranges}.first(receiving.write_ranges(ranges));
    x.flags |= packet_flag_ranges;
  }
  sent(now);
  return encode_packet(x, out);
}

std::size_t datagram_stream::state::transmit_payload(
  const send_half::outgoing& x, mutable_bytes_view out, time_point now) {
  const auto size = encode_packet_header(header(x.type, x.seq), out);
  sending.copy_payload(x, out.subspan(size, x.size));
  sent(now);
  return size + x.size;
}

std::size_t datagram_stream::state::transmit(mutable_bytes_view out, time_point now) {
  assert(out.size() >= datagram_max);
  if (std::exchange(reset_wanted, false)) {
    sent(now);
    return encode_packet(header(packet_type::reset, sending.next_seq()), out);
  }
  if (!lives())
    return end == stream_end::finished && ack_wanted ? transmit_ack(out, now) : 0;
  if (!is_open)
    return transmit_syn(out, now);
  // Ranges travel on an Ack alone, so that it goes first where they matter.
  if (ack_wanted && extended && receiving.holds_beyond_sack())
    return transmit_ack(out, now);
  if (const auto x = sending.next(now))
    return transmit_payload(*x, out, now);
  return ack_wanted ? transmit_ack(out, now) : 0;
}

time_point datagram_stream::state::next_wakeup() const noexcept {
  if (!lives())
    return never;
  if (!is_open)
    return std::min(syn_at, linger_until);
  return std::min({sending.next_wakeup(), ack_at, announce_at, linger_until, sent_at + keep_alive_interval,
    heard_at + idle_max});
}

// -- the stream -------------------------------------------------------------------------------------------------------

datagram_stream::datagram_stream(
  const datagram_stream_options& options, datagram_stream_events& events, time_point now)
  : state_(std::make_unique<state>(options, events, now)) {}

datagram_stream::~datagram_stream() = default;

void datagram_stream::receive(const packet_view& in, time_point now) {
  state_->receive(in, now);
}

void datagram_stream::tick(time_point now) {
  state_->tick(now);
}

time_point datagram_stream::next_wakeup() const noexcept {
  return state_->next_wakeup();
}

std::size_t datagram_stream::transmit(mutable_bytes_view out, time_point now) {
  return state_->transmit(out, now);
}

std::size_t datagram_stream::write(bytes_view in, time_point) {
  return state_->lives() && !state_->finishing ? state_->sending.write(in) : 0;
}

void datagram_stream::finish(time_point now) {
  auto& x = *state_;
  if (!x.lives() || x.finishing)
    return;
  x.finishing = true;
  x.linger_until = now + linger_max;
  x.sending.finish();
  const auto was_closed = x.receiving.paused() && x.advertised == 0;
  x.receiving.discard();
  if (was_closed)
    x.announce_window(now); // What the other end still has to say is dropped, but it shall not wait for us.
}

void datagram_stream::abort() noexcept {
  auto& x = *state_;
  if (!x.lives())
    return;
  x.end = stream_end::aborted;
  x.reset_wanted = x.packets_sent > 0 || x.packets_received > 0;
  x.ack_wanted = false;
}

void datagram_stream::pause_reading() noexcept {
  if (!state_->finishing)
    state_->receiving.pause();
}

void datagram_stream::resume_reading(time_point now) {
  auto& x = *state_;
  if (!x.lives() || !x.receiving.paused())
    return;
  x.receiving.resume(x);
  if (!x.lives())
    return;
  const auto room = x.receiving.window();
  if (x.advertised == 0 && room > 0) {
    x.announcements = announcements_max;
    x.announce_window(now);
  } else if (room >= 2 * x.advertised && x.advertised < x.receiving.window_limit() / 2) {
    // Not closed, but so narrow that a sender would crawl until its next packet is answered.
    x.ack_wanted = true;
  }
  x.after_input();
}

bool datagram_stream::open() const noexcept {
  return state_->is_open && state_->lives();
}

stream_end datagram_stream::ended() const noexcept {
  return state_->end;
}

datagram_stream_stats datagram_stream::stats() const {
  const auto& x = *state_;
  const auto& count = x.sending.count();
  datagram_stream_stats out;
  out.packets_sent = x.packets_sent;
  out.packets_received = x.packets_received;
  out.bytes_sent = count.bytes_sent;
  out.bytes_retransmitted = count.bytes_retransmitted;
  out.bytes_lost = count.bytes_lost;
  out.bytes_received = x.receiving.bytes_received();
  out.timeouts = count.timeouts;
  out.smoothed_rtt = x.sending.rtt().smoothed();
  out.min_rtt = x.sending.rtt().min();
  out.congestion_window = x.sending.congestion().window();
  out.in_flight = x.sending.in_flight();
  out.extended = x.extended;
  return out;
}

std::size_t datagram_stream::unacknowledged() const noexcept {
  return state_->sending.unacknowledged();
}

} // namespace librats::protocols
