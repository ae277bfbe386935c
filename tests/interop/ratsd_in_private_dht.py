#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our nodes in a private DHT of 20 nodes of libtorrent and 20 of the npm package bittorrent-dht.

usage: ratsd_in_private_dht.py RATSD
Exit code 77 where python3-libtorrent, python3-cryptography or network namespaces are missing. Without bittorrent-dht the
cases that need it are skipped.
"""
import contextlib
import hashlib
import os
import sys
import time

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

import lab

try:
    import libtorrent  # noqa: F401  (for the nodes that run in another process)
    import krpc
except ImportError as missing:
    lab.skip_all("%s (packages python3-libtorrent and python3-cryptography)" % missing)

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 15  # Seconds that anything may take.
KEY = "a key of this test"
HASH = hashlib.sha1(KEY.encode()).hexdigest()
LIBTORRENT = "127.0.0.1:20000"
NPM = "127.0.1.1:21000"


class Network:
    libtorrent = npm = None


def npm():
    if not Network.npm:
        raise lab.Skip("bittorrent-dht cannot be installed here: it needs node, npm and a registry")
    return Network.npm


def timed(what, began):
    seconds = time.monotonic() - began
    print("%s after %.1f s" % (what, seconds))
    assert seconds <= LIMIT, "%s took %.1f s" % (what, seconds)


def libtorrent_nodes(*arguments):
    return lab.running("libtorrent", ["/usr/bin/python3", os.path.join(HERE, "libtorrent_nodes.py"), *arguments],
                       r"^ready$")


def npm_nodes(folder):
    return lab.running("bittorrent-dht", ["node", os.path.join(HERE, "bittorrent_dht_nodes.mjs"), folder, "20", "21000",
                                          LIBTORRENT], r"^ready$")


def node(address, listen_port, dht_port, bootstrap, key=KEY, **dht):
    return lab.ratsd(sys.argv[1], {
        "node": {"bind_address": address, "listen_port": listen_port},
        "discovery": {"key": key},
        "reconnect": {"enabled": "no"},
        "dht": {"enabled": "yes", "port": dht_port, "public_bootstrap": "no", "restrict_addresses": "no",
                "bootstrap": bootstrap, **dht}}, name="ratsd at " + address)


def ask(program, question):
    """The answer of a foreign program; an error when it says `failed`."""
    answer = program.ask(question, r"^(failed|\w+ ).*|^told$", LIMIT + 5)[0]
    assert not answer.startswith("failed"), "%s: %s: %s" % (program.name, question, answer)
    return answer


def they_find_us():
    with node("127.0.2.1", 9001, 7001, LIBTORRENT, key="found by them"):
        began = time.monotonic()
        key = hashlib.sha1(b"found by them").hexdigest()
        ask(Network.libtorrent, "get %s 127.0.2.1:9001" % key)
        timed("libtorrent found us", began)
        if Network.npm:
            ask(Network.npm, "get %s 127.0.2.1:9001" % key)
            timed("bittorrent-dht found us", began)


def we_find_them():
    ask(Network.libtorrent, "announce " + HASH)
    if Network.npm:
        ask(Network.npm, "announce %s 4242" % HASH)
    began = time.monotonic()
    with node("127.0.2.2", 9002, 7002, LIBTORRENT) as ours:
        ours.program.wait_for(r"peer_finder dials 127\.0\.0\.20:20019", LIMIT)
        timed("we found libtorrent's peer", began)
        if Network.npm:
            ours.program.wait_for(r"peer_finder dials 127\.0\.1\.20:4242", LIMIT)
            timed("we found bittorrent-dht's peer", began)


def our_nodes_meet_through_both():
    npm()
    began = time.monotonic()
    with node("127.0.2.3", 9003, 7003, LIBTORRENT, key="ours") as first:
        with node("127.0.2.4", 9004, 7004, NPM, key="ours") as second:
            first.program.wait_for(r"peer %s is connected" % second.peer_id, LIMIT)
            timed("two of our nodes met", began)


def they_keep_us():
    with node("127.0.2.5", 9005, 7005, LIBTORRENT):
        asker = krpc.Asker("127.0.3.1")
        answer = asker.ask(("127.0.2.5", 7005), "ping")
        assert answer, "our node is silent"
        node_id = answer[b"r"][b"id"].hex()
        began = time.monotonic()
        print("of libtorrent: " + ask(Network.libtorrent, "keepers %s 5" % node_id))
        timed("nodes of libtorrent knew us", began)
        if Network.npm:
            print("of bittorrent-dht: " + ask(Network.npm, "keepers %s 5" % node_id))
            timed("nodes of bittorrent-dht knew us", began)


def a_node_returns_without_bootstrap():
    with node("127.0.2.6", 9006, 7006, LIBTORRENT, key="returning") as ours:
        ours.program.wait_for(r"knows ([5-9]|\d\d) IPv4 nodes", LIMIT)
        folder = ours.folder
        ours.stop()
        assert os.path.getsize(os.path.join(folder, "dht_routing.json")) > 0
        began = time.monotonic()
        with lab.running("ratsd again", [sys.argv[1], "--config", os.path.join(folder, "node.ini"),
                                         "--dht.bootstrap", "127.0.9.9:9"]) as again:
            again.wait_for(r"knows ([5-9]|\d\d) IPv4 nodes", LIMIT)
            timed("a node was back from its saved table", began)


def all_of_it_over_ipv6():
    with libtorrent_nodes("10", "22000", "::1") as theirs, \
            node("::1", 9007, 7007, "[::1]:22000", key="six", ipv4="no") as ours:
        began = time.monotonic()
        key = hashlib.sha1(b"six").hexdigest()
        ask(theirs, "get %s [::1]:9007" % key)
        timed("libtorrent found us over IPv6", began)
        ask(theirs, "announce " + key)
        place = ours.program.mark()
        began = time.monotonic()
        ours.program.wait_for(r"peer_finder dials \[::1\]:22009", LIMIT, place)
        timed("we found libtorrent over IPv6", began)


def main():
    packages = lab.npm_packages()
    lab.enter_own_network()
    with contextlib.ExitStack() as stack:
        Network.libtorrent = stack.enter_context(libtorrent_nodes("20", "20000"))
        if packages:
            Network.npm = stack.enter_context(npm_nodes(packages))
        return lab.run_cases([they_find_us, we_find_them, our_nodes_meet_through_both, they_keep_us,
                              a_node_returns_without_bootstrap, all_of_it_over_ipv6])


if __name__ == "__main__":
    sys.exit(main())
