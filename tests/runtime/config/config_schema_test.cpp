// SPDX-License-Identifier: MIT
#include "runtime/config/config_schema.hpp"

#include "runtime/config/edit_distance.hpp"
#include "tests/runtime/config/sample_schema.hpp"

#include <chrono>
#include <string>

namespace librats::runtime {
namespace {

BOOST_AUTO_TEST_SUITE(config_schema_suite)

BOOST_AUTO_TEST_CASE(slips_of_the_finger_are_counted) {
  BOOST_TEST(edit_distance("", "") == 0u);
  BOOST_TEST(edit_distance("", "abc") == 3u);
  BOOST_TEST(edit_distance("port", "prot") == 1u); // Swapped.
  BOOST_TEST(edit_distance("port", "prt") == 1u);
  BOOST_TEST(edit_distance("port", "ports") == 1u);
  BOOST_TEST(edit_distance("port", "pord") == 1u);
  BOOST_TEST(edit_distance("PORT", "port") == 0u);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
  BOOST_TEST(!is_slip(edit_distance(std::string(100'000, 'x'), "port"), "port"));
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found_in_its_section_first) {
  const auto schema = sample_schema();
  const auto nearest = [&](const char* section, const char* name) {
    const auto* key = schema.nearest_key(section, name);
    return key == nullptr ? std::string{"none"} : key->full_name();
  };
  BOOST_TEST(nearest("net", "prot") == "net.port");
  BOOST_TEST(nearest("net", "Port") == "net.port");
  BOOST_TEST(nearest("net", "time_out") == "net.timeout");
  BOOST_TEST(nearest("misc", "port") == "net.port"); // In another section.
  BOOST_TEST(nearest("net", "net.port") == "net.port");
  BOOST_TEST(nearest("", "net.prot") == "net.port");
  BOOST_TEST(nearest("", "nte.port") == "net.port");
  BOOST_TEST(nearest("net", "zzzzzz") == "none");
  BOOST_TEST(nearest("net", "") == "none");
  BOOST_TEST(nearest("net", "x") == "none");
  BOOST_TEST(schema.nearest_section("nets") == "net");
  BOOST_TEST(schema.nearest_section("Misc") == "misc");
  BOOST_TEST(schema.nearest_section("other") == "");
}

BOOST_AUTO_TEST_CASE(fresh_values_are_the_defaults) {
  using namespace std::chrono_literals;
  const config_values values{sample_schema()};
  BOOST_TEST(values.boolean("net", "listen"));
  BOOST_TEST(values.integer("net", "port") == 0);
  BOOST_TEST(values.integer("net", "queue") == 1024 * 1024);
  BOOST_TEST((values.span("net", "timeout") == 15s));
  BOOST_TEST(values.text("net", "bind") == "");
  BOOST_TEST(values.endpoint_list("net", "peer").empty());
  BOOST_TEST(values.text("misc", "mode") == "fast");
  BOOST_TEST(values.text_list("misc", "tag").empty());
  BOOST_TEST(values.integer("misc", "offset") == -5);
  BOOST_TEST(values.origin("net", "port").to_string() == "default");
}

BOOST_AUTO_TEST_CASE(errors_print_like_a_compiler_and_escape_the_file_name) {
  BOOST_TEST((config_error{"a.ini", 7, "net.port", "is odd"}.to_string()) == "a.ini:7: net.port: is odd");
  BOOST_TEST((config_error{"a.ini", 7, "", "is odd"}.to_string()) == "a.ini:7: is odd");
  BOOST_TEST((config_error{"a\n.ini", 0, "", "is odd"}.to_string()) == "a\\n.ini: is odd");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
