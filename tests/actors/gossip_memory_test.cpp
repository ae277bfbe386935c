// SPDX-License-Identifier: MIT
#include "actors/gossip_memory.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

namespace librats::test {

using namespace librats::actors;

namespace {

peer_id id_of(std::uint8_t number) {
  peer_id out;
  out.raw.fill(number);
  return out;
}

protocols::gossip_delivery delivery(std::uint64_t seqno) {
  return {{id_of(9), seqno}, id_of(1), byte_slice::copy_of(std::string_view{"x"}), protocols::authorship::claimed};
}

const time_point start{std::chrono::hours{1}};

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_memory_of_a_node)

BOOST_AUTO_TEST_CASE(topics_of_the_configuration_last_and_bad_names_are_refused) {
  gossip_options options;
  options.topics = {"news", ""};
  options.router.own_topics_max = 2;
  gossip_memory memory{options, 1};
  BOOST_TEST(memory.joined("news"));
  BOOST_TEST(!memory.join({"news", nullptr, false}));
  BOOST_TEST(memory.refusal("").value_or("") == "a topic needs a name");
  BOOST_TEST(memory.refusal(std::string(65536, 'x')).value_or("")
             == "a topic's name has at most 65535 bytes, this one has 65536");
  BOOST_TEST(!memory.refusal(std::string(65535, 'x')));
  BOOST_TEST(memory.join({"talk", nullptr, false}));
  BOOST_TEST(memory.refusal("third").value_or("") == "this node is in 2 topics already, and no more are allowed");
  BOOST_TEST(!memory.refusal("talk"));
  BOOST_TEST(memory.leave("talk", {}));
  BOOST_TEST(!memory.leave("talk", {}));
  BOOST_TEST(!memory.joined("talk"));
}

BOOST_AUTO_TEST_CASE(what_an_actor_delivered_its_successor_does_not_deliver_again) {
  gossip_options options;
  gossip_memory memory{options, 1};
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor handler{system};
  for (const auto* topic : {"a", "b"})
    memory.join({topic, handler, false});
  const auto fresh = [&](time_point now, const char* topic, caf::actor_id source, std::vector<std::uint64_t> numbers) {
    topic_deliveries x{topic, {}};
    for (const auto n : numbers)
      x.messages.push_back(delivery(n));
    std::vector<std::uint64_t> out;
    for (const auto& one : memory.fresh(now, x, source))
      out.push_back(one.id.seqno);
    return out;
  };
  using numbers = std::vector<std::uint64_t>;
  BOOST_TEST(fresh(start, "a", 1, {1, 2}) == (numbers{1, 2}));
  BOOST_TEST(fresh(start + std::chrono::minutes{1}, "a", 1, {3}) == (numbers{3}));
  BOOST_TEST(fresh(start + std::chrono::minutes{1}, "a", 2, {2, 3, 4, 3}) == (numbers{4}));
  BOOST_TEST(fresh(start + std::chrono::minutes{1}, "b", 3, {1}) == (numbers{1}));  // Another topic.
  BOOST_TEST(fresh(start + std::chrono::minutes{1}, "c", 3, {1}).empty());          // Not joined.
  BOOST_TEST(fresh(start + std::chrono::seconds{90}, "a", 4, {4, 5}) == (numbers{5}));
  BOOST_TEST(fresh(start + std::chrono::minutes{5}, "a", 5, {1, 5}) == (numbers{1, 5}));  // Too long ago.
  BOOST_TEST(memory.join({"quiet", nullptr, false}));
  BOOST_TEST(fresh(start, "quiet", 6, {1}).empty());  // Nobody to hear it.
  memory.clear();
}

BOOST_AUTO_TEST_CASE(subscriptions_of_peers_are_kept_until_they_leave) {
  gossip_memory memory{{}, 1};
  BOOST_TEST(memory.note_subscription({id_of(2), "a", true}));
  BOOST_TEST(!memory.note_subscription({id_of(2), "a", true}));
  BOOST_TEST(memory.note_subscription({id_of(1), "a", true}));
  BOOST_TEST(memory.note_subscription({id_of(1), "b", true}));
  BOOST_TEST((memory.subscribers_of("a") == std::vector<peer_id>{id_of(1), id_of(2)}));
  BOOST_TEST(memory.state().subscriptions.size() == 2u);
  BOOST_TEST(memory.note_subscription({id_of(2), "a", false}));
  BOOST_TEST(!memory.note_subscription({id_of(2), "a", false}));
  BOOST_TEST((memory.forget_peer(id_of(1)) == std::set<std::string>{"a", "b"}));
  BOOST_TEST(memory.forget_peer(id_of(1)).empty());
  BOOST_TEST(memory.state().subscriptions.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
