// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_receiver.hpp"

#include "protocols/core/take_front.hpp"
#include "protocols/transfer/chunk_packer.hpp"
#include "protocols/transfer/manifest.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace librats::protocols {

namespace {

/// Bytes of a prefix that are read at a time.
constexpr std::uint64_t prefix_read_size = 1u << 20;
constexpr std::uint8_t features = transfer_checks_chunks | transfer_unpacks_chunks;

} // namespace

transfer_receiver::transfer_receiver(const config& cfg, time_point now, transfer_offer offer)
  : transfer_end(now, std::move(offer)), cfg_(cfg) {}

// -- the offer ------------------------------------------------------------------------------------------------------

bool transfer_receiver::accept(time_point now, const std::optional<resume_point>& journal) {
  if (state_ != transfer_state::pending)
    return false;
  const auto files = offer_.files.size();
  if (!journal || !offer_.details || journal->file > files) {
    begin(now, 0, 0, {});
  } else if (journal->file == files || journal->offset == 0 || journal->offset > offer_.files[journal->file].size) {
    begin(now, journal->file, 0, {});
  } else {
    state_ = transfer_state::checking;
    active_at_ = now;
    sign_at_ = now + cfg_.idle_max / signs_per_idle;
    journal_ = journal;
    read_prefix();
  }
  return true;
}

void transfer_receiver::read_prefix() {
  const auto size = std::min(prefix_read_size, journal_->offset - checked_);
  ask(work::read, disk_read{journal_->file, checked_, static_cast<std::size_t>(size)});
}

void transfer_receiver::handle_disk_read(time_point now, bytes_view data) {
  const auto asked = take_task();
  if (!asked || state_ != transfer_state::checking)
    return;
  active_at_ = now;
  const auto expected = std::min(prefix_read_size, journal_->offset - checked_);
  hasher_.update(data);
  checked_ += data.size();
  if (data.size() == expected && checked_ < journal_->offset)
    return read_prefix();
  const auto at = *journal_;
  if (data.size() == expected && hasher_.digest_so_far() == at.digest)
    return begin(now, at.file, at.offset, at.digest);
  hasher_.finish(); // Not what the journal says: that file starts over.
  begin(now, at.file, 0, {});
}

void transfer_receiver::begin(time_point now, std::uint32_t file, std::uint64_t offset, const sha256_digest& digest) {
  journal_.reset();
  state_ = transfer_state::active;
  active_at_ = now;
  file_ = finished_ = file;
  taken_ = checkpoint_at_ = offset;
  may_start_over_ = offset > 0;
  written_ = reported_ = bytes_before(offer_.files, file) + offset;
  if (offer_.details) // Only our own senders make sense of where, and of what we understand.
    to_send_.push_back(encode_accept(offer_.id, resume_point{file, offset, digest}, features));
  else
    to_send_.push_back(encode_accept(offer_.id));
  events_.emplace_back(transfer_started{written_});
  if (offer_.details)
    for (std::size_t i = 0; i < offer_.details->directories.size(); ++i)
      ask(work::directory, disk_make_directory{static_cast<std::uint32_t>(i)});
  complete_when_all_is_in_place(now);
}

bool transfer_receiver::reject(std::string_view reason) {
  if (state_ != transfer_state::pending)
    return false;
  end(transfer_errc::rejected, reason);
  to_send_.push_back(encode_reject(offer_.id, reason));
  return true;
}

// -- what the sender says -------------------------------------------------------------------------------------------

