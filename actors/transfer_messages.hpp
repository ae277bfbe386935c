// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

// Files and directories (wire/05), as `node` understands it: the embedding API. Errors of requests carry a sentence.

/// A transfer of this node, whichever way it goes: drawn at random from 2^32 to 2^53 - 1. Stays the same while a
/// transfer is interrupted and goes on, even in another process.
using transfer_number = std::uint64_t;

enum class transfer_direction : std::uint8_t { sending, receiving };

enum class transfer_phase : std::uint8_t {
  offered, ///< Nobody has answered yet: the peer when sending, this node's handler when receiving.
  active,  ///< Bytes move, or what is there already is compared.
  paused,
  waiting, ///< Interrupted: goes on by itself when the peer is back, or after a while when something failed.
  completed,
  failed,
  cancelled, ///< By either side.
};

/// What is known of a file.
struct file_metadata {
  std::string path;              ///< Relative, with `/` between the components; of a lone file its name.
  std::uint64_t size = 0;        ///< Bytes.
  std::uint64_t modified_ms = 0; ///< Milliseconds since 1970; 0: not known.
  std::uint16_t mode = 0;        ///< Permission bits; 0: not known.
};

/// The files of a transfer, shared by all who look at them.
using file_list = std::shared_ptr<const std::vector<file_metadata>>;

/// How a transfer stands.
struct transfer_report {
  transfer_number id = 0;
  peer_id peer;
  transfer_direction direction = transfer_direction::sending;
  transfer_phase phase = transfer_phase::offered;
  bool directory = false;
  std::string name;             ///< As the receiver is told; of a directory it may be empty.
  std::string local_path;       ///< What is sent, or where it goes; empty as long as that is open.
  file_list files;              ///< Null while they are not known.
  std::uint64_t bytes_done = 0; ///< On the receiver's disk.
  std::uint64_t bytes_total = 0;
  std::uint32_t files_done = 0;
  std::uint32_t files_total = 0;
  std::string current_file;          ///< Empty between files.
  std::size_t chunk_size = 0;        ///< Bytes; when receiving, what this node itself would send.
  double rate = 0;                   ///< Bytes per second in the last 5 s; 0 unless active.
  double average = 0;                ///< Bytes per second without pauses, since the last (re)start.
  std::optional<duration> remaining; ///< At that rate; empty while nothing moves.
  time_point started_at{};           ///< On the clock of the node's loop; when it was offered.
  time_point changed_at{};
  std::uint32_t retries = 0; ///< How often it has been interrupted.
  std::string error;         ///< Why it failed, was cancelled or waits.
  std::string checksum;      ///< SHA-256 in hex of a lone file, once it is there.
};

// -- sending

/// Offers a file or a directory to a connected peer. Answered with `files_offered` when the files have been looked at,
/// or with an error: no such path, not connected, too many files, too many transfers.
struct offer_files {
  peer_id to;
  std::string path;      ///< Of this machine. A link here is followed; those inside a directory are left out.
  std::string name;      ///< What the receiver is told; empty: the last component of `path`.
  bool recursive = true; ///< Of a directory: with what lies in its directories.
};

struct files_offered {
  transfer_number id = 0;
};

// -- receiving

/// Sets who decides about offers; null: nobody. Not answered. With nobody, or when that actor has ended, offers go to
/// the inbox (transfer_options.hpp), and without one they are refused.
struct set_offer_handler {
  caf::actor handler;
};

/// To that handler, which answers with `answer_offer` to the node at any time within a minute.
struct transfer_offered {
  transfer_number id = 0;
  peer_id from;
  bool directory = false;
  std::string name; ///< Safe as a file name; of a directory it may be empty.
  std::uint64_t bytes_total = 0;
  file_list files;
};

/// Takes or refuses an offer. Answered with `offer_answered`, or with an error when no such offer is open.
struct answer_offer {
  transfer_number id = 0;
  bool accept = false;
  /// Of a file: its path, or a folder (one that exists, or with a `/` at its end) in which it gets its name. Of a
  /// directory: the folder that its files come into. What is there with the same name is replaced.
  std::string destination;
  std::string reason; ///< Why not, for the sender.
};

