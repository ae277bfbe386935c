# SPDX-License-Identifier: MIT
"""rats-client with commands from a pipe or file."""
import os
import signal
import socket
import struct
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, Program, ProgramTest

ECHO = "[messages]\necho_channel = echo\nlog_typed = yes\n"


class Client(Program):
    """A rats-client that reads from us."""

    def __init__(self, *arguments):
        super().__init__(os.path.join(BIN, "rats-client"), "0", *arguments)
        words = self.out.wait_for("listening on").split()
        self.port = int(words[3].rsplit(":", 1)[1])
        self.id = words[5]


class Scripts(ProgramTest):
    def script(self, *lines, arguments=("0",), code=0):
        done = self.run_program("rats-client", *arguments, input="".join(line + "\n" for line in lines))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_a_session_with_a_node(self):
        node = self.ratsd(ECHO)
        short = node.id[:8]
        out = self.script("/peers", "/status", "/tree", "/id", "/msg %s hello" % node.id[:6],
                          '/send %s note {"a":1}' % node.id[:6].upper(), "/broadcast list [1,2]", "good day",
                          "/disconnect %s" % node.id, "/peers",
                          arguments=("0", "127.0.0.1", node.port))
        self.assertIn("* %s is connected: 127.0.0.1:%d, out, udp/noise" % (short, node.port), out)
        self.assertIn("connection_supervisor", out)
        self.assertIn("* %s is gone" % short, out)
        self.assertIn("no peer is connected", out)
        for kind, size in (("chat", 16), ("note", 7), ("list", 5), ("chat", 19)):
            node.err.wait_for('sent a message of type "%s", %d bytes' % (kind, size))
        self.assertEqual(node.stop(), 0)

    def test_everything_has_arrived_when_the_input_ends(self):
        node = self.ratsd(ECHO)
        self.script(*['/broadcast t%d "%s"' % (i, "x" * 20000) for i in range(200)],
                    arguments=("0", "--connect", "127.0.0.1", node.port))
        for i in range(200):
            node.err.wait_for('type "t%d", 20002 bytes' % i)
        self.assertEqual(node.stop(), 0)

    def test_a_script_may_come_from_a_file_and_need_no_last_line_break(self):
        node = self.ratsd(ECHO)
        path = self.path("script")
        with open(path, "w", encoding="utf-8") as file:
            file.write("/broadcast first 1\n\n/broadcast last 2")
        with open(path, encoding="utf-8") as file:
            done = self.run_program("rats-client", "0", "localhost", node.port, stdin=file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        node.err.wait_for('"first"')
        node.err.wait_for('"last"')

    def test_mistakes_are_explained_and_end_in_exit_code_1(self):
        node = self.ratsd()
        out = self.script("/chanel x", "/msg zz hi", "/msg", '/send %s t {"a":b}' % node.id[:4], "/connect localhost 0",
                          "/connect 127.0.0.1 1", "/log loud", "/disconnect 0123456789", arguments=(0, "::1", 1), code=1)
        for part in ("did you mean /channel?", "no peer id", "/msg ID TEXT", "1 to 65535", "refused", "trace, debug, info",
                     "no peer is connected", "::1 port 1"):
            self.assertIn(part, out)
        out = self.script('/send %s t {"a":b}' % node.id[:4], arguments=(0, "127.0.0.1", node.port), code=1)
        self.assertIn("that is no JSON, at character 6", out)

    def test_two_clients_talk(self):
        anna = self.start(Client)
        anna.write("/on note", "/channel news", "/status")
        anna.out.wait_for("up for")
        bert = self.start(Client, "127.0.0.1", anna.port)
        bert.out.wait_for("* %s is connected" % anna.id[:8])
        anna.out.wait_for("* %s is connected" % bert.id[:8], "in")
        bert.write("hello", '/broadcast note {"n":1}', "//slash")
        anna.out.wait_for("%s: hello" % bert.id[:8])
        anna.out.wait_for('%s note {"n":1}' % bert.id[:8])
        anna.out.wait_for("%s: /slash" % bert.id[:8])
        bert.write("/channel news of the day")
        anna.out.wait_for("%s #news: of the day" % bert.id[:8])
        bert.write("/msg %s \u00fc\u202ex" % anna.id[:9])
        self.assertNotIn("\u202e", anna.out.wait_for("%s: \u00fc" % bert.id[:8]))
        anna.write("/off note", "/msg %s back" % bert.id[:5])
        bert.out.wait_for("%s: back" % anna.id[:8])
        bert.write("/quit")
        self.assertEqual(bert.wait(), 0)
        anna.out.wait_for("* %s is gone" % bert.id[:8])
        anna.end_input()
        self.assertEqual(anna.wait(), 0)

    def test_people_talk_in_a_room(self):
        relay = self.ratsd("[gossip]\ntopics = garden\n[messages]\nlog_topics = yes\n[pex]\nenabled = no\n")
        anna = self.start(Client, "127.0.0.1", relay.port, "--nick", "anna", "--join", "garden")
        anna.out.wait_for("* [garden] %s is here" % relay.id[:8])
        bert = self.start(Client, "127.0.0.1", relay.port)
        bert.write("/join garden", "/nick bert", "hello \u00fc")
        bert.out.wait_for("* you joined [garden]")
        bert.out.wait_for("* you are bert now")
        anna.out.wait_for("[garden] bert?: hello \u00fc")  # Only the relay says so.
        relay.err.wait_for('"garden" has a message of %s (own link)' % bert.id[:8])
        anna.write("dear bert", "/publish garden plain words", '/publish garden {"text":"a\\u001b[2Jb","nick":"x y"}')
        bert.out.wait_for("[garden] anna?: dear bert")
        bert.out.wait_for("[garden] anna?: plain words")
        bert.out.wait_for("[garden] anna?: a\\x1b[2Jb")
        anna.write("/nick bert", "who?", "/topics")
        bert.out.wait_for("[garden] bert~%s?: who?" % anna.id[:4])
        anna.out.wait_for("garden", "yes")
        anna.write("/leave", "/leave", "to all")
        anna.out.wait_for("* you left [garden]")
        anna.out.wait_for("error: this is no room")
        relay.signal(signal.SIGUSR1)
        relay.err.wait_for("garden", "yes")
        relay.err.wait_for("scores of 2 peers")
        bert.end_input()
        self.assertEqual(bert.wait(), 0)
        self.assertNotIn("hello", "".join(line for line in bert.out.rest() if "[garden]" in line))
        anna.end_input()
        self.assertEqual(anna.wait(), 1)  # The mistake counts in a script.
        self.assertEqual(relay.stop(), 0)

    def test_a_script_may_publish_as_soon_as_it_is_connected(self):
        node = self.ratsd("[gossip]\ntopics = log\n[messages]\nlog_topics = yes\n")
        for _ in range(5):
            self.script("/publish log " + "x" * 5000, arguments=("0", "127.0.0.1", node.port))
            node.err.wait_for('"log" has a message of', "(own link)", "5000 bytes")
        self.assertEqual(node.stop(), 0)

    def test_a_signature_shows_who_speaks_through_a_relay(self):
        relay = self.ratsd("[gossip]\ntopics = garden\n[pex]\nenabled = no\n")
        anna = self.start(Client, "127.0.0.1", relay.port, "--join", "garden")
        anna.out.wait_for("* [garden] %s is here" % relay.id[:8])
        self.script("proven words", arguments=("0", "127.0.0.1", relay.port, "--join", "garden", "--sign",
                                               "--nick", "cleo"))
        anna.out.wait_for("[garden] cleo: proven words")
        anna.end_input()
        self.assertEqual(anna.wait(), 0)

    def test_mistakes_about_topics_are_explained(self):
        out = self.script("/join", "/leave", "/leave garden", "/publish garden", "/nick a:b", "/publish garden x", code=1)
        for part in ("usage: /join TOPIC", "this is no room", '"garden" is not joined', "/publish TOPIC TEXT",
                     '"a:b" is no name', "* nobody is in [garden] yet"):
            self.assertIn(part, out)

    def test_files_are_given_taken_and_fetched(self):
        os.makedirs(self.path("tree/deep"))
        for name, size in (("tree/a file", 5), ("tree/deep/b", 700001)):
            with open(self.path(name), "wb") as file:
                file.write(bytes(i * 7 % 251 for i in range(size)))
        node = self.ratsd("[files]\ninbox = %s\nshare = %s\n[pex]\nenabled = no\n"
                          % (self.path("inbox"), self.path("tree")))
        anna = self.start(Client, "127.0.0.1", node.port)
        out = self.script("/give %s %s" % (node.id[:8], self.path("tree/a file")),
                          "/give %s %s" % (node.id[:8], self.path("tree")), "/files",
                          "/fetch %s deep/b %s" % (node.id[:8], self.path("fetched")),
                          "/fetch %s deep/ %s" % (node.id[:8], self.path("folder")),
                          arguments=("0", "127.0.0.1", node.port))
        for part in ("* #1 a file to %s: complete, 5 B" % node.id[:8], "* #2 tree to %s: complete" % node.id[:8],
                     "* #3 b from %s: complete" % node.id[:8]):
            self.assertIn(part, out)
        for copy, source in (("inbox/a file", "tree/a file"), ("inbox/tree/a file", "tree/a file"),
                             ("inbox/tree/deep/b", "tree/deep/b"), ("fetched", "tree/deep/b"),
                             ("folder/b", "tree/deep/b")):
            with open(self.path(copy), "rb") as one, open(self.path(source), "rb") as other:
                self.assertEqual(one.read(), other.read(), copy)
        bert = self.start(Client, "127.0.0.1", anna.port)
        bert.out.wait_for("is connected")
        bert.write("/give %s %s" % (anna.id[:8], self.path("tree/deep/b")))
        anna.out.wait_for("* %s offers b, " % bert.id[:8], ": /take 1 or /refuse 1")
        anna.write("/take 1 %s" % self.path("taken"))
        anna.out.wait_for("* #1 b from %s: complete" % bert.id[:8])
        bert.out.wait_for("* #1 b to %s: complete" % anna.id[:8])
        bert.write("/give %s %s" % (anna.id[:8], self.path("tree/a file")))
        anna.out.wait_for("/refuse 2")
        anna.write("/refuse 2 not now", "/refuse 9")
        bert.out.wait_for("* #2 a file to %s: failed" % anna.id[:8], "not now")
        anna.out.wait_for("error: there is no transfer")
        self.script("/give %s %s" % (node.id[:8], self.path("nothing")), "/fetch %s ../up x" % node.id[:8],
                    arguments=("0", "127.0.0.1", node.port), code=1)
        for one in (anna, bert):
            one.end_input()
        self.assertEqual(anna.wait(), 1)
        self.assertEqual(bert.wait(), 1)
        self.assertEqual(node.stop(), 0)

    def test_a_store_is_the_same_at_all_peers(self):
        node = self.ratsd("[storage]\nenabled = yes\n[pex]\nenabled = no\n")
        anna = self.start(Client, "127.0.0.1", node.port, "--store", "--nick", "anna")
        anna.write("/set fruit/apple red and round", "/set fruit/pear green", "/show fruit/apple", "/keys fruit/a")
        anna.out.wait_for("red and round")
        anna.out.wait_for("* 1 key")
        anna.out.wait_for("fruit/apple")
        bert = self.start(Client, "127.0.0.1", node.port, "--store", "--data-dir", self.path("bert"))
        bert.out.wait_for("* fruit/pear = green by %s" % anna.id[:8])
        bert.write("/del fruit/pear", "/del fruit/pear", "/store")
        bert.out.wait_for("* there is nothing under fruit/pear")
        bert.out.wait_for("storage is running: 1 keys, 1 removed")
        anna.out.wait_for("* fruit/pear was removed by %s" % bert.id[:8])
        bert.end_input()
        self.assertEqual(bert.wait(), 0)
        out = self.script("/keys", "/show fruit/apple", "/export %s" % self.path("all.dat"), "/set new value",
                          "/import %s" % self.path("all.dat"), arguments=("0", "--store", "--data-dir", self.path("bert")))
        for part in ("* 1 key\nfruit/apple\nred and round\n", "* wrote 2 entries, ", "* took 0 entries; 2 were not newer"):
            self.assertIn(part, out)
        node.signal(signal.SIGUSR1)
        node.err.wait_for("storage is running: 1 keys, 1 removed", "on disk in 4 databases")
        # Whoever comes for a moment reads what is there, and leaves what was written.
        here = ("0", "127.0.0.1", node.port, "--store")
        self.script("/set short note", arguments=here)
        self.assertIn("\nnote\n", self.script("/show short", arguments=here))
        self.assertIn("storage is switched off", self.script("/set a b", code=1))
        anna.end_input()
        self.assertEqual(anna.wait(), 0)
        self.assertEqual(node.stop(), 0)

    def in_dht(self, begin):
        """A client in the private DHT that begins at this port, and its own port there."""
        client = self.start(Client)
        client.write("/dht start 127.0.0.1:%d" % begin)
        return client, int(client.out.wait_for("* in the DHT at 0.0.0.0:").rsplit(":", 1)[1])

    def test_clients_find_each_other_in_a_private_dht(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.1", 0))
            first, port = self.in_dht(nobody.getsockname()[1])
        anna, _ = self.in_dht(port)
        bert, _ = self.in_dht(port)
        for client, others in ((anna, (first, bert)), (bert, (first, anna))):  # Nobody told them of each other.
            seen = {client.out.wait_for("is connected").split()[1] for _ in others}
            self.assertEqual(seen, {other.id[:8] for other in others})
        anna.write("/announce song")
        anna.out.wait_for("* announced to")
        bert.write("/find song")
        bert.out.wait_for("* peers under", ": 1;")
        self.assertEqual(bert.out.seen[-2], "127.0.0.1:%d" % anna.port)
        bert.write("/put hello \u00fc world")
        bert.out.wait_for("* stored by")
        target = bert.out.seen[-2]
        self.assertRegex(target, "^[0-9a-f]{40}$")
        anna.write("/get %s" % target)
        anna.out.wait_for("hello \u00fc world")
        anna.write("/dht")
        anna.out.wait_for("confirmed of")
        anna.write("/dht stop", "/dht", "/find song")
        anna.out.wait_for("the DHT is off")
        anna.out.wait_for("error: this node is not in the DHT")

    def test_a_stun_server_tells_the_address(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            client = self.start(Client)
            client.write("/address 127.0.0.1:%d" % server.getsockname()[1])
            server.settimeout(30)
            request, who = server.recvfrom(2048)
            # A success response with MAPPED-ADDRESS, the plain one (RFC 8489 section 14.1).
            mapped = struct.pack("!HHBBH4s", 1, 8, 0, 1, 4711, socket.inet_aton("203.0.113.7"))
            server.sendto(struct.pack("!HH", 0x0101, len(mapped)) + request[4:20] + mapped, who)
            client.out.wait_for("* seen as 203.0.113.7:4711 by 127.0.0.1:")

    def test_mistakes_about_finding_peers_are_explained(self):
        out = self.script("/find song", "/put x", "/dht on", "/dht start here", "/dht stop now", "/mdns on",
                          "/get 123", "/announce song 0", "/address nowhere", "/mdns", "/dht", "/mdns stop", code=1)
        for part in ("this node is not in the DHT; /dht start joins it", '"on" is no action; accepted: start or stop',
                     '"here" is no place on the network', "usage: /dht stop", '"123" is no target', '"0" is no port',
                     '"nowhere" is no place', "multicast DNS is off", "the DHT is off"):
            self.assertIn(part, out)

    def test_an_echo_comes_back_on_its_channel(self):
        node = self.ratsd(ECHO)
        client = self.start(Client, "127.0.0.1", node.port)
        client.write("/channel echo ping")
        client.out.wait_for("%s #echo: ping" % node.id[:8])
        client.signal(signal.SIGTERM)
        self.assertEqual(client.wait(), 0)

    def test_plaintext_protocol_and_data_dir(self):
        node = self.ratsd("security = plaintext\nprotocol = mine/2\n")
        arguments = ("0", "127.0.0.1", node.port, "--plaintext", "--protocol", "mine/2", "--data-dir", self.path("me"))
        first = self.script("/id", arguments=arguments).splitlines()
        second = self.script("/id", arguments=arguments).splitlines()
        self.assertIn("plaintext", "".join(first))
        self.assertEqual(first[-1], second[-1])
        self.assertRegex(first[-1], "^[0-9a-f]{64}$")

    def test_a_wrong_command_line_is_exit_code_2(self):
        done = self.run_program("rats-client", "port")
        self.assertEqual(done.returncode, 2)
        self.assertIn("0 to 65535", done.stderr)

    def test_a_port_that_is_taken_is_exit_code_1(self):
        with socket.create_server(("", 0)) as holder:
            done = self.run_program("rats-client", holder.getsockname()[1], input="")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot listen", done.stderr)

    def test_help(self):
        done = self.run_program("rats-client", "--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("rats-client PORT [HOST PORT]", done.stdout)


if __name__ == "__main__":
    case_list.main()
