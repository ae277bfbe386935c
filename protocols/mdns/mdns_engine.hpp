// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/source_budget.hpp"
#include "protocols/core/time.hpp"
#include "protocols/mdns/mdns_browser.hpp"
#include "protocols/mdns/mdns_responder.hpp"
#include "protocols/mdns/mdns_types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::protocols {

/// Multicast DNS service discovery of one node on all its interfaces (wire/08 section 2, RFC 6762, RFC 6763). Call one
/// input, drain `poll_transmit`, drain `poll_event`, then wait for `next_wakeup`.
///
/// A node knows its own packets by what they say, not by where they come from, so two nodes on one machine find each
/// other; multicast loopback must be on for that.
///
/// Only the link is listened to (RFC 6762 section 11): a datagram that was sent to the group is from there; any other
/// one is taken when its TTL was 255 on arrival, when its source is link-local, or when it lies in the network of one
/// of the interface's addresses.
class mdns_engine {
public:
  struct config {
    /// Without the final `.local.`: two labels.
    std::string type = "_librats._tcp";
    duration query_interval_max = std::chrono::seconds{30}; ///< See `mdns_browser::config`.
    duration announce_interval = std::chrono::seconds{60};  ///< See `mdns_responder::config`.
    bool unicast_replies_reach_us = false;                  ///< See `mdns_responder::config`.
    /// Datagrams that one source may send; what is more is dropped unread.
    token_rate per_source{50, 200};
  };
  struct figures {
    std::uint64_t received = 0;
    std::uint64_t refused = 0;   ///< Not from the link, too many, or no DNS message.
    std::uint64_t malformed = 0; ///< Taken, but with records that make no sense.
    std::uint64_t own = 0;       ///< Our own, come back by multicast loopback.
    std::uint64_t sent = 0;
    std::uint64_t conflicts = 0;
  };
  /// RFC 6762 section 8.1: after so many conflicts within `conflict_window` probing waits for `conflict_pause`.
  static constexpr std::size_t conflicts_max = 15;
  static constexpr duration conflict_window = std::chrono::seconds{10};
  static constexpr duration conflict_pause = std::chrono::seconds{5};
  /// More interfaces than these are left alone.
  static constexpr std::size_t interfaces_max = 64;
  /// Datagrams that wait for `poll_transmit`; what is more is lost, as it may be on any link.
  static constexpr std::size_t transmits_max = 1024;

  /// A `type` that is no service type becomes `_librats._tcp`.
  mdns_engine(const config& cfg, std::uint64_t seed);

  // -- inputs

  /// All interfaces that multicast is wanted on, with all their addresses; call it again after every change. On new
  /// ones, and on those that have no address in common with before, names are claimed and questions asked; what was
  /// learned on lost ones is lost.
  void set_interfaces(const std::vector<mdns_interface>& interfaces, time_point now);
  /// The same interfaces may lead elsewhere now: claims the names and asks again on all.
  void network_changed(time_point now);

  /// Offers a service, or tells that its port or text changed; another instance or host takes back the old one first.
  /// False, and nothing changed, when the port is 0 or `encode_txt` refuses the text.
  bool publish(const mdns_service& service, time_point now);
  /// Takes the service back, with a good-bye wherever it was announced.
  void withdraw(time_point now);

  /// Looks for services of others. Nothing happens when it does so already.
  void browse(time_point now);
  /// Asks on all links at once, before it is due: for somebody who is curious.
  void ask_again(time_point now);
  /// Looks no more and forgets all, without events.
  void stop_browsing();

  void handle(const mdns_origin& origin, bytes_view datagram, time_point now);
  /// Early calls do nothing; due calls move the deadline.
  void advance(time_point now);

  // -- outputs

  std::optional<mdns_transmit> poll_transmit();
  std::optional<mdns_event> poll_event();
  [[nodiscard]] std::optional<time_point> next_wakeup() const;

  /// Everybody who is reported at present, by interface.
  [[nodiscard]] std::vector<mdns_found_service> services() const;
  /// Our names as they are at present; empty when no service is offered. Escaped.
  [[nodiscard]] std::string instance() const;
  [[nodiscard]] std::string host() const;
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }

private:
  struct link {
    mdns_interface what;
    mdns_responder responder;
    mdns_browser browser;
  };
  /// A datagram that we sent to a group and that may come back.
  struct echo {
    std::uint64_t digest = 0;
    unsigned interface = 0;
    time_point forget_at;
  };

  [[nodiscard]] static bool is_on_link(const mdns_interface& x, const mdns_origin& origin);
  [[nodiscard]] static bool speaks(const link& x) noexcept { return !x.what.addresses.empty(); }
  bool take_echo(const mdns_origin& origin, bytes_view datagram, time_point now);
  void name_claim();
  void claim_on(link& x, time_point now);
  void introduce(link& x);
  void forget(link& x);
  void resolve_conflict(link& x, name_conflict conflict, time_point now);
  void rename(name_conflict conflict, time_point now);
  void drain(link& x, time_point now);
  void send(const link& x, bool v6, const mdns_outgoing& what, time_point now);

  config cfg_;
  dns_name type_;
  small_random random_;
  source_budget budget_;
  std::map<unsigned, link> links_;
  std::set<ip_address> own_addresses_;
  bool browsing_ = false;
  std::optional<mdns_service> service_; ///< As it was wanted.
  mdns_claim claim_;                    ///< As it is.
  unsigned instance_number_ = 1;
  unsigned host_number_ = 1;
  std::deque<time_point> conflicts_;
  std::deque<echo> echoes_;
  std::deque<mdns_transmit> transmits_;
  std::deque<mdns_event> events_;
  figures figures_;
};

} // namespace librats::protocols
