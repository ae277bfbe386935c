// SPDX-License-Identifier: MIT
#include "protocols/mdns/service_cache.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace librats::protocols {

namespace {

/// Whether an address that a stranger tells can be anybody's on a link.
bool is_usable(const ip_address& x, bool own_host) noexcept {
  return !x.is_unspecified() && !x.is_multicast() && (own_host || !x.is_loopback());
}

template <class Range, class Time>
void sooner(std::optional<time_point>& out, const Range& lives, Time time) {
  for (const auto& x : lives)
    if (const std::optional<time_point> due = time(x); due && (!out || *due < *out))
      out = due;
}

} // namespace

service_cache::service_cache(const dns_name& type, unsigned interface, std::uint64_t seed)
  : type_(type), interface_(interface), random_(seed) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void service_cache::set_self(const mdns_claim* claim) {
  self_ = claim != nullptr ? std::optional{claim->instance} : std::nullopt;
  self_id_ = claim != nullptr ? claim->id : std::string{};
}

void service_cache::handle_response(const dns_message& x, const message_origin& origin, time_point now) {
  // In any section and any order: first who is there, then what is known of them, then the addresses of their hosts.
  std::vector<const dns_record*> services;
  std::vector<const dns_record*> addresses;
  for (const auto* section : {&x.answers, &x.authorities, &x.additionals})
    for (const auto& record : *section) {
      if (record.klass != dns_class_in)
        continue;
      if (std::holds_alternative<dns_ptr>(record.data) && record.name == type_)
        take_pointer(record, origin, now);
      else if (std::holds_alternative<dns_srv>(record.data) || std::holds_alternative<dns_txt>(record.data))
        services.push_back(&record);
      else if (std::holds_alternative<dns_address>(record.data))
        addresses.push_back(&record);
    }
  for (const auto* record : services)
    if (std::holds_alternative<dns_srv>(record->data))
      take_service(*record, origin, now);
    else
      take_text(*record, now);
  flush_addresses(addresses, now);
  for (const auto* record : addresses)
    take_address(*record, origin, now);
  advance(now);
}

void service_cache::question_seen(
  const dns_question& x, const std::vector<dns_record>& known_answers, const ip_address* asker, time_point now) {
  if (x.unicast_response || x.klass != dns_class_in)
    return;
  if (x.type == dns_type::srv || x.type == dns_type::txt || x.type == dns_type::any) {
    const auto found = entries_.find(x.name);
    if (found != entries_.end() && !found->second.asked_at)
      found->second.asked_at = now;
    return;
  }
  if (x.name != type_ || x.type != dns_type::ptr)
    return;
  std::set<dns_name> known;
  for (const auto& record : known_answers)
    if (const auto* data = std::get_if<dns_ptr>(&record.data); data != nullptr && record.name == type_)
      known.insert(data->target);
  for (auto& [name, mine] : entries_) {
    if (known.count(name) != 0 || (asker != nullptr && is_from(mine, *asker)))
      continue; // Nobody answers itself.
    if (!mine.asked_at)
      mine.asked_at = now;
    if (const auto due = mine.pointer.refresh_due(); due && *due <= now + record_life::ask_interval)
      mine.pointer.asked(now); // Asked for us as well (RFC 6762 section 7.3).
  }
}

void service_cache::advance(time_point now) {
  for (auto& [name, addresses] : hosts_) {
    const auto over =
      std::remove_if(addresses.begin(), addresses.end(), [&](const auto& x) { return x.life.is_over(now); });
    if (over == addresses.end())
      continue;
    addresses.erase(over, addresses.end());
    host_changed(name);
  }
  for (auto i = entries_.begin(); i != entries_.end();) {
    auto& x = i->second;
    doubt_unanswered(x, now);
    if (x.pointer.is_over(now)) {
      i = drop(i);
      continue;
    }
    if (x.service && x.service->is_over(now)) {
      x.service.reset();
      hosts_stale_ = true;
      if (x.reported)
        events_.emplace_back(mdns_service_lost{*std::exchange(x.reported, std::nullopt)});
    }
    if (x.text && x.text->is_over(now))
      x.text.reset(); // What it said is still the best that is known.
    ask_for_missing(x, now);
    report(i->first, x, now);
    ++i;
  }
  forget_unused_hosts();
}

