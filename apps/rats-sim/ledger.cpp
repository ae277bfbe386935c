// SPDX-License-Identifier: MIT
#include "apps/rats-sim/ledger.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

constexpr std::size_t word_bits = 64;

} // namespace

std::uint64_t ledger::sent(duration now, std::size_t sender, std::size_t to) {
  ++counted_.sent;
  const auto words = to == scenario::none ? (members_ + word_bits - 1) / word_bits : 1;
  records_.push_back({now, sender, to, false, std::vector<std::uint64_t>(words)});
  return first_ + records_.size() - 1;
}

bool ledger::had(const record& x, std::size_t member) const noexcept {
  if (x.to != scenario::none)
    return member == x.to && x.had.front() != 0;
  return (x.had[member / word_bits] >> member % word_bits & 1) != 0;
}

void ledger::set_had(record& x, std::size_t member, bool value) noexcept {
  if (x.to != scenario::none) {
    if (member == x.to)
      x.had.front() = value ? 1 : 0;
    return;
  }
  const auto bit = std::uint64_t{1} << member % word_bits;
  auto& word = x.had[member / word_bits];
  word = value ? word | bit : word & ~bit;
}

void ledger::note_victim(std::size_t member) {
  if (victims_.size() < victims_max && std::find(victims_.begin(), victims_.end(), member) == victims_.end())
    victims_.push_back(member);
}

void ledger::arrived(duration now, std::uint64_t number, std::size_t at) {
  if (number < first_ || number - first_ >= records_.size()) {
    ++counted_.unknown;
    return;
  }
  auto& one = records_[number - first_];
  if (had(one, at)) {
    ++counted_.duplicates;
    note_victim(at);
    return;
  }
  set_had(one, at, true);
  ++counted_.arrivals;
  if (one.judged)
    ++counted_.late;
  times_.add(now - one.sent_at);
}

std::size_t ledger::publisher_of(std::uint64_t number) const noexcept {
  const bool known = number >= first_ && number - first_ < records_.size();
  return known ? records_[number - first_].sender : scenario::none;
}

void ledger::corrupted(std::size_t at) {
  ++counted_.corrupted;
  note_victim(at);
}

void ledger::forget(std::size_t member) {
  for (auto& one : records_)
    set_had(one, member, false);
}

void ledger::judge(duration now, const presence& who) {
  for (; unjudged_ < records_.size() && records_[unjudged_].sent_at + what_.grace < now; ++unjudged_) {
    auto& one = records_[unjudged_];
    one.judged = true;
    const auto since = one.sent_at - what_.settle;
    if (!who.up_since(one.sender, since))
      continue;
    const auto settle = [&](std::size_t member) {
      if ((member == one.sender && one.to != member) || !who.up_since(member, since))
        return;
      ++counted_.owed;
      if (had(one, member)) {
        ++counted_.delivered;
        return;
      }
      note_victim(member);
      if (!first_missed_)
        first_missed_ = one.sent_at;
    };
    if (one.to != scenario::none)
      settle(one.to);
    else
      std::for_each(receivers_.begin(), receivers_.end(), settle);
  }
  while (!records_.empty() && unjudged_ > 0 && records_.front().sent_at + what_.grace + remembered < now) {
    records_.pop_front();
    ++first_;
    --unjudged_;
  }
}

} // namespace librats::apps
