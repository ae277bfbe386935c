// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

/// A stranger's stream: the first byte picks role, mode and the size of the pieces.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  static const auto config_for = [](security_mode security) {
    auto out = std::make_shared<session_config>();
    out->security = security;
    out->static_key = key_pair::from_private(bytes(32, 7));
    return out;
  };
  static const auto noise = config_for(security_mode::noise);
  static const auto plaintext = config_for(security_mode::plaintext);
  session uut{data[0] & 1 ? noise : plaintext, data[0] & 2 ? role::initiator : role::responder, {}};
  const std::size_t piece = 1 + (data[0] >> 2);
  for (bytes_view rest{data + 1, size - 1}; !rest.empty();) {
    auto chunk = to_bytes(rest.first(std::min(piece, rest.size())));
    rest = rest.subspan(chunk.size());
    uut.handle_bytes(chunk);
    while (const auto frame = uut.poll_frame())
      test::require(uut.security() == security_mode::plaintext && uut.state() == session_state::established);
    static_cast<void>(uut.poll_transmit());
  }
  test::require(uut.buffered() <= size);
  test::require(uut.security() == security_mode::plaintext || uut.state() != session_state::established);
  return 0;
}
