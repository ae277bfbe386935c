// SPDX-License-Identifier: MIT
#include "protocols/datagram/send_half.hpp"

#include "protocols/datagram/ack_ranges.hpp"
#include "protocols/datagram/sequence.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

using place = sent_packet::place;

/// The first expiries in a row repeat the last packet and change nothing else (wire/07 section 9).
constexpr unsigned probes_max = 2;

} // namespace

/// What one acknowledgement brings, while it is taken apart.
struct send_half::ack_state {
  congestion_ack congestion;
  std::uint32_t rtt_serial = 0;
  bool may_conclude = false; ///< See loss_detector::packet_arrived.
  bool any = false;
};

send_half::send_half(std::uint32_t first_seq, std::unique_ptr<congestion_control> congestion) noexcept
  : congestion_(std::move(congestion)), packets_(first_seq), newest_ack_(first_seq - 1), episode_end_(first_seq),
    untold_end_(first_seq) {}

// -- what is written -------------------------------------------------------------------------------------------------

std::size_t send_half::queue_limit() const noexcept {
  if (!extended_)
    return queue_max;
  // A window in flight, one that arrived while a gap was noticed, one while it was repaired, and one that waits.
  return std::clamp(congestion_->window() * 4, queue_max, queue_max_extended);
}

std::size_t send_half::write(bytes_view in) {
  if (fin_wanted_)
    return 0;
  const auto limit = queue_limit();
  const auto room = limit - std::min(limit, queue_.size());
  const auto taken = std::min(room, in.size());
  if (taken > 0)
    queue_.append(in.first(taken));
  if (taken < in.size())
    write_refused_ = true;
  return taken;
}

bool send_half::poll_writable() noexcept {
  // Announced with a quarter free: a writer that is woken for every packet does more waking than writing.
  if (!write_refused_ || queue_.size() > queue_limit() / 4 * 3)
    return false;
  write_refused_ = false;
  return true;
}

// -- acknowledgements ------------------------------------------------------------------------------------------------

void send_half::arrived(std::uint32_t seq, ack_state& x, time_point now) noexcept {
  auto& packet = packets_[seq];
  if (packet.where == place::in_flight)
    in_flight_ -= packet.size;
  packets_.unlink(seq);
  rate_.packet_arrived(packet, now);
  losses_.packet_arrived(seq, packet, rtt_, x.may_conclude, now);
  x.congestion.acked += packet.size;
  x.any = true;
  if (packet.transmissions == 1 && (!x.congestion.rtt || sequence_before(x.rtt_serial, packet.serial))) {
    x.congestion.rtt = now - packet.sent_at;
    x.rtt_serial = packet.serial;
  }
  packet.where = place::arrived;
  packet.next = seq + 1;
}

void send_half::arrived_range(std::uint32_t first, std::uint32_t count, ack_state& x, time_point now) noexcept {
  // Cut down to what is outstanding: whatever a list claims, the work is bounded by what we sent.
  const auto before = sequence_distance(first, packets_.begin());
  if (before > 0) {
    if (count <= static_cast<std::uint32_t>(before))
      return;
    count -= static_cast<std::uint32_t>(before);
    first = packets_.begin();
  }
  if (!packets_.contains(first))
    return;
  // Acknowledgements repeat what they said before, thousands of packets of it: a packet that arrived knows the end of
  // the run that it begins, so that only what is new costs anything.
  const auto end = first + std::min(count, packets_.end() - first);
  auto seq = first;
  while (sequence_before(seq, end)) {
    if (packets_[seq].where != place::arrived) {
      arrived(seq, x, now);
      ++arrived_;
    }
    seq = packets_[seq].next;
  }
  if (seq != first)
    packets_[first].next = seq;
}

