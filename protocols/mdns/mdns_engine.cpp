// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_engine.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

/// How long a datagram of ours may take to come back, and how many are remembered.
constexpr duration echo_lifetime = std::chrono::seconds{2};
constexpr std::size_t echoes_max = 256;

/// FNV-1a: our own datagrams are told apart, nothing depends on a stranger not finding a second one.
std::uint64_t digest_of(bytes_view datagram, bool v6) noexcept {
  std::uint64_t out = v6 ? 0xcbf29ce484222325u : 0x84222325cbf29ce4u;
  for (const auto byte : datagram)
    out = (out ^ byte) * 0x100000001b3u;
  return out;
}

bool same_prefix(const ip_address& a, const ip_address& b, unsigned bits) noexcept {
  const auto left = a.raw();
  const auto right = b.raw();
  if (left.size() != right.size() || bits > left.size() * 8)
    return false;
  for (unsigned i = 0; i < bits; ++i)
    if (((left[i / 8] ^ right[i / 8]) & 0x80u >> i % 8) != 0)
      return false;
  return true;
}

bool holds(const mdns_interface& x, const ip_address& address) {
  return std::any_of(x.addresses.begin(), x.addresses.end(), [&](const auto& y) { return y.address == address; });
}

bool has_v4(const mdns_interface& x) {
  return std::any_of(x.addresses.begin(), x.addresses.end(), [](const auto& y) { return y.address.is_v4(); });
}

dns_name type_of(const std::string& text) {
  const auto wanted = dns_name::parse(text);
  if (wanted && wanted->labels().size() == 2)
    if (auto out = dns_name{*wanted}; out.append("local"))
      return out;
  return *dns_name::of({"_librats", "_tcp", "local"});
}

} // namespace

mdns_engine::mdns_engine(const config& cfg, std::uint64_t seed)
  : cfg_(cfg), type_(type_of(cfg.type)), random_(seed), budget_(cfg.per_source, random_.next()) {}

// -- interfaces -------------------------------------------------------------------------------------------------------

void mdns_engine::set_interfaces(const std::vector<mdns_interface>& interfaces, time_point now) {
  std::map<unsigned, mdns_interface> wanted;
  for (const auto& x : interfaces)
    if (wanted.size() < interfaces_max)
      wanted.emplace(x.index, x);
  own_addresses_.clear();
  for (const auto& [index, x] : wanted)
    for (const auto& y : x.addresses)
      own_addresses_.insert(y.address);

  for (auto i = links_.begin(); i != links_.end();) {
    const auto& old = i->second.what.addresses;
    const auto same = wanted.find(i->first);
    const bool stays = same != wanted.end()
      && std::any_of(old.begin(), old.end(), [&](const auto& x) { return holds(same->second, x.address); });
    if (!stays)
      forget(i->second);
    i = stays ? std::next(i) : links_.erase(i);
  }
  for (auto& [index, what] : wanted) {
    const auto found = links_.find(index);
    if (found == links_.end()) {
      mdns_responder responder{{cfg_.announce_interval, cfg_.unicast_replies_reach_us}, random_.next()};
      mdns_browser browser{{cfg_.query_interval_max}, type_, index, random_.next()};
      auto& fresh = links_.emplace(index, link{what, std::move(responder), std::move(browser)}).first->second;
      introduce(fresh);
      if (browsing_ && speaks(fresh))
        fresh.browser.start(now);
      if (service_)
        claim_on(fresh, now);
      continue;
    }
    auto& x = found->second;
    const bool same = x.what.addresses.size() == what.addresses.size()
      && std::equal(what.addresses.begin(), what.addresses.end(), x.what.addresses.begin(),
        [](const auto& a, const auto& b) { return a.address == b.address; });
    x.what = what;
    if (same)
      continue;
    if (service_)
      x.responder.update(own_records{claim_, what.addresses}, now);
    if (browsing_)
      x.browser.start(now);
  }
  advance(now);
}

void mdns_engine::network_changed(time_point now) {
  for (auto& [index, x] : links_) {
    if (browsing_ && speaks(x))
      x.browser.start(now);
    if (service_)
      claim_on(x, now);
  }
}

// -- offering ---------------------------------------------------------------------------------------------------------

bool mdns_engine::publish(const mdns_service& service, time_point now) {
  if (service.port == 0 || !encode_txt(service.txt))
    return false;
  const bool same_names = service_ && service_->instance == service.instance && service_->host == service.host;
  if (!same_names) {
    withdraw(now);
    instance_number_ = host_number_ = 1;
  }
  service_ = service;
  name_claim();
  for (auto& [index, x] : links_)
    if (same_names && speaks(x))
      x.responder.update(own_records{claim_, x.what.addresses}, now);
    else
      claim_on(x, now);
  advance(now);
  return true;
}

