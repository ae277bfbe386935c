// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE runtime_net_tests
#include <boost/test/unit_test.hpp>

#include "tests/runtime/support/quiet_log.hpp"

using librats::runtime::quiet_log;
BOOST_TEST_GLOBAL_CONFIGURATION(quiet_log);
