// SPDX-License-Identifier: MIT
#include "protocols/mdns/own_records.hpp"

#include <algorithm>

namespace librats::protocols {

ip_address mdns_group_v6() noexcept {
  constexpr std::uint8_t raw[16] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb};
  return *ip_address::from_bytes(raw);
}

dns_name service_enumeration_name() {
  return *dns_name::of({"_services", "_dns-sd", "_udp", "local"});
}

own_records::own_records(const mdns_claim& claim, const std::vector<mdns_address>& addresses)
  : claim_(claim), enumeration_(service_enumeration_name()) {
  const auto set = [this](own_set x) -> std::vector<dns_record>& { return sets_[static_cast<std::size_t>(x)]; };
  set(own_set::enumeration) = {make_ptr_record(enumeration_, claim.type, mdns_ttl)};
  set(own_set::pointer) = {make_ptr_record(claim.type, claim.instance, mdns_ttl)};
  set(own_set::service) = {make_srv_record(claim.instance, claim.port, claim.host, mdns_ttl, true)};
  set(own_set::text) = {make_txt_record(claim.instance, claim.txt, mdns_ttl, true)};
  std::vector<dns_type> types;
  for (std::size_t i = std::min(addresses.size(), mdns_addresses_max); i-- > 0;) {
    const auto& x = addresses[i].address;
    set(x.is_v4() ? own_set::v4 : own_set::v6).push_back(make_address_record(claim.host, x, mdns_ttl, true));
    types.push_back(x.is_v4() ? dns_type::a : dns_type::aaaa);
  }
  set(own_set::no_service) = {make_nsec_record(claim.instance, {dns_type::srv, dns_type::txt}, mdns_ttl, true)};
  set(own_set::no_address) = {make_nsec_record(claim.host, types, mdns_ttl, true)};
}

own_mask own_records::present(own_mask mask) const {
  for (std::size_t i = 0; i < own_sets; ++i)
    if (sets_[i].empty())
      mask = static_cast<own_mask>(mask & ~(1u << i));
  return mask;
}

own_mask own_records::answers(const dns_question& x) const {
  if (x.klass != dns_class_in && x.klass != dns_class_any)
    return 0;
  const bool any = x.type == dns_type::any;
  own_mask out = 0;
  if (x.name == claim_.type && (any || x.type == dns_type::ptr))
    out |= bit_of(own_set::pointer);
  if (x.name == enumeration_ && (any || x.type == dns_type::ptr))
    out |= bit_of(own_set::enumeration);
  if (x.name == claim_.instance) {
    if (any || x.type == dns_type::srv)
      out |= bit_of(own_set::service);
    if (any || x.type == dns_type::txt)
      out |= bit_of(own_set::text);
    if (out == 0)
      out |= bit_of(own_set::no_service);
  }
  if (x.name == claim_.host) {
    own_mask found = 0;
    if (any || x.type == dns_type::a)
      found |= bit_of(own_set::v4);
    if (any || x.type == dns_type::aaaa)
      found |= bit_of(own_set::v6);
    found = present(found);
    out |= found != 0 ? found : bit_of(own_set::no_address);
  }
  return present(out);
}

own_mask own_records::known(own_mask mask, const std::vector<dns_record>& known) const {
  own_mask out = 0;
  for (std::size_t i = 0; i < own_sets; ++i) {
    if ((mask >> i & 1u) == 0)
      continue;
    const auto is_known = [&](const dns_record& mine) {
      return std::any_of(
        known.begin(), known.end(), [&](const dns_record& x) { return x.ttl >= mine.ttl / 2 && same_record(x, mine); });
    };
    if (std::all_of(sets_[i].begin(), sets_[i].end(), is_known))
      out |= static_cast<own_mask>(1u << i);
  }
  return out;
}

own_mask own_records::additionals(own_mask mask) const {
  own_mask out = 0;
  if (holds(mask, own_set::service))
    out = own_addresses;
  if ((mask & own_addresses) != 0) // Who asks for one family wants to know of the other (RFC 6762 section 6.2).
    out = present(own_addresses) == own_addresses ? own_addresses : bit_of(own_set::no_address);
  return present(static_cast<own_mask>(out & ~mask));
}

std::vector<dns_record> own_records::proposed(const dns_name& name) const {
  std::vector<dns_record> out;
  for (const auto set : {own_set::service, own_set::text, own_set::v4, own_set::v6})
    for (const auto& x : of(set))
      if (x.name == name)
        out.push_back(x);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return compare_for_probe(a, b) < 0; });
  return out;
}

} // namespace librats::protocols
