# SPDX-License-Identifier: MIT
"""Several ratsd with each other."""
import os
import signal
import socket
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import ProgramTest


class Peers(ProgramTest):
    def test_a_killed_peer_is_dialed_again_when_it_is_back_on_its_port(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("redial_interval = 100 ms\nconnect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for(anna.id, "is connected", "out", "udp", "noise", "handshake")
        anna.err.wait_for(bert.id, "is connected", "in")
        anna.signal(signal.SIGKILL)
        anna.wait()
        bert.err.wait_for(anna.id[:8], "is gone")
        bert.err.wait_for("connector", "has no link", "keeps dialing it")
        again = self.ratsd(port=anna.port, name="anna")
        self.assertEqual(again.id, anna.id)
        bert.err.wait_for(anna.id, "is connected")
        again.err.wait_for(bert.id, "is connected")
        self.assertEqual(again.stop(), 0)
        self.assertEqual(bert.stop(), 0)

    def test_a_peer_that_comes_later_is_found(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        bert = self.ratsd("redial_interval = 100 ms\nconnect = 127.0.0.1:%d" % port, name="bert")
        bert.err.wait_for("connector", "127.0.0.1:%d" % port, "refused")
        anna = self.ratsd(port=port, name="anna")
        bert.err.wait_for(anna.id, "is connected")
        self.assertEqual(bert.stop(), 0)

    def test_without_a_redial_interval_an_entry_is_dialed_once(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        bert = self.ratsd("redial_interval = 0\nconnect = 127.0.0.1:%d" % port, name="bert")
        bert.err.wait_for("connector", "does not dial it again")
        self.assertEqual(bert.stop(), 0)

    def test_two_nodes_that_dial_each_other_have_one_link(self):
        anna = self.ratsd(name="anna")
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        self.assertEqual(anna.stop(), 0)
        anna = self.ratsd("redial_interval = 50 ms\nconnect = 127.0.0.1:%d" % port, port=anna.port, name="anna")
        bert = self.ratsd("redial_interval = 50 ms\nconnect = 127.0.0.1:%d" % anna.port, port=port, name="bert")
        anna.err.wait_for(bert.id, "is connected")
        bert.err.wait_for(anna.id, "is connected")
        anna.signal(signal.SIGUSR1)
        anna.err.wait_for("peers ", "1")
        self.assertEqual(anna.stop(), 0)
        self.assertEqual(bert.stop(), 0)

    def test_another_protocol_is_refused(self):
        anna = self.ratsd(name="anna")
        bert = self.ratsd("protocol = other/1.0\nconnect = 127.0.0.1:%d" % anna.port, name="bert")
        bert.err.wait_for("connector", "has no link")
        self.assertEqual(bert.stop(), 0)
        self.assertNotIn("is connected", "\n".join(anna.err.seen))

    def test_the_node_itself_as_a_peer_is_no_link(self):
        with socket.create_server(("127.0.0.1", 0)) as reservation:
            port = reservation.getsockname()[1]
        node = self.ratsd("connect = 127.0.0.1:%d" % port, port=port)
        node.err.wait_for("connector", "has no link")
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
