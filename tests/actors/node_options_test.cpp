// SPDX-License-Identifier: MIT
#include "actors/node_options.hpp"

#include "runtime/config/node_config.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::actors {
namespace {

using namespace std::chrono_literals;

gossip_options options_of(const runtime::node_settings& settings) {
  const auto out = make_node_options(settings, protocols::key_pair{});
  BOOST_REQUIRE(out);
  return out->gossip;
}

BOOST_AUTO_TEST_SUITE(node_options_suite)

BOOST_AUTO_TEST_CASE(the_defaults_of_gossip_are_the_same_in_the_configuration_and_in_the_protocol) {
  const auto x = options_of({});
  const gossip_options d;
  BOOST_TEST(x.enabled == d.enabled);
  BOOST_TEST(x.topics.empty());
  BOOST_TEST(x.sign == d.sign);
  BOOST_TEST((x.mesh.signatures == d.mesh.signatures));
  BOOST_TEST(x.mesh.d == d.mesh.d);
  BOOST_TEST(x.mesh.d_low == d.mesh.d_low);
  BOOST_TEST(x.mesh.d_high == d.mesh.d_high);
  BOOST_TEST(x.mesh.d_out == d.mesh.d_out);
  BOOST_TEST(x.mesh.d_lazy == d.mesh.d_lazy);
  BOOST_TEST(x.mesh.fanout == d.mesh.fanout);
  BOOST_TEST(x.mesh.publish_extra == d.mesh.publish_extra);
  BOOST_TEST((x.mesh.fanout_life == d.mesh.fanout_life));
  BOOST_TEST((x.mesh.heartbeat == d.mesh.heartbeat));
  BOOST_TEST((x.mesh.heartbeat_idle == d.mesh.heartbeat_idle));
  BOOST_TEST((x.mesh.prune_backoff == d.mesh.prune_backoff));
  BOOST_TEST(x.mesh.cache.windows == d.mesh.cache.windows);
  BOOST_TEST(x.mesh.cache.gossiped == d.mesh.cache.gossiped);
  BOOST_TEST(x.mesh.cache.bytes_max == d.mesh.cache.bytes_max);
  BOOST_TEST((x.mesh.seen.lifetime == d.mesh.seen.lifetime));
  BOOST_TEST(x.mesh.thresholds.gossip == d.mesh.thresholds.gossip);
  BOOST_TEST(x.mesh.thresholds.publish == d.mesh.thresholds.publish);
  BOOST_TEST(x.mesh.thresholds.graylist == d.mesh.thresholds.graylist);
  BOOST_TEST(x.router.thresholds.graylist == d.router.thresholds.graylist);
  BOOST_TEST((x.router.heartbeat == d.router.heartbeat));
  BOOST_TEST((x.router.offer_life == d.router.offer_life));
}

BOOST_AUTO_TEST_CASE(what_is_configured_of_gossip_reaches_mesh_and_router) {
  runtime::node_settings settings;
  auto& how = settings.gossip;
  how.enabled = false;
  how.topics = {"news", "sport"};
  how.sign = true;
  how.signatures = runtime::signature_rule::require;
  how.d = 7;
  how.d_low = 5;
  how.d_high = 13;
  how.d_out = 3;
  how.d_lazy = 8;
  how.fanout = 9;
  how.publish_extra = 10;
  how.fanout_life = 11s;
  how.heartbeat = 500ms;
  how.heartbeat_idle = 12s;
  how.history = 14;
  how.history_gossip = 6;
  how.cache_size = 15u << 20;
  how.seen_life = 16s;
  how.prune_backoff = 17s;
  how.gossip_threshold = -1;
  how.publish_threshold = -2;
  how.graylist_threshold = -3;
  how.px_score = 18;
  const auto x = options_of(settings);
  BOOST_TEST(!x.enabled);
  BOOST_TEST(x.topics == (std::vector<std::string>{"news", "sport"}), boost::test_tools::per_element());
  BOOST_TEST(x.sign);
  BOOST_TEST((x.mesh.signatures == protocols::signature_policy::require));
  BOOST_TEST(x.mesh.d == 7u);
  BOOST_TEST(x.mesh.d_low == 5u);
  BOOST_TEST(x.mesh.d_high == 13u);
  BOOST_TEST(x.mesh.d_out == 3u);
  BOOST_TEST(x.mesh.d_lazy == 8u);
  BOOST_TEST(x.mesh.fanout == 9u);
  BOOST_TEST(x.mesh.publish_extra == 10u);
  BOOST_TEST((x.mesh.fanout_life == 11s));
  BOOST_TEST((x.mesh.heartbeat == 500ms));
  BOOST_TEST((x.mesh.heartbeat_idle == 12s));
  BOOST_TEST((x.mesh.prune_backoff == 17s));
  BOOST_TEST(x.mesh.cache.windows == 14u);
  BOOST_TEST(x.mesh.cache.gossiped == 6u);
  BOOST_TEST(x.mesh.cache.bytes_max == 15u << 20);
  BOOST_TEST((x.mesh.seen.lifetime == 16s));
  BOOST_TEST(x.mesh.thresholds.gossip == -1);
  BOOST_TEST(x.mesh.thresholds.publish == -2);
  BOOST_TEST(x.mesh.thresholds.graylist == -3);
  BOOST_TEST(x.router.thresholds.gossip == -1);
  BOOST_TEST(x.router.thresholds.publish == -2);
  BOOST_TEST(x.router.thresholds.graylist == -3);
  BOOST_TEST((x.router.heartbeat == 500ms));
  BOOST_TEST((x.router.offer_life == 7500ms));
  BOOST_TEST(x.mesh.introduce);
  BOOST_TEST(x.router.accept_peers == 18);
  how.px = false;
  BOOST_TEST(!options_of(settings).mesh.introduce);
  BOOST_TEST(options_of(settings).router.accept_peers > 1e300); // Nobody is believed.
}

BOOST_AUTO_TEST_CASE(the_settings_of_the_store_reach_the_node) {
  const auto options_of = [](const runtime::node_settings& settings) {
    return make_node_options(settings, protocols::key_pair{}).value().storage;
  };
  runtime::node_settings settings;
  settings.node.data_dir = "data";
  BOOST_TEST(!options_of(settings).enabled);
  BOOST_TEST(options_of(settings).directory == "data/storage");
  BOOST_TEST((options_of(settings).durability == runtime::database_durability::relaxed));
  settings.node.data_dir.clear();
  BOOST_TEST(options_of(settings).directory == "");
  auto& how = settings.storage;
  how.enabled = true;
  how.directory = "elsewhere";
  how.shards = 7;
  how.full_durability = true;
  how.sync = false;
  how.value_max = 1000;
  how.entries_max = 2000;
  how.bytes_max = 3000;
  how.tombstone_days = 2;
  const auto x = options_of(settings);
  BOOST_TEST(x.enabled);
  BOOST_TEST(x.directory == "elsewhere");
  BOOST_TEST(x.shards == 7u);
  BOOST_TEST((x.durability == runtime::database_durability::full));
  BOOST_TEST(!x.sync);
  BOOST_TEST(x.replica.store.value_max == 1000u);
  BOOST_TEST(x.replica.store.entries_max == 2000u);
  BOOST_TEST(x.replica.store.bytes_max == 3000u);
  BOOST_TEST(x.replica.store.tombstone_age_ms == 172'800'000u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::actors
