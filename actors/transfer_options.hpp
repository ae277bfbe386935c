// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/transfer/transfer_codec.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace librats::actors {

/// How a node sends and receives files.
struct transfer_options {
  bool enabled = true; ///< Off: offers are not even refused.
  /// For partial files, journals and the list of what is still to be sent, in a folder of this node's own therein.
  /// Made when it is needed.
  std::string folder = "temp_transfers";
  std::string share; ///< What peers may ask for lies below this folder; empty: nothing.
  std::string inbox; ///< Where offers go that no handler decides about; empty: nowhere.
  std::uint64_t inbox_bytes_max = std::uint64_t{64} << 30; ///< Of one offer into the inbox.
  std::size_t chunk_size = protocols::transfer_chunk_default;
  std::size_t reads_ahead = 16;        ///< Chunks that a sender holds.
  std::uint64_t window = 4u << 20;     ///< Bytes that may be sent beyond what the receiver has on disk.
  std::size_t transfers_max = 256;     ///< That have not ended, both ways.
  std::size_t per_peer_max = 16;       ///< Of those with one peer.
  std::size_t offers_per_peer_max = 8; ///< Of a peer's that nobody has answered.
  std::size_t history_max = 256;       ///< That have ended and are still shown.
  std::size_t workers = 2;             ///< Threads that read and write files.
  duration idle_max = std::chrono::seconds{60};
  bool verify = true;
  bool compress = true; ///< What can be packed well, for receivers that can unpack it.
  bool resume = true;                         ///< Go on after interruptions, also those of the process.
  std::uint32_t retries_max = 16;             ///< Attempts without any progress.
  duration keep = std::chrono::hours{7 * 24}; ///< So long an interrupted transfer waits for its peer.
};

} // namespace librats::actors