void send_half::acknowledged(
  std::uint32_t ack, std::optional<std::uint32_t> sack, bytes_view ranges, std::size_t window, time_point now) {
  if (sequence_before(packets_.end() - 1, ack))
    return;
  if (!sequence_before(ack, newest_ack_)) {
    newest_ack_ = ack;
    peer_window_ = std::min(window, extended_ ? window_max_extended : window_max);
  }
  if (packets_.empty())
    return;
  ack_state x;
  x.may_conclude = !sequence_before(packets_.begin(), untold_end_);
  x.congestion.prior_in_flight = in_flight_;
  rate_.begin();
  std::size_t done = 0;
  bool repaired = false;
  const auto begin = packets_.begin();
  while (!packets_.empty() && !sequence_before(ack, packets_.begin())) {
    const auto seq = packets_.begin();
    repaired = repaired || packets_[seq].transmissions > 1;
    if (packets_[seq].where == place::arrived)
      --arrived_;
    else
      arrived(seq, x, now);
    done += packets_[seq].size;
    packets_.pop();
  }
  queue_.pop(done);
  for (auto word = sack.value_or(0), seq = ack + 2; word != 0; word >>= 1, ++seq)
    if ((word & 1) != 0)
      arrived_range(seq, 1, x, now);
  ack_range_reader reader{ranges, ack};
  while (const auto range = reader.next())
    arrived_range(range->first, range->count, x, now);
  if (ranges.size() >= packet_ranges_size_max)
    untold_end_ = packets_.end();
  if (!sequence_before(packets_.begin(), untold_end_))
    untold_end_ = packets_.begin();
  if (!sequence_before(packets_.begin(), episode_end_))
    episode_end_ = packets_.begin();
  if (!x.any && begin == packets_.begin()) {
    // Something arrived that the word has no room for, and the first gap is still there (wire/07 section 9 counts such
    // acknowledgements; we look at the time that has passed).
    if (!loss_detector::overdue(packets_[begin], rtt_, now))
      return;
    declare_lost(begin, x.congestion);
  }

  if (repaired && !extended_) {
    // What lay behind the gap arrived long ago, and the word had no room to say so: neither this acknowledgement nor
    // those of packets that left before it say when what they count arrived.
    x.congestion.rtt.reset();
    rate_valid_from_ = rate_.delivered();
  }
  if (x.congestion.rtt)
    rtt_.add(*x.congestion.rtt);
  const auto sample = rate_.finish(rtt_.min());
  if (sample.prior_delivered >= rate_valid_from_)
    x.congestion.delivery_rate = sample.bytes_per_second;
  x.congestion.prior_delivered = sample.prior_delivered;
  x.congestion.app_limited = sample.app_limited;
  x.congestion.now = now;
  detect_losses(x.congestion);
  x.congestion.in_flight = in_flight_;
  x.congestion.delivered = rate_.delivered();
  if (x.any || x.congestion.lost > 0)
    congestion_->acknowledged(x.congestion);
  repair_at_once_ = repair_at_once_ && packets_.lost().count > 0;
  probes_ = 0;
  backoff_ = 0;
  restart_loss_timer(now);
}

void send_half::declare_lost(std::uint32_t seq, congestion_ack& x) noexcept {
  const auto& packet = packets_[seq];
  packets_.unlink(seq);
  packets_.link(seq, place::lost);
  in_flight_ -= packet.size;
  x.lost += packet.size;
  count_.bytes_lost += packet.size;
  if (sequence_before(seq, episode_end_))
    return;
  x.new_episode = true;
  repair_at_once_ = true;
  episode_end_ = packets_.end();
}

void send_half::detect_losses(congestion_ack& x) noexcept {
  // The word speaks of 32 packets behind the first gap, and of nothing that lies further ahead.
  const auto told_end = extended_ || packets_.size() <= sack_reach
                          ? packets_.end()
                          : packets_.begin() + static_cast<std::uint32_t>(sack_reach);
  while (const auto seq
         = losses_.next_lost(packets_, told_end, rtt_, episode_end_ != packets_.begin(), arrived_, x.now))
    declare_lost(*seq, x);
}

// -- time ------------------------------------------------------------------------------------------------------------

void send_half::restart_loss_timer(time_point now) noexcept {
  if (packets_.empty())
    loss_at_ = time_point::max();
  else
    loss_at_ = now + (probes_ < probes_max ? rtt_.probe_timeout(probes_) : rtt_.timeout(backoff_));
}

void send_half::probe(time_point now) noexcept {
  if (!extended_ && arrived_ > 0)
    probe_ = packets_.begin(); // The word speaks of what lies behind this gap, so news needs it closed.
  for (auto seq = packets_.end(); !probe_ && seq != packets_.begin(); --seq)
    if (packets_[seq - 1].where != place::arrived)
      probe_ = seq - 1;
  ++probes_;
  restart_loss_timer(now);
}

bool send_half::time_out(time_point now) {
  for (auto seq = packets_.begin(); seq != packets_.end(); ++seq)
    if (packets_[seq].where != place::arrived && packets_[seq].transmissions >= transmissions_max)
      return false;
  // The oldest one can only have arrived if the other end took back what it had said (RFC 2018 section 8): then nothing
  // that it said selectively counts any more.
  const auto reneged = packets_[packets_.begin()].where == place::arrived;
  if (reneged)
    arrived_ = 0;
  const auto lost = std::exchange(in_flight_, 0);
  packets_.lose_all(reneged);
  count_.bytes_lost += lost;
  ++count_.timeouts;
  congestion_->timed_out(lost, now);
  episode_end_ = packets_.end();
  ++backoff_;
  restart_loss_timer(now);
  return true;
}

