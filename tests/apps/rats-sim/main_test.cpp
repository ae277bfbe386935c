// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE rats_sim_logic
#include <boost/test/unit_test.hpp>
