// SPDX-License-Identifier: MIT
#include "protocols/pex/pex_message.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = decode_pex({data, size});
  if (!x)
    return 0;
  if (const auto* request = std::get_if<pex_request>(&*x)) {
    const auto back = decode_pex(encode(*request));
    test::require(back.ok() && std::get<pex_request>(*back).max == request->max);
    return 0;
  }
  const auto& response = std::get<pex_response>(*x);
  test::require(response.entries.size() <= pex_entries_max && response.entries.size() * 39 <= size);
  const auto back = decode_pex(encode(response)); // Loses what cannot be dialed, and nothing else after that.
  test::require(back.ok());
  test::require(encode(std::get<pex_response>(*back)) == encode(response));
  return 0;
}