void transfer_receiver::handle_message(time_point now, const byte_slice& payload) {
  const auto x = decode_transfer(payload.view());
  if (!x || state_ == transfer_state::done || transfer_id_of(payload.view()) != offer_.id)
    return;
  if (std::holds_alternative<cancel_message>(*x))
    return end(transfer_errc::cancelled_by_peer);
  if (const auto* complete = std::get_if<complete_message>(&*x)) {
    if (!complete->ok) // Upstream's receiver does not listen to that; ours need not wait for the timeout.
      end(transfer_errc::failed_by_peer, complete->reason);
    return;
  }
  if (state_ != transfer_state::active && state_ != transfer_state::paused)
    return;
  if (const auto* chunk = std::get_if<chunk_message>(&*x)) {
    handle_chunk(now, payload, *chunk);
  } else if (const auto* checked = std::get_if<checked_chunk_message>(&*x)) {
    handle_checked_chunk(now, payload, *checked);
  } else if (const auto* file_end = std::get_if<file_end_message>(&*x)) {
    handle_file_end(now, *file_end);
  } else if (std::holds_alternative<pause_message>(*x)) {
    handle_pause();
  } else if (std::holds_alternative<resume_message>(*x)) {
    handle_resume(now);
  }
}

void transfer_receiver::handle_chunk(time_point now, const byte_slice& payload, const chunk_message& x) {
  const auto size = x.data.size();
  if (!expects(x.file, x.offset, size) || size == 0) // An empty one says nothing, and keeps nobody waiting.
    return;
  hasher_.update(x.data);
  take(now, payload.sub(payload.size() - size, size));
}

void transfer_receiver::handle_checked_chunk(
  time_point now, const byte_slice& payload, const checked_chunk_message& x) {
  const bool packed = x.unpacked_size != 0;
  const auto size = packed ? x.unpacked_size : x.data.size();
  if (!expects(x.file, x.offset, size) || size == 0)
    return;
  byte_slice data;
  if (!packed) {
    data = payload.sub(payload.size() - size, size);
  } else if (auto unpacked = size <= transfer_chunk_max ? unpack_chunk(x.data, size) : std::nullopt) {
    data = byte_slice{std::move(*unpacked)};
  } else {
    return give_up(transfer_errc::damaged);
  }
  hasher_.update(data.view());
  if (cfg_.verify && check_of(hasher_.digest_so_far()) != x.check)
    return give_up(transfer_errc::damaged);
  take(now, std::move(data));
}

bool transfer_receiver::expects(std::uint32_t file, std::uint64_t offset, std::size_t size) {
  const auto refuse = [this](transfer_errc why) {
    give_up(why);
    return false;
  };
  if (file != file_ || file_ >= offer_.files.size())
    return refuse(transfer_errc::out_of_order);
  if (may_start_over_ && offset == 0)
    start_file_over();
  if (offset != taken_)
    return refuse(transfer_errc::out_of_order);
  if (size > offer_.files[file_].size - taken_)
    return refuse(transfer_errc::more_than_offered);
  if (size > cfg_.unwritten_max - std::min(unwritten_, cfg_.unwritten_max))
    return refuse(transfer_errc::too_much_in_flight);
  return true;
}

/// Hashed already.
void transfer_receiver::take(time_point now, byte_slice data) {
  const auto size = data.size();
  may_start_over_ = false;
  active_at_ = now;
  ask(work::write, disk_write{file_, taken_, std::move(data)}, size);
  taken_ += size;
  unwritten_ += size;
  if (cfg_.checkpoint_every != 0 && taken_ - checkpoint_at_ >= cfg_.checkpoint_every
    && taken_ < offer_.files[file_].size)
    checkpoint();
}

/// The sender's file begins differently: its chunks start at 0.
void transfer_receiver::start_file_over() {
  written_ -= taken_;
  reported_ = std::min(reported_, written_);
  taken_ = 0;
  may_start_over_ = false;
  hasher_.finish();
  checkpoint();
}

void transfer_receiver::checkpoint() {
  checkpoint_at_ = taken_;
  if (cfg_.checkpoint_every != 0)
    ask(work::checkpoint, disk_checkpoint{{file_, taken_, hasher_.digest_so_far()}});
}

