// SPDX-License-Identifier: MIT
#include "protocols/storage/sync_session.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

/// Keys that are looked up in one go while a message is filled.
constexpr std::size_t page = 64;
/// Small messages that wait; a peer that makes us answer more of them has to wait as well.
constexpr std::size_t control_max = 16;

bool has_item(const std::vector<range_item>& sorted, const range_item& x) {
  return std::binary_search(sorted.begin(), sorted.end(), x);
}

void sort_unique(std::vector<std::uint64_t>& x) {
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
}

} // namespace

sync_session::sync_session(const config& cfg, time_point now, bool leads, std::uint64_t number)
  : cfg_(cfg), leads_(leads), number_(number), round_wanted_(leads), next_round_(now),
    hello_until_(now + cfg.hello_wait) {
  control_.push_back(encode_sync(sync_hello{number_, 0}));
}

// -- inputs

void sync_session::handle_message(time_point now, std::uint64_t wall_ms, lww_store& store, bytes_view in) {
  if (auto x = decode_storage(in)) {
    handle_foreign(now, wall_ms, store, *x);
    return;
  }
  if (auto x = decode_sync(in))
    handle_ours(now, store, *x);
  else
    ++figures_.ignored;
}

void sync_session::handle_foreign(time_point, std::uint64_t wall_ms, lww_store& store, storage_message& x) {
  if (const auto* one = std::get_if<storage_entry_received>(&x)) {
    receive(wall_ms, store, one->entry, false);
  } else if (auto* many = std::get_if<storage_sync_response>(&x)) {
    while (const auto entry = many->entries.next())
      receive(wall_ms, store, *entry, true);
    if (peer_ != peer_kind::ours) {
      synced_ = true;
      events_.emplace_back(synced{});
    }
  } else {
    ++figures_.requests_received;
    if (peer_ == peer_kind::unknown)
      become_upstream(); // One of ours would have said HELLO before.
    const auto waiting = std::count_if(tasks_.begin(), tasks_.end(), [](const task& t) { return t.full_sync; });
    if (waiting >= 2)
      return; // The second has not begun, so it will answer this request as well.
    task all;
    all.whole_range = true;
    all.full_sync = true;
    add_task(std::move(all));
  }
}

void sync_session::receive(std::uint64_t wall_ms, lww_store& store, const storage_entry_view& x, bool by_sync) {
  const auto entry = admit(x);
  if (!entry) {
    ++figures_.entries_refused;
    return;
  }
  ++figures_.entries_received;
  storage_change change;
  if (store.merge(wall_ms, *entry, &change) == storage_outcome::stored)
    events_.emplace_back(entry_won{std::move(change), by_sync});
}

void sync_session::handle_ours(time_point now, const lww_store& store, sync_message& x) {
  if (const auto* hello = std::get_if<sync_hello>(&x)) {
    handle_hello(now, *hello);
    return;
  }
  if (peer_ != peer_kind::ours) {
    ++figures_.ignored;
    return;
  }
  if (auto* ranges = std::get_if<sync_ranges>(&x)) {
    for (auto& statement : ranges->statements)
      handle_statement(store, statement);
  } else if (auto* want = std::get_if<sync_want>(&x)) {
    task wanted;
    wanted.hashes = std::move(want->hashes);
    sort_unique(wanted.hashes);
    add_task(std::move(wanted));
  } else if (std::holds_alternative<sync_finish>(x) && !leads_) {
    task last;
    last.finished = true;
    add_task(std::move(last));
  } else if (std::holds_alternative<sync_finished>(x) && finish_said_) {
    end_round(now);
  } else if (std::holds_alternative<sync_please>(x) && leads_) {
    round_wanted_ = true;
  } else {
    ++figures_.ignored;
  }
}

void sync_session::handle_hello(time_point now, const sync_hello& x) {
  peer_ = peer_kind::ours;
  hello_until_.reset();
  if (heard_ != 0 && x.session != heard_) {
    // The other end knows nothing of what was said. Changes that wait are news to it as well.
    ++figures_.restarts;
    tasks_.clear();
    answers_ = {};
    to_ask_.clear();
    asked_.clear();
    to_want_.clear();
    round_runs_ = finish_said_ = false;
    round_wanted_ = leads_; // Who follows is asked by its leader in any case.
    next_round_ = now;
  }
  heard_ = x.session;
  if (x.heard != number_ && control_.size() < control_max)
    control_.push_back(encode_sync(sync_hello{number_, heard_}));
}

void sync_session::handle_statement(const lww_store& store, range_statement& x) {
  if (leads_)
    handle_answer(store, x);
  else
    handle_question(store, x);
}

