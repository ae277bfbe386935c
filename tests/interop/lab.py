# SPDX-License-Identifier: MIT
"""What the tests with foreign programs share: a network of their own, processes that are waited for by what they print,
and the report of cases.
"""
import contextlib
import filecmp
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

INSIDE = "RATS_LAB_INSIDE"
SKIPPED = 77


class Skip(Exception):
    """A case that cannot run here; says why."""


def skip_all(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


# -- a network of our own ----------------------------------------------------------------------------------------------
def shell(script):
    subprocess.run(["bash", "-euc", script], check=True, timeout=30)


def enter_own_network():
    """Starts this program anew in a network that has a loopback device and nothing else, so that no packet can leave
    and every port is free, and in a process namespace, so that all that it started ends with it. Returns inside.
    """
    if os.environ.get(INSIDE) == "yes":
        shell("ip link set lo up multicast on; ip route add 224.0.0.0/4 dev lo")
        return
    if not sys.platform.startswith("linux") or not shutil.which("unshare") or not shutil.which("ip"):
        skip_all("it needs Linux, unshare (package util-linux) and ip (package iproute2)")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    if subprocess.run(command + ["true"], stderr=subprocess.DEVNULL, check=False, timeout=30).returncode != 0:
        skip_all("network namespaces are not allowed here")
    os.environ[INSIDE] = "yes"
    os.execvp("unshare", command + [sys.executable] + sys.argv)


# -- processes ---------------------------------------------------------------------------------------------------------
class Program:
    """A process and all lines that it printed to either output, and when."""

    def __init__(self, name, command, **options):
        self.name = name
        self.lines = []
        self.times = []
        self.news = threading.Condition()
        self.ended = False
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace", bufsize=1, **options)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.times.append(time.monotonic())
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def mark(self):
        """A place in its output, for `wait_for`."""
        with self.news:
            return len(self.lines)

    def wait_for(self, pattern, timeout, since=0):
        """The match of the first line from place `since` on. An AssertionError with its last lines if there is none."""
        deadline = time.monotonic() + timeout
        seen = since
        with self.news:
            while True:
                for line in self.lines[seen:]:
                    found = re.search(pattern, line)
                    if found:
                        return found
                seen = len(self.lines)
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    how = "ended" if self.ended else "was silent about it for %g s" % timeout
                    raise AssertionError("%s %s; awaited /%s/; its last lines:\n  %s"
                                         % (self.name, how, pattern, "\n  ".join(self.lines[since:][-12:])))
                self.news.wait(left)

    def time_of(self, pattern, timeout, since=0):
        """When it printed what `wait_for` waits for, as `time.monotonic` has it."""
        self.wait_for(pattern, timeout, since)
        with self.news:
            return next(at for at, line in zip(self.times[since:], self.lines[since:]) if re.search(pattern, line))

    def say(self, text):
        """Sends it a line; returns the place where its answer begins."""
        place = self.mark()
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return place

    def ask(self, text, pattern, timeout):
        return self.wait_for(pattern, timeout, self.say(text))

    def ask_until(self, text, pattern, timeout):
        """Asks twice a second, for what takes its time to be true."""
        for _ in range(int(timeout * 2) - 1):
            with contextlib.suppress(AssertionError):
                return self.ask(text, pattern, 0.5)
        return self.ask(text, pattern, 0.5)

    def crashed(self):
        """Whether a signal ended it."""
        code = self.process.poll()
        return code is not None and code < 0

    def terminate(self, timeout=10):
        """SIGTERM; returns its exit code."""
        self.process.terminate()
        return self.process.wait(timeout)

    def kill(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running(name, command, ready=None, timeout=20, **options):
    """A process until the end of the block; yields it once it printed a line that matches `ready`."""
    program = Program(name, command, **options)
    try:
        if ready:
            program.wait_for(ready, timeout)
        yield program
    except BaseException:
        print("-- last lines of %s:\n  %s" % (name, "\n  ".join(program.lines[-25:])))
        raise
    finally:
        program.kill()


class Ratsd:
    """A running node: the process, its PeerId, its port, its folder."""

    def __init__(self, program, peer_id, port, folder):
        self.program, self.peer_id, self.port, self.folder = program, peer_id, port, folder

    def stop(self):
        assert self.program.terminate() == 0, "ratsd did not stop cleanly"


@contextlib.contextmanager
def ratsd(binary, sections, name="ratsd", prefix=()):
    """A node with this configuration: {section: {key: value or list of values}}."""
    config = {"node": {"listen_port": 0}, "log": {"level": "debug", "colors": "no"}}
    for section, values in sections.items():
        config.setdefault(section, {}).update(values)
    with tempfile.TemporaryDirectory() as folder:
        config["node"].setdefault("data_dir", folder)
        path = os.path.join(folder, "node.ini")
        with open(path, "w", encoding="utf-8") as file:
            for section, values in config.items():
                file.write("[%s]\n" % section)
                for key, value in values.items():
                    for one in value if isinstance(value, (list, tuple)) else [value]:
                        file.write("%s = %s\n" % (key, one))
        with running(name, [*prefix, binary, "--config", path]) as program:
            words = program.wait_for(r"^ratsd ready (\w+) (\S+):(\d+)$", 20)
            yield Ratsd(program, words[1], int(words[3]), folder)


# -- what went over the wire -------------------------------------------------------------------------------------------
class Capture:
    """Records an interface into a file, from its making to `finish`."""

    def __init__(self, interface):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "capture.pcap")
        self.packets = []
        every_protocol = 0x0003  # ETH_P_ALL
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(every_protocol))
        self.socket.bind((interface, every_protocol))
        self.socket.settimeout(0.2)
        self.open = True
        self.thread = threading.Thread(target=self._record, daemon=True)
        self.thread.start()

    def _record(self):
        while self.open:
            with contextlib.suppress(TimeoutError):
                self.packets.append(self.socket.recv(65536))

    def finish(self):
        self.open = False
        self.thread.join()
        self.socket.close()
        with open(self.path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65536, 1))  # Of Ethernet frames.
            for number, packet in enumerate(self.packets):
                file.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)

    def select(self, condition, *options):
        """The packets that meet a display filter of tshark (package of that name), a line each."""
        if not shutil.which("tshark"):
            raise Skip("there is no package tshark")
        found = subprocess.run(["tshark", "-n", "-r", self.path, *options, "-Y", condition], check=True, timeout=60,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return found.stdout.splitlines()


# -- packages of npm ---------------------------------------------------------------------------------------------------
def npm_packages():
    """The folder with what npm/package-lock.json pins, installed below the build folder at the first call, which must
    come before `enter_own_network`. None where Node or npm are missing, or the registry is out of reach."""
    if os.environ.get(INSIDE) == "yes":
        return os.environ.get("RATS_LAB_NPM") or None
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
    target = os.path.join(os.environ.get("RATS_BINARY_DIR", "."), "test-npm")
    wanted, stamp = os.path.join(source, "package-lock.json"), os.path.join(target, "installed.json")
    done = os.path.exists(stamp) and filecmp.cmp(wanted, stamp, shallow=False)
    if not done and shutil.which("npm") and shutil.which("node"):
        os.makedirs(target, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(source, name), target)
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                                   "--fetch-retries=0"],
                                  cwd=target, check=False, timeout=40).returncode == 0
        if done:
            shutil.copy(wanted, stamp)
    os.environ["RATS_LAB_NPM"] = target if done and shutil.which("node") else ""
    return os.environ["RATS_LAB_NPM"] or None


# -- cases -------------------------------------------------------------------------------------------------------------
def run_cases(cases):
    """Runs functions without arguments one after another; prints and reports a line for each. Returns the exit code."""
    lines = []
    for case in cases:
        began = time.monotonic()
        try:
            case()
            lines.append("passed " + case.__name__)
        except Skip as why:
            lines.append("skipped " + case.__name__)
            print("%s: %s" % (case.__name__, why))
        except Exception as error:  # pylint: disable=broad-except
            lines.append("failed " + case.__name__)
            print("%s: %s: %s" % (case.__name__, type(error).__name__, error))
        print("%s (%.1f s)" % (lines[-1], time.monotonic() - began), flush=True)
    report = os.environ.get("RATS_TEST_CASES_FILE")
    if report:
        with open(report, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    if any(line.startswith("failed") for line in lines):
        return 1
    return 0 if any(line.startswith("passed") for line in lines) else SKIPPED
