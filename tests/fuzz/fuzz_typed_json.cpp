// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <nlohmann/json.hpp>

using namespace librats;
using namespace librats::protocols;

/// What we accept we can write, and what we write reads back as the same text.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode_typed({data, size});
  if (!message)
    return 0;
  const auto document = parse_ordered_json(message->json_text);
  test::require(document.ok() == parse_json(message->json_text).ok());
  if (!document) {
    // nlohmann takes a NUL for the end of the text and nests without bound; all else it must refuse as well.
    const auto& text = message->json_text;
    const bool incomparable = text.find('\0') != text.npos || text.size() > json_depth_max;
    test::require(incomparable || !nlohmann::json::accept(text));
    return 0;
  }
  const auto text = dump_json(*document);
  test::require(text.ok());
  const auto again = parse_ordered_json(*text);
  test::require(again.ok() && *dump_json(*again) == *text);
  return 0;
}
