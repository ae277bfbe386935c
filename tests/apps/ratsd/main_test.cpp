// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE ratsd_logic
#include <boost/test/unit_test.hpp>