void service_cache::clear() {
  for (auto i = entries_.begin(); i != entries_.end();)
    i = drop(i);
  hosts_.clear();
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::vector<dns_record> service_cache::known_answers(time_point now) const {
  std::vector<dns_record> out;
  for (const auto& [name, x] : entries_)
    if (x.service && x.pointer.is_fresh(now))
      out.push_back(make_ptr_record(type_, name, x.pointer.seconds_left(now)));
  return out;
}

bool service_cache::knows_all(const std::vector<dns_record>& known_answers, time_point now) const {
  return std::all_of(known_answers.begin(), known_answers.end(), [&](const dns_record& x) {
    const auto* data = std::get_if<dns_ptr>(&x.data);
    if (data == nullptr || x.name != type_ || data->target == self_)
      return true;
    const auto found = entries_.find(data->target);
    return found != entries_.end() && found->second.service && found->second.pointer.is_fresh(now);
  });
}

bool service_cache::take_pointer_due(time_point now) {
  bool out = false;
  for (auto& [name, x] : entries_)
    if (const auto due = x.pointer.refresh_due(); due && *due <= now) {
      x.pointer.asked(now);
      out = true;
    }
  return out;
}

std::vector<dns_question> service_cache::take_due_questions(time_point now) {
  std::vector<dns_question> out;
  const auto is_due = [&](const record_life& x) {
    const auto due = x.refresh_due();
    return due && *due <= now;
  };
  for (auto& [name, x] : entries_) {
    const bool missing = x.ask_at && *x.ask_at <= now;
    if (missing) {
      x.ask_at.reset();
      if (++x.questions < questions_max)
        x.ask_at = now + std::chrono::seconds{1 << (x.questions - 1)};
    }
    if ((missing && !x.service) || (x.service && is_due(*x.service)))
      out.push_back({name, dns_type::srv});
    if ((missing && !x.text) || (x.text && is_due(*x.text)))
      out.push_back({name, dns_type::txt});
    const auto host = x.service ? hosts_.find(x.host) : hosts_.end();
    if (missing && host != hosts_.end() && host->second.empty()) {
      out.push_back({x.host, dns_type::a});
      out.push_back({x.host, dns_type::aaaa});
    }
    for (auto* life : {&x.service, &x.text})
      if (*life && is_due(**life))
        (*life)->asked(now);
  }
  for (auto& [name, addresses] : hosts_)
    for (const auto type : {dns_type::a, dns_type::aaaa}) {
      bool due = false;
      for (auto& x : addresses)
        if (x.address.is_v4() == (type == dns_type::a) && is_due(x.life)) {
          x.life.asked(now);
          due = true;
        }
      if (due)
        out.push_back({name, type});
    }
  return out;
}

std::optional<time_point> service_cache::next_wakeup() const {
  std::optional<time_point> out;
  const auto of_life = [](const record_life& x) -> std::optional<time_point> {
    const auto due = x.refresh_due();
    return due ? std::min(*due, x.expires()) : x.expires();
  };
  const auto of_entry = [&](const auto& pair) {
    const entry& x = pair.second;
    auto due = of_life(x.pointer);
    for (const auto* life : {&x.service, &x.text})
      if (*life)
        due = std::min(due, of_life(**life));
    if (x.ask_at)
      due = std::min(*due, *x.ask_at);
    if (x.asked_at)
      due = std::min(*due, *x.asked_at + answer_wait);
    if (x.service && !is_complete(x) && !is_self(pair.first, x) && x.changed)
      due = std::min(*due, x.patient_until);
    return due;
  };
  sooner(out, entries_, of_entry);
  for (const auto& [name, addresses] : hosts_)
    sooner(out, addresses, [&](const known_address& x) { return of_life(x.life); });
  return out;
}

std::vector<mdns_found_service> service_cache::services() const {
  std::vector<mdns_found_service> out;
  for (const auto& [name, x] : entries_)
    if (x.reported)
      out.push_back(*x.reported);
  return out;
}

// -- records ----------------------------------------------------------------------------------------------------------

record_life service_cache::new_life(time_point now, std::uint32_t ttl) {
  return {now, ttl, random_.share()};
}

void service_cache::take_pointer(const dns_record& x, const message_origin& origin, time_point now) {
  const auto& name = std::get<dns_ptr>(x.data).target;
  if (!name.is_child_of(type_) || name == self_)
    return;
  auto found = entries_.find(name);
  if (x.ttl == 0) {
    if (found != entries_.end())
      found->second.pointer.end_soon(now);
    return;
  }
  if (found == entries_.end()) {
    if (!make_room(origin.from.address))
      return;
    found = entries_.emplace(name, entry{}).first;
    found->second.brought_by = origin.from.address;
  }
  // The cache-flush bit that upstream sets here would throw out everybody else: a PTR record is nobody's own.
  found->second.pointer = new_life(now, x.ttl);
  found->second.asked_at.reset();
  found->second.unanswered = 0;
}

void service_cache::take_service(const dns_record& x, const message_origin& origin, time_point now) {
  const auto found = entries_.find(x.name);
  const auto& data = std::get<dns_srv>(x.data);
  if (found == entries_.end() || data.port == 0)
    return;
  auto& mine = found->second;
  if (x.ttl == 0) {
    if (mine.service)
      mine.service->end_soon(now);
    return;
  }
  const auto& from = origin.from.address;
  if (!mine.service || mine.host != data.target || mine.port != data.port) {
    mine.changed = hosts_stale_ = true;
    mine.patient_until = now + patience;
    mine.questions = 0;
    mine.ask_at.reset();
    mine.source.reset();
  }
  if (is_usable(from, origin.own_host) && (!mine.source || (mine.source->is_v6() && from.is_v4()))) {
    mine.source = from; // The packet of the other family must not look like a change.
    mine.changed = true;
  }
  mine.service = new_life(now, x.ttl);
  mine.host = data.target;
  mine.port = data.port;
  mine.asked_at.reset();
  mine.unanswered = 0;
  hosts_.try_emplace(data.target);
}

void service_cache::take_text(const dns_record& x, time_point now) {
  const auto found = entries_.find(x.name);
  if (found == entries_.end())
    return;
  if (x.ttl == 0) {
    if (found->second.text)
      found->second.text->end_soon(now);
    return;
  }
  found->second.asked_at.reset();
  found->second.unanswered = 0;
  auto txt = decode_txt(std::get<dns_txt>(x.data).strings);
  found->second.changed = found->second.changed || !found->second.text || txt != found->second.txt;
  found->second.text = new_life(now, x.ttl);
  found->second.txt = std::move(txt);
}

void service_cache::take_address(const dns_record& x, const message_origin& origin, time_point now) {
  const auto found = hosts_.find(x.name);
  const auto& address = std::get<dns_address>(x.data).address;
  if (found == hosts_.end() || !is_usable(address, origin.own_host))
    return;
  auto& all = found->second;
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& y) { return y.address == address; });
  if (x.ttl == 0) {
    if (known != all.end())
      known->life.end_soon(now);
    return;
  }
  if (known != all.end()) {
    known->life = new_life(now, x.ttl);
    return;
  }
  const auto same_family =
    std::count_if(all.begin(), all.end(), [&](const auto& y) { return y.address.is_v4() == address.is_v4(); });
  if (static_cast<std::size_t>(same_family) >= mdns_addresses_max)
    return;
  all.push_back({address, new_life(now, x.ttl)});
  host_changed(x.name);
}