void sync_session::handle_question(const lww_store& store, range_statement& x) {
  task out;
  const auto& tree = store.digests();
  if (const auto* theirs = std::get_if<range_digested>(&x.body)) {
    if (tree.digest(x.range) == theirs->digest) {
      out.answer = range_statement{x.range, range_same{}};
    } else if (tree.is_leaf(x.range)) {
      out.answer = range_statement{x.range, range_items{tree.items(x.range, sync_items_max)}};
    } else {
      range_parts parts;
      for (unsigned digit = 0; digit < parts.digests.size(); ++digit)
        parts.digests[digit] = tree.digest(x.range.child(digit));
      out.answer = range_statement{x.range, parts};
    }
  } else if (auto* items = std::get_if<range_items>(&x.body)) {
    auto found = compare(store, x.range, std::move(items->items));
    out = std::move(found.to_send);
    out.answer = range_statement{x.range, range_taken{std::move(found.wanted)}};
  } else {
    ++figures_.ignored;
    return;
  }
  add_task(std::move(out));
}

void sync_session::handle_answer(const lww_store& store, range_statement& x) {
  if (asked_.erase(x.range) == 0) {
    ++figures_.ignored;
    return;
  }
  if (const auto* parts = std::get_if<range_parts>(&x.body)) {
    if (x.range.depth == hash_range::depth_max)
      return;
    for (unsigned digit = 0; digit < parts->digests.size(); ++digit)
      if (const auto part = x.range.child(digit); store.digests().digest(part) != parts->digests[digit])
        to_ask_.push_back(part);
  } else if (auto* items = std::get_if<range_items>(&x.body)) {
    auto found = compare(store, x.range, std::move(items->items));
    to_want_.insert(to_want_.end(), found.wanted.begin(), found.wanted.end());
    add_task(std::move(found.to_send));
  } else if (auto* taken = std::get_if<range_taken>(&x.body)) {
    task wanted;
    wanted.hashes = std::move(taken->wanted);
    sort_unique(wanted.hashes);
    add_task(std::move(wanted));
  }
}

sync_session::difference sync_session::compare(
  const lww_store& store, const hash_range& range, std::vector<range_item> theirs) {
  difference out;
  out.to_send.whole_range = true;
  out.to_send.range = range;
  std::sort(theirs.begin(), theirs.end());
  for (const auto& x : theirs) {
    if (!range.contains(x.hash))
      continue;
    out.to_send.without.push_back(x.hash);
    const auto ours = store.digests().items({x.hash, hash_range::depth_max}, sync_items_max);
    bool want = !has_item(ours, x);
    for (const auto& mine : ours) {
      if (has_item(theirs, mine))
        continue;
      // At the same time only the origins tell who wins, and they are not here: both sides send.
      if (mine.timestamp_ms >= x.timestamp_ms)
        out.to_send.hashes.push_back(x.hash);
      if (mine.timestamp_ms > x.timestamp_ms)
        want = false;
    }
    if (want)
      out.wanted.push_back(x.hash);
  }
  sort_unique(out.to_send.without);
  sort_unique(out.to_send.hashes);
  sort_unique(out.wanted);
  return out;
}

void sync_session::handle_timeout(time_point now) {
  if (hello_until_ && now >= *hello_until_ && peer_ == peer_kind::unknown)
    become_upstream();
}

void sync_session::become_upstream() {
  peer_ = peer_kind::upstream;
  hello_until_.reset();
  ask_for_everything();
}

void sync_session::ask_for_everything() {
  ++figures_.requests_sent;
  control_.push_back(encode_sync_request());
}

void sync_session::note_change(std::string_view key) {
  if (changes_.size() < cfg_.changes_max) {
    changes_.emplace(key);
    return;
  }
  changes_.clear();
  if (peer_ == peer_kind::ours) {
    request_sync();
    return;
  }
  task all;
  all.whole_range = true;
  all.full_sync = true;
  add_task(std::move(all));
}

void sync_session::request_sync() {
  round_wanted_ = true;
  if (peer_ == peer_kind::upstream && control_.empty())
    ask_for_everything();
}

void sync_session::add_task(task x) {
  if (tasks_.size() >= cfg_.tasks_max)
    ++figures_.ignored;
  else
    tasks_.push_back(std::move(x));
}

// -- outputs

std::optional<bytes> sync_session::poll_transmit(time_point now, const lww_store& store) {
  if (!control_.empty()) {
    auto out = std::move(control_.front());
    control_.pop_front();
    return out;
  }
  if (auto out = next_change(store))
    return out;
  begin_round_if_due(now);
  if (auto out = next_part(now, store))
    return out;
  return next_question(store);
}

std::optional<bytes> sync_session::next_change(const lww_store& store) {
  while (!changes_.empty()) {
    const auto node = changes_.extract(changes_.begin());
    if (const auto* x = store.find(node.value())) {
      ++figures_.entries_sent;
      return encode_entry_message(node.value(), *x);
    }
  }
  return std::nullopt;
}

