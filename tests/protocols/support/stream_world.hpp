// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/datagram/datagram_stream.hpp"
#include "tests/protocols/support/path_model.hpp"

#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

namespace librats::test {

/// One bulk transfer between two real `datagram_stream`s.
struct transfer_options {
  protocols::congestion_algorithm congestion = protocols::congestion_algorithm::bbr;
  bool extension = true;           ///< Whether both ends offer it.
  duration starts_after{0};
  std::uint64_t bytes = UINT64_MAX;  ///< Then it finishes.
  duration sends_every{0};         ///< 0: as much as it may; else `burst` bytes so often.
  std::size_t burst = 0;
};

/// What became of it.
struct transfer_result {
  std::uint64_t received = 0;        ///< Payload, in order, every byte compared.
  std::uint64_t payload_dropped = 0; ///< Payload of its Data packets that the path lost, repeated ones included.
  bool intact = true;
  protocols::stream_end sender_end = protocols::stream_end::none;
  protocols::stream_end receiver_end = protocols::stream_end::none;
  protocols::datagram_stream_stats sender;
};

/// Two hosts and the path between them on virtual time, with any number of transfers from the first host to the second,
/// all through the same two bottlenecks. Equal options and seeds, equal runs.
class stream_world {
public:
  stream_world(const path_options& there, const path_options& back, std::uint64_t seed);
  ~stream_world();

  /// Returns its number, from 0.
  std::size_t add(const transfer_options& options);
  void run_until(duration since_start);

  [[nodiscard]] duration elapsed() const noexcept { return now_ - start_; }
  [[nodiscard]] transfer_result result(std::size_t number) const;
  [[nodiscard]] path_model& there() noexcept { return there_; }
  [[nodiscard]] path_model& back() noexcept { return back_; }

private:
  struct end_point;
  struct transfer;

  struct flight {
    time_point at;
    std::uint64_t order = 0;  ///< Ties keep the order of sending.
    transfer* whose = nullptr;
    bool to_receiver = false;
    bytes datagram;
    bool operator>(const flight& x) const noexcept { return at != x.at ? at > x.at : order > x.order; }
  };

  void step(transfer& x);
  void drain(transfer& x, bool from_sender);
  void deliver(flight& x);

  time_point start_{std::chrono::hours{1}};
  time_point now_ = start_;
  std::uint64_t seed_;
  std::uint64_t order_ = 0;
  path_model there_;
  path_model back_;
  std::vector<flight> flights_;  ///< A heap, soonest first.
  std::vector<bytes> spare_;     ///< Buffers of delivered datagrams.
  std::vector<std::unique_ptr<transfer>> transfers_;
};

/// Nearest-rank quantile, `share` in (0, 1]; 0 of nothing.
std::uint32_t quantile(std::vector<std::uint32_t> x, double share);

} // namespace librats::test
