// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/stun/message.hpp"

#include <cstdint>
#include <optional>

namespace librats::protocols::stun {

/// One request over UDP, repeated until it is answered (RFC 8489 section 6.2.1). Call one input, drain `poll_transmit`,
/// look at `state`, then wait for `poll_timeout`.
class client_transaction {
public:
  struct config {
    duration rto = std::chrono::milliseconds{500}; ///< Before the first repetition; doubles with each.
    int requests_max = 7;                          ///< Rc: sent in all, the first one included.
    int last_wait = 16;                            ///< Rm: after the last one we wait that many times `rto`.
  };
  enum class status : std::uint8_t {
    waiting,   ///< For an answer.
    answered,  ///< A success or an error response came.
    refused,   ///< The network said that the server cannot be reached.
    timed_out, ///< No answer: 39.5 s after the start with the usual configuration.
  };

  /// `request` is a whole STUN request; its first copy may leave at once.
  client_transaction(const config& cfg, const endpoint& server, bytes request, time_point now);

  // -- inputs

  /// Whether `x` is a response to this request: same id, same method, and from the address and port that we asked, for
  /// an id alone could have been overheard. Check its integrity between this call and `handle_response`: forgeries are
  /// ignored, they do not end the wait (RFC 8489 section 9).
  [[nodiscard]] bool matches(const endpoint& from, const message_view& x) const noexcept;
  /// A response that matches came; there is nothing more to send.
  void handle_response(time_point now) noexcept;
  /// ICMP said that `to` cannot be reached. Anybody on the way could have; it ends the transaction all the same, as
  /// RFC 8489 section 6.2.1 wants it.
  void handle_refused(const endpoint& to) noexcept;
  /// Early calls do nothing. One that is late by several repetitions makes up for none of them.
  void handle_timeout(time_point now) noexcept;

  // -- outputs

  /// A copy of the request, for `server()`.
  std::optional<bytes> poll_transmit();
  /// Empty when there is nothing left to wait for.
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  [[nodiscard]] status state() const noexcept { return state_; }
  [[nodiscard]] const endpoint& server() const noexcept { return server_; }
  [[nodiscard]] const transaction_id& id() const noexcept { return id_; }
  /// Requests sent so far.
  [[nodiscard]] int requests() const noexcept { return requests_; }
  /// From request to answer; empty before there is one, and when repetitions make it unclear which request was answered
  /// (Karn's rule, RFC 6298 section 3).
  [[nodiscard]] std::optional<duration> rtt() const noexcept { return rtt_; }

private:
  config cfg_;
  endpoint server_;
  bytes request_;
  transaction_id id_{};
  method_type method_ = 0;
  status state_ = status::waiting;
  time_point started_;
  time_point due_;
  duration wait_; // After the request that was sent last.
  int requests_ = 1;
  bool to_send_ = true;
  std::optional<duration> rtt_;
};

} // namespace librats::protocols::stun
