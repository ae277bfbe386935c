// SPDX-License-Identifier: MIT
#include "protocols/dht/krpc.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = krpc::decode({data, size});
  if (const auto* refused = std::get_if<krpc::refused_query>(&x)) {
    const krpc::message answer{
      refused->transaction, {}, krpc::error{static_cast<std::int64_t>(refused->code), refused->reason}};
    test::require(std::holds_alternative<krpc::message>(krpc::decode(krpc::encode(answer))));
  }
  const auto* m = std::get_if<krpc::message>(&x);
  if (m == nullptr)
    return 0;
  test::require(m->transaction.size() <= krpc::transaction_size_max && size <= krpc::datagram_size_max);
  const auto once = krpc::encode(*m);
  if (const auto* response = std::get_if<krpc::response>(&m->body)) {
    if (response->token.size() <= 40) // As ours are: then a reply always fits.
      test::require(once.size() <= krpc::reply_size_max);
    if (const auto item = krpc::item_of(*response, {}))
      static_cast<void>(check_item(*item));
  }
  const auto back = krpc::decode(once);
  const auto* again = std::get_if<krpc::message>(&back);
  test::require(again != nullptr && again->body.index() == m->body.index());
  test::require(krpc::encode(*again) == once);
  return 0;
}
