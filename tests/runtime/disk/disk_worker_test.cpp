// SPDX-License-Identifier: MIT
#include "runtime/disk/disk_worker.hpp"

#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

/// A simulated machine and somebody on it who asks.
struct office {
  template <class Reply, class Request>
  std::optional<Reply> ask(Request request) {
    std::optional<Reply> out;
    client->guarded([&] {
      client->ask(
        worker, 1s, std::move(request), [&out](const Reply& x) { out = x; }, [](caf::error&) {});
    });
    world.run_until([&] { return out.has_value(); }, 1min);
    return out;
  }

  sim_world world;
  sim_host& host = world.add_host();
  caf::actor worker = spawn_disk_worker(host);
  caf::actor handle = spawn_pinned<puppet>(world.system(), host.loop(0));
  puppet* client = static_cast<puppet*>(caf::actor_cast<caf::abstract_actor*>(handle));
};

} // namespace

BOOST_AUTO_TEST_SUITE(disk_workers)

BOOST_FIXTURE_TEST_CASE(a_worker_writes_and_reads_whole_files_without_passing_time, office) {
  world.settle();
  const auto written = ask<file_written>(write_whole_file{"/x", byte_slice::copy_of("text"), file_access::owner_only});
  BOOST_REQUIRE(written.has_value());
  BOOST_TEST(!written->error);
  BOOST_TEST((host.files().open_to_others("/x") == false));
  const auto read = ask<file_content>(read_whole_file{"/x", 10});
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(!read->error);
  BOOST_TEST(read->content.text() == "text");
  BOOST_TEST((world.elapsed() == 0s));
}

BOOST_FIXTURE_TEST_CASE(what_the_disk_refuses_the_worker_tells, office) {
  world.settle();
  BOOST_TEST((ask<file_content>(read_whole_file{"/none", 10})->error == std::errc::no_such_file_or_directory));
  host.files().set_full(true);
  BOOST_TEST((ask<file_written>(write_whole_file{"/x", {}, file_access::everybody})->error
              == std::errc::no_space_on_device));
}

BOOST_AUTO_TEST_CASE(on_a_real_machine_it_has_a_thread_of_its_own) {
  auto pattern = (std::filesystem::temp_directory_path() / "rats-worker-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  {
    system_config config;
    caf::actor_system system{config};
    real_host host{system};
    BOOST_TEST(host.unix_time() > 1'700'000'000);
    caf::scoped_actor self{system};
    bool written = false;
    self->request(spawn_disk_worker(host), 10s,
            write_whole_file{pattern + "/x", byte_slice::copy_of("text"), file_access::owner_only})
      .receive([&](const file_written& x) { written = !x.error; }, [](const caf::error&) {});
    BOOST_TEST(written);
  }
  BOOST_TEST(as_text(*system_disk().read_file(pattern + "/x", 10)) == "text");
  std::filesystem::remove_all(pattern);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
