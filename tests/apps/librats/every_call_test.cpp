// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

int every_call();

BOOST_AUTO_TEST_CASE(a_program_that_uses_every_call_works) { BOOST_TEST(every_call() == 0); }