void mdns_engine::withdraw(time_point now) {
  if (!service_)
    return;
  service_.reset();
  for (auto& [index, x] : links_) {
    x.responder.withdraw();
    introduce(x);
    drain(x, now);
  }
}

void mdns_engine::name_claim() {
  claim_ = {};
  claim_.type = type_;
  const auto instance = numbered_label(clean_label(service_->instance, "librats-node"), instance_number_);
  const auto host = numbered_label(clean_label(service_->host, "unknown-host"), host_number_);
  claim_.instance = *type_.below(instance); // The type has 129 bytes at most, a label 63.
  claim_.host = *dns_name::of({host, "local"});
  claim_.port = service_->port;
  claim_.txt = *encode_txt(service_->txt);
  if (const auto* id = find_txt(service_->txt, "id"))
    claim_.id = ascii_lower(*id);
  for (auto& [index, x] : links_)
    introduce(x);
}

void mdns_engine::introduce(link& x) {
  x.browser.cache().set_self(service_ ? &claim_ : nullptr);
}

void mdns_engine::claim_on(link& x, time_point now) {
  if (!speaks(x))
    return;
  while (!conflicts_.empty() && now - conflicts_.front() > conflict_window)
    conflicts_.pop_front();
  const auto delay = conflicts_.size() >= conflicts_max ? conflict_pause : duration{};
  x.responder.claim(own_records{claim_, x.what.addresses}, now, delay);
}

void mdns_engine::resolve_conflict(link& x, name_conflict conflict, time_point now) {
  if (conflict == conflict_none)
    return;
  ++figures_.conflicts;
  conflicts_.push_back(now);
  if (conflicts_.size() > conflicts_max)
    conflicts_.pop_front();
  if (x.responder.now_in() == mdns_responder::phase::probing)
    rename(conflict, now);
  else
    claim_on(x, now); // Whoever was first will say so when we ask again (RFC 6762 section 9).
}

void mdns_engine::rename(name_conflict conflict, time_point now) {
  if ((conflict & conflict_instance) != 0)
    ++instance_number_;
  if ((conflict & conflict_host) != 0)
    ++host_number_;
  if ((conflict & conflict_instance) != 0)
    for (auto& [index, x] : links_)
      x.responder.withdraw(); // Where the old name was announced it is taken back.
  name_claim();
  for (auto& [index, x] : links_) {
    claim_on(x, now);
    if (browsing_ && speaks(x))
      x.browser.start(now); // Who took our name could not be told from us before.
    drain(x, now);
  }
  events_.emplace_back(mdns_renamed{instance(), host()});
}

// -- looking ----------------------------------------------------------------------------------------------------------

void mdns_engine::browse(time_point now) {
  if (std::exchange(browsing_, true))
    return;
  for (auto& [index, x] : links_)
    if (speaks(x))
      x.browser.start(now);
}

void mdns_engine::ask_again(time_point now) {
  for (auto& [index, x] : links_)
    if (browsing_ && speaks(x))
      x.browser.start(now);
}

void mdns_engine::stop_browsing() {
  browsing_ = false;
  for (auto& [index, x] : links_) {
    x.browser.stop();
    x.browser.cache().take_events();
  }
}

void mdns_engine::forget(link& x) {
  x.browser.cache().clear();
  for (auto& event : x.browser.cache().take_events())
    events_.push_back(std::move(event));
}

// -- datagrams --------------------------------------------------------------------------------------------------------

bool mdns_engine::is_on_link(const mdns_interface& x, const mdns_origin& origin) {
  const auto& from = origin.from.address;
  if (origin.to_group || origin.untouched || from.is_link_local())
    return true;
  return std::any_of(x.addresses.begin(), x.addresses.end(), [&](const auto& y) {
    return y.address == from || (y.prefix_bits != 0 && same_prefix(y.address, from, y.prefix_bits));
  });
}

bool mdns_engine::take_echo(const mdns_origin& origin, bytes_view datagram, time_point now) {
  while (!echoes_.empty() && echoes_.front().forget_at <= now)
    echoes_.pop_front();
  if (!origin.to_group || origin.from.port != mdns_port || own_addresses_.count(origin.from.address) == 0)
    return false;
  const auto digest = digest_of(datagram, origin.from.address.is_v6());
  const auto found = std::find_if(echoes_.begin(), echoes_.end(), [&](const auto& x) { return x.digest == digest; });
  if (found == echoes_.end())
    return false;
  // It comes back once on the interface it left by: what looks the same after that is another node's on this machine.
  // On others that are on the same link it may come too.
  if (found->interface == origin.interface)
    echoes_.erase(found);
  return true;
}

