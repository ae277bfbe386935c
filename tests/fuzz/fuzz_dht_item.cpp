// SPDX-License-Identifier: MIT
#include "protocols/bencode/document.hpp"
#include "protocols/core/byte_reader.hpp"
#include "protocols/dht/item.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

/// u64 sequence number | u8 length of the salt | salt | value.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = item_key_pair::from_seed({1, 2, 3});
  byte_reader in{{data, size}};
  const auto seq = static_cast<std::int64_t>(in.u64());
  const auto salt = to_bytes(in.take(in.u8()));
  const auto value = to_bytes(in.rest());
  if (!in.ok() || value.empty())
    return 0;
  const bool sound = value.size() <= item_value_size_max && bencode::document::parse(value).ok();
  test::require(check_item({value, std::nullopt}).has_value() != sound);
  auto x = sign_item(key, salt, seq, value);
  test::require(check_item(x).has_value() != (sound && seq >= 0 && salt.size() <= item_salt_size_max));
  test::require(target_of(x) == mutable_target(key.public_key, salt));
  if (check_item(x))
    return 0;
  ++x.proof->signature[0];
  test::require(check_item(x) == item_errc::bad_signature);
  return 0;
}
