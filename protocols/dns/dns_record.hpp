// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/dns/dns_name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace librats::protocols {

/// Types that have a meaning here (RFC 1035 section 3.2.2, RFC 3596, 2782, 6891, 4034). Any other number may stand in a
/// record too; its data stays raw.
enum class dns_type : std::uint16_t {
  a = 1,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  opt = 41,
  nsec = 47,
  any = 255, ///< In questions alone.
};

/// Classes without the top bit, which multicast DNS uses for something else.
constexpr std::uint16_t dns_class_in = 1;
constexpr std::uint16_t dns_class_any = 255;

/// A question asks for an answer by unicast ("QU", RFC 6762 section 5.4), a record replaces all that were known
/// ("cache-flush", section 10.2).
constexpr std::uint16_t dns_class_top_bit = 0x8000;

struct dns_question {
  dns_name name;
  dns_type type = dns_type::any;
  std::uint16_t klass = dns_class_in;
  bool unicast_response = false;
};

/// A (4 bytes) or AAAA (16 bytes).
struct dns_address {
  ip_address address;
};

struct dns_ptr {
  dns_name target;
};

/// RFC 2782.
struct dns_srv {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  dns_name target;
};

/// Strings of at most 255 bytes each. None at all is written as one empty string, because a TXT record must hold one
/// (RFC 6763 section 6.1); reading keeps what is there.
struct dns_txt {
  std::vector<std::string> strings;
};

/// Which types a name has, and by that which it has not (RFC 4034 section 4.1, RFC 6762 section 6.1).
struct dns_nsec {
  dns_name next;
  std::vector<std::uint16_t> types; ///< Ascending, without repetition.
};

/// Data as it stands in the message, for types that are not understood: names in it are not decompressed.
struct dns_raw {
  bytes data;
};

using dns_data = std::variant<dns_raw, dns_address, dns_ptr, dns_srv, dns_txt, dns_nsec>;

/// A resource record. For OPT (RFC 6891) `klass` is the whole field, `cache_flush` is never set and the data is raw.
struct dns_record {
  dns_name name;
  dns_type type = dns_type::any;
  std::uint16_t klass = dns_class_in;
  bool cache_flush = false;
  std::uint32_t ttl = 0; ///< Seconds; zero takes the record back (RFC 6762 section 10.1).
  dns_data data;
};

/// The data without compression, as records are compared (RFC 6762 section 8.2) and as TXT data is measured.
bytes canonical_data(const dns_record& x);

/// Same name, type, class and data; neither the TTL nor the cache-flush bit counts.
bool same_record(const dns_record& a, const dns_record& b);

/// Orders records as the tie-break of simultaneous probes does: class, type, data as unsigned bytes (RFC 6762 section
/// 8.2). Negative when `a` is earlier, zero when there is no difference.
int compare_for_probe(const dns_record& a, const dns_record& b);

// -- makers, for records of class IN

dns_record make_address_record(const dns_name& name, const ip_address& address, std::uint32_t ttl, bool flush);
dns_record make_ptr_record(const dns_name& name, const dns_name& target, std::uint32_t ttl);
dns_record make_srv_record(
  const dns_name& name, std::uint16_t port, const dns_name& target, std::uint32_t ttl, bool flush);
dns_record make_txt_record(const dns_name& name, std::vector<std::string> strings, std::uint32_t ttl, bool flush);
dns_record make_nsec_record(const dns_name& name, std::vector<dns_type> types, std::uint32_t ttl, bool flush);

} // namespace librats::protocols