void mdns_engine::handle(const mdns_origin& origin, bytes_view datagram, time_point now) {
  ++figures_.received;
  const auto found = links_.find(origin.interface);
  if (found == links_.end() || !is_on_link(found->second.what, origin)) {
    ++figures_.refused;
    return;
  }
  if (take_echo(origin, datagram, now)) {
    ++figures_.own;
    return;
  }
  // Nodes on this machine share an address, and could do worse than ask.
  const message_origin from{origin.from, own_addresses_.count(origin.from.address) != 0};
  if (!from.own_host && !budget_.take(origin.from.address, now)) {
    ++figures_.refused;
    return;
  }
  const auto message = decode_dns(datagram);
  // RFC 6762 sections 18.3 and 18.11: other operations and errors are silently ignored. Section 6: so are responses
  // from another port.
  if (!message || (message->flags & (dns_opcode_mask | dns_rcode_mask)) != 0
    || (message->is_response() && origin.from.port != mdns_port)) {
    ++figures_.refused;
    return;
  }
  if (message->malformed > 0 || message->cut)
    ++figures_.malformed;
  auto& x = found->second;
  if (message->is_response()) {
    const auto conflict = x.responder.handle_response(*message, from, own_addresses_, now);
    x.browser.handle_response(*message, from, now);
    resolve_conflict(x, conflict, now);
  } else {
    const auto conflict = x.responder.handle_query(*message, from, now);
    if (origin.from.port == mdns_port && origin.to_group)
      x.browser.handle_query(*message, from, origin.from.address.is_v4() || !has_v4(x.what), now);
    resolve_conflict(x, conflict, now);
  }
  drain(x, now);
}

void mdns_engine::advance(time_point now) {
  for (auto& [index, x] : links_) {
    x.responder.advance(now);
    x.browser.advance(now);
    drain(x, now);
  }
}

void mdns_engine::drain(link& x, time_point now) {
  for (const auto& datagram : x.responder.take_output()) {
    if (datagram.v4)
      send(x, false, datagram, now);
    if (datagram.v6)
      send(x, true, datagram, now);
  }
  for (auto& datagram : x.browser.take_output()) {
    const mdns_outgoing what{true, true, {}, std::move(datagram)};
    for (const bool v6 : {false, true})
      if (std::any_of(
            x.what.addresses.begin(), x.what.addresses.end(), [&](const auto& y) { return y.address.is_v6() == v6; }))
        send(x, v6, what, now);
  }
  for (auto& event : x.browser.cache().take_events())
    events_.push_back(std::move(event));
  if (x.responder.take_announced())
    events_.emplace_back(mdns_announced{x.what.index, instance(), host()});
}

void mdns_engine::send(const link& x, bool v6, const mdns_outgoing& what, time_point now) {
  if (transmits_.size() >= transmits_max)
    return;
  ++figures_.sent;
  if (!what.to) {
    echoes_.push_back({digest_of(what.datagram, v6), x.what.index, now + echo_lifetime});
    if (echoes_.size() > echoes_max)
      echoes_.pop_front();
  }
  transmits_.push_back({x.what.index, v6, what.to, what.datagram});
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<mdns_transmit> mdns_engine::poll_transmit() {
  if (transmits_.empty())
    return std::nullopt;
  auto out = std::move(transmits_.front());
  transmits_.pop_front();
  return out;
}

std::optional<mdns_event> mdns_engine::poll_event() {
  if (events_.empty())
    return std::nullopt;
  auto out = std::move(events_.front());
  events_.pop_front();
  return out;
}

std::optional<time_point> mdns_engine::next_wakeup() const {
  std::optional<time_point> out;
  for (const auto& [index, x] : links_)
    for (const auto& due : {x.responder.next_wakeup(), x.browser.next_wakeup()})
      if (due && (!out || *due < *out))
        out = due;
  return out;
}

std::vector<mdns_found_service> mdns_engine::services() const {
  std::vector<mdns_found_service> out;
  for (const auto& [index, x] : links_)
    for (auto& service : x.browser.cache().services())
      out.push_back(std::move(service));
  return out;
}

std::string mdns_engine::instance() const {
  return service_ ? escape_label(claim_.instance.first_label()) : std::string{};
}

std::string mdns_engine::host() const {
  return service_ ? claim_.host.to_string() : std::string{};
}

} // namespace librats::protocols
