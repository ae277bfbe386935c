// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_record.hpp"

#include "protocols/core/byte_writer.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

void put(byte_writer& out, const dns_name& x) {
  out.raw(x.wire_labels()).u8(0);
}

void put(byte_writer& out, const dns_nsec& x) {
  put(out, x.next);
  // Windows of 256 types, each with as many bytes of its bitmap as hold a bit (RFC 4034 section 4.1.2).
  for (std::size_t i = 0; i < x.types.size();) {
    const auto window = x.types[i] >> 8;
    bytes bitmap;
    for (; i < x.types.size() && x.types[i] >> 8 == window; ++i) {
      const auto bit = static_cast<std::size_t>(x.types[i] & 0xff);
      bitmap.resize(std::max(bitmap.size(), bit / 8 + 1));
      bitmap[bit / 8] = static_cast<std::uint8_t>(bitmap[bit / 8] | 0x80 >> bit % 8);
    }
    out.u8(static_cast<std::uint8_t>(window)).u8(static_cast<std::uint8_t>(bitmap.size())).raw(bitmap);
  }
}

struct canonical_writer {
  byte_writer& out;

  void operator()(const dns_raw& x) const { out.raw(x.data); }
  void operator()(const dns_address& x) const { out.raw(x.address.raw()); }
  void operator()(const dns_ptr& x) const { put(out, x.target); }
  void operator()(const dns_srv& x) const {
    out.u16(x.priority).u16(x.weight).u16(x.port);
    put(out, x.target);
  }
  void operator()(const dns_txt& x) const {
    if (x.strings.empty())
      out.u8(0);
    for (const auto& text : x.strings) {
      const auto part = std::string_view{text}.substr(0, 255);
      out.u8(static_cast<std::uint8_t>(part.size())).raw(part);
    }
  }
  void operator()(const dns_nsec& x) const { put(out, x); }
};

/// Names inside of data are the same in any case, as names outside are.
struct same_data {
  bool operator()(const dns_ptr& a, const dns_ptr& b) const { return a.target == b.target; }
  bool operator()(const dns_srv& a, const dns_srv& b) const {
    return a.priority == b.priority && a.weight == b.weight && a.port == b.port && a.target == b.target;
  }
  bool operator()(const dns_nsec& a, const dns_nsec& b) const { return a.next == b.next && a.types == b.types; }
  bool operator()(const dns_address& a, const dns_address& b) const { return a.address == b.address; }
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false; // Decided by the canonical bytes.
  }
};

} // namespace

bytes canonical_data(const dns_record& x) {
  byte_writer out;
  std::visit(canonical_writer{out}, x.data);
  return out.take();
}

bool same_record(const dns_record& a, const dns_record& b) {
  if (a.type != b.type || a.klass != b.klass || a.name != b.name)
    return false;
  return std::visit(same_data{}, a.data, b.data) || canonical_data(a) == canonical_data(b);
}

int compare_for_probe(const dns_record& a, const dns_record& b) {
  const auto head = [](const dns_record& x) { return std::make_pair(x.klass, static_cast<std::uint16_t>(x.type)); };
  if (head(a) != head(b))
    return head(a) < head(b) ? -1 : 1;
  const auto left = canonical_data(a);
  const auto right = canonical_data(b);
  return left == right ? 0 : left < right ? -1 : 1;
}

dns_record make_address_record(const dns_name& name, const ip_address& address, std::uint32_t ttl, bool flush) {
  return {name, address.is_v4() ? dns_type::a : dns_type::aaaa, dns_class_in, flush, ttl, dns_address{address}};
}

dns_record make_ptr_record(const dns_name& name, const dns_name& target, std::uint32_t ttl) {
  return {name, dns_type::ptr, dns_class_in, false, ttl, dns_ptr{target}};
}

dns_record make_srv_record(
  const dns_name& name, std::uint16_t port, const dns_name& target, std::uint32_t ttl, bool flush) {
  return {name, dns_type::srv, dns_class_in, flush, ttl, dns_srv{0, 0, port, target}};
}

dns_record make_txt_record(const dns_name& name, std::vector<std::string> strings, std::uint32_t ttl, bool flush) {
  return {name, dns_type::txt, dns_class_in, flush, ttl, dns_txt{std::move(strings)}};
}

dns_record make_nsec_record(const dns_name& name, std::vector<dns_type> types, std::uint32_t ttl, bool flush) {
  dns_nsec data{name, {}};
  for (const auto type : types)
    data.types.push_back(static_cast<std::uint16_t>(type));
  std::sort(data.types.begin(), data.types.end());
  data.types.erase(std::unique(data.types.begin(), data.types.end()), data.types.end());
  return {name, dns_type::nsec, dns_class_in, flush, ttl, std::move(data)};
}

} // namespace librats::protocols
