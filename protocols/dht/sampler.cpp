// SPDX-License-Identifier: MIT
#include "protocols/dht/sampler.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"
#include "protocols/core/take_front.hpp"
#include "protocols/dht/networks.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

// -- inputs -----------------------------------------------------------------------------------------------------------

void sampler::add_nodes(const std::vector<node_contact>& nodes, time_point now) {
  for (const auto& one : nodes)
    add(one, now);
}

void sampler::answered(std::uint32_t handle, const krpc::response& x, time_point now) {
  const auto found = open_.find(handle);
  if (found == open_.end())
    return;
  if (x.sender != found->second.id) {
    failed(handle, now);
    return;
  }
  const auto at = found->second.at;
  open_.erase(found);
  auto rest = rest_without_samples;
  if (x.samples) {
    ++figures_.answered;
    rest = std::clamp(duration{x.samples->interval}, rest_min, rest_without_samples);
    take_hashes(at, x.samples->samples);
  } else {
    ++figures_.without_samples;
  }
  let_rest(at, now + rest);
  take_nodes(at, x, now);
}

void sampler::failed(std::uint32_t handle, time_point now) {
  const auto found = open_.find(handle);
  if (found == open_.end())
    return;
  ++figures_.failed;
  let_rest(found->second.at, now + rest_after_silence);
  open_.erase(found);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<sampler::request> sampler::poll_request(time_point now) {
  const auto due = poll_timeout();
  if (!due || now < *due)
    return std::nullopt;
  if (queue_.empty() || left_in_leg_ == 0)
    begin_leg();
  if (queue_.empty()) {
    dry_pause_ = std::clamp(dry_pause_ * 2, std::min(cfg_.spacing, dry_pause_max), dry_pause_max);
    dry_until_ = now + dry_pause_;
    return std::nullopt;
  }
  if (!can_remember(now))
    return std::nullopt;
  const auto index = closest_in_queue();
  const auto to = queue_[index];
  remove_from_queue(index);
  // Until it is known what it asks for: nobody is asked twice at a time.
  resting_[resting_place(to.at)] = now + rest_without_samples;
  open_.emplace(++last_handle_, to);
  next_at_ = now + cfg_.spacing;
  dry_pause_ = {};
  --left_in_leg_;
  ++figures_.asked;
  krpc::sample_infohashes what;
  what.target = target_;
  (cfg_.family == address_family::v4 ? what.want.n4 : what.want.n6) = true;
  return request{last_handle_, to.at, to.id, what};
}

std::optional<sampler::event> sampler::poll_event() {
  return take_front(events_);
}

std::optional<time_point> sampler::poll_timeout() const noexcept {
  if (open_.size() >= in_flight_max)
    return std::nullopt;
  return std::max(next_at_, queue_.empty() ? dry_until_ : full_until_);
}

sampler::figures sampler::counted() const noexcept {
  auto out = figures_;
  out.queued = queue_.size();
  out.resting = resting_.size();
  return out;
}

// -- whom to ask ------------------------------------------------------------------------------------------------------

bool sampler::limited(const ip_address& x) const noexcept {
  return cfg_.restrict_addresses && is_public(x);
}

/// Ids and ports cost nothing; who has many at one address is one.
endpoint sampler::resting_place(const endpoint& x) const noexcept {
  return limited(x.address) ? endpoint{x.address, 0} : x;
}

bool sampler::rests(const endpoint& x, time_point now) const {
  const auto found = resting_.find(resting_place(x));
  return found != resting_.end() && now < found->second;
}

void sampler::add(const node_contact& x, time_point now) {
  if (x.id == cfg_.self || !is_dialable(x.at) || family_of(x.at.address) != cfg_.family) {
    ++figures_.refused;
    return;
  }
  const auto place = resting_place(x.at);
  const auto waits = [&](const node_contact& y) { return resting_place(y.at) == place; };
  if (rests(x.at, now) || std::any_of(queue_.begin(), queue_.end(), waits))
    return;
  if (limited(x.at.address)) {
    const auto network = narrow_network(x.at.address);
    const auto neighbours = std::count_if(
      queue_.begin(), queue_.end(), [&](const node_contact& y) { return narrow_network(y.at.address) == network; });
    if (static_cast<std::size_t>(neighbours) >= per_network_max) {
      ++figures_.refused;
      return;
    }
  }
  if (cfg_.queue_max == 0)
    return;
  if (queue_.size() >= cfg_.queue_max)
    remove_from_queue(static_cast<std::size_t>(random_.below(queue_.size())));
  queue_.push_back(x);
}

void sampler::take_nodes(const endpoint& from, const krpc::response& x, time_point now) {
  const auto& nodes = cfg_.family == address_family::v4 ? x.nodes : x.nodes6;
  const auto count = std::min(nodes.size(), nodes_per_answer_max);
  figures_.refused += nodes.size() - count;
  for (std::size_t i = 0; i < count; ++i) {
    if (worth_telling(nodes[i].at.address, from.address))
      add(nodes[i], now);
    else
      ++figures_.refused;
  }
}

void sampler::begin_leg() {
  target_.raw = random_.draw<node_id::size>();
  left_in_leg_ = queries_per_leg;
  ++figures_.legs;
  events_.emplace_back(nodes_wanted{target_});
}

std::size_t sampler::closest_in_queue() const {
  const auto closest = std::min_element(queue_.begin(), queue_.end(),
    [this](const node_contact& a, const node_contact& b) { return closer(target_, a.id, b.id); });
  return static_cast<std::size_t>(closest - queue_.begin());
}

void sampler::remove_from_queue(std::size_t index) {
  queue_[index] = queue_.back();
  queue_.pop_back();
}

/// In place of what was assumed when it was asked.
void sampler::let_rest(const endpoint& x, time_point until) {
  resting_[resting_place(x)] = until;
  full_until_ = {}; // It may be the earliest one now.
}

/// Whether there is room for one more that rests. Else the next query waits until there is.
bool sampler::can_remember(time_point now) {
  if (resting_.size() < cfg_.resting_max)
    return true;
  auto earliest = time_point::max();
  for (auto it = resting_.begin(); it != resting_.end();) {
    if (it->second <= now) {
      it = resting_.erase(it);
    } else {
      earliest = std::min(earliest, it->second);
      ++it;
    }
  }
  if (resting_.size() < cfg_.resting_max)
    return true;
  full_until_ = earliest;
  return false;
}

// -- what answers bring -----------------------------------------------------------------------------------------------

void sampler::take_hashes(const endpoint& from, const std::vector<info_hash>& hashes) {
  hashes_found out;
  out.from = from;
  const auto count = std::min(hashes.size(), hashes_per_answer_max);
  for (std::size_t i = 0; i < count; ++i) {
    ++figures_.hashes_seen;
    if (!recent_.insert(hashes[i]).second)
      continue;
    ++figures_.hashes_fresh;
    recent_order_.push_back(hashes[i]);
    out.hashes.push_back(hashes[i]);
    if (recent_.size() > cfg_.recent_max) {
      recent_.erase(recent_order_.front());
      recent_order_.pop_front();
    }
  }
  if (!out.hashes.empty())
    events_.emplace_back(std::move(out));
}

} // namespace librats::protocols
