// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "protocols/typed/request_table.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/random/random_source.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace librats::actors {

/// Sorts typed messages (wire/03 section 2) by their type and hands them to the actors that asked for it. Puts the
/// node's questions to its peers and the peers' questions to the responders (request_codec.hpp). The node keeps the
/// registrations and repeats them after a restart; questions that were open then end with an error at both ends.
class typed_messaging final : public runtime::pinned_actor {
public:
  /// Questions of ours that wait for an answer.
  static constexpr protocols::request_table::limits asked_max{1024, 16384, std::size_t{1} << 32};
  /// Questions of peers that a responder has not answered yet, and what their texts may hold in memory: as many as a
  /// node of ours asks, and two messages of the largest size.
  static constexpr protocols::request_table::limits answering_max{1024, 16384, std::size_t{16} << 20};
  /// So long an asker and a responder may take at most.
  static constexpr auto patience_max = std::chrono::minutes{10};

  typed_messaging(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::random_source& random,
    caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "typed_messaging"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  using key = protocols::request_table::key;

  void handle_frames(const frames_received& x);
  void update(const typed_registrations& x);

  // -- questions and answers (typed_requests.cpp)
  caf::result<typed_response> ask_peer(const request_typed& x);
  void handle_request(const peer_id& from, const byte_slice& json_text);
  void handle_response(const peer_id& from, const byte_slice& json_text);
  void answer(const key& which, const typed_response& x);
  void refuse(const key& which, std::string_view why);
  void respond(const peer_id& to, bytes payload);
  void fail(const key& which, std::string why);
  void peer_left(const peer_id& who);
  void responder_ended(const caf::actor_addr& who);
  void end_all_requests();
  void rearm();

  runtime::random_source& random_;
  caf::actor_addr node_;
  std::map<std::string, std::vector<caf::actor>, std::less<>> receivers_;
  std::map<std::string, caf::actor, std::less<>> responders_;
  std::set<caf::actor_addr> observed_;  ///< Every responder that was ever registered and lives.

  std::optional<std::uint64_t> last_id_;
  protocols::request_table asked_{asked_max};
  std::map<key, caf::typed_response_promise<typed_response>> askers_;
  protocols::request_table answering_{answering_max};
  std::map<key, caf::actor_addr> answerers_;
  time_point armed_{};  ///< When the deadline timer fires, while it is armed.
};

} // namespace librats::actors
