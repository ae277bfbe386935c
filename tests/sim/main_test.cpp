// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE sim_scenarios_tests
#include "tests/actors/sim_nodes.hpp"

using librats::test::quiet_log;
BOOST_TEST_GLOBAL_CONFIGURATION(quiet_log);
