// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_sender.hpp"

#include "protocols/core/take_front.hpp"
#include "protocols/transfer/manifest.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace librats::protocols {

namespace {

/// An upstream receiver reports every 256 KiB at the latest (wire/05 section 3).
constexpr std::uint64_t window_min = 512u << 10;

} // namespace

transfer_sender::transfer_sender(const config& cfg, time_point now, transfer_offer offer)
  : transfer_end(now, std::move(offer)), cfg_(cfg) {
  cfg_.chunk_size = std::clamp<std::size_t>(cfg_.chunk_size, 1, transfer_chunk_max);
  cfg_.window = std::max<std::uint64_t>({cfg_.window, window_min, cfg_.chunk_size});
  cfg_.reads_ahead = std::max<std::size_t>(cfg_.reads_ahead, 1);
  if (auto raw = encode_offer(offer_))
    to_send_.push_back(std::move(*raw));
  else
    end(transfer_errc::too_large);
}

void transfer_sender::handle_message(time_point now, bytes_view payload) {
  const auto x = decode_transfer(payload);
  if (!x || state_ == transfer_state::done || transfer_id_of(payload) != offer_.id)
    return;
  if (std::holds_alternative<cancel_message>(*x))
    return end(transfer_errc::cancelled_by_peer);
  if (const auto* complete = std::get_if<complete_message>(&*x))
    return handle_complete(*complete);
  if (std::holds_alternative<pause_message>(*x)) {
    handle_pause();
  } else if (std::holds_alternative<resume_message>(*x)) {
    handle_resume(now);
  } else if (const auto* progress = std::get_if<progress_message>(&*x)) {
    // One that goes backwards or beyond what was sent would widen the window or stall it.
    if (progress->received > received_ && progress->received <= sent_) {
      received_ = progress->received;
      active_at_ = now;
    }
  } else if (const auto* response = std::get_if<response_message>(&*x)) {
    if (state_ == transfer_state::pending) {
      active_at_ = now;
      sign_at_ = now + cfg_.idle_max / signs_per_idle;
      handle_response(*response);
    }
  }
}

void transfer_sender::handle_response(const response_message& x) {
  if (!x.accept)
    return end(transfer_errc::rejected, x.reason);
  features_ = x.features;
  const auto& at = x.resume;
  if (!offer_.details || !at || at->file > offer_.files.size())
    return start_at(0, 0);
  if (at->offset == 0 || at->file == offer_.files.size())
    return start_at(at->file, 0);
  if (at->offset > offer_.files[at->file].size)
    return start_at(at->file, 0);
  prefix_ = at;
  state_ = transfer_state::checking;
  next_file_ = at->file;
  plan();
}

void transfer_sender::handle_complete(const complete_message& x) {
  if (!x.ok)
    return end(transfer_errc::failed_by_peer, x.reason);
  if (!all_sent())
    return give_up(transfer_errc::too_early);
  received_ = sent_;
  end(std::nullopt);
}

void transfer_sender::start_at(std::uint32_t file, std::uint64_t offset) {
  prefix_.reset();
  next_file_ = file;
  next_offset_ = offset;
  sent_ = received_ = bytes_before(offer_.files, file) + offset;
  state_ = transfer_state::active;
  events_.emplace_back(transfer_started{sent_});
  if (file < offer_.files.size() && offset == offer_.files[file].size && offset > 0) { // Its end alone is missing.
    to_send_.push_back(encode_file_end(offer_.id, file, hasher_.finish()));
    ++next_file_;
    next_offset_ = 0;
  }
  plan();
}

/// Asks for what comes next, as far as it may be held.
void transfer_sender::plan() {
  if (state_ != transfer_state::active && state_ != transfer_state::checking)
    return;
  while (pieces_.size() < cfg_.reads_ahead && next_file_ < offer_.files.size()) {
    const auto end = prefix_ ? prefix_->offset : offer_.files[next_file_].size;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(cfg_.chunk_size, end - next_offset_));
    if (prefix_ && size == 0)
      return;
    piece x{next_file_, next_offset_, size, next_offset_ + size == end, size == 0, {}};
    next_offset_ += size;
    if (size != 0)
      requests_.push_back({x.file, x.offset, size});
    if (x.last && !prefix_) {
      ++next_file_;
      next_offset_ = 0;
    }
    pieces_.push_back(std::move(x));
  }
}

