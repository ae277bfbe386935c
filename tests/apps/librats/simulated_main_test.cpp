// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE librats_sim_tests
#include "runtime/log/log_setup.hpp"

#include <boost/test/unit_test.hpp>

namespace {

/// What the nodes log is in nobody's way.
struct quiet {
  quiet() {
    auto log = librats::runtime::current_log_options();
    log.level = librats::runtime::log_level::off;
    BOOST_TEST_REQUIRE(!librats::runtime::configure_logging(log).has_value());
  }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(quiet);
