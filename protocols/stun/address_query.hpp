// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/stun/client_transaction.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace librats::protocols::stun {

/// Asks one STUN server after the other how the outside sees the socket that the datagrams leave from, until one tells
/// (wire/08 section 5). Call one input, drain `poll_transmit`, drain `poll_event`, then wait for `poll_timeout`.
///
/// Names are resolved by the caller: `stun.l.google.com:19302`, then `stun1.l.google.com:19302` are the usual ones, and
/// all servers of one query should be of the socket's family. A server that sends us elsewhere (error 300) is obeyed
/// once, if it names an address that was not asked yet.
class address_query {
public:
  struct config {
    client_transaction::config transaction;
    duration per_server = std::chrono::seconds{3};
    std::string software = "librats"; ///< SOFTWARE of the requests; none when empty.
    bool fingerprint = false;         ///< For servers on a port that they share with other protocols.
  };
  struct mapped {
    endpoint address; ///< As the server saw us.
    endpoint server;
    std::optional<duration> rtt; ///< Unknown when the request was repeated.
  };
  /// What became of a question.
  enum class outcome : std::uint8_t {
    silence,    ///< No answer in time.
    refused,    ///< The network said that there is nobody.
    error,      ///< An error response that led nowhere.
    no_address, ///< A success response without an address that a socket can have.
  };
  /// All servers were asked, in vain. Says what the last one did that did more than the others.
  struct failed {
    outcome why = outcome::silence;
    int error_code = 0; ///< With `outcome::error`.
  };
  using event = std::variant<mapped, failed>;
  struct transmit {
    endpoint to;
    bytes datagram;
  };
  /// Servers of one query; further ones are left out.
  static constexpr std::size_t servers_max = 16;

  /// Transaction ids are drawn by `key`, which must be random and secret, or a stranger could answer.
  address_query(const config& cfg, std::vector<endpoint> servers, const secret_random::key_type& key, time_point now);

  // -- inputs

  /// Returns whether the datagram belongs to this query; what does not may be for somebody else on the same port.
  bool handle_datagram(time_point now, const endpoint& from, bytes_view in);
  void handle_refused(time_point now, const endpoint& to);
  /// Early calls do nothing.
  void handle_timeout(time_point now);

  // -- outputs

  std::optional<transmit> poll_transmit();
  /// Exactly one in the life of a query.
  std::optional<event> poll_event();
  /// Empty once it is over.
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;
  [[nodiscard]] bool over() const noexcept { return !asking_; }

private:
  struct candidate {
    endpoint at;
    bool referred = false; // By another server, not by the caller.
  };

  void ask_next(time_point now);
  void note(outcome why, int error_code = 0) noexcept;
  void judge(time_point now, const message_view& x);
  [[nodiscard]] std::optional<endpoint> referral(const message_view& x) const;

  config cfg_;
  std::vector<candidate> servers_;
  secret_random random_;
  std::size_t next_ = 0;
  std::optional<client_transaction> asking_;
  time_point give_up_; // On the server that is being asked.
  failed failure_;
  std::optional<event> event_;
};

} // namespace librats::protocols::stun
