// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_browser.hpp"

#include <algorithm>

namespace librats::protocols {

mdns_browser::mdns_browser(const config& cfg, const dns_name& type, unsigned interface, std::uint64_t seed)
  : cfg_(cfg), type_(type), random_(seed), cache_(type, interface, random_.next()) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void mdns_browser::start(time_point now) {
  interval_ = {};
  query_due_ = now + std::chrono::milliseconds{20 + random_.below(101)}; // RFC 6762 section 5.2.
}

void mdns_browser::stop() {
  query_due_.reset();
  asked_at_.reset();
  cache_.clear();
}

void mdns_browser::handle_query(const dns_message& x, const message_origin& origin, bool all_hear_it, time_point now) {
  if (!query_due_ || x.is_truncated() || !x.authorities.empty())
    return;
  for (const auto& question : x.questions) {
    cache_.question_seen(question, x.answers, &origin.from.address, now);
    const bool ours = question.name == type_ && question.type == dns_type::ptr && question.klass == dns_class_in
      && !question.unicast_response;
    // RFC 6762 section 7.3. Not for the first two, when a lost packet would cost most, nor so soon after our own
    // question that it makes no difference.
    if (ours && all_hear_it && interval_ > query_interval_min && asked_at_ && now - *asked_at_ >= interval_ / 2
      && cache_.knows_all(x.answers, now)) {
      asked_at_ = now;
      query_due_ = now + interval_;
    }
  }
}

void mdns_browser::handle_response(const dns_message& x, const message_origin& origin, time_point now) {
  if (query_due_)
    cache_.handle_response(x, origin, now);
}

void mdns_browser::advance(time_point now) {
  if (!query_due_)
    return;
  cache_.advance(now);
  const bool pointer_due = cache_.take_pointer_due(now);
  if (pointer_due || *query_due_ <= now)
    ask_for_type(now);
  if (const auto questions = cache_.take_due_questions(now); !questions.empty())
    ask(questions, now);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<time_point> mdns_browser::next_wakeup() const {
  const auto of_cache = cache_.next_wakeup();
  if (!query_due_ || !of_cache)
    return query_due_;
  return std::min(*query_due_, *of_cache);
}

// -- asking -----------------------------------------------------------------------------------------------------------

void mdns_browser::ask_for_type(time_point now) {
  const auto next = interval_ == duration{} ? query_interval_min : interval_ * 2;
  if (*query_due_ <= now) { // Else it is asked for somebody's sake, and the order of things stays.
    interval_ = std::min(next, cfg_.query_interval_max);
    const auto shortened = interval_ > query_interval_min ? jitter * random_.share() : 0;
    query_due_ = now + interval_ - std::chrono::duration_cast<duration>(interval_ * shortened);
  }
  asked_at_ = now;
  const dns_question question{type_, dns_type::ptr};
  const auto known = cache_.known_answers(now);
  cache_.question_seen(question, known, nullptr, now);
  dns_writer message{0, 0, mdns_datagram_max};
  message.add(question);
  for (const auto& x : known) {
    if (message.add(dns_section::answer, x))
      continue;
    message.set_flags(dns_flag_truncated); // More of them follow in the next packet (RFC 6762 section 7.2).
    out_.push_back(message.take());
    message = dns_writer{0, 0, mdns_datagram_max};
    message.add(dns_section::answer, x);
  }
  out_.push_back(message.take());
}

void mdns_browser::ask(const std::vector<dns_question>& questions, time_point now) {
  dns_writer message{0, 0, mdns_datagram_max};
  for (const auto& x : questions) {
    cache_.question_seen(x, {}, nullptr, now);
    if (message.add(x))
      continue;
    out_.push_back(message.take());
    message = dns_writer{0, 0, mdns_datagram_max};
    message.add(x);
  }
  out_.push_back(message.take());
}

} // namespace librats::protocols
