// SPDX-License-Identifier: MIT
#include "apps/support/command_line.hpp"
#include "apps/support/numbers.hpp"

#include <boost/program_options.hpp>
#include <boost/test/unit_test.hpp>

namespace librats::apps {

namespace {

namespace po = boost::program_options;
using words = std::vector<std::string>;

po::options_description known() {
  po::options_description out{"Options"};
  out.add_options()("verbose", po::bool_switch(), "say more")("name", po::value<std::string>(), "a name");
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(command_lines)

BOOST_AUTO_TEST_CASE(whole_numbers_are_digits_within_a_limit) {
  BOOST_TEST(parse_whole_number("0", 9).value() == 0u);
  BOOST_TEST(parse_whole_number("18446744073709551615", UINT64_MAX).value() == UINT64_MAX);
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "0x1", "10", "18446744073709551616"})
    BOOST_TEST(!parse_whole_number(text, 9), text);
  BOOST_TEST(parse_port("65535").value() == 65535u);
  BOOST_TEST(!parse_port("65536"));
}

BOOST_AUTO_TEST_CASE(options_and_operands_come_apart) {
  const auto x = read_command_line(known(), {"--verbose", "a", "--name=b", "c"}, true);
  BOOST_TEST(x.mistake == "");
  BOOST_TEST(x.given["verbose"].as<bool>());
  BOOST_TEST(x.given["name"].as<std::string>() == "b");
  BOOST_TEST(x.operands == (words{"a", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_declared_is_a_mistake_and_nothing_is_guessed) {
  BOOST_TEST(read_command_line(known(), {"--verb"}, true).mistake.find("--verb") != std::string::npos);
  BOOST_TEST(read_command_line(known(), {"--name"}, true).mistake != "");
  BOOST_TEST(read_command_line(known(), {"operand"}, false).mistake != "");
  const auto hostile = read_command_line(known(), {"--\x1b[2J"}, false).mistake;
  BOOST_TEST(hostile != "");
  BOOST_TEST(hostile.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
