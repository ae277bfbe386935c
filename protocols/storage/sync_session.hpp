// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "protocols/storage/lww_store.hpp"
#include "protocols/storage/storage_codec.hpp"
#include "protocols/storage/sync_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace librats::protocols {

/// Keeps the store of one peer equal to ours while there is a link to it. Upstream gets what wire/06 says: a
/// SYNC_REQUEST, and everything when it asks. A node of ours says HELLO, and then the two compare digests of ranges of
/// key hashes (digest_tree.hpp): who leads asks about ever smaller ranges until it knows in which keys the stores
/// differ, and only those travel, in the direction in which they are newer. Who leads has a bounded number of questions
/// open, and an answer waits behind the entries that belong to it, so neither side piles up work.
///
/// Feed it, drain `poll_event` and, when the link has room, `poll_transmit`, then wait for `poll_timeout`.
class sync_session {
public:
  struct config {
    duration hello_wait = std::chrono::seconds{2};       ///< Who says nothing so long is an upstream node.
    duration round_gap = std::chrono::milliseconds{200}; ///< From the end of a comparison to the next, at least.
    std::size_t open_ranges_max = 64;                    ///< Questions without an answer.
    std::size_t tasks_max = 1024;                        ///< Things to send that the peer asked for; more are dropped.
    std::size_t changes_max = 4096;                      ///< Changed keys that wait for room; then all is compared.
  };
  struct figures {
    std::uint64_t entries_sent = 0;
    std::uint64_t entries_received = 0;
    std::uint64_t entries_refused = 0; ///< Damaged, or beyond a limit.
    std::uint64_t ignored = 0;         ///< Messages that made no sense, and requests beyond `tasks_max`.
    std::uint64_t rounds = 0;          ///< Comparisons that ended.
    std::uint64_t requests_sent = 0;   ///< For everything, as upstream asks.
    std::uint64_t requests_received = 0;
    std::uint64_t restarts = 0; ///< Of the other end.
  };
  /// The peer told of something newer. What came in a synchronisation is news to others only if they do not compare
  /// with that peer themselves.
  struct entry_won {
    storage_change change;
    bool by_sync = false;
  };
  /// The stores were equal at some moment since the last one; with an upstream peer: it sent a part of its store.
  struct synced {};
  using event = std::variant<entry_won, synced>;

  /// The link is there. Of the two ends exactly one `leads`: that with the smaller id. `number` is not 0 and tells this
  /// end from those that were here before it.
  sync_session(const config& cfg, time_point now, bool leads, std::uint64_t number = 1);

  // -- inputs
  /// A Storage message. `wall_ms` is Unix time.
  void handle_message(time_point now, std::uint64_t wall_ms, lww_store& store, bytes_view in);
  void handle_timeout(time_point now);
  /// The peer should hear what `key` has now.
  void note_change(std::string_view key);
  /// Something may have come by this session: compare again (a node of ours), or ask for everything (upstream).
  void request_sync();

  // -- outputs
  /// The next message. It reads the store when it is asked, so what waited is sent as it is now.
  std::optional<bytes> poll_transmit(time_point now, const lww_store& store);
  std::optional<event> poll_event();
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  [[nodiscard]] bool peer_is_ours() const noexcept { return peer_ == peer_kind::ours; }
  [[nodiscard]] bool is_synced() const noexcept { return synced_; }
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }

private:
  enum class peer_kind : std::uint8_t { unknown, ours, upstream };
  struct task_cursor {
    std::uint64_t hash = 0;
    std::string key;
  };
  /// Entries to send, and what is said behind them.
  struct task {
    bool whole_range = false;
    hash_range range;                   ///< With `whole_range`: all of it from the cursor on...
    std::vector<std::uint64_t> without; ///< ...but these, in order.
    task_cursor cursor;
    std::vector<std::uint64_t> hashes; ///< These as well.
    task_cursor hash_cursor;           ///< Within the last of them.
    std::optional<range_statement> answer;
    bool full_sync = false; ///< There is a response even without an entry.
    bool finished = false;  ///< FINISHED is said.
  };
  /// What follows from comparing a range: for us to send, and to ask for.
  struct difference {
    task to_send;
    std::vector<std::uint64_t> wanted;
  };

  void handle_foreign(time_point now, std::uint64_t wall_ms, lww_store& store, storage_message& x);
  void handle_ours(time_point now, const lww_store& store, sync_message& x);
  void handle_hello(time_point now, const sync_hello& x);
  void handle_statement(const lww_store& store, range_statement& x);
  void handle_question(const lww_store& store, range_statement& x);
  void handle_answer(const lww_store& store, range_statement& x);
  void receive(std::uint64_t wall_ms, lww_store& store, const storage_entry_view& x, bool by_sync);
  void become_upstream();
  void ask_for_everything();
  void add_task(task x);
  void end_round(time_point now);
  void begin_round_if_due(time_point now);
  [[nodiscard]] static difference compare(
    const lww_store& store, const hash_range& range, std::vector<range_item> theirs);
  [[nodiscard]] range_statement question(const lww_store& store, const hash_range& range) const;

  std::optional<bytes> next_change(const lww_store& store);
  std::optional<bytes> next_part(time_point now, const lww_store& store);
  std::optional<bytes> next_question(const lww_store& store);
  /// Moves what fits into `out`; true when the task has nothing left to send.
  bool fill(sync_response_builder& out, task& x, const lww_store& store);
  /// False when the message is full before the range ends.
  bool walk(sync_response_builder& out, const hash_range& range, task_cursor& cursor,
    const std::vector<std::uint64_t>& without, const lww_store& store);

  config cfg_;
  bool leads_;
  std::uint64_t number_;
  std::uint64_t heard_ = 0; ///< The number of the other end.
  peer_kind peer_ = peer_kind::unknown;
  std::deque<bytes> control_; ///< At most a handful.
  std::set<std::string, std::less<>> changes_;
  std::deque<task> tasks_;
  sync_ranges answers_; ///< Those whose entries have gone out.
  std::deque<event> events_;
  // Of who leads:
  std::vector<hash_range> to_ask_; ///< The last one is next, so depth comes first and the list stays short.
  std::set<hash_range> asked_;
  std::vector<std::uint64_t> to_want_;
  bool round_runs_ = false;
  bool finish_said_ = false;
  bool round_wanted_ = false;
  bool synced_ = false;
  time_point next_round_{};
  std::optional<time_point> hello_until_;
  figures figures_;
};

} // namespace librats::protocols
