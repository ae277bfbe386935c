// SPDX-License-Identifier: MIT
#include "tests/protocols/support/transfer_world.hpp"

#include "protocols/transfer/manifest.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>

using namespace librats::protocols;
using namespace std::chrono_literals;

namespace librats::test {

namespace {

const peer_id sender_id{};
constexpr std::uint64_t link_room = 8192;

bool is_chunk(bytes_view raw) {
  return chunk_size_of(raw) != 0;
}

} // namespace

transfer_world::transfer_world(const options& opt) : opt_(opt), random_(opt.seed) {
  const auto files = 1 + random_.below(6);
  for (std::uint64_t i = 0; i < files; ++i) {
    bytes content(random_.below(4) == 0 ? 0 : random_.below(12'000));
    for (auto& x : content)
      x = static_cast<std::uint8_t>(random_.next());
    source_.push_back(std::move(content));
    paths_.push_back("d" + std::to_string(i % 3) + "/f" + std::to_string(i));
  }
  chunk_size_ = 64 + static_cast<std::size_t>(random_.below(1500));
  until_fault_ = 1 + static_cast<int>(random_.below(40));
  versions_.push_back(source_);
  id_ = 1 + random_.below(1000);
  at(0ms, [this] { offer(); });
}

void transfer_world::at(duration delay, std::function<void()> what) {
  events_.emplace(now_ + delay, std::move(what));
}

void transfer_world::run() {
  for (int i = 0; i < 200'000; ++i) {
    auto due = events_.empty() ? time_point::max() : events_.begin()->first;
    if (sender_)
      due = std::min(due, sender_->poll_timeout().value_or(time_point::max()));
    if (receiver_)
      due = std::min(due, receiver_->poll_timeout().value_or(time_point::max()));
    if (due == time_point::max())
      return;
    now_ = std::max(now_, due);
    if (!events_.empty() && events_.begin()->first <= now_) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    if (sender_)
      sender_->handle_timeout(now_);
    if (receiver_)
      receiver_->handle_timeout(now_);
    pump();
  }
  throw std::runtime_error{"a world without end: " + story()};
}

void transfer_world::offer() {
  retrying_ = false;
  ++attempts_;
  ++link_;
  sender_ended_.reset();
  transfer_offer x;
  x.id = ++id_;
  x.directory = true;
  x.name = "d";
  for (std::size_t i = 0; i < source_.size(); ++i) {
    x.files.push_back({paths_[i], source_[i].size()});
    x.total += source_[i].size();
  }
  if (opt_.details) {
    auto& details = x.details.emplace();
    details.files.resize(source_.size());
    const auto version = static_cast<std::uint8_t>(versions_.size());
    details.fingerprint = sha256(bytes_view{&version, 1});
  }
  transfer_sender::config cfg;
  cfg.chunk_size = chunk_size_;
  sender_.emplace(cfg, now_, std::move(x));
  sender_->grant(link_room);
}

void transfer_world::hear_offer(const bytes& raw) {
  const auto message = decode_transfer(raw);
  auto checked = check_offer(std::get<offer_message>(*message), name_rules::posix);
  if (!checked)
    throw std::runtime_error{"refused: " + checked.error().to_text()};
  receiver_ended_.reset();
  ++disk_; // What was left of the old queue is dropped.
  transfer_receiver::config cfg;
  cfg.progress_every = 700;
  cfg.checkpoint_every = 1500;
  std::optional<resume_point> from;
  journal_writer_.reset();
  if (checked->details) {
    const auto old = read_journal(journal_);
    const auto offered = old ? decode_transfer(old->offer) : result<transfer_message>{wire_errc::truncated};
    if (offered && equal(std::get<offer_message>(*offered).details->fingerprint, checked->details->fingerprint)) {
      from = old->at;
      journal_.resize(old->valid_size);
      journal_writer_.emplace(old->last_check);
    } else {
      journal_ = *journal_writer::header(sender_id, "inbox", *checked);
      std::array<std::uint8_t, 8> check;
      std::copy_n(journal_.end() - 8, 8, check.begin());
      journal_writer_.emplace(check);
      parts_.clear();
    }
    journal_durable_ = journal_.size();
  } else {
    parts_.clear();
  }
  receiver_.emplace(cfg, now_, std::move(*checked));
  const auto link = link_;
  at(upto(2000), [this, from, link] {
    if (receiver_ && link == link_)
      receiver_->accept(now_, from);
  });
}

void transfer_world::pump() {
  pump_sender();
  pump_receiver();
  pump_sender();
}

void transfer_world::pump_sender() {
  while (sender_) {
    const auto x = sender_->poll_request();
    if (!x)
      break;
    at(1ms, [this, x = *x, link = link_] {
      if (!sender_ || link != link_ || sender_->state() == transfer_state::done)
        return;
      if (std::exchange(fail_read_, false))
        return sender_->handle_disk_failed(now_, "bad sector");
      auto end = source_[x.file].size();
      if (shrunk_ && end > 0)
        --end;
      const auto from = std::min<std::size_t>(x.offset, end);
      const auto size = std::min(x.size, end - from);
      sender_->handle_disk_read(now_, byte_slice::copy_of(bytes_view{source_[x.file]}.subspan(from, size)));
    });
  }
  while (sender_)
    if (auto raw = sender_->poll_transmit(now_))
      to_receiver(std::move(*raw));
    else
      break;
  while (sender_) {
    const auto x = sender_->poll_event();
    if (!x)
      break;
    if (const auto* started = std::get_if<transfer_started>(&*x))
      saved_ += started->already;
    if (const auto* done = std::get_if<transfer_done>(&*x)) {
      sender_ended_ = done->error;
      if (done->error && may_resume(*done->error))
        retry();
    }
  }
}

void transfer_world::pump_receiver() {
  while (receiver_)
    if (auto raw = receiver_->poll_transmit())
      to_sender(std::move(*raw));
    else
      break;
  while (receiver_)
    if (const auto x = receiver_->poll_request())
      work(*x);
    else
      break;
  while (receiver_) {
    const auto x = receiver_->poll_event();
    if (!x)
      break;
    if (const auto* done = std::get_if<transfer_done>(&*x))
      receiver_ended_ = done->error;
  }
}

/// A new link and a new offer, as long as that is what the fault allows.
void transfer_world::retry() {
  if (retrying_ || !survivable(opt_.fault))
    return;
  retrying_ = true;
  at(1s, [this] {
    if (receiver_ && receiver_->state() != transfer_state::done)
      cut();
    offer();
  });
}

void transfer_world::to_receiver(bytes raw) {
  strike();
  if (!sender_ || mute_sender_)
    return;
  const bool twice = change_message(raw);
  if (raw.empty())
    return;
  arrives_at_receiver_ = std::max(arrives_at_receiver_, now_ + 1ms + upto(20));
  for (int i = 0; i <= (twice ? 1 : 0); ++i)
    events_.emplace(arrives_at_receiver_, [this, raw, link = link_] {
      if (link != link_)
        return;
      if (is_chunk(raw) && sender_)
        sender_->grant(chunk_size_of(raw));
      if (raw[0] == static_cast<std::uint8_t>(transfer_op::offer))
        hear_offer(raw);
      else if (receiver_)
        receiver_->handle_message(now_, byte_slice::copy_of(raw));
    });
}

void transfer_world::to_sender(bytes raw) {
  strike();
  if (!receiver_ || mute_receiver_)
    return;
  arrives_at_sender_ = std::max(arrives_at_sender_, now_ + 1ms + upto(20));
  events_.emplace(arrives_at_sender_, [this, raw = std::move(raw), link = link_] {
    if (link == link_ && sender_)
      sender_->handle_message(now_, raw);
  });
}

/// Faults of a single chunk. Returns whether it is to arrive twice.
bool transfer_world::change_message(bytes& raw) {
  if (!is_chunk(raw) || until_fault_ > 0 || faults_ >= opt_.times + 1)
    return false;
  if (opt_.fault == transfer_fault::byte_flips)
    raw.back() ^= 1;
  else if (opt_.fault == transfer_fault::chunk_lost)
    raw.clear();
  else if (opt_.fault != transfer_fault::chunk_repeats)
    return false;
  faults_ = opt_.times + 1;
  return !raw.empty() && opt_.fault == transfer_fault::chunk_repeats;
}

/// Counts messages, and lets happen what has to.
void transfer_world::strike() {
  if (opt_.fault == transfer_fault::none || faults_ >= opt_.times || --until_fault_ > 0)
    return;
  if (opt_.fault >= transfer_fault::byte_flips && opt_.fault <= transfer_fault::chunk_lost) {
    until_fault_ = 0;
    return; // With the next chunk.
  }
  ++faults_;
  until_fault_ = 1 + static_cast<int>(random_.below(40));
  switch (opt_.fault) {
  case transfer_fault::source_changes:
    for (auto& x : source_)
      for (auto& byte : x)
        byte ^= 0x55;
    versions_.push_back(source_);
    [[fallthrough]];
  case transfer_fault::link_cut: return cut();
  case transfer_fault::both_crash: crash_receiver(); [[fallthrough]];
  case transfer_fault::sender_crash:
    sender_.reset();
    cut();
    return retry();
  case transfer_fault::receiver_crash: crash_receiver(); return cut();
  case transfer_fault::receiver_disk: fail_write_ = true; return;
  case transfer_fault::sender_disk: fail_read_ = true; return;
  case transfer_fault::source_shrinks: shrunk_ = true; return;
  case transfer_fault::sender_mute: mute_sender_ = true; return;
  case transfer_fault::receiver_mute: mute_receiver_ = true; return;
  case transfer_fault::cancel_at_sender: at(0ms, [this] { sender_ && sender_->cancel(); }); return;
  case transfer_fault::cancel_at_receiver: at(0ms, [this] { receiver_ && receiver_->cancel(); }); return;
  case transfer_fault::pause_at_sender:
    at(0ms, [this] { sender_ && sender_->pause(now_); });
    at(90s, [this] { sender_ && sender_->resume(now_); });
    return;
  case transfer_fault::pause_at_receiver:
    at(0ms, [this] { receiver_ && receiver_->pause(now_); });
    at(90s, [this] { receiver_ && receiver_->resume(now_); });
    return;
  default: return;
  }
}

void transfer_world::cut() {
  ++link_;
  if (sender_)
    sender_->handle_link_lost();
  if (receiver_)
    receiver_->handle_link_lost();
}

/// What was not made durable may be there, or in part, or something else instead.
void transfer_world::crash_receiver() {
  receiver_.reset();
  ++disk_;
  for (auto& [file, x] : parts_) {
    const auto loose = x.written.size() - x.durable;
    x.written.resize(x.durable + static_cast<std::size_t>(random_.below(loose + 1)));
    if (x.written.size() > x.durable && random_.below(2) == 0)
      x.written.back() ^= 0xFF;
    x.durable = x.written.size();
  }
  journal_.resize(journal_durable_ + static_cast<std::size_t>(random_.below(journal_.size() - journal_durable_ + 1)));
  journal_durable_ = journal_.size();
}

/// One request after the other, each at its time.
void transfer_world::work(const disk_request& x) {
  disk_free_ = std::max(disk_free_, now_) + upto(8);
  events_.emplace(disk_free_, [this, x, life = disk_, link = link_] {
    if (life != disk_)
      return;
    bytes out;
    const bool ok = perform(x, out);
    if (!ok && !std::holds_alternative<disk_read>(x))
      ++disk_; // As it was promised: nothing that was asked for after it is done.
    if (!receiver_ || link != link_ || receiver_->state() == transfer_state::done)
      return;
    if (!ok)
      receiver_->handle_disk_failed(now_, "no room");
    else if (std::holds_alternative<disk_read>(x))
      receiver_->handle_disk_read(now_, out);
    else
      receiver_->handle_disk_done(now_);
  });
}

bool transfer_world::perform(const disk_request& x, std::vector<std::uint8_t>& out) {
  if (const auto* read = std::get_if<disk_read>(&x)) {
    const auto& content = parts_[read->file].written;
    const auto from = std::min<std::size_t>(read->offset, content.size());
    const auto size = std::min(read->size, content.size() - from);
    if (size == 0)
      return false;
    out = to_bytes(bytes_view{content}.subspan(from, size));
  } else if (const auto* write = std::get_if<disk_write>(&x)) {
    if (std::exchange(fail_write_, false))
      return false;
    auto& to = parts_[write->file];
    to.written.resize(std::max<std::size_t>(to.written.size(), write->offset + write->data.size()));
    std::copy_n(
      write->data.data(), write->data.size(), to.written.begin() + static_cast<std::ptrdiff_t>(write->offset));
    to.durable = std::min<std::size_t>(to.durable, write->offset);
  } else if (const auto* checkpoint = std::get_if<disk_checkpoint>(&x)) {
    auto& to = parts_[checkpoint->at.file];
    if (random_.below(4) != 0) // Some disks lie.
      to.durable = to.written.size();
    if (journal_writer_)
      append_journal(journal_writer_->checkpoint(checkpoint->at));
  } else if (const auto* finish = std::get_if<disk_finish>(&x)) {
    placed_[paths_[finish->file]] = std::move(parts_[finish->file].written);
    parts_.erase(finish->file);
    if (journal_writer_)
      append_journal(journal_writer_->finished(finish->file));
  }
  return true;
}

/// Durable a moment later.
void transfer_world::append_journal(const bytes& record) {
  journal_.insert(journal_.end(), record.begin(), record.end());
  at(5ms, [this, size = journal_.size(), life = disk_] {
    if (life == disk_)
      journal_durable_ = size;
  });
}

bool transfer_world::wrong_bytes() const {
  for (const auto& [path, content] : placed_) {
    const auto i = static_cast<std::size_t>(std::find(paths_.begin(), paths_.end(), path) - paths_.begin());
    if (std::none_of(versions_.begin(), versions_.end(), [&](const auto& x) { return x[i] == content; }))
      return true;
  }
  return false;
}

bool transfer_world::complete() const {
  for (std::size_t i = 0; i < source_.size(); ++i) {
    const auto at = placed_.find(paths_[i]);
    if (at == placed_.end() || at->second != source_[i])
      return false;
  }
  return true;
}

std::string transfer_world::story() const {
  const auto tell = [](const std::optional<ended>& x) -> std::string {
    return !x ? "nothing" : !*x ? "done" : to_string(**x);
  };
  return "seed " + std::to_string(opt_.seed) + ", fault " + std::to_string(static_cast<int>(opt_.fault)) + " x"
    + std::to_string(opt_.times) + ", attempts " + std::to_string(attempts_) + ", sender: " + tell(sender_ended_)
    + ", receiver: " + tell(receiver_ended_);
}

} // namespace librats::test
