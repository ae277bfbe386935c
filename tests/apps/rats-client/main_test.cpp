// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE rats_client_logic_test
#include <boost/test/unit_test.hpp>
