// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE app_support
#include <boost/test/unit_test.hpp>
