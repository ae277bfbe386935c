// SPDX-License-Identifier: MIT
#include "tests/protocols/support/stream_world.hpp"

#include "protocols/core/small_random.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <stdexcept>

namespace librats::test {

namespace {

/// A prime, so that a packet that lands in the wrong place is seen.
constexpr std::size_t pattern_size = 65521;
constexpr std::size_t write_size = 32 * 1024;

/// The content of every transfer: this, over and over.
const std::vector<std::uint8_t>& pattern() {
  static const auto out = [] {
    std::vector<std::uint8_t> x(2 * pattern_size);  // Twice, so that any piece is found in one go.
    small_random random{1};
    for (std::size_t i = 0; i < pattern_size; ++i)
      x[i] = x[i + pattern_size] = static_cast<std::uint8_t>(random.next());
    return x;
  }();
  return out;
}

bytes_view content(std::uint64_t offset, std::size_t size) {
  return bytes_view{pattern()}.subspan(static_cast<std::size_t>(offset % pattern_size), std::min(size, pattern_size));
}

/// Payload of a Data packet, else 0 (wire/07 section 1).
std::size_t data_payload(bytes_view datagram) {
  const bool data = (datagram[0] & 0x0F) == static_cast<std::uint8_t>(protocols::packet_type::data);
  const std::size_t header = protocols::packet_header_size + (datagram[1] % 2 != 0 ? protocols::packet_sack_size : 0);
  return data ? datagram.size() - header : 0;
}

} // namespace

/// One stream; the receiver's begins with the Syn.
struct stream_world::end_point final : protocols::datagram_stream_events {
  explicit end_point(transfer& t) : owner(t) {}

  void stream_opened() override;
  void stream_data(mutable_bytes_view in) override;
  void stream_ended() override;
  void stream_writable() override;

  transfer& owner;
  std::unique_ptr<protocols::datagram_stream> stream;
};

struct stream_world::transfer {
  explicit transfer(const stream_world& w, const transfer_options& x, std::uint64_t s)
    : world(w), options(x), seed(s), begins(w.now_ + x.starts_after) {}

  void write(std::uint64_t up_to) {
    while (written < up_to) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(write_size, up_to - written));
      const auto taken = sender.stream->write(content(written, piece), world.now_);
      written += taken;
      if (taken < piece)
        return;
    }
    if (written >= options.bytes && !finished) {
      finished = true;
      sender.stream->finish(world.now_);
    }
  }
  void write_allowed() {
    write(options.sends_every == duration::zero() ? options.bytes : std::min(options.bytes, allowed));
  }

  const stream_world& world;
  transfer_options options;
  std::uint64_t seed;
  time_point begins;
  time_point next_burst = time_point::max();
  std::uint64_t allowed = 0;
  std::uint64_t written = 0;
  bool finished = false;
  end_point sender{*this};
  end_point receiver{*this};
  transfer_result result;
};

void stream_world::end_point::stream_opened() {
  if (this != &owner.sender)
    return;
  if (owner.options.sends_every > duration::zero())
    owner.next_burst = owner.world.now_;
  owner.write_allowed();
}

void stream_world::end_point::stream_data(mutable_bytes_view in) {
  auto& offset = owner.result.received;
  for (std::size_t done = 0; done < in.size();) {
    const auto expected = content(offset, in.size() - done);
    if (std::memcmp(in.data() + done, expected.data(), expected.size()) != 0)
      owner.result.intact = false;
    done += expected.size();
    offset += expected.size();
  }
}

void stream_world::end_point::stream_ended() { stream->finish(owner.world.now_); }

void stream_world::end_point::stream_writable() { owner.write_allowed(); }

stream_world::stream_world(const path_options& there, const path_options& back, std::uint64_t seed)
  : seed_(seed), there_(there, seed * 2 + 1), back_(back, seed * 2 + 2) {}

stream_world::~stream_world() = default;

std::size_t stream_world::add(const transfer_options& options) {
  transfers_.push_back(std::make_unique<transfer>(*this, options, seed_ * 1000 + transfers_.size()));
  return transfers_.size() - 1;
}

