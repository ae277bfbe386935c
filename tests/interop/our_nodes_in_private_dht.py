#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our nodes in a private DHT of 20 nodes of libtorrent and 20 of the npm package bittorrent-dht.

usage: our_nodes_in_private_dht.py RATSD RATS_CLIENT
Exit code 77 where python3-libtorrent, python3-cryptography or network namespaces are missing. Without bittorrent-dht
the cases that need it are skipped.
"""
import contextlib
import hashlib
import itertools
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
    """Who is there. All stay until the end: dead nodes make libtorrent wait for 15 seconds."""
    stack = libtorrent = npm = client = None


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


def config(address, listen_port, dht_port, bootstrap, key=KEY, **dht):
    return {
        "node": {"bind_address": address, "listen_port": listen_port},
        "discovery": {"key": key},
        "reconnect": {"enabled": "no"},
        "dht": {"enabled": "yes", "port": dht_port, "public_bootstrap": "no", "restrict_addresses": "no",
                "bootstrap": bootstrap, **dht}}


def node(address, *more, **options):
    return Network.stack.enter_context(lab.ratsd(sys.argv[1], config(address, *more, **options),
                                                 name="ratsd at " + address))


def ask(program, question):
    """The answer of a foreign program; an error when it says `failed`."""
    answer = program.ask(question, r"^(failed|\w+ ).*|^told$", LIMIT + 5)[0]
    assert not answer.startswith("failed"), "%s: %s: %s" % (program.name, question, answer)
    return answer


def client(bootstrap):
    """rats-client in the DHT, at the address that the system chooses."""
    out = Network.stack.enter_context(lab.running("rats-client", [sys.argv[2], "0"]))
    out.ask("/dht start " + bootstrap, r"^\* in the DHT at (\S+)$", 10)
    return out


def our_client():
    if not Network.client:
        Network.client = client(LIBTORRENT)
    return Network.client


def kinds():
    return [one for one in (Network.libtorrent, Network.npm) if one]


def they_find_us():
    node("127.0.2.1", 9001, 7001, LIBTORRENT, key="found by them")
    began = time.monotonic()
    place = hashlib.sha1(b"found by them").hexdigest()
    for theirs in kinds():
        ask(theirs, "get %s 127.0.2.1:9001" % place)
        timed(theirs.name + " found us", began)


def we_find_them():
    ask(Network.libtorrent, "announce " + HASH)
    if Network.npm:
        ask(Network.npm, "announce %s 4242" % HASH)
    began = time.monotonic()
    ours = node("127.0.2.2", 9002, 7002, LIBTORRENT)
    ours.program.wait_for(r"peer_finder dials 127\.0\.0\.20:20019", LIMIT)
    timed("we found libtorrent's peer", began)
    if Network.npm:
        ours.program.wait_for(r"peer_finder dials 127\.0\.1\.20:4242", LIMIT)
        timed("we found bittorrent-dht's peer", began)


def our_nodes_meet_through_both():
    npm()
    began = time.monotonic()
    first = node("127.0.2.3", 9003, 7003, LIBTORRENT, key="ours")
    second = node("127.0.2.4", 9004, 7004, NPM, key="ours")
    first.program.wait_for(r"peer %s is connected" % second.peer_id, LIMIT)
    timed("two of our nodes met", began)


def announces_and_finds_on_demand():
    key = "announced-by-hand"
    place = hashlib.sha1(key.encode()).hexdigest()
    ask(Network.libtorrent, "announce " + place)
    ours = our_client()
    began = time.monotonic()
    ours.ask("/announce %s 4343" % key, r"^\* announced to [1-9]", LIMIT)
    timed("rats-client announced", began)
    for theirs in kinds():
        ask(theirs, "get %s 127.0.0.1:4343" % place)
    timed("all found its announcement", began)
    began = time.monotonic()
    ours.ask("/find " + key, r"^127\.0\.0\.20:20019$", LIMIT)
    timed("rats-client found libtorrent's", began)


def immutable_items_travel_both_ways():
    ours = our_client()
    began = time.monotonic()
    place = ours.say("/put from us to all")
    target = ours.wait_for(r"^([0-9a-f]{40})$", LIMIT, place)[1]
    ours.wait_for(r"^\* stored by [1-9]\d* nodes$", 1, place)
    assert target == krpc.target_of(b"from us to all").hex()
    for theirs in kinds():
        assert ask(theirs, "fetch " + target) == "item from us to all", theirs.name
    timed("all had our item", began)
    for theirs in kinds():
        began = time.monotonic()
        text = "from %s to us" % theirs.name
        ours.ask("/get " + ask(theirs, "put " + text).split()[1], "^%s$" % text, LIMIT)
        timed("we had the item of %s" % theirs.name, began)


def mutable_items_of_theirs_are_read():
    seed = bytes(range(32))
    ours = our_client()
    for version, text in ((1, "changes"), (2, "has changed")):
        answer = ask(Network.libtorrent, "put-mutable %s %s" % (seed.hex(), text))
        began = time.monotonic()
        assert answer.split()[1] == krpc.public_key(seed).hex()
        place = ours.say("/get " + krpc.mutable_target(seed).hex())
        ours.wait_for("^%s$" % text, LIMIT, place)
        ours.wait_for(r"^\* version %d, signed by %s$" % (version, krpc.public_key(seed).hex()), 1, place)
        timed("we had version %d" % version, began)


def answer_of(asker, method, **arguments):
    """What the node says that has been here since the first case."""
    answer = asker.ask(("127.0.2.1", 7001), method, arguments)
    assert answer and b"r" in answer, "%s: %r" % (method, answer)
    return answer[b"r"]


def items_that_we_alone_keep_are_found():
    """They lie so near to our node that everybody who looks for them comes by."""
    asker = krpc.Asker("127.0.3.2")
    own = answer_of(asker, "ping")[b"id"]

    def near(target):
        return target[0] == own[0] and target[1] >> 4 == own[1] >> 4

    value = next(text for text in (b"number %d" % i for i in itertools.count()) if near(krpc.target_of(text)))
    target = krpc.target_of(value)
    answer_of(asker, "put", v=value, token=answer_of(asker, "get", target=target)[b"token"])
    began = time.monotonic()
    for theirs in kinds():
        assert ask(theirs, "fetch " + target.hex()) == "item " + value.decode()
    seed = next(one for one in (bytes([i >> 8, i & 255] * 16) for i in range(65536)) if near(krpc.mutable_target(one)))
    key = krpc.public_key(seed)
    answer_of(asker, "put", v=b"signed", k=key, seq=5, sig=krpc.signature(seed, b"signed", 5),
              token=answer_of(asker, "get", target=krpc.mutable_target(seed))[b"token"])
    assert ask(Network.libtorrent, "fetch-mutable " + key.hex()) == "item signed"
    timed("they had what we alone keep", began)


def they_keep_us():
    node_id = answer_of(krpc.Asker("127.0.3.1"), "ping")[b"id"].hex()
    began = time.monotonic()
    for theirs in kinds():
        print("of 20 nodes of %s: %s" % (theirs.name, ask(theirs, "keepers %s 2" % node_id)))
        timed("they knew us", began)


def all_of_it_over_ipv6():
    place = hashlib.sha1(b"six").hexdigest()
    theirs = Network.stack.enter_context(libtorrent_nodes("10", "22000", "::1"))
    ours = node("::1", 9007, 7007, "[::1]:22000", key="six", ipv4="no")
    began = time.monotonic()
    ask(theirs, "get %s [::1]:9007" % place)
    timed("libtorrent found us over IPv6", began)
    mark = ours.program.mark()
    ask(theirs, "announce " + place)
    began = time.monotonic()
    ours.program.wait_for(r"peer_finder dials \[::1\]:22009", LIMIT, mark)
    timed("we found libtorrent over IPv6", began)
    # Before rats-client is there: so many datagrams from one address are a flood to it, and it keeps silent then.
    target = ask(theirs, "put by six").split()[1]
    ours = client("[::1]:22000")
    began = time.monotonic()
    ours.ask("/find " + place, r"^\[::1\]:22009$", LIMIT)
    ours.ask("/get " + target, "^by six$", LIMIT)
    mark = ours.say("/put six back")
    target = ours.wait_for(r"^([0-9a-f]{40})$", LIMIT, mark)[1]
    assert ask(theirs, "fetch " + target) == "item six back"
    timed("items went both ways over IPv6", began)


def a_node_returns_without_bootstrap():
    with lab.ratsd(sys.argv[1], config("127.0.2.6", 9006, 7006, LIBTORRENT, key="returning")) as ours:
        ours.program.wait_for(r"knows ([5-9]|\d\d) IPv4 nodes", LIMIT)
        ours.stop()
        assert os.path.getsize(os.path.join(ours.folder, "dht_routing.json")) > 0
        began = time.monotonic()
        with lab.running("ratsd again", [sys.argv[1], "--config", os.path.join(ours.folder, "node.ini"),
                                         "--dht.bootstrap", "127.0.9.9:9"]) as again:
            again.wait_for(r"knows ([5-9]|\d\d) IPv4 nodes", LIMIT)
            timed("a node was back from its saved table", began)


CASES = [they_find_us, we_find_them, our_nodes_meet_through_both, announces_and_finds_on_demand,
         immutable_items_travel_both_ways, mutable_items_of_theirs_are_read, items_that_we_alone_keep_are_found,
         they_keep_us, all_of_it_over_ipv6, a_node_returns_without_bootstrap]


def run_in_new_network(packages):
    """The exit code, and the foreign program that a signal ended, if one did."""
    Network.client = Network.npm = None
    with contextlib.ExitStack() as Network.stack:
        Network.libtorrent = Network.stack.enter_context(libtorrent_nodes("20", "20000"))
        if packages:
            Network.npm = Network.stack.enter_context(npm_nodes(packages))
        code = lab.run_cases(CASES)
        return code, next((one.name for one in kinds() if one.crashed()), None)


def main():
    packages = lab.npm_packages()
    lab.enter_own_network()
    code, crashed = run_in_new_network(packages)
    if crashed:
        # Seen of libtorrent's Python bindings, inside their own code. It says nothing about us, and leaves nobody to ask.
        print("%s was ended by a signal: all of it once more" % crashed, flush=True)
        code, _ = run_in_new_network(packages)
    return code


if __name__ == "__main__":
    sys.exit(main())
