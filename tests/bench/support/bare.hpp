// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace librats::bench {

// What the machine can do with bare threads, sockets and cryptography: the limits that the library's figures stand
// beside.

struct bulk_figures {
  double megabytes_per_second = 0;
  double cpu_seconds_per_gigabyte = 0;  ///< Both ends.
};

/// Two threads over loopback TCP: one seals and sends frames of `frame_size`, the other receives and opens them
/// (ChaCha20-Poly1305 of OpenSSL). Blocking calls, nothing else.
bulk_figures bare_bulk(std::size_t total, std::size_t frame_size);

/// What a file transfer cannot do without, and nothing else: as `bare_bulk`, and the sender reads `from` and hashes it
/// (SHA-256), the receiver hashes too, writes `to` and synchronises it at the end. All zero when a file fails.
bulk_figures bare_file(const std::string& from, const std::string& to, std::size_t frame_size);

/// Two threads that throw `size` bytes back and forth over loopback TCP, without cryptography. Microseconds per round
/// trip.
double bare_round_trip(int turns, std::size_t size);

/// Milliseconds for one TCP connection with the X25519 operations and round trips of a Noise_XX handshake, both ends.
double bare_dial(int dials);

} // namespace librats::bench
