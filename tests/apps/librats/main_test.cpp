// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE librats_tests
#include <boost/test/unit_test.hpp>
