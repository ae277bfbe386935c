// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_responder.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

using std::chrono::milliseconds;

/// RFC 6762 section 6: answers that others may give too wait for 20 to 120 ms.
constexpr duration shared_delay_min = milliseconds{20};
constexpr duration shared_delay_spread = milliseconds{100};
/// RFC 6762 section 7.2: how long to wait for the rest of a list of known answers.
constexpr duration known_answers_wait_min = milliseconds{400};
constexpr duration known_answers_wait_spread = milliseconds{100};
/// RFC 6762 section 6.7: seconds that a resolver which knows nothing of multicast may keep an answer.
constexpr std::uint32_t legacy_ttl_max = 10;

constexpr std::uint16_t response_flags = dns_flag_response | dns_flag_authoritative;

constexpr own_mask without(own_mask a, own_mask b) noexcept {
  return static_cast<own_mask>(a & ~b);
}

/// Calls `what` with each set of the mask.
template <class What>
void for_each_set(own_mask mask, What what) {
  for (std::size_t i = 0; i < own_sets; ++i)
    if ((mask >> i & 1u) != 0)
      what(static_cast<own_set>(i));
}

/// Negative when what we propose for a name is lexicographically earlier than what they do (RFC 6762 section 8.2.1).
int compare_proposals(const std::vector<dns_record>& ours, std::vector<dns_record> theirs) {
  std::sort(theirs.begin(), theirs.end(), [](const auto& a, const auto& b) { return compare_for_probe(a, b) < 0; });
  for (std::size_t i = 0; i < ours.size() && i < theirs.size(); ++i)
    if (const int order = compare_for_probe(ours[i], theirs[i]); order != 0)
      return order;
  return ours.size() == theirs.size() ? 0 : ours.size() < theirs.size() ? -1 : 1;
}

std::vector<dns_record> records_of(const std::vector<dns_record>& all, const dns_name& name) {
  std::vector<dns_record> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const auto& x) { return x.name == name; });
  return out;
}

/// Whether a packet carries the text of our instance with our id: then we, or our double, sent it.
bool speaks_of_our_id(const dns_message& x, const mdns_claim& claim) {
  if (claim.id.empty())
    return false;
  for (const auto* section : {&x.answers, &x.authorities, &x.additionals})
    for (const auto& record : *section)
      if (const auto* text = std::get_if<dns_txt>(&record.data); text != nullptr && record.name == claim.instance) {
        const auto entries = decode_txt(text->strings);
        const auto* id = find_txt(entries, "id");
        if (id != nullptr && ascii_lower(*id) == claim.id)
          return true;
      }
  return false;
}

} // namespace

mdns_responder::mdns_responder(const config& cfg, std::uint64_t seed) : cfg_(cfg), random_(seed) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void mdns_responder::claim(const own_records& records, time_point now, duration delay) {
  records_ = records;
  phase_ = phase::probing;
  announced_ = false;
  step_ = 0;
  step_due_ = now + delay + random_up_to(probe_interval);
  held_.clear();
  for (auto& slots : slots_)
    for (auto& x : slots)
      x.due.reset();
}

void mdns_responder::update(const own_records& records, time_point now) {
  records_ = records;
  if (speaks())
    restart_announcing(now);
}

void mdns_responder::withdraw() {
  if (speaks()) {
    // Upstream ignores the time to live, so it must not find PTR and SRV among the answers of a farewell. The addresses
    // are not taken back: the name of the host belongs to others on this machine as well.
    dns_writer message{0, response_flags, mdns_datagram_max};
    for (const auto set : {own_set::pointer, own_set::service, own_set::text})
      for (auto x : records_.of(set)) {
        x.ttl = 0;
        message.add(set == own_set::pointer ? dns_section::answer : dns_section::additional, x);
      }
    out_.push_back({has(v4), has(v6), {}, message.take()});
  }
  abandon();
}

void mdns_responder::abandon() {
  phase_ = phase::silent;
  announced_ = false;
  step_due_.reset();
  held_.clear();
  slots_ = {};
}

