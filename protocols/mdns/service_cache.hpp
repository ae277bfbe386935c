// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dns/dns_message.hpp"
#include "protocols/mdns/mdns_responder.hpp"
#include "protocols/mdns/mdns_types.hpp"
#include "protocols/mdns/record_life.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace librats::protocols {

/// What others say on one link about services of one type: takes responses in, and gives out who is there, which
/// questions are to be asked and which answers are known.
///
/// A service is reported when its SRV, TXT and an address are known, as they are after one packet of ours or of
/// upstream; where something is missing it is asked for, and after `patience` the service is reported without: with the
/// address that its SRV record came from if it has no other.
class service_cache {
public:
  /// Services on one link. When all places are taken, somebody who brought more of them than the newcomer's source
  /// loses the one that was heard longest ago; if nobody has, the newcomer is not taken.
  static constexpr std::size_t services_max = 256;
  /// Services that one address may bring: many nodes can live on one machine.
  static constexpr std::size_t services_per_source_max = 64;
  static constexpr duration patience = std::chrono::seconds{1};
  /// Questions for what is missing, the first after 20 to 120 ms, the others 1, 2, 4 and 8 s apart.
  static constexpr int questions_max = 5;
  /// RFC 6762 section 10.5: how soon an answer must follow a question, and how many may stay without.
  static constexpr duration answer_wait = std::chrono::seconds{10};
  static constexpr int unanswered_max = 2;

  service_cache(const dns_name& type, unsigned interface, std::uint64_t seed);

  // -- inputs

  /// Who we are; our own service is no discovery. Null: we offer none.
  void set_self(const mdns_claim* claim);
  void handle_response(const dns_message& x, const message_origin& origin, time_point now);
  /// Somebody, or we ourselves, asked everybody: whose answer does not come is in doubt. Not for messages whose list of
  /// known answers goes on, nor for probes.
  /// `asker`: who it was, of whom no answer is expected; null: we.
  void question_seen(
    const dns_question& x, const std::vector<dns_record>& known_answers, const ip_address* asker, time_point now);
  /// Drops what is over and reports what changed.
  void advance(time_point now);
  /// Forgets everything; what was reported is reported as lost.
  void clear();

  // -- outputs

  /// PTR records that need not be sent again.
  [[nodiscard]] std::vector<dns_record> known_answers(time_point now) const;
  /// Whether all these would stand in our own list.
  [[nodiscard]] bool knows_all(const std::vector<dns_record>& known_answers, time_point now) const;
  /// Whether the question for the type is to be asked for the sake of somebody who is about to expire. Counts as asked.
  bool take_pointer_due(time_point now);
  /// Questions for single records that are due. Each counts as asked.
  std::vector<dns_question> take_due_questions(time_point now);
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  std::vector<mdns_event> take_events() noexcept { return std::exchange(events_, {}); }
  /// All that are reported at present.
  [[nodiscard]] std::vector<mdns_found_service> services() const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    record_life pointer;
    std::optional<record_life> service;
    dns_name host;
    std::uint16_t port = 0;
    std::optional<record_life> text;
    txt_map txt;
    ip_address brought_by;            ///< The source of the PTR record.
    std::optional<ip_address> source; ///< Of the SRV record.
    int questions = 0;                ///< For what is missing.
    std::optional<time_point> ask_at;
    time_point patient_until{};
    std::optional<time_point> asked_at; ///< A question that was not answered yet.
    int unanswered = 0;
    bool changed = true; ///< Since it was compared with what is reported.
    std::optional<mdns_found_service> reported;
  };
  struct known_address {
    ip_address address;
    record_life life;
  };
  using entry_map = std::map<dns_name, entry>;

  record_life new_life(time_point now, std::uint32_t ttl);
  [[nodiscard]] bool is_complete(const entry& x) const;
  [[nodiscard]] bool is_self(const dns_name& name, const entry& x) const;
  [[nodiscard]] bool is_from(const entry& x, const ip_address& address) const;
  [[nodiscard]] mdns_found_service describe(const dns_name& name, const entry& x) const;
  [[nodiscard]] std::size_t brought_by(const ip_address& source) const;
  bool make_room(const ip_address& source);
  entry_map::iterator drop(entry_map::iterator x);
  void take_pointer(const dns_record& x, const message_origin& origin, time_point now);
  void take_service(const dns_record& x, const message_origin& origin, time_point now);
  void take_text(const dns_record& x, time_point now);
  void take_address(const dns_record& x, const message_origin& origin, time_point now);
  void flush_addresses(const std::vector<const dns_record*>& records, time_point now);
  void ask_for_missing(entry& x, time_point now);
  void report(const dns_name& name, entry& x, time_point now);
  void doubt_unanswered(entry& x, time_point now);
  void host_changed(const dns_name& host);
  void forget_unused_hosts();

  dns_name type_;
  unsigned interface_;
  small_random random_;
  std::optional<dns_name> self_;
  std::string self_id_;
  entry_map entries_;
  std::map<dns_name, std::vector<known_address>> hosts_; ///< Of SRV records in `entries_`.
  bool hosts_stale_ = false;                             ///< Some may belong to nobody any more.
  std::vector<mdns_event> events_;
};

} // namespace librats::protocols
