// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_messages.hpp"
#include "protocols/transfer/pending_offer.hpp"
#include "protocols/transfer/transfer_types.hpp"

#include <caf/actor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

// Between the node, its `transfers`, the `transfer` actors and the `file_worker`s. Nobody outside sends them.

// -- files

/// Files to send: where they are, and the offer that they make.
struct file_source {
  std::string root;  ///< The folder that they lie in, or the folder of a lone file.
  std::string alone; ///< What a lone file is called there.
  /// Without an id. Of the fingerprint the first half is set, by content; see `transfer_record::secret`.
  protocols::transfer_offer offer;

  [[nodiscard]] const std::string& path_of(std::uint32_t file) const noexcept {
    return offer.directory ? offer.files[file].path : alone;
  }
};

using file_source_ptr = std::shared_ptr<const file_source>;
using offer_ptr = std::shared_ptr<const protocols::transfer_offer>;

/// Where files that arrive go.
struct file_target {
  std::string folder; ///< For what is not complete: this node's own.
  std::string key;    ///< Begins the names of all that belongs to this transfer there.
  peer_id sender;
  std::string destination;          ///< As `answer_offer` has it.
  bool choose_name = false;         ///< It is a folder, in which a name is to be found that nothing has...
  std::set<std::string> taken = {}; ///< ... and none of these either.
  offer_ptr offer;
  bool journal = false; ///< Keep one, and go on from the one that is there.
};

/// Asks a `file_worker` what lies at a path; answered with `source_scanned`.
struct scan_source {
  std::string root; ///< Empty: `path` is the user's own, and links on its way are followed.
  std::string path;
  std::string name;
  bool recursive = true;
  bool folder_wanted = false; ///< With `root`: whether it must be a directory, or must not.
};

struct source_scanned {
  file_source_ptr source; ///< Null when there is an error.
  std::string error;
};

/// Begins to read for job `job`. Not answered: `file_jobs` are.
struct open_source {
  std::uint64_t job = 0;
  file_source_ptr source;
};

/// Begins to write for job `job`. Answered with `target_opened`.
struct open_target {
  std::uint64_t job = 0;
  file_target target;
};

struct target_opened {
  std::optional<protocols::resume_point> at; ///< What the journal says.
  std::string path;                          ///< Where the file or directory will be.
  std::string error;
};

/// Requests to perform, one after the other; when one fails that is no read, none of the job's is performed any more.
/// Answered with `file_results` to whoever sent them.
struct file_jobs {
  std::uint64_t job = 0;
  std::vector<protocols::disk_request> requests;
};

struct file_result {
  bool read = false;
  byte_slice data;
  std::string error; ///< Empty: it worked.
};

/// One for each request that was performed or failed, in order.
struct file_results {
  std::uint64_t job = 0;
  std::vector<file_result> results;
};

/// What becomes of what a job has in the folder of partial files.
enum class file_fate : std::uint8_t { keep, discard, delivered };

/// Ends a job. Not answered.
struct close_files {
  std::uint64_t job = 0;
  file_fate fate = file_fate::keep;
};

/// Removes what a transfer without a job has left. Not answered.
struct discard_partial {
  std::string folder;
  std::string key;
};

/// A transfer that was interrupted with its process, as the folder has it.
struct stored_target {
  transfer_number id = 0;
  peer_id sender;
  std::string destination;
  offer_ptr offer;
  std::uint64_t bytes_done = 0;
  std::uint32_t files_done = 0;
};

/// Reads a folder of partial files and removes what is of no use there. Answered with `transfers_loaded`.
struct load_transfers {
  std::string folder;
  std::int64_t oldest_s = 0; ///< What was last touched before, in seconds since 1970, is removed.
};

struct transfers_loaded {
  std::vector<stored_target> incoming;
  std::vector<protocols::pending_offer> outgoing;
  std::vector<protocols::sha256_digest> delivered; ///< Fingerprints of offers that are done.
};

/// Remembers an offer across the end of the process. Not answered: without it the transfer works too.
struct store_outgoing {
  std::string folder;
  protocols::pending_offer what;
};

struct forget_outgoing {
  std::string folder;
  transfer_number id = 0;
};

// -- transfers

/// Who is told and asked: the node's memory.
struct transfer_audience {
  caf::actor offer_handler;
  caf::actor request_handler;
  std::set<caf::actor> watchers;
};

/// A transfer as `transfers` knows it.
struct transfer_record {
  transfer_report report;
  std::uint64_t wire_id = 0; ///< Of the attempt that runs.
  std::uint64_t job = 0;
  /// The second half of the fingerprint: the same as long as it is the same transfer, so that a receiver which has it
  /// all can tell an offer that is repeated from one that is new.
  std::array<std::uint8_t, 16> secret{};
  // Sending.
  scan_source scan;
  file_source_ptr source;
  // Receiving.
  offer_ptr offer;
  file_target target;
  // Going on.
  bool ours = false; ///< The peer can resume.
  bool user_paused = false;
  bool accepted = false;                  ///< Receiving: somebody has said yes.
  bool attempting = false;                ///< Sending: the files are being looked at.
  std::uint64_t counted = 0;              ///< Bytes that the statistics have.
  std::size_t share = 0;                  ///< As its actor was told.
  std::optional<time_point> next_attempt; ///< Else as soon as the peer is there.
  std::uint32_t fruitless = 0;            ///< Attempts in a row that brought nothing.
  std::uint64_t best = 0;                 ///< Bytes that the best of them had.
  time_point waiting_since{};
  time_point answer_by{}; ///< Of an offer that nobody has answered.
  caf::actor running;
};

/// What outlives `transfers`: it leaves it with the node at its end, and the next one gets it.
struct transfer_memory {
  std::optional<time_point> since; ///< When the figures began.
  bool loaded = false;             ///< The folder has been read.
  std::map<transfer_number, transfer_record> live;
  std::deque<transfer_report> ended;
  std::vector<protocols::sha256_digest> delivered;
  transfer_statistics counted;
  std::optional<configure_transfers> settings;
};

/// FileChunk messages of the peer for one transfer.
struct transfer_inputs {
  std::vector<byte_slice> payloads;
};

/// How many bytes of chunks one transfer may have handed to the link without having heard of them.
struct transfer_share {
  std::size_t bytes = 0;
};

/// The link to the peer, once more, or null: it is gone.
struct transfer_link {
  caf::actor link;
};

/// A transfer tells how it stands.
struct transfer_moved {
  transfer_number id = 0;
  std::uint64_t job = 0;
  transfer_phase phase = transfer_phase::active;
  bool started = false; ///< Just now.
  bool ours = false;    ///< The peer is one of this edition.
  std::string local_path;
  std::uint64_t bytes_done = 0;
  std::uint32_t files_done = 0;
  std::uint32_t current = 0; ///< File.
  double rate = 0;
  double average = 0;
  std::optional<duration> remaining;
};

/// A transfer is over, one way or the other.
struct transfer_over {
  transfer_moved last;
  std::optional<protocols::transfer_errc> error;
  std::string reason;
  std::string checksum;
};

} // namespace librats::actors
