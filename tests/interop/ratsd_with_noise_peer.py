#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ratsd against a peer whose Noise and AEAD nobody here wrote, in both directions of dialing.

usage: ratsd_with_noise_peer.py RATSD
Exit code 77 where python3-dissononce is missing. Loopback only, on ports that the kernel chose.
"""
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

try:
    import noise_peer
    from noise_peer import APP, CONTROL, PING, TYPED, Closed, Identity, Link
except ImportError as missing:
    print("skipped: %s (packages python3-dissononce and python3-cryptography)" % missing)
    sys.exit(77)


@contextlib.contextmanager
def ratsd(program, *extra):
    """A running node on loopback; yields (its PeerId, its port)."""
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "node.ini")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[node]\nbind_address = 127.0.0.1\nlisten_port = 0\n[messages]\necho_channel = echo\n"
                       "[liveness]\nping_interval = 1 s\nsilence_max = 5 s\n" + "\n".join(extra))
        process = subprocess.Popen([program, "--config", config], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True)
        try:
            words = process.stdout.readline().split()
            assert words[:2] == ["ratsd", "ready"], "ratsd did not start: %r" % words
            yield words[2], int(words[3].rsplit(":", 1)[1])
            process.terminate()
            assert process.wait(timeout=10) == 0, "ratsd did not stop cleanly"
        finally:
            process.kill()
            process.wait()


def talk(link, listen_port):
    """A whole session, whoever dialed."""
    _, payload = link.receive_of(CONTROL)
    port, addresses, observed, transports = noise_peer.decode_identify(payload)
    assert port == listen_port, "identify names the port that it listens on"
    assert observed is not None and observed[0] == "127.0.0.1" and observed[1] == 0, observed
    assert transports & 1, "it listens on TCP"
    assert ("127.0.0.1", listen_port) in addresses, addresses
    link.send(CONTROL, noise_peer.encode_identify(0))

    token = os.urandom(8)
    link.send(PING, b"\x00" + token)
    while True:
        _, payload = link.receive_of(PING)
        if payload[0] == 1:
            assert payload[1:] == token, "a pong returns the token"
            break

    echo = noise_peer.channel_id("echo")
    assert echo == 0x0019
    for size in (0, 1, 59, 60, 959, 960, 961, 65535, 65536, 1 << 20, (4 << 20) + 7):
        data = os.urandom(size)
        link.send(APP, data, echo)
        channel, back = link.receive_of(APP)
        assert channel == echo and back == data, "an echo of %d bytes" % size
    link.send(200, b"unknown types are ignored")
    link.send(TYPED, struct.pack(">H", 4) + b"chat" + json.dumps({"text": "grüß dich"}).encode())
    link.send(APP, b"nobody listens here", noise_peer.channel_id("elsewhere"))
    for number in range(500):
        link.send(APP, b"%d" % number, echo)
    for number in range(500):
        assert link.receive_of(APP)[1] == b"%d" % number, "echoes come back in order"


def we_dial(program):
    with ratsd(program) as (peer_id, port):
        link = Link.dial(("127.0.0.1", port), Identity())
        assert link.remote_id == peer_id, "the PeerId is the hash of the proven key"
        talk(link, port)
        link.close()


def they_dial(program):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        own_port = server.getsockname()[1]
        with ratsd(program, "[node]", "connect = 127.0.0.1:%d" % own_port) as (peer_id, port):
            sock, _ = server.accept()
            sock.settimeout(10)
            link = Link(sock, False, Identity())
            assert link.remote_id == peer_id
            talk(link, port)
            link.close()


def newer_link_replaces_the_older(program):
    with ratsd(program) as (_, port):
        identity = Identity()
        older = Link.dial(("127.0.0.1", port), identity)
        older.receive_of(CONTROL)
        newer = Link.dial(("127.0.0.1", port), identity)
        newer.receive_of(CONTROL)
        try:
            while True:
                older.receive_of(APP)
        except (Closed, ConnectionError):
            pass
        talk_echo(newer)
        newer.close()


def talk_echo(link):
    link.send(APP, b"still here", noise_peer.channel_id("echo"))
    assert link.receive_of(APP)[1] == b"still here"


def other_protocol_is_refused(program):
    with ratsd(program) as (_, port):
        try:
            Link.dial(("127.0.0.1", port), Identity(), protocol="someone-else/1.0")
        except Exception:  # pylint: disable=broad-except
            pass  # dissononce's own error: message 2 does not authenticate under another prologue.
        else:
            raise AssertionError("a node of another application got a link")
        talk_echo(Link.dial(("127.0.0.1", port), Identity()))


def tampered_block_ends_the_link(program):
    with ratsd(program) as (_, port):
        link = Link.dial(("127.0.0.1", port), Identity())
        link.receive_of(CONTROL)
        link._write_block(os.urandom(64))
        try:
            while True:
                link.receive_of(APP)
        except (Closed, ConnectionError):
            pass
        talk_echo(Link.dial(("127.0.0.1", port), Identity()))


def main():
    program = sys.argv[1]
    cases = (we_dial, they_dial, newer_link_replaces_the_older, other_protocol_is_refused, tampered_block_ends_the_link)
    report = os.environ.get("RATS_TEST_CASES_FILE")
    failed = 0
    lines = []
    for case in cases:
        try:
            case(program)
            lines.append("passed " + case.__name__)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            lines.append("failed " + case.__name__)
            print("%s: %s: %s" % (case.__name__, type(error).__name__, error))
        print(lines[-1])
    if report:
        with open(report, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
