// SPDX-License-Identifier: MIT
#include "protocols/storage/storage_value.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace librats;
using namespace librats::protocols;

namespace {

storage_record record(storage_value x) {
  storage_record out;
  out.type = x.type;
  out.data = std::move(x.data);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_values)

BOOST_AUTO_TEST_CASE(what_is_put_comes_out) {
  BOOST_TEST((as_binary(record(storage_binary(bytes{0, 1, 255}))) == bytes{0, 1, 255}));
  BOOST_TEST(*as_string(record(storage_string("hello"))) == "hello");
  for (const auto x : {std::int64_t{0}, std::int64_t{-2}, std::numeric_limits<std::int64_t>::min(),
         std::numeric_limits<std::int64_t>::max()})
    BOOST_TEST(*as_int64(record(storage_int64(x))) == x);
  for (const auto x : {0.0, -1.5, std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity()})
    BOOST_TEST(*as_double(record(storage_double(x))) == x);
  BOOST_TEST(std::signbit(*as_double(record(storage_double(-0.0)))));
  BOOST_TEST(std::isnan(*as_double(record(storage_double(std::nan(""))))));
  const nlohmann::json document{{"a", {1, nullptr, "x"}}};
  BOOST_TEST((as_json(record(*storage_json(document))) == document));
}

BOOST_AUTO_TEST_CASE(numbers_stand_on_the_wire_as_upstream_writes_them) {
  BOOST_TEST(to_hex(storage_int64(-2).data.view()) == "fffffffffffffffe");
  BOOST_TEST(to_hex(storage_double(1.5).data.view()) == "3ff8000000000000");
  BOOST_TEST(storage_json({{"a", 1}})->data.text() == "{\"a\":1}");
}

BOOST_AUTO_TEST_CASE(another_type_gives_nothing) {
  const auto text = record(storage_string("12345678"));
  BOOST_TEST(!as_binary(text).has_value());
  BOOST_TEST(!as_int64(text).has_value());
  BOOST_TEST(!as_double(text).has_value());
  BOOST_TEST(!as_json(text).has_value());
  BOOST_TEST(!as_string(record(storage_int64(1))).has_value());
}

BOOST_AUTO_TEST_CASE(a_tombstone_and_a_malformed_value_give_nothing) {
  auto x = record(storage_string("a"));
  x.deleted = true;
  BOOST_TEST(!as_string(x).has_value());
  x = record(storage_int64(1));
  x.data = x.data.sub(0, 7);
  BOOST_TEST(!as_int64(x).has_value());
  x = record(storage_string("{"));
  x.type = static_cast<std::uint8_t>(storage_type::json);
  BOOST_TEST(!as_json(x).has_value());
}

BOOST_AUTO_TEST_CASE(a_document_that_is_no_text_is_refused) {
  BOOST_TEST((storage_json(nlohmann::json::binary({1, 2})).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_SUITE_END()
