#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ratsd answers in the DHT, datagram by datagram, beside what a node of libtorrent answers to the same questions.

usage: ratsd_answers_krpc.py RATSD
Exit code 77 where python3-libtorrent, python3-cryptography or network namespaces are missing.
"""
import contextlib
import hashlib
import os
import sys

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

import lab

try:
    import libtorrent  # noqa: F401  (for the node that runs in another process)
    import krpc
except ImportError as missing:
    lab.skip_all("%s (packages python3-libtorrent and python3-cryptography)" % missing)

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = ("127.0.2.1", 7000)
THEIRS = ("127.0.0.1", 20000)
BOTH = (("ratsd", OURS), ("libtorrent", THEIRS))


def asker():
    """Each case asks from an address of its own, so that none is taken for a flood."""
    asker.last += 1
    return krpc.Asker("127.0.3.%d" % asker.last)


asker.last = 0


def answers(method, arguments=None):
    """The answers of both to one question."""
    ask = asker()
    out = {}
    for name, to in BOTH:
        answer = ask.ask(to, method, arguments)
        assert answer is not None, "%s is silent" % name
        out[name] = answer
    return out["ratsd"], out["libtorrent"]


def result_of(answer):
    assert answer is not None, "silence instead of an answer"
    assert answer[b"y"] == b"r", answer
    assert len(answer[b"r"][b"id"]) == 20
    return answer[b"r"]


def error_of(answer):
    assert answer is not None, "silence instead of an error"
    assert answer[b"y"] == b"e", answer
    code, text = answer[b"e"]
    assert text.decode().strip(), "an error has words"
    return code


def check_nodes(answer):
    """Up to eight; ours names only nodes of this network, libtorrent also who announced something to it."""
    found = krpc.nodes_in(result_of(answer)[b"nodes"])
    assert 1 <= len(found) <= 8, "%d nodes" % len(found)
    assert len(set(found)) == len(found)
    for _, (address, port) in found:
        known = (address, port) == OURS or 20000 <= port < 20008
        assert known or answer["from"] == THEIRS, "%s:%d is no node" % (address, port)
    return found


def ping_is_answered():
    ours, theirs = answers("ping")
    for one in (ours, theirs):
        assert set(result_of(one)) - {b"p"} == {b"id"}, one
    assert b"ip" in ours and b"ip" in theirs
    ask = asker()
    for transaction in (b"", b"x", b"aa", os.urandom(8), os.urandom(20)):
        answer = ask.ask(OURS, "ping", transaction=transaction)
        assert answer, "a transaction id of %d bytes is echoed" % len(transaction)
        assert krpc.read_compact(answer[b"ip"]) == ask.where(), "BEP 42: `ip` is where the question came from"


def find_node_names_nodes():
    target = os.urandom(20)
    ours, theirs = answers("find_node", {"target": target})
    check_nodes(ours)
    check_nodes(theirs)
    # Who is asked for a node that it knows has it among its answers, both alike.
    known = check_nodes(theirs)[0]
    ours, theirs = answers("find_node", {"target": known[0]})
    assert known in check_nodes(theirs)
    assert known in check_nodes(ours), "all nodes of so small a network are known"


def want_chooses_families():
    def families(answer):
        return {key for key in (b"nodes", b"nodes6") if result_of(answer).get(key)}

    for want, keys in ((["n4"], {b"nodes"}), (["n6"], set()), (["n4", "n6"], {b"nodes"}), (["n5", "n4"], {b"nodes"})):
        for name, one in zip(("ratsd", "libtorrent"), answers("find_node", {"target": os.urandom(20), "want": want})):
            assert families(one) == keys, "%s, want %r: %r" % (name, want, families(one))
    # Nothing that we know is the same as no wish; libtorrent names nobody then.
    for want in ([], ["n5"]):
        assert families(asker().ask(OURS, "find_node", {"target": os.urandom(20), "want": want})) == {b"nodes"}, want


def announced_peers_are_handed_out():
    ask = asker()
    key = hashlib.sha1(b"a swarm").digest()
    for name, to in BOTH:
        first = result_of(ask.ask(to, "get_peers", {"info_hash": key}))
        assert b"values" not in first, name
        token = first[b"token"]
        assert 0 < len(token) <= 20
        told = ask.ask(to, "announce_peer", {"info_hash": key, "port": 4711, "token": token})
        assert set(result_of(told)) - {b"p"} == {b"id"}, name
        implied = ask.ask(to, "announce_peer", {"info_hash": key, "port": 0, "implied_port": 1, "token": token})
        result_of(implied)
        second = result_of(asker().ask(to, "get_peers", {"info_hash": key}))
        peers = {krpc.read_compact(one) for one in second[b"values"]}
        assert ask.where() in peers, "%s: %r" % (name, peers)
        # libtorrent keeps one port of each address, the last one.
        assert name == "libtorrent" or (ask.where()[0], 4711) in peers, "%s: %r" % (name, peers)


def bad_tokens_are_refused():
    ask, other = asker(), asker()
    key = os.urandom(20)
    for name, to in BOTH:
        token = result_of(ask.ask(to, "get_peers", {"info_hash": key}))[b"token"]
        damaged = bytes([token[0] ^ 1]) + token[1:]
        assert error_of(ask.ask(to, "announce_peer", {"info_hash": key, "port": 1, "token": damaged})) == 203, name
        assert error_of(ask.ask(to, "announce_peer", {"info_hash": key, "port": 1})) == 203, name
        assert error_of(other.ask(to, "announce_peer", {"info_hash": key, "port": 1, "token": token})) == 203, \
            "%s: a token belongs to an address" % name
        assert b"values" not in result_of(ask.ask(to, "get_peers", {"info_hash": key})), name


def immutable_items_are_kept():
    ask = asker()
    for value in (b"hello", [b"a", 1, {b"b": b"c"}], 42, b"x" * 996):
        target = krpc.target_of(value)
        for name, to in BOTH:
            token = result_of(ask.ask(to, "get", {"target": target}))[b"token"]
            result_of(ask.ask(to, "put", {"v": value, "token": token}))
            got = result_of(ask.ask(to, "get", {"target": target}))
            assert got[b"v"] == value, name
            assert not got.keys() & {b"k", b"sig", b"seq"}, name


def mutable_items_are_kept_by_rank():
    seed = bytes(range(32))
    for salt in (b"", b"pepper"):
        ask = asker()
        target = krpc.mutable_target(seed, salt)

        def put(to, token, value, seq, **more):
            fields = {"v": value, "seq": seq, "k": krpc.public_key(seed), "token": token,
                      "sig": krpc.signature(seed, value, seq, salt)}
            if salt:
                fields["salt"] = salt
            return ask.ask(to, "put", {**fields, **more})

        for name, to in BOTH:
            token = result_of(ask.ask(to, "get", {"target": target}))[b"token"]
            result_of(put(to, token, b"first", 1))
            got = result_of(ask.ask(to, "get", {"target": target}))
            assert (got[b"v"], got[b"seq"], got[b"k"]) == (b"first", 1, krpc.public_key(seed)), name
            assert got[b"sig"] == krpc.signature(seed, b"first", 1, salt), name
            assert error_of(put(to, token, b"other", 2, cas=7)) == 301, name
            result_of(put(to, token, b"second", 2, cas=1))
            assert error_of(put(to, token, b"old", 1)) == 302, name
            assert error_of(put(to, token, b"forged", 3, sig=bytes(64))) == 206, name
            newer = result_of(ask.ask(to, "get", {"target": target, "seq": 2}))
            assert newer[b"seq"] == 2 and b"v" not in newer, "%s: nothing newer, so no value" % name


def sizes_are_limited():
    ask = asker()
    seed = os.urandom(32)
    for name, to in BOTH:
        token = result_of(ask.ask(to, "get", {"target": krpc.target_of(b"x" * 1001)}))[b"token"]
        assert error_of(ask.ask(to, "put", {"v": b"x" * 1001, "token": token})) == 205, name
        salt = b"s" * 65
        token = result_of(ask.ask(to, "get", {"target": krpc.mutable_target(seed, salt)}))[b"token"]
        refusal = ask.ask(to, "put", {"v": b"x", "seq": 1, "k": krpc.public_key(seed), "salt": salt, "token": token,
                                      "sig": krpc.signature(seed, b"x", 1, salt)})
        assert error_of(refusal) == 207, name


def samples_are_given():
    key = os.urandom(20)
    ask = asker()
    for _, to in BOTH:
        token = result_of(ask.ask(to, "get_peers", {"info_hash": key}))[b"token"]
        result_of(ask.ask(to, "announce_peer", {"info_hash": key, "port": 4712, "token": token}))
    for name, one in zip(("ratsd", "libtorrent"), answers("sample_infohashes", {"target": os.urandom(20)})):
        found = result_of(one)
        check_nodes(one)
        samples = found[b"samples"]
        assert len(samples) % 20 == 0 and found[b"num"] >= len(samples) // 20 > 0, name
        assert found[b"interval"] >= 0, name
        assert found[b"interval"] <= 21600 or name == "libtorrent", "BEP 51: at most six hours"
        assert key in [samples[i:i + 20] for i in range(0, len(samples), 20)], name


def mistakes_have_their_codes():
    ask = asker()
    strict = (("make_coffee", {}, 204), ("get_peers", {"info_hash": b"short"}, 203), ("find_node", {}, 203),
              ("get", {"target": b"x" * 21}, 203), ("announce_peer", {"info_hash": bytes(20)}, 203),
              ("announce_peer", {"info_hash": bytes(20), "port": 70000, "token": b"abcd"}, 203),
              ("put", {"v": b"x"}, 203))
    for method, arguments, code in strict:
        got = error_of(ask.ask(OURS, method, arguments))
        assert got == code, "%s %r: %d" % (method, arguments, got)
    for method, arguments in (("get_peers", {"info_hash": b"short"}), ("announce_peer", {"info_hash": bytes(20)}),
                              ("put", {"v": b"x"})):
        assert error_of(ask.ask(THEIRS, method, arguments)) == 203, "libtorrent sees it alike: %s" % method
    no_id = krpc.encode({"t": "ab", "y": "q", "q": "ping", "a": {}})
    assert error_of(ask.exchange(OURS, no_id, b"ab")) == 203
    assert error_of(ask.exchange(OURS, krpc.encode({"t": "cd", "y": "q", "q": "ping"}), b"cd")) == 203


def garbage_has_no_effect():
    ask = asker()
    ask.socket.settimeout(0.2)
    for data in (b"", b"d", b"i1e", b"le", b"de", os.urandom(300), b"d" * 1000, b"d1:t2:aa1:y1:qe"[:-1],
                 b"d1:ad2:id20:" + bytes(20) + b"e1:q4:ping1:t2:aa1:y1:qei1e",
                 krpc.encode({"t": "aa", "y": "r", "r": {"id": bytes(20)}}),
                 krpc.encode({"t": "aa", "y": "e", "e": []})):
        assert ask.exchange(OURS, data, b"aa") is None, "an answer to %r" % data
    ask.socket.settimeout(3)
    result_of(ask.ask(OURS, "ping"))


def replies_fit_into_a_datagram():
    key = os.urandom(20)
    for number in range(1, 61):  # A few more than fit, and not so many that they exceed the budget for answers.
        ask = krpc.Asker("127.0.4.%d" % number)
        token = result_of(ask.ask(OURS, "get_peers", {"info_hash": key}))[b"token"]
        result_of(ask.ask(OURS, "announce_peer", {"info_hash": key, "port": 5000 + number, "token": token}))
        ask.socket.close()
    answer = asker().ask(OURS, "get_peers", {"info_hash": key, "want": ["n4", "n6"]})
    assert answer["size"] <= 1400, "%d bytes" % answer["size"]
    assert len(result_of(answer)[b"values"]) == 50
    check_nodes(answer)


def tshark_understands_all_answers():
    Wire.capture.finish()
    ours = "udp.srcport == %d && ip.src == %s" % (OURS[1], OURS[0])
    as_dht = ("-d", "udp.port==%d,bt-dht" % OURS[1])
    answers_seen = len(Wire.capture.select(ours + " && bt-dht", *as_dht))
    assert answers_seen > 100, answers_seen
    # An empty string, which we only echo, is beyond tshark's decoder.
    malformed = Wire.capture.select(ours + ' && (_ws.malformed || !bt-dht) && !(frame contains "1:t0:")', *as_dht)
    assert not malformed, "\n".join(malformed)
    print("tshark: %d packets of ours, none malformed" % answers_seen)


class Wire:
    capture = None


def main():
    lab.enter_own_network()
    Wire.capture = lab.Capture("lo")
    with contextlib.ExitStack() as stack:
        stack.enter_context(lab.running("libtorrent", ["/usr/bin/python3", os.path.join(HERE, "libtorrent_nodes.py"),
                                                       "8", "20000"], r"^ready$"))
        node = stack.enter_context(lab.ratsd(sys.argv[1], {
            "node": {"bind_address": OURS[0]},
            "dht": {"enabled": "yes", "port": OURS[1], "public_bootstrap": "no", "restrict_addresses": "no",
                    "bootstrap": "%s:%d" % THEIRS}}))
        node.program.wait_for(r"knows [1-9]\d* IPv4 nodes", 20)
        code = lab.run_cases([
            ping_is_answered, find_node_names_nodes, want_chooses_families, announced_peers_are_handed_out,
            bad_tokens_are_refused, immutable_items_are_kept, mutable_items_are_kept_by_rank, sizes_are_limited,
            samples_are_given, mistakes_have_their_codes, garbage_has_no_effect, replies_fit_into_a_datagram,
            tshark_understands_all_answers])
        if code:
            print("-- ratsd:\n  " + "\n  ".join(node.program.lines[-30:]))
        node.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
