// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dns/dns_message.hpp"
#include "protocols/mdns/mdns_types.hpp"
#include "protocols/mdns/own_records.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace librats::protocols {

/// Which of our names somebody else seems to hold. Bits.
using name_conflict = std::uint8_t;
constexpr name_conflict conflict_none = 0;
constexpr name_conflict conflict_instance = 1;
constexpr name_conflict conflict_host = 2;

/// What the responder has to know about a message.
struct message_origin {
  endpoint from;
  /// It was sent from an address of this machine, where names of the machine are no conflict.
  bool own_host = false;
};

/// Claims and defends the names of one service on one link, announces it and answers questions (RFC 6762 sections 6, 8,
/// 9 and 10.1). Call one input, then `take_output`, then wait for `next_wakeup`.
///
/// What differs from the RFC, for upstream's sake: SRV and TXT stand among the answers wherever the PTR record does,
/// and addresses always among the additional records then; and where nobody asked for so long, the service is announced
/// again every `announce_interval`, which the RFC would not have.
class mdns_responder {
public:
  enum class phase : std::uint8_t { silent, probing, announcing, settled };

  struct config {
    duration announce_interval = std::chrono::seconds{60}; ///< Upstream's; zero: never again.
    /// Ask for defence by unicast. Only where no other program listens on the port: a unicast datagram reaches one of
    /// several listeners (RFC 6762 section 15.1).
    bool unicast_replies_reach_us = false;
  };

  /// RFC 6762 section 8.1: three probes, 250 ms apart, after a random wait of up to as much.
  static constexpr int probes = 3;
  static constexpr duration probe_interval = std::chrono::milliseconds{250};
  /// Section 8.2: who loses a tie-break starts again so much later.
  static constexpr duration tie_break_wait = std::chrono::seconds{1};
  /// Section 8.3 wants at least two, one second apart; the third, two seconds after, is for links that lose packets.
  static constexpr int announcements = 3;
  /// Section 6: how often one record may be multicast, and how often to defend it.
  static constexpr duration record_interval = std::chrono::seconds{1};
  static constexpr duration defence_interval = std::chrono::milliseconds{250};
  /// Queries whose list of known answers goes on in the next packet, and answers by unicast, that wait at one time.
  /// Beyond that, questions are answered at once and by multicast.
  static constexpr std::size_t held_max = 32;

  mdns_responder(const config& cfg, std::uint64_t seed);

  // -- inputs

  /// Probes for the names and then announces. `delay` before the first probe comes on top of the random one.
  void claim(const own_records& records, time_point now, duration delay = {});
  /// Announces other data under the same names, or goes on probing with it.
  void update(const own_records& records, time_point now);
  /// Says good-bye if the service was announced, and falls silent.
  void withdraw();
  /// Falls silent without a word.
  void abandon();

  /// A conflict that comes back while `now_in` is `probing` costs the name; else the names must be probed again.
  name_conflict handle_query(const dns_message& x, const message_origin& origin, time_point now);
  /// `own_host_addresses`: of all interfaces of this machine.
  name_conflict handle_response(
    const dns_message& x, const message_origin& origin, const std::set<ip_address>& own_host_addresses, time_point now);
  void advance(time_point now);

  // -- outputs

  [[nodiscard]] phase now_in() const noexcept { return phase_; }
  [[nodiscard]] const own_records& records() const noexcept { return records_; }
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  std::vector<mdns_outgoing> take_output() noexcept { return std::exchange(out_, {}); }
  /// True once after the names were announced for the first time since they were claimed.
  bool take_announced() noexcept { return std::exchange(announced_, false); }

private:
  enum family : std::size_t { v4, v6 };
  static constexpr std::size_t families = 2;

  /// A set of records in one family.
  struct slot {
    std::optional<time_point> due;  ///< To be multicast.
    duration limit{};               ///< Not sooner than so long after `last`.
    std::optional<time_point> last; ///< When it was multicast.
  };
  /// An answer that waits for the rest of a list of known answers, or for its time to be sent by unicast.
  struct held_answer {
    endpoint to;
    time_point due;
    own_mask multicast = 0;
    own_mask unicast = 0;
    bool more_known_answers = false;
  };

  [[nodiscard]] bool speaks() const noexcept { return phase_ == phase::announcing || phase_ == phase::settled; }
  [[nodiscard]] bool has(family x) const noexcept;
  [[nodiscard]] slot& at(family f, std::size_t set) noexcept { return slots_[f][set]; }
  [[nodiscard]] bool recently_multicast(own_set x, family f, time_point now) const;
  [[nodiscard]] std::optional<time_point> last_announced() const;
  duration random_up_to(duration x);
  duration shared_delay();

  [[nodiscard]] name_conflict lost_tie_break(const dns_message& x, const message_origin& origin, time_point now);
  void answer_legacy(const dns_message& x, const endpoint& to);
  void schedule(family f, own_mask sets, time_point due, duration limit);
  void continue_known_answers(const dns_message& x, const endpoint& from, time_point now);
  void flush_held(time_point now);
  void flush_multicast(family f, time_point now);
  void send_multicast(family f, own_mask answers, time_point now);
  void send_unicast(const endpoint& to, own_mask answers);
  [[nodiscard]] bytes compose(own_mask answers, own_mask additionals) const;
  void send_probe();
  void announce(time_point now);
  void restart_announcing(time_point now);

  config cfg_;
  small_random random_;
  own_records records_;
  phase phase_ = phase::silent;
  bool announced_ = false;
  int step_ = 0; ///< Probes or announcements sent in this phase.
  std::optional<time_point> step_due_;
  std::array<std::array<slot, own_sets>, families> slots_{};
  std::vector<held_answer> held_;
  std::vector<mdns_outgoing> out_;
};

} // namespace librats::protocols
