// SPDX-License-Identifier: MIT
#include "apps/ratsd/status_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::apps;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(status_text_test)

BOOST_AUTO_TEST_CASE(a_span_is_shown_in_its_largest_fitting_unit) {
  BOOST_TEST(short_span(0s) == "0");
  BOOST_TEST(short_span(-5s) == "0");
  BOOST_TEST(short_span(1ns) == "1 us");
  BOOST_TEST(short_span(850us) == "850 us");
  BOOST_TEST(short_span(1234us) == "1.2 ms");
  BOOST_TEST(short_span(12345us) == "12 ms");
  BOOST_TEST(short_span(3400ms) == "3.4 s");
  BOOST_TEST(short_span(59s) == "59 s");
  BOOST_TEST(short_span(60s) == "1 min");
  BOOST_TEST(short_span(61s) == "1 min 1 s");
  BOOST_TEST(short_span(2h + 10min + 59s) == "2 h 10 min");
  BOOST_TEST(short_span(24h) == "1 d");
  BOOST_TEST(short_span(76h) == "3 d 4 h");
}

BOOST_AUTO_TEST_CASE(a_size_is_shown_in_binary_units) {
  BOOST_TEST(short_size(0) == "0 B");
  BOOST_TEST(short_size(1023) == "1023 B");
  BOOST_TEST(short_size(1024) == "1.0 KiB");
  BOOST_TEST(short_size(1536) == "1.5 KiB");
  BOOST_TEST(short_size(20 * 1024) == "20 KiB");
  BOOST_TEST(short_size(3 * 1024 * 1024) == "3.0 MiB");
  BOOST_TEST(short_size(~std::uint64_t{0}) == "16384 PiB");
}

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_widest_cell_in_characters) {
  BOOST_TEST(columns({{"a", "b"}, {"long", "c"}}) == "a     b\nlong  c\n");
  BOOST_TEST(columns({{"grün", "x"}, {"gruen", "y"}}) == "grün   x\ngruen  y\n");
  BOOST_TEST(columns({{"short"}, {"a", "b"}}) == "short\na      b\n");
  BOOST_TEST(columns({}).empty());
}

BOOST_AUTO_TEST_CASE(a_tree_is_drawn_with_one_line_per_actor) {
  runtime::tree_node root;
  root.name = root.kind = "node";
  root.state = "running";
  runtime::tree_node links;
  links.name = links.kind = "links";
  links.state = "running";
  runtime::tree_node one;
  one.name = "link-1";
  one.kind = "link";
  one.state = "restarting";
  one.restarts = 3;
  links.children = {one};
  auto last = one;
  last.name = "line\nbreak";
  root.children = {links, last};
  BOOST_TEST(draw_tree(root, {})
             == "actor                  state       restarts  mailbox  age\n"
                "node                   running     0         0        -\n"
                "|- links               running     0         0        -\n"
                "|  `- link-1 (link)    restarting  3         0        -\n"
                "`- line\\nbreak (link)  restarting  3         0        -\n");
}

BOOST_AUTO_TEST_CASE(a_peer_has_a_line_with_what_is_known_of_it) {
  actors::peer_list peers;
  BOOST_TEST(peer_table(peers, {}) == "no peer is connected\n");
  actors::peer_report one;
  one.link.id.raw.fill(0xab);
  one.link.remote = *endpoint::parse("[::1]:7000");
  one.rtt = 2ms;
  one.quality.packets_sent = 200;
  one.quality.retransmissions = 3;
  one.bytes_sent = 2048;
  peers.peers = {one};
  BOOST_TEST(peer_table(peers, time_point{} + 90s)
             == "peer      address     way  link       since       round trip  lost   sent     received  waiting\n"
                "abababab  [::1]:7000  out  tcp/noise  1 min 30 s  2.0 ms      1.5 %  2.0 KiB  0 B       0 B\n");
}

BOOST_AUTO_TEST_CASE(a_target_has_a_line_with_its_state_and_last_error) {
  actors::reconnect_status status;
  BOOST_TEST(reconnect_table(status, {})
             == "lost peers are dialed again; 0 addresses are known\nnobody is to be dialed again\n");
  protocols::reconnect_target one;
  one.where = {"::1", 7000};
  one.permanent = true;
  one.dials = 2;
  one.failures = 1;
  one.error = "refused";
  one.next_attempt = time_point{} + 5s;
  status.targets = {one};
  status.config.enabled = false;
  status.addresses_known = 3;
  status.book_error = "cannot write it";
  BOOST_TEST(reconnect_table(status, time_point{} + 1s)
             == "lost peers are not dialed again; 3 addresses are known\n"
                "cannot write it\n"
                "target        state    peer  dials  failures  next dial  error\n"
                "[::1]:7000 *  waiting  -     2      1         4.0 s      refused\n"
                "* stands in the configuration\n");
}

