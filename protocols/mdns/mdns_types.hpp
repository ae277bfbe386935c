// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/mdns/service_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace librats::protocols {

/// Where multicast DNS is spoken (RFC 6762 section 3).
constexpr std::uint16_t mdns_port = 5353;
inline ip_address mdns_group_v4() noexcept {
  return ip_address::v4(224, 0, 0, 251);
}
/// ff02::fb, to be used with an interface.
ip_address mdns_group_v6() noexcept;

/// Bytes of a datagram that no link has to cut (RFC 6762 section 17): an Ethernet frame without the headers of IPv6 and
/// UDP.
constexpr std::size_t mdns_datagram_max = 1440;

/// Seconds that others may believe a record. Upstream's value for all of them (wire/08 section 2); RFC 6762 section 10
/// has it for records with a host name.
constexpr std::uint32_t mdns_ttl = 120;

/// An address of an interface of ours.
struct mdns_address {
  ip_address address;
  /// Leading bits that its whole network shares; 0: not known.
  unsigned prefix_bits = 0;
};

/// A link that we are on. Without an IPv4 (IPv6) address nothing is sent by IPv4 (IPv6).
struct mdns_interface {
  unsigned index = 0;                  ///< As the system numbers it; names it in everything that follows.
  std::string name;                    ///< For people.
  std::vector<mdns_address> addresses; ///< The best one first; the first eight are told to others.
};

/// How a datagram came.
struct mdns_origin {
  unsigned interface = 0;
  endpoint from;
  /// It was sent to the multicast group, so it comes from this link: such groups are not routed.
  bool to_group = true;
  /// Its TTL or hop limit was 255 on arrival, so no router touched it. False when the caller cannot tell.
  bool untouched = false;
};

/// A datagram to send.
struct mdns_transmit {
  unsigned interface = 0;
  bool v6 = false;            ///< The family.
  std::optional<endpoint> to; ///< Empty: the group of that family, port 5353, TTL 255.
  bytes datagram;             ///< At most `mdns_datagram_max` bytes.
};

/// What a node says of itself.
struct mdns_service {
  std::string instance;   ///< Becomes a label by `clean_label`; `instance_label` is what nodes use.
  std::string host;       ///< Without `.local`; becomes a label by `clean_label`.
  std::uint16_t port = 0; ///< Of TCP and UDP; never 0.
  txt_map txt;            ///< With `id`, by which a node knows its own packets; `node_txt` makes it.
};

/// A service that somebody offers on one interface.
struct mdns_found_service {
  unsigned interface = 0;
  /// Instance and host are escaped: printable ASCII without blanks, whatever was on the wire.
  std::string instance; ///< One label.
  std::string host;     ///< A whole name, `myhost.local.`
  std::uint16_t port = 0;
  /// In ascending order, at most eight per family. No multicast or unspecified address; loopback from this host alone;
  /// no link-local IPv6, because addresses carry no zone here. May be empty.
  std::vector<ip_address> addresses;
  txt_map txt; ///< The values are bytes of strangers: `escape_label` before they are logged.

  friend bool operator==(const mdns_found_service& a, const mdns_found_service& b) {
    return a.interface == b.interface && a.instance == b.instance && a.host == b.host && a.port == b.port
      && a.addresses == b.addresses && a.txt == b.txt;
  }
  friend bool operator!=(const mdns_found_service& a, const mdns_found_service& b) { return !(a == b); }
};

/// Somebody appeared. Sent once per interface, when all is known or enough was waited for it.
struct mdns_service_found {
  mdns_found_service service;
};
/// Port, host, addresses or text of a found service changed.
struct mdns_service_updated {
  mdns_found_service service;
};
/// A found service said good-bye, fell silent, or its interface is gone. Carries what was last known.
struct mdns_service_lost {
  mdns_found_service service;
};
/// Our names are held by nobody else on that interface and were announced there.
struct mdns_announced {
  unsigned interface = 0;
  std::string instance;
  std::string host;
};
/// Somebody else holds a name of ours, so these are tried now on all interfaces.
struct mdns_renamed {
  std::string instance;
  std::string host;
};

using mdns_event =
  std::variant<mdns_service_found, mdns_service_updated, mdns_service_lost, mdns_announced, mdns_renamed>;

/// What one link wants to send: to the group, once per family, or to one address.
struct mdns_outgoing {
  bool v4 = false;
  bool v6 = false;
  std::optional<endpoint> to;
  bytes datagram;
};

} // namespace librats::protocols
