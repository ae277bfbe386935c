# SPDX-License-Identifier: MIT
"""What ratsd does on signals."""
import json
import os
import signal
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import ProgramTest


def names_in(tree):
    return {tree["name"]}.union(*[names_in(child) for child in tree["children"]])


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Signals(ProgramTest):
    def test_sigterm_and_sigint_stop_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                node = self.ratsd("[messages]\necho_channel = echo\n")
                node.signal(number)
                self.assertEqual(node.wait(), 0)
                self.assertIn("stopped", "\n".join(node.err.rest()))

    def test_a_connected_node_stops_in_order_and_tells_its_peer(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port, name="bert")
        anna.err.wait_for(bert.id, "is connected")
        bert.err.wait_for(anna.id, "is connected")
        self.assertEqual(bert.stop(), 0)
        anna.err.wait_for(bert.id[:8], "is gone")
        self.assertEqual(anna.stop(), 0)

    def test_sigusr1_shows_and_writes_tree_and_peers(self):
        anna = self.ratsd("[messages]\necho_channel = echo\n", name="anna")
        bert = self.ratsd("connect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for(anna.id, "is connected")
        bert.signal(signal.SIGUSR1)
        bert.err.wait_for("actor", "state", "restarts")
        bert.err.wait_for("|- node", "running")
        bert.err.wait_for(anna.id[:8], "127.0.0.1:%d" % anna.port, "out", "udp/noise")
        bert.err.wait_for("wrote", "status.json")
        path = os.path.join(bert.data_dir, "status.json")
        status = json.loads(text_of(path))
        self.assertEqual(status["node"]["id"], bert.id)
        self.assertEqual(status["node"]["links_established"], 1)
        self.assertTrue({"daemon", "node", "reconnector", "peer_exchange", "peer_directory", "liveness"} <= names_in(status["tree"]))
        self.assertEqual([peer["id"] for peer in status["peers"]], [anna.id])
        self.assertEqual(status["peers"][0]["direction"], "out")
        target = status["reconnect"]["targets"][0]
        self.assertEqual((target["where"], target["state"], target["peer"], target["configured"]),
                         ("127.0.0.1:%d" % anna.port, "connected", anna.id, True))
        self.assertEqual(status["pex"]["enabled"], True)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        # A second report replaces the first; and the node stops after both, though each had a thread of its own.
        self.assertEqual(anna.stop(), 0)
        bert.err.wait_for(anna.id[:8], "is gone")
        bert.signal(signal.SIGUSR1)
        bert.err.wait_for("no peer is connected")
        bert.err.wait_for("wrote", "status.json")
        self.assertEqual(json.loads(text_of(path))["peers"], [])
        self.assertEqual(bert.stop(), 0)

    def test_sighup_opens_the_log_file_again(self):
        log = self.path("ratsd.log")
        node = self.ratsd("[log]\nfile = %s\n" % log)
        os.rename(log, log + ".old")
        node.signal(signal.SIGHUP)
        node.err.wait_for("opened its log again")
        self.assertEqual(node.stop(), 0)
        self.assertIn("listens on", text_of(log + ".old"))
        self.assertNotIn("stopped", text_of(log + ".old"))
        self.assertIn("stopped", text_of(log))

    def test_sighup_reads_the_log_section_again(self):
        node = self.ratsd("[log]\nlevel = info\n")
        with open(node.config, encoding="utf-8") as file:
            text = file.read()
        with open(node.config, "w", encoding="utf-8") as file:
            file.write(text.replace("level = info", "level = debug\nfile = " + self.path("new.log")))
        node.signal(signal.SIGHUP)
        node.err.wait_for("opened its log again")
        peer = self.ratsd("connect = 127.0.0.1:%d" % node.port, name="peer")
        node.err.wait_for("debug", "listens on port")
        self.assertEqual(peer.stop(), 0)
        self.assertEqual(node.stop(), 0)
        self.assertIn(peer.id, text_of(self.path("new.log")))

    def test_sighup_with_a_broken_configuration_changes_nothing(self):
        node = self.ratsd("[log]\nlevel = info\n")
        with open(node.config, "a", encoding="utf-8") as file:
            file.write("colour = red\n")
        node.signal(signal.SIGHUP)
        node.err.wait_for("keeps its log settings")
        node.err.wait_for("node.ini", "colour")
        node.err.wait_for("opened its log again")
        self.assertEqual(node.stop(), 0)

    def test_a_reader_that_goes_away_does_not_end_the_node(self):
        node = self.ratsd()
        node.signal(signal.SIGPIPE)
        node.signal(signal.SIGUSR1)
        node.err.wait_for("wrote", "status.json")
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    case_list.main()