struct offer_answered {};

// -- asking for files

/// Asks a peer for a file or directory; what it then offers under this number is accepted into `destination` (as
/// `answer_offer` has it). Answered with `files_requested` as soon as the peer agrees, or with its refusal. Only nodes
/// of this edition understand the question (typed request `rats.files`); others do not answer within 30 s.
struct request_files {
  peer_id from;
  std::string path; ///< As the peer names it: below its share, or whatever its handler knows.
  std::string destination;
  bool directory = false;
  bool recursive = true;
};

struct files_requested {
  transfer_number id = 0;
};

/// Sets who decides about requests; null: nobody. Not answered. With nobody, or when that actor has ended, requests are
/// answered from the share (transfer_options.hpp), and without one they are refused.
struct set_file_request_handler {
  caf::actor handler;
};

/// To that handler, which answers with `answer_file_request` to the node within 20 s.
struct files_wanted {
  transfer_number id = 0; ///< Of the transfer that will follow. The peer drew it: unique for that peer alone.
  peer_id from;
  std::string path; ///< Any text without control characters. Not safe to open.
  bool directory = false;
  bool recursive = true;
};

/// Not answered.
struct answer_file_request {
  transfer_number id = 0;
  peer_id from;
  bool accept = false;
  std::string path;   ///< What to send, of this machine; empty: the requested path below the share.
  std::string reason; ///< Why not, for the peer.
};

// -- steering

enum class transfer_command : std::uint8_t {
  pause,
  resume, ///< Of a paused one, by whichever side; of one that this node sends and that waits: try at once.
  cancel, ///< Of any that has not ended. Partial files go.
};

/// Answered with `transfer_steered`, or with an error when there is no such transfer or it is in another phase.
struct steer_transfer {
  transfer_number id = 0;
  transfer_command command = transfer_command::pause;
};

struct transfer_steered {};

// -- watching

/// Answered with `transfer_list`, the oldest first: those that go on, and the last hundreds of those that have ended.
struct get_transfers {
  bool with_ended = true;
};

struct transfer_list {
  std::vector<transfer_report> transfers;
};

/// Answered with `transfer_report`, or with an error when it is not known.
struct get_transfer {
  transfer_number id = 0;
};

/// From now on `watcher` gets a `transfer_report` whenever the phase of a transfer changes, and four times a second at
/// most while it moves. Not answered. Ends with the watcher or with `unwatch_transfers`.
struct watch_transfers {
  caf::actor watcher;
};

struct unwatch_transfers {
  caf::actor watcher;
};

/// Answered with `transfer_statistics`.
struct get_transfer_statistics {};

/// Since the node started.
struct transfer_statistics {
  bool running = false; ///< Transfers are switched on.
  duration uptime{};
  std::uint64_t bytes_sent = 0;     ///< That receivers have on disk, without what they had before.
  std::uint64_t bytes_received = 0; ///< On disk.
  std::uint64_t files_sent = 0;
  std::uint64_t files_received = 0;
  std::size_t active = 0; ///< That have not ended.
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;         ///< Or were cancelled or refused.
  std::uint64_t interrupted = 0;    ///< Times that a transfer had to wait for its peer or its disk.
  std::uint64_t offers_refused = 0; ///< Of peers, before anybody was asked: bad names, too many, no room.
  double send_rate = 0;             ///< Bytes per second now, of all together.
  double receive_rate = 0;
};

// -- settings

/// Changes what a FileTransferConfig of the client API can change; holds for transfers that start from now on. Not
/// answered.
struct configure_transfers {
  std::size_t chunk_size = 65'536; ///< Bytes, up to 1 MiB.
  std::size_t reads_ahead = 16;    ///< Chunks in flight between disk and link.
  std::uint32_t retries_max = 16;  ///< Attempts without any progress.
  duration idle_max = std::chrono::seconds{60};
  bool verify = true; ///< Compare the SHA-256 of what arrived.
  bool resume = true; ///< Go on after an interruption instead of failing.
  std::string folder; ///< For partial files; empty: as it is.
};

} // namespace librats::actors