bool send_half::tick(time_point now) {
  if (pace_at_ <= now)
    pace_at_ = time_point::max();
  if (losses_.due() <= now) {
    congestion_ack x;
    x.now = now;
    x.prior_in_flight = in_flight_;
    detect_losses(x);
    x.in_flight = in_flight_;
    x.delivered = rate_.delivered();
    x.prior_delivered = x.delivered;
    if (x.lost > 0)
      congestion_->acknowledged(x);
  }
  if (loss_at_ > now)
    return true;
  if (probes_ >= probes_max)
    return time_out(now);
  probe(now);
  return true;
}

time_point send_half::next_wakeup() const noexcept {
  return std::min({loss_at_, pace_at_, losses_.due()});
}

// -- what leaves -----------------------------------------------------------------------------------------------------

bool send_half::window_allows(std::size_t bytes) const noexcept {
  return in_flight_ == 0 || in_flight_ + bytes <= congestion_->window();
}

bool send_half::told_lost(std::uint32_t seq) const noexcept {
  return !extended_ && backoff_ == 0 && seq - packets_.begin() < sack_reach;
}

bool send_half::pacing_allows(time_point now) noexcept {
  const auto rate = congestion_->pacing_rate();
  const auto held_back = in_flight_ > 0 && pacer_.earliest(rate) > now;
  if (held_back)
    pacer_.set_held_back(true);
  pace_at_ = held_back ? pacer_.wakeup(rate) : time_point::max();
  return !held_back;
}

bool send_half::may_leave(std::size_t bytes, time_point now) noexcept {
  if (window_allows(bytes))
    return pacing_allows(now);
  pacer_.set_held_back(false);
  return false;
}

void send_half::sent(std::uint32_t seq, time_point now) {
  auto& packet = packets_[seq];
  rate_.packet_sent(packet, in_flight_, now);
  congestion_->packet_sent(packet.size, in_flight_, now);
  pacer_.packet_sent(packet.size, congestion_->pacing_rate(), now);
  packet.sent_at = now;
  packet.serial = ++serial_;
  if (packet.transmissions < 255)
    ++packet.transmissions;
  in_flight_ += packet.size;
  packets_.link(seq, place::in_flight);
  if (loss_at_ == time_point::max())
    restart_loss_timer(now);
}

send_half::outgoing send_half::send_again(std::uint32_t seq, time_point now) {
  const auto& packet = packets_[seq];
  if (packet.where == place::in_flight)
    in_flight_ -= packet.size;
  packets_.unlink(seq);
  count_.bytes_retransmitted += packet.size;
  sent(seq, now);
  const auto offset = queue_.begin() + (packet.offset - static_cast<std::uint32_t>(queue_.begin()));
  return {packet.fin ? packet_type::fin : packet_type::data, seq, offset, packet.size};
}

std::optional<send_half::outgoing> send_half::next(time_point now) {
  if (const auto seq = std::exchange(probe_, std::nullopt))
    if (packets_.contains(*seq) && packets_[*seq].where != place::arrived)
      return send_again(*seq, now);
  if (packets_.lost().count > 0) {
    const auto seq = packets_.lost().head;
    if (!repair_at_once_ && !(told_lost(seq) ? pacing_allows(now) : may_leave(packets_[seq].size, now)))
      return std::nullopt;
    repair_at_once_ = false;
    return send_again(seq, now);
  }
  if (fin_sent_ || packets_.size() >= peer_window_)
    return std::nullopt;
  const auto waiting = static_cast<std::size_t>(queue_.end() - unsent_);
  if (waiting == 0 && !fin_wanted_) {
    rate_.mark_app_limited(in_flight_);
    pacer_.set_held_back(false);
    pace_at_ = time_point::max();
    return std::nullopt;
  }
  sent_packet packet;
  packet.size = static_cast<std::uint16_t>(std::min(waiting, packet_payload_max));
  packet.offset = static_cast<std::uint32_t>(unsent_);
  packet.fin = waiting == 0;
  // A Fin carries nothing, so that only the peer's window counts for it.
  if (!packet.fin && !may_leave(packet.size, now))
    return std::nullopt;
  const auto seq = packets_.push(packet);
  const outgoing out{packet.fin ? packet_type::fin : packet_type::data, seq, unsent_, packet.size};
  unsent_ += packet.size;
  fin_sent_ = packet.fin;
  count_.bytes_sent += packet.size;
  sent(seq, now);
  return out;
}

} // namespace librats::protocols
