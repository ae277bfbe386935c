# SPDX-License-Identifier: MIT
"""Programs under test: started on kernel-chosen ports, waited for by what they print, never by time."""
import os
import queue
import signal
import subprocess
import tempfile
import threading
import unittest

BIN = os.path.join(os.environ["RATS_BINARY_DIR"], "bin")
# A hang is a failure; a slow machine, or a sanitizer, is not.
PATIENCE = 60


class Lines:
    """Reads a stream line by line on a thread, so that waiting for a line can have a deadline."""

    def __init__(self, stream):
        self.seen = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        with stream:
            for line in stream:
                self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, *parts):
        """The next line that holds all parts."""
        while True:
            try:
                line = self._queue.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError("no line with %r; there were:\n%s" % (parts, "\n".join(self.seen)))
            self.seen.append(line)
            if all(part in line for part in parts):
                return line

    def rest(self):
        """All lines up to the end of the stream."""
        while True:
            line = self._queue.get(timeout=PATIENCE)
            if line is None:
                return self.seen
            self.seen.append(line)


class Program:
    """A running program; `out` and `err` are its Lines."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen([str(x) for x in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace", **options)
        self.out = Lines(self.process.stdout)
        self.err = Lines(self.process.stderr)

    def write(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(timeout=PATIENCE)

    def destroy(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass


class Ratsd(Program):
    """A ratsd on loopback; waits until it listens."""

    def __init__(self, folder, text="", port=0, name="node"):
        self.data_dir = os.path.join(folder, name)
        self.config = os.path.join(folder, name + ".ini")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("[node]\ndata_dir = %s\nbind_address = 127.0.0.1\nlisten_port = %d\nport_attempts = 1\n%s\n"
                       % (self.data_dir, port, text))
        super().__init__(os.path.join(BIN, "ratsd"), "--config", self.config)
        self.name = name
        try:
            words = self.out.wait_for("ratsd ready").split()
        except AssertionError as failure:
            self.destroy()
            raise AssertionError("%s\nstderr: %s" % (failure, self.err.rest())) from None
        self.id = words[2]
        self.port = int(words[3].rsplit(":", 1)[1])

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()


class ProgramTest(unittest.TestCase):
    """Gives each case a folder and ends what it started."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self, kind, *arguments, **options):
        program = kind(*arguments, **options)
        self.addCleanup(program.destroy)
        return program

    def ratsd(self, text="", **options):
        return self.start(Ratsd, self.folder, text, **options)

    def run_program(self, name, *arguments, **options):
        """Runs to the end; a finished process with returncode, stdout and stderr."""
        return subprocess.run([os.path.join(BIN, name), *[str(x) for x in arguments]], text=True, encoding="utf-8",
                              errors="replace", capture_output=True, timeout=PATIENCE, check=False, **options)