void stream_world::run_until(duration since_start) {
  const auto end = start_ + since_start;
  std::size_t steps_without_time = 0;
  while (true) {
    auto next = flights_.empty() ? time_point::max() : flights_.front().at;
    transfer* whose = nullptr;
    for (auto& x : transfers_) {
      auto due = x->next_burst;
      if (!x->sender.stream)
        due = x->begins;
      else
        due = std::min(due, x->sender.stream->next_wakeup());
      if (x->receiver.stream)
        due = std::min(due, x->receiver.stream->next_wakeup());
      if (due < next) {
        next = due;
        whose = x.get();
      }
    }
    if (next > end)
      break;
    steps_without_time = next > now_ ? 0 : steps_without_time + 1;
    if (steps_without_time > 1'000'000)
      throw std::logic_error{"a stream wants to be woken over and over without letting time pass"};
    now_ = std::max(now_, next);
    if (whose != nullptr) {
      step(*whose);
      continue;
    }
    std::pop_heap(flights_.begin(), flights_.end(), std::greater<>{});
    auto arrived = std::move(flights_.back());
    flights_.pop_back();
    deliver(arrived);
    spare_.push_back(std::move(arrived.datagram));
  }
  now_ = std::max(now_, end);
}

void stream_world::step(transfer& x) {
  if (!x.sender.stream) {
    protocols::datagram_stream_options options;
    options.send_id = 8;
    options.receive_id = 7;
    options.congestion = x.options.congestion;
    options.offer_extension = x.options.extension;
    options.seed = x.seed;
    x.sender.stream = std::make_unique<protocols::datagram_stream>(options, x.sender, now_);
  } else {
    if (x.next_burst <= now_) {
      x.next_burst = now_ + x.options.sends_every;
      x.allowed += x.options.burst;
      x.write_allowed();
    }
    if (x.sender.stream->next_wakeup() <= now_)
      x.sender.stream->tick(now_);
    if (x.receiver.stream && x.receiver.stream->next_wakeup() <= now_)
      x.receiver.stream->tick(now_);
  }
  drain(x, true);
  drain(x, false);
}

void stream_world::drain(transfer& x, bool from_sender) {
  auto& stream = from_sender ? x.sender.stream : x.receiver.stream;
  if (!stream)
    return;
  std::array<std::uint8_t, protocols::datagram_max> out;
  while (const auto size = stream->transmit(out, now_)) {
    const auto arrival = (from_sender ? there_ : back_).send(size + datagram_overhead, now_);
    if (!arrival) {
      if (from_sender)
        x.result.payload_dropped += data_payload({out.data(), size});
      continue;
    }
    bytes copy;
    if (!spare_.empty()) {
      copy = std::move(spare_.back());
      spare_.pop_back();
    }
    copy.assign(out.data(), out.data() + size);
    flights_.push_back({*arrival, order_++, &x, from_sender, std::move(copy)});
    std::push_heap(flights_.begin(), flights_.end(), std::greater<>{});
  }
}

void stream_world::deliver(flight& x) {
  const auto in = protocols::decode_packet(x.datagram);
  if (!in)
    throw std::logic_error{"a stream sent what does not decode"};
  auto& to = x.to_receiver ? x.whose->receiver : x.whose->sender;
  if (!to.stream) {
    if (in->type != protocols::packet_type::syn)
      return;
    protocols::datagram_stream_options options;
    options.side = protocols::role::responder;
    options.send_id = 7;
    options.receive_id = 8;
    options.congestion = x.whose->options.congestion;
    options.offer_extension = x.whose->options.extension;
    options.seed = x.whose->seed + 500;
    to.stream = std::make_unique<protocols::datagram_stream>(options, to, now_);
  }
  to.stream->receive(*in, now_);
  drain(*x.whose, !x.to_receiver);
}

transfer_result stream_world::result(std::size_t number) const {
  const auto& x = *transfers_.at(number);
  auto out = x.result;
  if (x.sender.stream) {
    out.sender = x.sender.stream->stats();
    out.sender_end = x.sender.stream->ended();
  }
  if (x.receiver.stream)
    out.receiver_end = x.receiver.stream->ended();
  return out;
}

std::uint32_t quantile(std::vector<std::uint32_t> x, double share) {
  if (x.empty())
    return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(x.size()) + 0.999999);
  const auto at = x.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, x.size()) - 1);
  std::nth_element(x.begin(), at, x.end());
  return *at;
}

} // namespace librats::test