name_conflict mdns_responder::handle_query(const dns_message& x, const message_origin& origin, time_point now) {
  if (phase_ == phase::probing)
    return lost_tie_break(x, origin, now);
  if (!speaks())
    return conflict_none;
  if (origin.from.port != mdns_port) {
    answer_legacy(x, origin.from);
    return conflict_none;
  }
  if (x.questions.empty()) {
    continue_known_answers(x, origin.from, now);
    return conflict_none;
  }
  const auto f = origin.from.address.is_v6() ? v6 : v4;
  own_mask asked = 0;
  own_mask unicast = 0;
  own_mask defended = 0;
  for (const auto& question : x.questions) {
    const auto sets = records_.answers(question);
    asked |= sets;
    if (const auto theirs = records_of(x.authorities, question.name); !theirs.empty()) {
      if (compare_proposals(records_.proposed(question.name), theirs) != 0)
        defended |= sets;
      else
        asked = without(asked, sets); // They are about to say what we say: no conflict, and no question.
    } else if (question.unicast_response) {
      for_each_set(sets, [&](own_set set) {
        if (recently_multicast(set, f, now))
          unicast |= bit_of(set);
      });
    }
  }
  schedule(f, defended, now, defence_interval);
  asked = without(asked, defended);
  asked = without(asked, records_.known(asked, x.answers));
  unicast &= asked;
  const auto multicast = without(asked, unicast);
  const bool shared = without(asked, own_unique) != 0;
  if (asked != 0 && (x.is_truncated() || unicast != 0) && held_.size() < held_max) {
    auto wait = shared ? shared_delay() : duration{};
    if (x.is_truncated())
      wait = known_answers_wait_min + random_up_to(known_answers_wait_spread);
    held_.push_back({origin.from, now + wait, multicast, unicast, x.is_truncated()});
  } else if (asked != 0) {
    schedule(f, asked, now + (shared ? shared_delay() : duration{}), record_interval);
  }
  advance(now);
  return conflict_none;
}

name_conflict mdns_responder::handle_response(
  const dns_message& x, const message_origin& origin, const std::set<ip_address>& own_host_addresses, time_point now) {
  if (phase_ == phase::silent)
    return conflict_none;
  const auto& claim = records_.claim();
  const bool ours = speaks_of_our_id(x, claim);
  name_conflict out = conflict_none;
  for (const auto* section : {&x.answers, &x.additionals})
    for (const auto& record : *section) {
      if (record.ttl == 0 || record.klass != dns_class_in)
        continue;
      if (record.name == claim.instance && !ours) {
        if ((record.type == dns_type::srv && !same_record(record, records_.of(own_set::service).front()))
          || (record.type == dns_type::txt && !same_record(record, records_.of(own_set::text).front())))
          out |= conflict_instance;
      }
      if (record.name == claim.host && !origin.own_host) {
        const auto* data = std::get_if<dns_address>(&record.data);
        if (data != nullptr && own_host_addresses.count(data->address) == 0)
          out |= conflict_host;
      }
    }
  // Somebody else gave the answer that we were about to give (RFC 6762 section 7.4). Only the enumeration is not ours
  // alone.
  const auto enumeration = bit_of(own_set::enumeration);
  if (speaks() && records_.known(enumeration, x.answers) != 0) {
    auto& pending = at(origin.from.address.is_v6() ? v6 : v4, static_cast<std::size_t>(own_set::enumeration));
    pending.due.reset();
    pending.last = now;
  }
  return out;
}