void transfer_sender::handle_disk_read(time_point now, byte_slice data) {
  if (state_ == transfer_state::done)
    return;
  const auto at = std::find_if(pieces_.begin(), pieces_.end(), [](const piece& x) { return !x.answered; });
  assert(at != pieces_.end());
  if (at == pieces_.end())
    return;
  if (data.size() != at->size)
    return give_up(transfer_errc::source_changed, "shorter than it was");
  at->data = std::move(data);
  at->answered = true;
  if (state_ == transfer_state::checking) {
    active_at_ = now; // Work of our own is no silence of the peer's.
    compare_prefix();
  }
}

/// Hashes what was read of the prefix; at its end goes on from there, or from the start of the file.
void transfer_sender::compare_prefix() {
  while (!pieces_.empty() && pieces_.front().answered) {
    hasher_.update(pieces_.front().data.view());
    const bool last = pieces_.front().last;
    pieces_.pop_front();
    if (!last)
      continue;
    const auto at = *prefix_;
    if (hasher_.digest_so_far() == at.digest)
      return start_at(at.file, at.offset);
    hasher_.finish();
    return start_at(at.file, 0);
  }
  plan();
}

void transfer_sender::handle_disk_failed(time_point, std::string_view reason) {
  if (state_ != transfer_state::done)
    give_up(transfer_errc::disk, reason);
}

void transfer_sender::grant(std::uint64_t bytes) noexcept {
  room_ += std::min(bytes, std::numeric_limits<std::uint64_t>::max() - room_);
}

std::uint64_t transfer_sender::take_back(std::uint64_t bytes) noexcept {
  const auto out = std::min(bytes, room_);
  room_ -= out;
  return out;
}

void transfer_sender::handle_timeout(time_point now) {
  const auto due = poll_timeout();
  if (!due || now < *due)
    return;
  if (now >= active_at_ + cfg_.idle_max)
    return give_up(state_ == transfer_state::pending ? transfer_errc::expired : transfer_errc::stalled);
  sign_at_ = now + cfg_.idle_max / signs_per_idle;
  to_send_.push_back(encode_transfer_op(transfer_op::resume, offer_.id));
}

bool transfer_sender::all_sent() const noexcept {
  return (state_ == transfer_state::active || state_ == transfer_state::paused) && pieces_.empty()
    && next_file_ == offer_.files.size();
}

bool transfer_sender::may_send(const piece& x) const noexcept {
  return x.answered && (x.size == 0 || (sent_ - received_ + x.size <= cfg_.window && room_ >= x.size));
}

/// The digest includes `x` already.
bytes transfer_sender::make_chunk(const piece& x) {
  if ((features_ & transfer_checks_chunks) == 0)
    return encode_chunk(offer_.id, x.file, x.offset, x.data.view());
  checked_chunk_message out{offer_.id, x.file, x.offset, check_of(hasher_.digest_so_far()), 0, x.data.view()};
  std::optional<bytes> packed;
  if (cfg_.pack && (features_ & transfer_unpacks_chunks) != 0)
    packed = packer_.pack(out.data);
  if (packed) {
    out.unpacked_size = static_cast<std::uint32_t>(x.size);
    out.data = *packed;
  }
  return encode_checked_chunk(out);
}

std::optional<bytes> transfer_sender::poll_transmit(time_point now) {
  if (!to_send_.empty())
    return take_front(to_send_);
  if (state_ != transfer_state::active || pieces_.empty() || !may_send(pieces_.front()))
    return std::nullopt;
  const auto x = std::move(pieces_.front());
  pieces_.pop_front();
  active_at_ = now;
  hasher_.update(x.data.view());
  sent_ += x.size;
  room_ -= x.size;
  plan();
  std::optional<bytes> out;
  if (x.size != 0)
    out = make_chunk(x);
  if (!x.last)
    return out;
  auto file_end = encode_file_end(offer_.id, x.file, hasher_.finish());
  if (!out)
    return file_end;
  to_send_.push_back(std::move(file_end));
  return out;
}

std::optional<disk_read> transfer_sender::poll_request() {
  return take_front(requests_);
}

std::optional<time_point> transfer_sender::poll_timeout() const {
  if (state_ == transfer_state::paused || state_ == transfer_state::done)
    return std::nullopt;
  const auto idle = active_at_ + cfg_.idle_max;
  return state_ == transfer_state::checking ? std::min(idle, sign_at_) : idle;
}

void transfer_sender::ended() {
  requests_.clear();
  pieces_.clear();
}

/// COMPLETE says why to those who understand it; an upstream receiver knows CANCEL alone (wire/05 section 6).
void transfer_sender::give_up(transfer_errc error, std::string_view reason) {
  end(error, reason);
  to_send_.push_back(encode_complete(offer_.id, false, to_string(error)));
  to_send_.push_back(encode_transfer_op(transfer_op::cancel, offer_.id));
}

} // namespace librats::protocols
