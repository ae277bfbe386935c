// SPDX-License-Identifier: MIT
#include "protocols/typed/json_members.hpp"
#include "protocols/typed/request_codec.hpp"
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <nlohmann/json.hpp>

using namespace librats;
using namespace librats::protocols;

namespace {

void check_request(std::string_view text) {
  const auto request = decode_request(text);
  if (!request)
    return;
  const auto data = request->data_text.empty() ? std::string_view{"null"} : request->data_text;
  const auto written = encode_request(request->id, request->type, data);
  test::require(written.ok());
  const auto again = decode_request(decode_typed(*written)->json_text);
  test::require(again.ok() && again->id == request->id && again->type == request->type);
  test::require(again->data_text == data);
}

void check_response(std::string_view text) {
  const auto response = decode_response(text);
  if (!response)
    return;
  const auto written = response->error ? encode_error_response(response->id, *response->error)
                                       : encode_response(response->id, response->data_text).value();
  const auto again = decode_response(decode_typed(written)->json_text);
  test::require(again.ok() && again->id == response->id && again->error == response->error);
  test::require(again->data_text == response->data_text);
}

/// The walk finds the members that a parser finds.
void check_members(std::string_view text) {
  const auto document = parse_ordered_json(text);
  if (!document || !document->is_object() || text.front() == '\xEF')
    return;
  json_members members{text};
  std::size_t count = 0;
  while (const auto one = members.next()) {
    ++count;
    test::require(parse_json(one->value).ok());
  }
  test::require(members.ok() && count >= document->size());
}

} // namespace

/// What we accept we can write, and what we write reads back as the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  check_request(text);
  check_response(text);
  check_members(text);
  return 0;
}
