// SPDX-License-Identifier: MIT
#pragma once

#include "actors/mesh_messages.hpp"
#include "actors/mesh_options.hpp"
#include "actors/node_messages.hpp"
#include "protocols/address_book/address_book.hpp"
#include "protocols/reconnect/reconnect_schedule.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/host/host.hpp"

#include <caf/error.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace librats::actors {

/// Dials who shall be connected and is not: the targets of the configuration, peers that were lost, and at the start
/// the best addresses of former days (`reconnect_schedule`, `address_book`). Learns from the node's events who comes
/// and goes, and dials through the node.
///
/// The book lies on disk. It is written as a whole two seconds after a change and at the end. A file that makes no
/// sense is copied aside before anything takes its place; one that cannot be read is left alone.
class reconnector final : public runtime::pinned_actor {
public:
  /// `dial_patience`: the node keeps the deadlines of a dial; this one is for a node that does not answer at all.
  reconnector(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
    const peer_id& self, mesh_options options, duration dial_patience, caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "reconnector"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  struct peer {
    endpoint remote;
    std::optional<endpoint> dialed;
  };
  enum class book_state : std::uint8_t { none, loading, kept, broken };

  // -- peers
  void connected(const peer_connected& x);
  void disconnected(const peer_id& id);
  void identified(const peer_identified& x);

  // -- dials
  void pump();
  void dial(const protocols::dial_target& where);
  void reached(const protocols::dial_target& where, const connected_to& x);
  void failed(const protocols::dial_target& where, const caf::error& why);
  [[nodiscard]] reconnect_status report() const;

  // -- the book
  void load_book();
  void use_book(const byte_slice& text);
  void keep_aside(const byte_slice& text, const std::string& why);
  void begin_with(const protocols::address_book& book);
  void book_changed();
  void save_book();
  void book_saved(std::uint64_t revision, const std::error_code& error);
  void refresh_book();
  void stop_keeping(const std::string& why);
  void finish();

  runtime::host& host_;
  peer_id self_;
  mesh_options options_;
  duration dial_patience_;
  caf::actor_addr node_;
  protocols::reconnect_schedule schedule_;
  std::map<peer_id, peer> peers_;
  std::map<protocols::dial_target, std::string> told_;  ///< Failures of permanent targets that are in the log.
  protocols::address_book book_;
  book_state book_state_ = book_state::none;
  std::string book_error_;
  std::uint64_t saved_revision_ = 0;
  bool saving_ = false;
  std::optional<caf::error> ending_;  ///< Set while the last version of the book is written.
};

} // namespace librats::actors