BOOST_AUTO_TEST_CASE(an_address_of_the_book_has_a_line) {
  BOOST_TEST(history_table({}) == "no address is known\n");
  protocols::address_entry one;
  one.where = *endpoint::parse("10.0.0.1:7000");
  one.connect_count = 2;
  one.fail_streak = 1;
  BOOST_TEST(history_table({{one}})
             == "address        peer  connections  failures since\n10.0.0.1:7000  -     2            1\n");
}

BOOST_AUTO_TEST_CASE(asking_for_peers_is_told_in_a_line) {
  actors::exchange_status status;
  BOOST_TEST(exchange_text(status) == "peers are not asked for peers\n");
  status.enabled = true;
  status.counted.requests_sent = 3;
  status.counted.dials = 2;
  BOOST_TEST(exchange_text(status)
             == "peers are asked for peers: 3 times, 0 answers, 2 dials, 0 of them failed; 0 requests answered\n");
}

BOOST_AUTO_TEST_CASE(a_rate_is_a_mean) {
  BOOST_TEST(short_rate(4, 10s) == "0.4/s");
  BOOST_TEST(short_rate(1000, 10s) == "100/s");
  BOOST_TEST(short_rate(5, 0s) == "0.0/s");
}

BOOST_AUTO_TEST_CASE(the_dht_has_a_column_per_family) {
  actors::dht_status status;
  BOOST_TEST(dht_text(status) == "the DHT is off\n");
  actors::dht_family_status one;
  one.local = *endpoint::parse("0.0.0.0:6881");
  one.external = *ip_address::parse("203.0.113.7");
  one.counted.nodes = 9;
  one.counted.confirmed = 7;
  one.counted.queries_out = 20;
  one.counted.queries_in = 5;
  one.counted.timeouts = 3;
  one.counted.bytes_out = 2048;
  one.counted.bytes_in = 100;
  one.counted.peers_stored = 2;
  one.counted.hashes_stored = 1;
  one.counted.items_stored = 4;
  one.counted.blocked = 6;
  one.lookups_running = 1;
  one.lookups_done = 12;
  status.families = {one};
  status.announces = 2;
  status.searches = 8;
  status.uptime = 10s;
  const std::string expected = "DHT               IPv4\n"
                               "id                0000000000000000000000000000000000000000\n"
                               "socket            0.0.0.0:6881\n"
                               "seen as           203.0.113.7\n"
                               "nodes             7 confirmed of 9\n"
                               "lookups           1 running, 12 done\n"
                               "queries sent      20 (2.0/s)\n"
                               "unanswered        3\n"
                               "queries received  5 (0.5/s)\n"
                               "sent              2.0 KiB (205 B/s)\n"
                               "received          100 B (10 B/s)\n"
                               "stored            2 peers under 1 hashes, 4 items\n"
                               "blocked           6 datagrams\n";
  const std::string end = "announced 2 times and searched 8 times in 10 s\n";
  BOOST_TEST(dht_text(status) == expected + end);
  status.families[0].trouble = "cannot write it";
  BOOST_TEST(dht_text(status) == expected + "trouble           cannot write it\n" + end);
  status.families[0].trouble.clear();
  status.families[0].sampled.emplace();
  status.families[0].sampled->asked = 40;
  status.families[0].sampled->hashes_fresh = 3;
  BOOST_TEST(dht_text(status) == expected + end + "the spider asked 40 IPv4 nodes for 3 info-hashes\n");
}

