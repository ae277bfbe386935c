#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How our programs learn their address from STUN servers: coturn, and one of this test that also answers wrongly.

usage: our_programs_ask_stun.py RATSD RATS_CLIENT
Exit code 77 where network namespaces are missing; without coturn its cases are skipped.
"""
import contextlib
import os
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

import lab
import stun_server as stun

PORT = 7100  # Of our client: what is asked about is the port that peers reach.
TRUTH = ("203.0.113.7", 4711)
LIE = ("198.51.100.66", 666)
SEEN = r"^\* seen as (\S+) by (\S+)$"
REFUSAL = r"^error: (.*)$"


@contextlib.contextmanager
def coturn():
    program = shutil.which("turnserver")
    if not program:
        raise lab.Skip("there is no package coturn")
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "turnserver.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write("listening-ip=127.0.5.1\nlistening-ip=::1\nlistening-port=3478\nstun-only\nno-tls\nno-dtls\n"
                       "no-cli\nfingerprint\nuserdb=%s/db\npidfile=%s/pid\n" % (folder, folder))
        with lab.running("coturn", [program, "-c", config, "--log-file", "stdout", "--simple-log"]):
            assert stun.is_up(("127.0.5.1", 3478)), "coturn does not answer"
            yield


@contextlib.contextmanager
def client():
    """The node listens on a known port, at every address."""
    with lab.running("rats-client", [sys.argv[2], str(PORT)]) as out:
        yield out


def address_from(server):
    """What our client says: (address, server) or its error."""
    with client() as ours:
        where = "[%s]:%d" % server if ":" in server[0] else "%s:%d" % server
        began = time.monotonic()
        said = ours.ask("/address " + where, "%s|%s" % (SEEN, REFUSAL), 12)
        print("  /address %s: %s (%.1f s)" % (where, said[0], time.monotonic() - began))
        return (said[1], said[2]) if said[1] else said[3]


def served(number, answer):
    """What our client says to a server that answers so, and the requests that came."""
    server = stun.Server(("127.0.6.%d" % number, 3478), answer)
    return address_from(server.where), server.requests


def of(where):
    return "%s:%d" % where


def coturn_tells_our_address():
    with coturn():
        assert address_from(("127.0.5.1", 3478)) == ("127.0.0.1:%d" % PORT, "127.0.5.1:3478")
        assert address_from(("::1", 3478)) == ("[::1]:%d" % PORT, "[::1]:3478")


def the_dht_asks_coturn_too():
    with coturn(), lab.ratsd(sys.argv[1], {
            "node": {"bind_address": "127.0.5.2"}, "dht": {
                "enabled": "yes", "port": 7101, "public_bootstrap": "no", "stun_server": "127.0.5.1:3478"}}) as ours:
        ours.program.wait_for(r"dht_node is seen as 127\.0\.5\.2:7101 by 127\.0\.5\.1:3478", 10)


def both_kinds_of_address_are_understood():
    said, requests = served(1, lambda _, transaction, client, __: [stun.mapped(transaction, client)])
    assert said == ("127.0.0.1:%d" % PORT, "127.0.6.1:3478"), said
    assert len(requests) == 1 and b"librats" in requests[0]
    said, _ = served(2, lambda _, transaction, __, ___: [
        stun.message(stun.SUCCESS, transaction, stun.address(stun.MAPPED, TRUTH))])
    assert said == (of(TRUTH), "127.0.6.2:3478"), said
    said, _ = served(3, lambda _, transaction, __, ___: [
        stun.message(stun.SUCCESS, transaction, stun.address(stun.MAPPED, LIE), (stun.SOFTWARE, b"any"),
                     stun.address(stun.XOR_MAPPED, TRUTH, transaction))])
    assert said == (of(TRUTH), "127.0.6.3:3478"), "the masked one counts: %r" % (said,)


def answers_to_other_questions_are_passed_over():
    def answer(_, transaction, __, ___):
        return [stun.mapped(os.urandom(12), LIE), stun.mapped(transaction[:-1] + bytes([transaction[-1] ^ 1]), LIE),
                b"", os.urandom(40), stun.mapped(transaction, LIE)[:-3], stun.mapped(transaction, TRUTH)]

    said, _ = served(4, answer)
    assert said == (of(TRUTH), "127.0.6.4:3478"), said


def answers_from_elsewhere_are_passed_over():
    def answer(server, transaction, client, count):
        server.other.sendto(stun.mapped(transaction, LIE), client)
        return [stun.mapped(transaction, TRUTH)] if count == 2 else []

    said, requests = served(5, answer)
    assert said == (of(TRUTH), "127.0.6.5:3478"), said
    assert len(requests) == 2 and requests[0] == requests[1], "a repeated request is the same one"


def wrong_answers_alone_are_no_answer():
    said, requests = served(6, lambda _, __, ___, ____: [stun.mapped(os.urandom(12), LIE)])
    assert said == "no STUN server answered", said
    assert len(requests) >= 2, "it is asked again"


def silence_is_named():
    said, _ = served(7, lambda *_: [])
    assert said == "no STUN server answered", said


def a_closed_port_is_named():
    said = address_from(("127.0.6.8", 9))
    assert said == "no STUN server answered", said


def errors_end_the_question():
    said, requests = served(9, lambda _, transaction, __, ___: [stun.error(transaction, 500, "Server Error")])
    assert said == "the STUN server answered with error 500", said
    assert len(requests) == 1, "%d requests to a server that refuses" % len(requests)


def a_referral_is_followed_once():
    second = stun.Server(("127.0.6.11", 3478), lambda _, transaction, __, ___: [stun.mapped(transaction, TRUTH)])
    said, _ = served(10, lambda _, transaction, __, ___: [
        stun.error(transaction, 300, "Try Alternate", stun.address(stun.ALTERNATE_SERVER, second.where))])
    assert said == (of(TRUTH), "127.0.6.11:3478"), said
    said, requests = served(12, lambda server, transaction, __, ___: [
        stun.error(transaction, 300, "Try Alternate", stun.address(stun.ALTERNATE_SERVER, server.where))])
    assert said == "the STUN server answered with error 300" and len(requests) == 1, "a circle: %r" % (said,)


def impossible_addresses_are_not_believed():
    for number, lie in ((13, ("0.0.0.0", 1)), (14, ("198.51.100.1", 0)), (15, ("224.0.0.1", 5))):
        said, _ = served(number, lambda _, transaction, __, ___, lie=lie: [stun.mapped(transaction, lie)])
        assert said == "the STUN server's answer has no usable address", said


def main():
    lab.enter_own_network()
    return lab.run_cases([
        coturn_tells_our_address, the_dht_asks_coturn_too, both_kinds_of_address_are_understood,
        answers_to_other_questions_are_passed_over, answers_from_elsewhere_are_passed_over,
        wrong_answers_alone_are_no_answer, silence_is_named, a_closed_port_is_named, errors_end_the_question,
        a_referral_is_followed_once, impossible_addresses_are_not_believed])


if __name__ == "__main__":
    sys.exit(main())
