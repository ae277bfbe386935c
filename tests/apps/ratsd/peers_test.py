# SPDX-License-Identifier: MIT
"""Several ratsd with each other."""
import json
import os
import signal
import socket
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import ProgramTest

SOON = "\n[reconnect]\ninitial_delay = 100 ms\nmax_delay = 200 ms\n"


class Peers(ProgramTest):
    def test_a_killed_peer_is_dialed_again_when_it_is_back_on_its_port(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port + SOON, name="bert")
        bert.err.wait_for(anna.id, "is connected", "out", "udp", "noise", "handshake")
        anna.err.wait_for(bert.id, "is connected", "in")
        anna.signal(signal.SIGKILL)
        anna.wait()
        bert.err.wait_for(anna.id[:8], "is gone")
        bert.err.wait_for("reconnector", "has no link", "keeps dialing it")
        again = self.ratsd(port=anna.port, name="anna")
        self.assertEqual(again.id, anna.id)
        bert.err.wait_for(anna.id, "is connected")
        again.err.wait_for(bert.id, "is connected")
        self.assertEqual(again.stop(), 0)
        self.assertEqual(bert.stop(), 0)

    def test_a_peer_that_comes_later_is_found(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        bert = self.ratsd("connect = 127.0.0.1:%d" % port + SOON, name="bert")
        bert.err.wait_for("reconnector", "127.0.0.1:%d" % port, "refused")
        anna = self.ratsd(port=port, name="anna")
        bert.err.wait_for(anna.id, "is connected")
        self.assertEqual(bert.stop(), 0)

    def test_topics_are_joined_from_the_start_and_reported(self):
        gossip = "[gossip]\ntopics = news\ntopics = sport\n[messages]\nlog_topics = yes\n"
        anna = self.ratsd(gossip, name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d\n%s" % (anna.port, gossip), name="bert")
        bert.err.wait_for(anna.id, "is connected")
        done = self.run_program("rats-client", "0", "127.0.0.1", anna.port, input="/publish news hello\n")
        self.assertEqual(done.returncode, 0, done.stdout)
        anna.err.wait_for('"news" has a message of', "(own link)", "5 bytes")
        bert.err.wait_for('"news" has a message of', "(relayed), by way of %s" % anna.id[:8], "5 bytes")
        anna.signal(signal.SIGUSR1)
        anna.err.wait_for("topic", "joined", "mesh")
        anna.err.wait_for("news", "yes")
        anna.err.wait_for("sport", "yes")
        anna.err.wait_for("wrote", "status.json")
        with open(os.path.join(anna.data_dir, "status.json"), encoding="utf-8") as file:
            gossip = json.load(file)["gossip"]
        self.assertEqual(gossip["running"], True)
        news, sport = gossip["topics"]
        self.assertEqual((news["topic"], news["joined"], news["subscribers"]), ("news", True, [bert.id]))
        self.assertEqual((news["delivered"], sport["delivered"]), (1, 0))
        self.assertIn(bert.id, gossip["scores"]["peers"])
        self.assertEqual(anna.stop(), 0)
        self.assertEqual(bert.stop(), 0)

    def test_nodes_meet_in_a_private_dht_and_report_it(self):
        dht = "\n[dht]\nenabled = yes\nport = 0\npublic_bootstrap = no\n"
        anna = self.ratsd(dht, name="anna")
        port = int(anna.err.wait_for("takes part in the IPv4 DHT at 127.0.0.1:").rsplit(":", 1)[1])
        bert = self.ratsd(dht + "bootstrap = 127.0.0.1:%d\n" % port, name="bert")
        bert.err.wait_for(anna.id, "is connected")
        anna.signal(signal.SIGUSR1)
        anna.err.wait_for("DHT", "IPv4")
        anna.err.wait_for("socket", "127.0.0.1:%d" % port)
        anna.err.wait_for("multicast DNS is off")
        anna.err.wait_for("wrote", "status.json")
        with open(os.path.join(anna.data_dir, "status.json"), encoding="utf-8") as file:
            status = json.load(file)
        self.assertEqual(status["dht"]["running"], True)
        family, = status["dht"]["families"]  # Bound to an IPv4 address, it takes part over IPv4 alone.
        self.assertEqual((family["family"], family["local"]), ("ipv4", "127.0.0.1:%d" % port))
        self.assertEqual(family["nodes"], 1)
        self.assertGreater(family["queries_received"]["total"], 0)
        self.assertEqual(status["mdns"]["running"], False)
        self.assertEqual(bert.stop(), 0)
        self.assertEqual(anna.stop(), 0)
        self.assertTrue(os.path.exists(os.path.join(anna.data_dir, "dht_routing.json")))

    def test_without_reconnection_an_entry_is_dialed_once(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        bert = self.ratsd("connect = 127.0.0.1:%d\n[reconnect]\nenabled = no" % port, name="bert")
        bert.err.wait_for("reconnector", "does not dial it again")
        self.assertEqual(bert.stop(), 0)

    def test_a_node_that_is_told_of_nobody_finds_its_peers_in_its_address_book(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for(anna.id, "is connected")
        self.assertEqual(bert.stop(), 0)
        with open(os.path.join(bert.data_dir, "peers.json"), encoding="utf-8") as file:
            book = json.load(file)
        self.assertEqual([(x["ip"], x["port"], x["id"], x["connect_count"]) for x in book],
                         [("127.0.0.1", anna.port, anna.id, 1)])
        again = self.ratsd(name="bert")
        again.err.wait_for(anna.id, "is connected", "out")
        self.assertEqual(again.stop(), 0)
        self.assertEqual(anna.stop(), 0)

    def test_peers_of_a_peer_become_peers(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for(anna.id, "is connected")
        cleo = self.ratsd("connect = 127.0.0.1:%d" % anna.port, name="cleo")
        cleo.err.wait_for(bert.id, "is connected")
        for node in (cleo, bert, anna):
            self.assertEqual(node.stop(), 0)

    def test_two_nodes_that_dial_each_other_have_one_link(self):
        anna = self.ratsd(name="anna")
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        self.assertEqual(anna.stop(), 0)
        anna = self.ratsd("connect = 127.0.0.1:%d" % port + SOON, port=anna.port, name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port + SOON, port=port, name="bert")
        anna.err.wait_for(bert.id, "is connected")
        bert.err.wait_for(anna.id, "is connected")
        anna.signal(signal.SIGUSR1)
        anna.err.wait_for("peers ", "1")
        self.assertEqual(anna.stop(), 0)
        self.assertEqual(bert.stop(), 0)

    def test_another_protocol_is_refused(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("protocol = other/1.0\nconnect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for("reconnector", "has no link")
        self.assertEqual(bert.stop(), 0)
        self.assertNotIn("is connected", "\n".join(anna.err.seen))

    def test_the_node_itself_as_a_peer_is_no_link(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        node = self.ratsd("connect = 127.0.0.1:%d" % port, port=port)
        node.err.wait_for("reconnector", "has no link")
        self.assertEqual(node.stop(), 0)

    def test_typed_messages_are_logged_and_a_channel_is_echoed(self):
        node = self.ratsd("[messages]\nlog_typed = yes\necho_channel = mirror\n")
        done = self.run_program("rats-client", 0, "127.0.0.1", node.port,
                                input='/broadcast greeting {"a": 1}\n/channel mirror hello\n')
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        node.err.wait_for('sent a message of type "greeting"', "7 bytes")
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    case_list.main()
