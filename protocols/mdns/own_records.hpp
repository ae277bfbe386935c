// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/dns/dns_message.hpp"
#include "protocols/mdns/mdns_types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::protocols {

/// The names that a node claims at present, and what stands under them on every interface.
struct mdns_claim {
  dns_name type;     ///< `_librats._tcp.local.`
  dns_name instance; ///< Below `type`.
  dns_name host;
  std::uint16_t port = 0;
  std::vector<std::string> txt;
  std::string id; ///< The value of `id` in the text; empty when there is none.
};

/// Records that are always sent together.
enum class own_set : std::uint8_t {
  enumeration, ///< PTR from `_services._dns-sd._udp.local.` to the type (RFC 6763 section 9); the same at every node.
  pointer,     ///< PTR from the type to the instance.
  service,     ///< SRV.
  text,        ///< TXT.
  v4,          ///< All A records of the host on this interface.
  v6,          ///< All AAAA records.
  no_service,  ///< NSEC: the instance has SRV and TXT and nothing else.
  no_address,  ///< NSEC: which addresses the host has.
};
constexpr std::size_t own_sets = 8;

/// A choice of sets, one bit each.
using own_mask = std::uint16_t;
constexpr own_mask bit_of(own_set x) noexcept {
  return static_cast<own_mask>(1u << static_cast<unsigned>(x));
}
constexpr bool holds(own_mask mask, own_set x) noexcept {
  return (mask & bit_of(x)) != 0;
}

/// What belongs to nobody else: its answer needs no delay (RFC 6762 section 6).
constexpr own_mask own_unique = static_cast<own_mask>(~(bit_of(own_set::enumeration) | bit_of(own_set::pointer)));
/// Upstream sees a service only where these three stand among the answers of one packet (wire/08 section 2).
constexpr own_mask own_bundle = bit_of(own_set::pointer) | bit_of(own_set::service) | bit_of(own_set::text);
constexpr own_mask own_addresses = bit_of(own_set::v4) | bit_of(own_set::v6);

/// Addresses of each family that a node tells, and that are kept of another one.
constexpr std::size_t mdns_addresses_max = 8;

/// The records of a claim on one interface.
class own_records {
public:
  own_records() = default;
  /// Of the addresses, the first `mdns_addresses_max` count. Within a set the best one stands last: of several A
  /// records upstream believes that one.
  own_records(const mdns_claim& claim, const std::vector<mdns_address>& addresses);

  [[nodiscard]] const mdns_claim& claim() const noexcept { return claim_; }
  [[nodiscard]] const std::vector<dns_record>& of(own_set x) const noexcept {
    return sets_[static_cast<std::size_t>(x)];
  }

  /// The sets that answer a question; empty sets are left out, and a name of ours without such a type is answered with
  /// the NSEC record that says so.
  [[nodiscard]] own_mask answers(const dns_question& x) const;

  /// The sets of `mask` that whoever asked knows already: every record stands in `known` with at least half of its time
  /// to live (RFC 6762 section 7.1).
  [[nodiscard]] own_mask known(own_mask mask, const std::vector<dns_record>& known) const;

  /// What to send along with these answers so that nobody has to ask again.
  [[nodiscard]] own_mask additionals(own_mask mask) const;

  /// Records under a name of ours that nobody else may hold, in the order of the tie-break.
  [[nodiscard]] std::vector<dns_record> proposed(const dns_name& name) const;

private:
  [[nodiscard]] own_mask present(own_mask mask) const;

  mdns_claim claim_;
  dns_name enumeration_;
  std::array<std::vector<dns_record>, own_sets> sets_;
};

/// `_services._dns-sd._udp.local.`
dns_name service_enumeration_name();

} // namespace librats::protocols
