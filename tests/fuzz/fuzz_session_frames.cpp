// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

/// The stream of an established peer in plaintext mode, where every byte reaches the framing: whole and in pieces it
/// must give the same frames.
namespace {

bytes frames_of(bytes_view stream, std::size_t piece) {
  static const auto config = [] {
    auto out = std::make_shared<session_config>();
    out->security = security_mode::plaintext;
    return out;
  }();
  session dialer{config, role::initiator, {}};
  session uut{config, role::responder, {}};
  auto hello = dialer.poll_transmit();
  uut.handle_bytes(hello);
  test::require(!uut.poll_frame() && uut.state() == session_state::established);
  bytes out;
  while (!stream.empty()) {
    auto chunk = to_bytes(stream.first(std::min(piece, stream.size())));
    stream = stream.subspan(chunk.size());
    uut.handle_bytes(chunk);
    while (const auto frame = uut.poll_frame()) {
      const auto header = encode(frame->header);
      out.insert(out.end(), header.begin(), header.end());
      out.insert(out.end(), frame->payload.begin(), frame->payload.end());
    }
  }
  out.push_back(static_cast<std::uint8_t>(uut.state()));
  return out;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const bytes_view stream{data + 1, size - 1};
  test::require(frames_of(stream, stream.size() + 1) == frames_of(stream, 1 + data[0] % 16));
  return 0;
}