void service_cache::flush_addresses(const std::vector<const dns_record*>& records, time_point now) {
  for (const auto* x : records) {
    const auto found = hosts_.find(x->name);
    if (!x->cache_flush || x->ttl == 0 || found == hosts_.end())
      continue;
    const bool v4 = x->type == dns_type::a;
    for (auto& y : found->second)
      if (y.address.is_v4() == v4 && now - y.life.since() > std::chrono::seconds{1})
        y.life.end_soon(now); // Those that stand in the message too are renewed next.
  }
}

// -- entries ----------------------------------------------------------------------------------------------------------

bool service_cache::is_complete(const entry& x) const {
  if (!x.service || !x.text)
    return false;
  const auto host = hosts_.find(x.host);
  return host != hosts_.end() && !host->second.empty();
}

bool service_cache::is_self(const dns_name& name, const entry& x) const {
  if (name == self_)
    return true;
  const auto* id = find_txt(x.txt, "id");
  return id != nullptr && !self_id_.empty() && ascii_lower(*id) == self_id_;
}

bool service_cache::is_from(const entry& x, const ip_address& address) const {
  if (x.source == address)
    return true;
  const auto host = hosts_.find(x.host);
  return x.service && host != hosts_.end()
    && std::any_of(host->second.begin(), host->second.end(), [&](const auto& y) { return y.address == address; });
}