void mdns_responder::advance(time_point now) {
  while (step_due_ && *step_due_ <= now) {
    if (phase_ == phase::probing && step_ < probes) {
      send_probe();
      ++step_;
      step_due_ = now + probe_interval;
    } else if (phase_ == phase::probing) {
      announced_ = true;
      restart_announcing(now);
    } else {
      announce(now);
    }
  }
  flush_held(now);
  for (const auto f : {v4, v6})
    flush_multicast(f, now);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<time_point> mdns_responder::next_wakeup() const {
  auto out = step_due_;
  const auto sooner = [&](const std::optional<time_point>& x) {
    if (x && (!out || *x < *out))
      out = x;
  };
  for (const auto& x : held_)
    sooner(x.due);
  for (const auto& slots : slots_)
    for (const auto& x : slots)
      sooner(x.due);
  return out;
}

// -- probing and announcing -------------------------------------------------------------------------------------------

name_conflict mdns_responder::lost_tie_break(const dns_message& x, const message_origin& origin, time_point now) {
  bool lost = false;
  for (const auto* name : {&records_.claim().instance, &records_.claim().host}) {
    const auto theirs = records_of(x.authorities, *name);
    if (theirs.empty() || (origin.own_host && name == &records_.claim().host))
      continue;
    const bool ours = name == &records_.claim().instance && speaks_of_our_id(x, records_.claim());
    lost = lost || (!ours && compare_proposals(records_.proposed(*name), theirs) < 0);
  }
  if (lost) {
    // No name is lost yet: whoever won will answer our next probe, or was a ghost of ourselves that fell silent.
    step_ = 0;
    step_due_ = now + tie_break_wait;
  }
  return conflict_none;
}

void mdns_responder::send_probe() {
  dns_writer message{0, 0, mdns_datagram_max};
  const auto& claim = records_.claim();
  for (const auto* name : {&claim.instance, &claim.host})
    message.add({*name, dns_type::any, dns_class_in, cfg_.unicast_replies_reach_us});
  for (const auto* name : {&claim.instance, &claim.host})
    for (auto x : records_.proposed(*name)) {
      x.cache_flush = false; // RFC 6762 section 8.2: not in the authority section of a probe.
      message.add(dns_section::authority, x);
    }
  out_.push_back({has(v4), has(v6), {}, message.take()});
}

void mdns_responder::restart_announcing(time_point now) {
  phase_ = phase::announcing;
  step_ = 0;
  step_due_ = now;
}

void mdns_responder::announce(time_point now) {
  if (phase_ == phase::settled) {
    const auto last = last_announced();
    const auto due = last ? *last + cfg_.announce_interval : now;
    if (due > now) { // Somebody asked meanwhile, and all heard the answer.
      step_due_ = due;
      return;
    }
  }
  for (const auto f : {v4, v6}) {
    // A family in which the same was said just now counts as told; after an update the next announcement makes up.
    const auto& last = at(f, static_cast<std::size_t>(own_set::pointer)).last;
    if (has(f) && (!last || now - *last >= record_interval))
      send_multicast(f, own_bundle, now);
  }
  if (phase_ == phase::announcing && ++step_ < announcements) {
    step_due_ = now + record_interval * (1 << (step_ - 1));
    return;
  }
  phase_ = phase::settled;
  step_due_.reset();
  if (cfg_.announce_interval > duration{})
    step_due_ = now + cfg_.announce_interval;
}

std::optional<time_point> mdns_responder::last_announced() const {
  // Where both families are spoken, the one that was silent for longer counts.
  std::optional<time_point> out;
  for (const auto f : {v4, v6}) {
    if (!has(f))
      continue;
    const auto& last = slots_[f][static_cast<std::size_t>(own_set::pointer)].last;
    if (!last)
      return std::nullopt;
    out = out ? std::min(*out, *last) : *last;
  }
  return out;
}

// -- answering --------------------------------------------------------------------------------------------------------

bool mdns_responder::has(family x) const noexcept {
  return !records_.of(x == v4 ? own_set::v4 : own_set::v6).empty();
}

bool mdns_responder::recently_multicast(own_set x, family f, time_point now) const {
  const auto& last = slots_[f][static_cast<std::size_t>(x)].last;
  return last && now - *last < std::chrono::seconds{mdns_ttl} / 4; // RFC 6762 section 5.4.
}

duration mdns_responder::random_up_to(duration x) {
  return duration{static_cast<duration::rep>(random_.below(static_cast<std::uint64_t>(x.count()) + 1))};
}

duration mdns_responder::shared_delay() {
  return shared_delay_min + random_up_to(shared_delay_spread);
}

void mdns_responder::schedule(family f, own_mask sets, time_point due, duration limit) {
  for_each_set(sets, [&](own_set set) {
    auto& x = at(f, static_cast<std::size_t>(set));
    x.limit = x.due ? std::min(x.limit, limit) : limit;
    x.due = x.due ? std::min(*x.due, due) : due;
  });
}

void mdns_responder::continue_known_answers(const dns_message& x, const endpoint& from, time_point now) {
  for (auto& held : held_) {
    if (!held.more_known_answers || held.to != from)
      continue;
    held.multicast = without(held.multicast, records_.known(held.multicast, x.answers));
    held.unicast = without(held.unicast, records_.known(held.unicast, x.answers));
    held.more_known_answers = x.is_truncated();
    if (x.is_truncated())
      held.due = now + known_answers_wait_min + random_up_to(known_answers_wait_spread);
  }
}

void mdns_responder::flush_held(time_point now) {
  for (std::size_t i = 0; i < held_.size();) {
    if (held_[i].due > now) {
      ++i;
      continue;
    }
    const auto x = held_[i];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    schedule(x.to.address.is_v6() ? v6 : v4, x.multicast, now, record_interval);
    if (x.unicast != 0)
      send_unicast(x.to, x.unicast);
  }
}

void mdns_responder::flush_multicast(family f, time_point now) {
  own_mask sets = 0;
  if (!has(f)) {
    for (auto& x : slots_[f])
      x.due.reset(); // Asked by a family in which we have no address to answer from.
    return;
  }
  for (std::size_t i = 0; i < own_sets; ++i) {
    auto& x = at(f, i);
    if (!x.due || *x.due > now)
      continue;
    auto allowed = x.last ? *x.last + x.limit : now;
    if (static_cast<own_set>(i) == own_set::pointer)
      for (const auto companion : {own_set::service, own_set::text})
        if (const auto& last = at(f, static_cast<std::size_t>(companion)).last)
          allowed = std::max(allowed, *last + x.limit);
    if (allowed > now)
      x.due = allowed; // Asked again so soon: who asked may not have heard us, and hears us then.
    else
      sets |= static_cast<own_mask>(1u << i);
  }
  if (sets != 0)
    send_multicast(f, sets, now);
}

void mdns_responder::send_multicast(family f, own_mask answers, time_point now) {
  if (holds(answers, own_set::pointer))
    answers |= own_bundle;
  own_mask additionals = 0;
  for_each_set(records_.additionals(answers), [&](own_set set) {
    const auto& last = at(f, static_cast<std::size_t>(set)).last;
    if (!last || now - *last >= record_interval)
      additionals |= bit_of(set);
  });
  out_.push_back({f == v4, f == v6, {}, compose(answers, additionals)});
  for_each_set(static_cast<own_mask>(answers | additionals), [&](own_set set) {
    auto& x = at(f, static_cast<std::size_t>(set));
    x.last = now;
    x.due.reset();
  });
}

void mdns_responder::send_unicast(const endpoint& to, own_mask answers) {
  if (holds(answers, own_set::pointer))
    answers |= own_bundle;
  const bool is_v6 = to.address.is_v6();
  out_.push_back({!is_v6, is_v6, to, compose(answers, records_.additionals(answers))});
}

bytes mdns_responder::compose(own_mask answers, own_mask additionals) const {
  dns_writer message{0, response_flags, mdns_datagram_max};
  const auto put = [&](dns_section where, own_mask sets) {
    for_each_set(sets, [&](own_set set) {
      for (const auto& x : records_.of(set))
        message.add(where, x);
    });
  };
  put(dns_section::answer, answers);
  put(dns_section::additional, additionals);
  return message.take();
}

void mdns_responder::answer_legacy(const dns_message& x, const endpoint& to) {
  own_mask answers = 0;
  for (const auto& question : x.questions)
    answers |= records_.answers(question);
  if (answers == 0)
    return;
  if (holds(answers, own_set::pointer))
    answers |= own_bundle;
  // RFC 6762 section 6.7: an ordinary response, with the id and the questions, short-lived and without cache-flush.
  dns_writer message{x.id, response_flags, mdns_datagram_max};
  for (const auto& question : x.questions)
    if (records_.answers(question) != 0)
      message.add({question.name, question.type, question.klass, false});
  const auto put = [&](dns_section where, own_mask sets) {
    for_each_set(sets, [&](own_set set) {
      for (auto record : records_.of(set)) {
        record.ttl = std::min(record.ttl, legacy_ttl_max);
        record.cache_flush = false;
        message.add(where, record);
      }
    });
  };
  put(dns_section::answer, answers);
  put(dns_section::additional, records_.additionals(answers));
  const bool is_v6 = to.address.is_v6();
  out_.push_back({!is_v6, is_v6, to, message.take()});
}

} // namespace librats::protocols
