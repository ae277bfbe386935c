// SPDX-License-Identifier: MIT
#include "protocols/stun/address_query.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/integrity.hpp"
#include "protocols/stun/message_builder.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols::stun {

namespace {

/// No socket is ever seen at these, so a server that says so is broken.
bool plausible(const endpoint& x) noexcept {
  return x.port != 0 && !x.address.is_unspecified() && !x.address.is_multicast();
}

} // namespace

address_query::address_query(
  const config& cfg, std::vector<endpoint> servers, const secret_random::key_type& key, time_point now)
  : cfg_(cfg), random_(key) {
  servers.resize(std::min(servers.size(), servers_max));
  for (const auto& one : servers)
    servers_.push_back({one});
  ask_next(now);
}

void address_query::ask_next(time_point now) {
  asking_.reset();
  if (next_ == servers_.size()) {
    event_ = failure_;
    return;
  }
  message_builder request{message_class::request, method::binding, random_.draw<transaction_id{}.size()>()};
  if (!cfg_.software.empty())
    request.add_text(attribute::software, cfg_.software);
  if (cfg_.fingerprint)
    request.add_fingerprint();
  asking_.emplace(cfg_.transaction, servers_[next_++].at, request.take(), now);
  give_up_ = now + cfg_.per_server;
}

/// The later in the list, the more it tells.
void address_query::note(outcome why, int error_code) noexcept {
  if (why >= failure_.why)
    failure_ = {why, error_code};
}

bool address_query::handle_datagram(time_point now, const endpoint& from, bytes_view in) {
  if (!asking_)
    return false;
  const auto x = message_view::decode(in);
  if (!x || !asking_->matches(from, *x))
    return false;
  if (check_fingerprint(*x) == integrity::wrong)
    return true; // Damaged, or not what it seems; the answer may still come.
  asking_->handle_response(now);
  judge(now, *x);
  return true;
}

void address_query::judge(time_point now, const message_view& x) {
  if (x.kind() == message_class::success && unknown_required(x).empty()) {
    if (const auto address = find_mapped_address(x); address && plausible(*address)) {
      event_ = mapped{*address, asking_->server(), asking_->rtt()};
      asking_.reset();
      return;
    }
  }
  if (const auto why = x.kind() == message_class::error ? find_error(x) : std::nullopt)
    note(outcome::error, why->code);
  else
    note(outcome::no_address);
  if (const auto other = referral(x))
    servers_.insert(servers_.begin() + static_cast<std::ptrdiff_t>(next_), {*other, true});
  ask_next(now);
}

std::optional<endpoint> address_query::referral(const message_view& x) const {
  const auto why = x.kind() == message_class::error ? find_error(x) : std::nullopt;
  if (!why || why->code != error::try_alternate || servers_[next_ - 1].referred)
    return std::nullopt;
  const auto other = find_address(x, attribute::alternate_server);
  // RFC 8489 section 10: the same family, and never a circle.
  if (!other || !plausible(*other) || other->address.is_v4() != asking_->server().address.is_v4())
    return std::nullopt;
  const bool known = std::any_of(servers_.begin(), servers_.end(), [&](const auto& s) { return s.at == *other; });
  return known ? std::nullopt : other;
}

void address_query::handle_refused(time_point now, const endpoint& to) {
  if (!asking_)
    return;
  asking_->handle_refused(to);
  if (asking_->state() == client_transaction::status::refused) {
    note(outcome::refused);
    ask_next(now);
  }
}

void address_query::handle_timeout(time_point now) {
  if (!asking_)
    return;
  asking_->handle_timeout(now);
  if (now >= give_up_ || asking_->state() == client_transaction::status::timed_out)
    ask_next(now);
}

std::optional<address_query::transmit> address_query::poll_transmit() {
  if (!asking_)
    return std::nullopt;
  auto datagram = asking_->poll_transmit();
  if (!datagram)
    return std::nullopt;
  return transmit{asking_->server(), std::move(*datagram)};
}

std::optional<address_query::event> address_query::poll_event() {
  return std::exchange(event_, std::nullopt);
}

std::optional<time_point> address_query::poll_timeout() const noexcept {
  const auto due = asking_ ? asking_->poll_timeout() : std::nullopt;
  return due ? std::optional{std::min(*due, give_up_)} : std::nullopt;
}

} // namespace librats::protocols::stun