std::optional<bytes> sync_session::next_part(time_point now, const lww_store& store) {
  sync_response_builder out;
  while (!tasks_.empty() && answers_.statements.size() < sync_ranges_max) {
    if (!fill(out, tasks_.front(), store))
      break;
    const auto done = std::move(tasks_.front());
    tasks_.pop_front();
    if (done.full_sync)
      return out.take();
    // What is said behind the entries waits until there is a message without any.
    if (done.answer)
      answers_.statements.push_back(*done.answer);
    if (done.finished) {
      control_.push_back(encode_sync(sync_finished{}));
      end_round(now);
      break;
    }
  }
  if (out.count() > 0)
    return out.take();
  if (!answers_.statements.empty())
    return encode_sync(std::exchange(answers_, {}));
  if (control_.empty())
    return std::nullopt;
  auto message = std::move(control_.front());
  control_.pop_front();
  return message;
}

bool sync_session::fill(sync_response_builder& out, task& x, const lww_store& store) {
  for (; !x.hashes.empty(); x.hashes.pop_back())
    if (!walk(out, {x.hashes.back(), hash_range::depth_max}, x.hash_cursor, {}, store))
      return false;
  if (x.whole_range && !walk(out, x.range, x.cursor, x.without, store))
    return false;
  x.whole_range = false;
  return true;
}

bool sync_session::walk(sync_response_builder& out, const hash_range& range, task_cursor& cursor,
  const std::vector<std::uint64_t>& without, const lww_store& store) {
  for (;;) {
    const auto places = store.digests().keys_from(range, cursor.hash, cursor.key, page);
    for (const auto& place : places) {
      const auto* x = store.find(place.key);
      if (x && !std::binary_search(without.begin(), without.end(), place.hash)) {
        if (out.is_full_for(encoded_size(place.key, *x)))
          return false;
        out.add(place.key, *x);
        ++figures_.entries_sent;
      }
      cursor.hash = place.hash;
      cursor.key.assign(place.key).push_back('\0'); // The least key behind it.
    }
    if (places.size() == page)
      continue;
    cursor = {};
    return true;
  }
}

std::optional<bytes> sync_session::next_question(const lww_store& store) {
  if (!round_runs_ || finish_said_)
    return std::nullopt;
  if (!to_want_.empty()) {
    sync_want out;
    const auto count = std::min(to_want_.size(), sync_wanted_max);
    out.hashes.assign(to_want_.end() - static_cast<std::ptrdiff_t>(count), to_want_.end());
    to_want_.resize(to_want_.size() - count);
    return encode_sync(std::move(out));
  }
  sync_ranges out;
  while (!to_ask_.empty() && asked_.size() < cfg_.open_ranges_max) {
    const auto range = to_ask_.back();
    to_ask_.pop_back();
    if (asked_.insert(range).second)
      out.statements.push_back(question(store, range));
  }
  if (!out.statements.empty())
    return encode_sync(std::move(out));
  if (!asked_.empty())
    return std::nullopt;
  finish_said_ = true;
  return encode_sync(sync_finish{});
}

range_statement sync_session::question(const lww_store& store, const hash_range& range) const {
  const auto& tree = store.digests();
  // At the root a digest comes first even of a small store: when both are equal, it is all that is said.
  if (range.depth > 0 && tree.is_leaf(range))
    return {range, range_items{tree.items(range, sync_items_max)}};
  return {range, range_digested{tree.digest(range)}};
}

void sync_session::begin_round_if_due(time_point now) {
  if (!round_wanted_ || peer_ != peer_kind::ours || round_runs_ || now < next_round_)
    return;
  round_wanted_ = false;
  if (!leads_) {
    next_round_ = now + cfg_.round_gap;
    control_.push_back(encode_sync(sync_please{}));
    return;
  }
  round_runs_ = true;
  finish_said_ = false;
  to_ask_.push_back({});
}

void sync_session::end_round(time_point now) {
  round_runs_ = false;
  finish_said_ = false;
  next_round_ = now + cfg_.round_gap;
  synced_ = true;
  ++figures_.rounds;
  events_.emplace_back(synced{});
}

std::optional<sync_session::event> sync_session::poll_event() {
  if (events_.empty())
    return std::nullopt;
  auto out = std::move(events_.front());
  events_.pop_front();
  return out;
}

std::optional<time_point> sync_session::poll_timeout() const noexcept {
  if (hello_until_)
    return hello_until_;
  if (round_wanted_ && peer_ == peer_kind::ours && !round_runs_)
    return next_round_; // `poll_transmit` has something to say then.
  return std::nullopt;
}

} // namespace librats::protocols
