# SPDX-License-Identifier: MIT
"""Files between two processes that are killed (SIGKILL) while bytes move: they arrive whole, and nothing is left over."""
import os
import random
import re
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, Program, ProgramTest

SIZE = 96 << 20


class Killed(ProgramTest):
    def client(self, name, *arguments, peer=None):
        """A client that keeps its state in a folder of that name, and from its second start on its port."""
        to = ["127.0.0.1", self.ports[peer]] if peer else []
        program = self.start(Program, os.path.join(BIN, "rats-client"), self.ports.get(name, 0), *to, *arguments,
                             "--data-dir", self.path(name), cwd=self.folder)
        listening = program.out.wait_for("* listening on")
        self.ports[name] = int(re.search(r"\]:(\d+) as", listening).group(1))
        return program

    def receiver(self, peer=None):
        return self.client("receiver", "--inbox", self.path("inbox"), peer=peer)

    def sender(self):
        return self.client("sender", peer="receiver")

    def received(self):
        """Bytes that are in partial files or in place."""
        size = 0
        for folder in (self.path("receiver", "transfers"), self.path("inbox")):
            for root, _, names in os.walk(folder):
                for name in names:
                    try:
                        size += os.lstat(os.path.join(root, name)).st_size
                    except FileNotFoundError:  # Has just got its place.
                        pass
        return size

    def kill(self, *programs):
        for one in programs:
            one.process.kill()
            one.process.wait()

    def left_over(self):
        """Names of partial files, journals and kept offers."""
        return [name for side in ("receiver", "sender") for _, _, names in os.walk(self.path(side, "transfers"))
                for name in names if name != "delivered"]

    def transfer(self, make, size, victims):
        """Kills each of `victims` in turn ("s", "r" or both), once more bytes are on the receiver's disk than before.
        Who was killed dials."""
        self.ports = {}
        source = self.path("source")
        make(source)
        receiver = self.receiver()
        sender = self.sender()
        peer = sender.out.wait_for("is connected").split()[1]
        sender.write("/give %s %s" % (peer, source))
        for i, victim in enumerate(victims):
            while self.received() < size * (i + 1) // (len(victims) + 2):
                self.assertIsNone(receiver.process.poll())
            if "r" in victim:
                self.kill(receiver)
            if "s" in victim:
                self.kill(sender)
            self.assertFalse(os.path.isfile(self.path("inbox", "source")))
            if "r" in victim:
                receiver = self.receiver(None if "s" in victim else "sender")
            if "s" in victim:
                sender = self.sender()
        for program in (sender, receiver):
            program.out.wait_for("complete, ")
        self.assertEqual(os.listdir(self.path("inbox")), ["source"])
        for program in (sender, receiver):
            program.write("/quit")
            self.assertEqual(program.wait(), 0)
        self.assertEqual(self.left_over(), [])

    def same(self, left, right):
        with open(left, "rb") as a, open(right, "rb") as b:
            self.assertTrue(a.read() == b.read(), left)

    def file(self, victims):
        content = random.Random(7).randbytes(SIZE)

        def make(path):
            with open(path, "wb") as file:
                file.write(content)
        self.transfer(make, SIZE, victims)
        self.same(self.path("source"), self.path("inbox", "source"))

    def test_the_receiver(self):
        self.file(["r", "r"])

    def test_the_sender(self):
        self.file(["s", "s"])

    def test_both(self):
        self.file(["rs", "rs"])

    def test_a_tree(self):
        content = random.Random(8)
        names = ["%d/file %d" % (i % 7, i) for i in range(300)] + ["last"]

        def make(path):
            for i, name in enumerate(names):
                where = os.path.join(path, name)
                os.makedirs(os.path.dirname(where), exist_ok=True)
                with open(where, "wb") as file:
                    file.write(content.randbytes(i * 977 % 300_000))
        self.transfer(make, 300 * 150_000, ["rs", "s"])
        for name in names:
            self.same(self.path("source", name), self.path("inbox", "source", name))


if __name__ == "__main__":
    case_list.main()