void transfer_receiver::handle_file_end(time_point now, const file_end_message& x) {
  if (x.file != file_ || file_ >= offer_.files.size() || taken_ != offer_.files[file_].size)
    return give_up(transfer_errc::out_of_order);
  active_at_ = now;
  const auto digest = hasher_.finish();
  if (cfg_.verify && digest != x.digest)
    return give_up(transfer_errc::wrong_digest, offer_.files[file_].path);
  ask(work::finish, disk_finish{file_, digest});
  ++file_;
  taken_ = checkpoint_at_ = 0;
  may_start_over_ = false;
}

// -- what the disk says ---------------------------------------------------------------------------------------------

void transfer_receiver::ask(work kind, disk_request x, std::size_t size) {
  tasks_.push_back({kind, size});
  requests_.push_back(std::move(x));
}

std::optional<transfer_receiver::task> transfer_receiver::take_task() {
  assert(state_ == transfer_state::done || !tasks_.empty());
  return take_front(tasks_);
}

void transfer_receiver::handle_disk_done(time_point now) {
  const auto done = take_task();
  if (!done || state_ == transfer_state::done)
    return;
  if (done->kind == work::write) {
    active_at_ = now;
    unwritten_ -= done->size;
    written_ += done->size;
    if (written_ - reported_ >= cfg_.progress_every)
      report(now);
    else if (!report_at_)
      report_at_ = now + cfg_.progress_delay;
  } else if (done->kind == work::finish) {
    ++finished_;
  }
  complete_when_all_is_in_place(now);
}

void transfer_receiver::handle_disk_failed(time_point now, std::string_view reason) {
  const auto failed = take_task();
  if (!failed || state_ == transfer_state::done)
    return;
  if (failed->kind != work::read)
    return give_up(transfer_errc::disk, reason);
  const auto file = journal_->file;
  hasher_.finish();
  begin(now, file, 0, {});
}

void transfer_receiver::report(time_point) {
  report_at_.reset();
  if (written_ == reported_)
    return;
  reported_ = written_;
  to_send_.push_back(encode_progress(offer_.id, written_));
}

void transfer_receiver::complete_when_all_is_in_place(time_point now) {
  if (finished_ != offer_.files.size() || !tasks_.empty())
    return;
  report(now);
  auto last = std::exchange(to_send_, {});
  end(std::nullopt);
  to_send_ = std::move(last);
  to_send_.push_back(encode_complete(offer_.id, true));
}

// -- the rest -------------------------------------------------------------------------------------------------------

void transfer_receiver::handle_timeout(time_point now) {
  const auto due = poll_timeout();
  if (!due || now < *due)
    return;
  if (report_at_ && now >= *report_at_)
    report(now);
  if (state_ == transfer_state::paused || now < active_at_ + cfg_.idle_max) {
    if (state_ == transfer_state::checking && now >= sign_at_) {
      sign_at_ = now + cfg_.idle_max / signs_per_idle;
      to_send_.push_back(encode_transfer_op(transfer_op::resume, offer_.id));
    }
    return;
  }
  if (state_ == transfer_state::pending)
    end(transfer_errc::expired); // The sender has forgotten it: an answer would mean nothing.
  else
    give_up(transfer_errc::stalled);
}

std::optional<bytes> transfer_receiver::poll_transmit() {
  return take_front(to_send_);
}

std::optional<disk_request> transfer_receiver::poll_request() {
  return take_front(requests_);
}

std::optional<time_point> transfer_receiver::poll_timeout() const {
  if (state_ == transfer_state::done)
    return std::nullopt;
  auto out = report_at_.value_or(time_point::max());
  if (state_ != transfer_state::paused)
    out = std::min(out, active_at_ + cfg_.idle_max);
  if (state_ == transfer_state::checking)
    out = std::min(out, sign_at_);
  return out == time_point::max() ? std::nullopt : std::optional{out};
}

void transfer_receiver::ended() {
  requests_.clear();
  report_at_.reset();
}

void transfer_receiver::give_up(transfer_errc error, std::string_view reason) {
  end(error, reason);
  to_send_.push_back(encode_complete(offer_.id, false, reason.empty() ? to_string(error) : reason));
}

} // namespace librats::protocols