mdns_found_service service_cache::describe(const dns_name& name, const entry& x) const {
  mdns_found_service out;
  out.interface = interface_;
  out.instance = escape_label(name.first_label());
  out.host = x.host.to_string();
  out.port = x.port;
  out.txt = x.txt;
  if (const auto host = hosts_.find(x.host); host != hosts_.end() && !host->second.empty())
    for (const auto& y : host->second)
      out.addresses.push_back(y.address);
  else if (x.source)
    out.addresses.push_back(*x.source);
  out.addresses.erase(std::remove_if(out.addresses.begin(), out.addresses.end(),
                        [](const auto& y) { return y.is_v6() && y.is_link_local(); }),
    out.addresses.end());
  std::sort(out.addresses.begin(), out.addresses.end());
  return out;
}

std::size_t service_cache::brought_by(const ip_address& source) const {
  return static_cast<std::size_t>(
    std::count_if(entries_.begin(), entries_.end(), [&](const auto& x) { return x.second.brought_by == source; }));
}

bool service_cache::make_room(const ip_address& source) {
  const auto mine = brought_by(source);
  if (mine >= services_per_source_max)
    return false;
  if (entries_.size() < services_max)
    return true;
  std::map<ip_address, std::size_t> counts;
  for (const auto& [name, x] : entries_)
    ++counts[x.brought_by];
  const auto most =
    std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->second <= mine + 1)
    return false;
  auto oldest = entries_.end();
  for (auto i = entries_.begin(); i != entries_.end(); ++i)
    if (i->second.brought_by == most->first
      && (oldest == entries_.end() || i->second.pointer.since() < oldest->second.pointer.since()))
      oldest = i;
  drop(oldest);
  return true;
}

service_cache::entry_map::iterator service_cache::drop(entry_map::iterator x) {
  if (x->second.reported)
    events_.emplace_back(mdns_service_lost{*x->second.reported});
  hosts_stale_ = true;
  return entries_.erase(x);
}

void service_cache::ask_for_missing(entry& x, time_point now) {
  if (is_complete(x)) {
    x.questions = 0;
    x.ask_at.reset();
  } else if (!x.ask_at && x.questions == 0) {
    x.ask_at = now + std::chrono::milliseconds{20 + random_.below(101)};
  }
}

void service_cache::report(const dns_name& name, entry& x, time_point now) {
  if (!x.changed || !x.service || is_self(name, x) || (!is_complete(x) && now < x.patient_until))
    return;
  x.changed = false;
  auto seen = describe(name, x);
  if (!x.reported)
    events_.emplace_back(mdns_service_found{seen});
  else if (*x.reported != seen)
    events_.emplace_back(mdns_service_updated{seen});
  else
    return;
  x.reported = std::move(seen);
}

void service_cache::doubt_unanswered(entry& x, time_point now) {
  if (!x.asked_at || now - *x.asked_at < answer_wait)
    return;
  x.asked_at.reset();
  if (++x.unanswered < unanswered_max)
    return;
  x.unanswered = 0;
  x.pointer.doubt(now, random_.share());
}

void service_cache::host_changed(const dns_name& host) {
  for (auto& [name, x] : entries_)
    if (x.service && x.host == host)
      x.changed = true;
}

void service_cache::forget_unused_hosts() {
  if (!std::exchange(hosts_stale_, false))
    return;
  std::set<dns_name> used;
  for (const auto& [name, x] : entries_)
    if (x.service)
      used.insert(x.host);
  for (auto i = hosts_.begin(); i != hosts_.end();)
    i = used.count(i->first) != 0 ? std::next(i) : hosts_.erase(i);
}

} // namespace librats::protocols
