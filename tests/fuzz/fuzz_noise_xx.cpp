// SPDX-License-Identifier: MIT
#include "protocols/crypto/noise_xx.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

/// The first byte picks the role, the rest is the first message that this end reads. Without the other end's keys
/// nobody gets an initiator to believe it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  x25519_bytes ephemeral{};
  ephemeral.fill(7);
  static const auto key = key_pair::from_private(ephemeral);
  const bool dialing = data[0] % 2 == 0;
  noise_xx uut{dialing ? role::initiator : role::responder, key, ephemeral, {}};
  if (dialing)
    test::require(uut.write_message().ok());
  const auto payload = uut.read_message({data + 1, size - 1});
  test::require(!payload || (!dialing && payload->size() == size - 33));
  if (payload)
    static_cast<void>(uut.write_message().ok());
  test::require(!uut.finished());
  return 0;
}