BOOST_AUTO_TEST_CASE(a_dht_without_a_socket_says_why) {
  actors::dht_status status;
  actors::dht_family_status six;
  six.v6 = true;
  six.trouble = "no\x1b route";
  status.families = {{}, six};
  const auto out = dht_text(status);
  BOOST_TEST(out.find("IPv6") != std::string::npos);
  BOOST_TEST(out.find("trouble           -") != std::string::npos);
  BOOST_TEST(out.find("no\\x1b route") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(services_on_the_link_have_a_line_each) {
  actors::mdns_status status;
  BOOST_TEST(mdns_text(status) == "multicast DNS is off\n");
  status.running = true;
  status.interfaces = {"eth0", "wlan0"};
  BOOST_TEST(mdns_text(status) == "nothing is advertised on eth0, wlan0\nno service is seen\n");
  status.instance = "rats-1";
  status.host = "box.local.";
  status.trouble = "cannot use multicast on tun0";
  protocols::mdns_found_service one;
  one.instance = "rats-2";
  one.host = "pi.local.";
  one.port = 7000;
  one.addresses = {*ip_address::parse("10.0.0.2"), *ip_address::parse("fd00::2")};
  one.txt = {{"app", "a\x1b"}, {"id", "0123"}, {"proto", "librats/1.0"}};
  status.services = {one};
  BOOST_TEST(mdns_text(status)
             == "rats-1 is advertised at box.local. on eth0, wlan0\n"
                "cannot use multicast on tun0\n"
                "service  host       port  addresses          text\n"
                "rats-2   pi.local.  7000  10.0.0.2, fd00::2  app=a\\x1b, proto=librats/1.0\n");
}

BOOST_AUTO_TEST_CASE(topics_have_a_line_each) {
  actors::gossip_status status;
  BOOST_TEST(gossip_text(status) == "gossip is off\n");
  status.running = true;
  status.topics_known = 3;
  BOOST_TEST(gossip_text(status) == "no topic is joined\ntopics that peers subscribe to: 3\n");
  actors::topic_status one;
  one.topic = "new\x1b";
  one.joined = true;
  one.subscribers.resize(5);
  one.mesh.resize(4);
  one.waiting = 1;
  one.counted.published = 6;
  one.counted.received = 70;
  one.counted.delivered = 8;
  one.counted.forwarded = 9;
  one.counted.duplicates = 10;
  one.counted.forged = 1;
  one.counted.stale = 2;
  one.counted.rejected = 3;
  one.counted.ignored = 4;
  one.counted.overloaded = 5;
  actors::topic_status other;
  other.topic = "x";
  other.fanout.resize(2);
  status.topics = {one, other};
  peer_id id;
  status.scores[id] = -1.25;
  id.raw[0] = 1;
  status.scores[id] = 3.25;
  BOOST_TEST(gossip_text(status)
             == "topic    joined  peers  mesh  sent  received  shown  passed on  again  refused\n"
                "new\\x1b  yes     5      4     6     70        8      9          10     15\n"
                "x        no      0      2     0     0         0      0          0      0\n"
                "messages that wait for a verdict: 1\n"
                "topics that peers subscribe to: 3\n"
                "scores of 2 peers: from -1.2 to 3.2, 1.0 on average\n");
  status.graylisted = 2;
  const auto out = gossip_text(status);
  BOOST_TEST(out.find("refused: 0 malformed messages, 2 of peers with bad scores, 0 subscriptions too many\n")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_store_has_its_lines) {
  actors::storage_status status;
  BOOST_TEST(storage_text(status) == "storage is off\n");
  status.phase = actors::storage_phase::running;
  status.store.entries = 5;
  status.store.tombstones = 1;
  status.store.key_bytes = 20;
  status.store.data_bytes = 300;
  status.store.written = 4;
  status.store.merged = 3;
  status.store.outdated = 2;
  status.entries_refused = 1;
  status.entries_sent = 7;
  status.entries_received = 8;
  status.peers = 2;
  status.peers_ours = 1;
  BOOST_TEST(storage_text(status)
             == "storage is running: 5 keys, 1 removed, 320 bytes, in memory\n"
                "written here 4, taken from peers 3, outdated 2, refused 1\n"
                "peers: 2, 1 compare digests; sent 7 entries, received 8, not yet in step\n");
  status.phase = actors::storage_phase::failing;
  status.shards = 4;
  status.disk_bytes = 4096;
  status.trouble = "the disk is full";
  status.set_aside = {"shard-0.db.damaged-1"};
  status.commits = 9;
  status.committed = 90;
  status.commits_failed = 2;
  status.uncommitted = 3;
  status.synced = true;
  BOOST_TEST(storage_text(status)
             == "storage is failing: 5 keys, 1 removed, 320 bytes, 4096 on disk in 4 databases\n"
                "trouble: the disk is full\n"
                "damaged, and set aside: shard-0.db.damaged-1\n"
                "written here 4, taken from peers 3, outdated 2, refused 1\n"
                "commits: 9 of 90 writes, 2 failed; 3 writes wait\n"
                "peers: 2, 1 compare digests; sent 7 entries, received 8, in step\n");
}

BOOST_AUTO_TEST_CASE(files_that_move_are_in_a_table_whatever_they_are_called) {
  actors::transfer_list all;
  actors::transfer_statistics counted;
  BOOST_TEST(files_text(all, counted) == "file transfer is off\n");
  counted.running = true;
  counted.files_sent = 2;
  counted.files_received = 3;
  counted.bytes_sent = 1'500'000;
  counted.bytes_received = 250'000;
  counted.active = 1;
  counted.completed = 4;
  counted.failed = 5;
  counted.interrupted = 6;
  const std::string sums =
    "files: 2 sent, 3 received; 1.5 MB out, 0.2 MB in; 1 transfers go on, 4 are complete, 5 failed; "
    "interrupted 6 times\n";
  BOOST_TEST(files_text(all, counted) == "no file has been offered\n" + sums);
  auto& one = all.transfers.emplace_back();
  one.id = 77;
  one.name = "a\x1b[2Jb";
  one.phase = actors::transfer_phase::waiting;
  one.bytes_done = 500'000;
  one.bytes_total = 2'000'000;
  one.files_total = 1;
  one.error = "the peer is gone";
  const auto out = files_text(all, counted);
  BOOST_TEST(out.find('\x1b') == std::string::npos); // A peer chose the name.
  BOOST_TEST(out.find("waiting") != std::string::npos);
  BOOST_TEST(out.find("the peer is gone") != std::string::npos);
  BOOST_TEST(out.find("0.5") < out.find("2.0"));
  BOOST_TEST(out.substr(out.size() - sums.size()) == sums);
}

BOOST_AUTO_TEST_SUITE_END()
