// SPDX-License-Identifier: MIT
#include "apps/support/progress_bar.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <sstream>

namespace librats::apps {

BOOST_AUTO_TEST_SUITE(progress_bars)

BOOST_AUTO_TEST_CASE(a_bar_is_full_as_far_as_its_share) {
  BOOST_TEST(bar_text(0, 4) == "[....]");
  BOOST_TEST(bar_text(0.5, 4) == "[##..]");
  BOOST_TEST(bar_text(0.99, 4) == "[###.]");
  BOOST_TEST(bar_text(1, 4) == "[####]");
  BOOST_TEST(bar_text(7, 4) == "[####]");
  BOOST_TEST(bar_text(-1, 4) == "[....]");
  BOOST_TEST(bar_text(std::numeric_limits<double>::quiet_NaN(), 4) == "[....]");
  BOOST_TEST(bar_text(1, 0) == "[]");
}

BOOST_AUTO_TEST_CASE(a_line_never_reaches_the_end_of_the_terminal) {
  for (const std::size_t columns : {0u, 1u, 2u, 20u, 80u}) {
    std::ostringstream out;
    progress_bar uut{out, columns};
    uut.show(0.5, std::string(300, 'x'));
    const auto text = out.str();
    const auto begin = text.rfind("\x1b[K");
    const auto drawn = begin == std::string::npos ? 0 : text.size() - begin - 3;
    BOOST_TEST(drawn <= (columns == 0 ? 0 : columns - 1));
  }
}

BOOST_AUTO_TEST_CASE(the_same_picture_is_drawn_once_and_taken_away_once) {
  std::ostringstream out;
  progress_bar uut{out, 40};
  uut.show(0.5, "5 of 10");
  const auto first = out.str();
  BOOST_TEST(first == "\r\x1b[K[######.......] 5 of 10");
  uut.show(0.501, "5 of 10");
  BOOST_TEST(out.str() == first);
  uut.clear();
  BOOST_TEST(out.str() == first + "\r\x1b[K");
  uut.clear();
  BOOST_TEST(out.str() == first + "\r\x1b[K");
  uut.show(0.5, "5 of 10");
  BOOST_TEST(out.str() == first + "\r\x1b[K" + first);
}

BOOST_AUTO_TEST_CASE(what_is_no_terminal_is_none) {
  std::ostringstream out;
  BOOST_TEST(!is_terminal(out));
  BOOST_TEST(terminal_columns(out) == 80u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
