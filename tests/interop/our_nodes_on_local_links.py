#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our multicast DNS beside Avahi and python-zeroconf, and between two machines of its own kind.

usage: our_nodes_on_local_links.py RATSD RATS_CLIENT
Two networks with a cable between them: here (10.77.0.1, interface here0) live the foreign programs and one node, there
(10.77.0.2, interface there0) the other node. Cases skip themselves where their peer is missing.
"""
import contextlib
import os
import sys
import time

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

import avahi
import lab

try:
    import zeroconf  # noqa: F401  (for the peers that run in other processes)
except ImportError:
    zeroconf = None

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE = "_librats._tcp"
LIMIT = 20  # Seconds to wait for anything; a second or two do on a machine at rest.
THERE_MAC = "02:00:00:00:00:02"
THERE = []  # What a command begins with to run there.


@contextlib.contextmanager
def cable():
    """The second network is another machine to all who look at names: it has its own host name."""
    with lab.running("the network there", ["unshare", "--net", "--uts", "bash", "-c",
                                           "hostname rats-there; echo made; exec cat"], r"^made$") as holder:
        pid = holder.process.pid
        THERE[:] = ["nsenter", "--net=/proc/%d/ns/net" % pid, "--uts=/proc/%d/ns/uts" % pid]
        setup = ("for x in all default; do echo 0 > /proc/sys/net/ipv6/conf/$x/accept_dad; done; ip link set lo up; "
                 "ip addr add %s/24 dev %s; ip link set %s up; ip route replace 224.0.0.0/4 dev %s")
        lab.shell("ip route del 224.0.0.0/4 dev lo; "
                  "ip link add here0 type veth peer name there0 address %s netns %d; " % (THERE_MAC, pid)
                  + setup % ("10.77.0.1", "here0", "here0", "here0"))
        lab.shell(" ".join(THERE) + " bash -euc '" + setup % ("10.77.0.2", "there0", "there0", "there0") + "'")
        yield


def node(**options):
    sections = {"dht": {"enabled": "no"}, "mdns": {"enabled": "yes", **options.pop("mdns", {})},
                "reconnect": {"enabled": "no"}, **options.pop("sections", {})}
    return lab.ratsd(sys.argv[1], sections, **options)


def node_there(**mdns):
    return node(name="ratsd there", prefix=THERE, mdns=mdns)


def zeroconf_peer(*service):
    if not zeroconf:
        raise lab.Skip("there is no package python3-zeroconf")
    script = os.path.join(HERE, "zeroconf_services.py")
    return lab.running("zeroconf", ["/usr/bin/python3", script, "10.77.0.1", SERVICE, *service],
                       r"^registered" if service else None)


@contextlib.contextmanager
def avahi_peer(host="avahi-host"):
    if not avahi.available():
        raise lab.Skip("there is no package avahi-daemon, avahi-utils or dbus")
    with avahi.daemon("here0", host):
        yield


def avahi_browser():
    return lab.running("avahi-browse", ["avahi-browse", "--resolve", "--parsable", SERVICE])


def avahi_publisher(name, port, *txt):
    return lab.running("avahi-publish", ["avahi-publish", "-s", name, SERVICE, port, *txt], r"Established")


# -- they see us -------------------------------------------------------------------------------------------------------
def avahi_lists_us_until_we_leave():
    with avahi_peer(), avahi_browser() as browser, node_there(txt=["role=test", "empty="]) as ours:
        name = "rats-" + ours.peer_id[:8]
        fields = browser.wait_for(r"^=;here0;IPv4;%s;.*" % name, LIMIT)[0].split(";", 9)
        assert (fields[6], fields[8]) == ("rats-there.local", str(ours.port)), fields
        assert fields[7] == "10.77.0.2" or fields[7].startswith("fe80:"), fields
        for entry in ("id=" + ours.peer_id, "proto=librats/1.0", "role=test"):
            assert '"%s"' % entry in fields[9], "%s is missing in %s" % (entry, fields[9])
        began = time.monotonic()
        place = browser.mark()
        ours.stop()
        browser.wait_for(r"^-;here0;IPv4;%s;" % name, LIMIT, place)
        print("Avahi forgot us %.1f s after SIGTERM" % (time.monotonic() - began))


def zeroconf_lists_us_until_we_leave():
    with zeroconf_peer() as browser, node_there(txt=["role=test"]) as ours:
        name = "rats-" + ours.peer_id[:8]
        found = browser.wait_for(r"^found %s (\d+) (\S+) (.*)$" % name, LIMIT)
        assert int(found[1]) == ours.port and "10.77.0.2" in found[2].split(","), found[0]
        assert found[3].split() == ["id=" + ours.peer_id, "proto=librats/1.0", "role=test"], found[3]
        began = time.monotonic()
        ours.stop()
        browser.wait_for(r"^removed %s$" % name, LIMIT)
        print("zeroconf forgot us %.1f s after SIGTERM" % (time.monotonic() - began))


# -- we see them -------------------------------------------------------------------------------------------------------
def we_see(peer, name, port):
    """Both orders: they are there first, and we are."""
    with peer(name, port), node_there() as ours:
        ours.program.wait_for(r"mdns sees %s on there0" % name, LIMIT)
        ours.program.wait_for(r"peer_finder dials 10\.77\.0\.1:%s" % port, LIMIT)
    with node_there() as ours:
        ours.program.wait_for(r"mdns announced", LIMIT)
        with peer(name, port) as theirs:
            ours.program.wait_for(r"mdns sees %s on there0" % name, LIMIT)
            theirs.terminate()
            ours.program.wait_for(r"mdns lost %s" % name, LIMIT)


def we_see_services_of_avahi():
    with avahi_peer():
        we_see(avahi_publisher, "of-avahi", "4242")


def we_see_services_of_zeroconf():
    we_see(zeroconf_peer, "of-zeroconf", "4243")


def we_do_not_dial_other_applications():
    with avahi_peer(), avahi_publisher("foreign", "4244", "proto=something/2"), node_there() as ours:
        ours.program.wait_for(r"mdns sees foreign on there0", LIMIT)
        with avahi_publisher("kin", "4245", "proto=librats/1.0"):
            ours.program.wait_for(r"peer_finder dials 10\.77\.0\.1:4245", LIMIT)
        assert not any("dials 10.77.0.1:4244" in line for line in ours.program.lines)


def rats_client_lists_and_is_listed():
    with avahi_peer(), avahi_publisher("of-avahi", "4248", "colour=green"), zeroconf_peer() as theirs, \
            lab.running("rats-client there", THERE + [sys.argv[2], "9100"]) as ours:
        ours.ask("/mdns start by-hand", r"^\* multicast DNS is on, on 1 interfaces", 10)
        ours.ask_until("/mdns", r"^of-avahi +avahi-host\.local\. +4248 +10\.77\.0\.1(, \S+)* +colour=green", 10)
        theirs.wait_for(r"^found by-hand 9100 10\.77\.0\.2", LIMIT)
        ours.say("/mdns stop")
        theirs.wait_for(r"^removed by-hand$", LIMIT)


# -- names -------------------------------------------------------------------------------------------------------------
def a_name_that_zeroconf_holds_is_left_to_it():
    with zeroconf_peer("taken", "4246", "of=zeroconf") as theirs, node_there(instance="taken") as ours:
        ours.program.wait_for(r"mdns is called taken-2 at", LIMIT)
        theirs.wait_for(r"^found taken-2 %d 10\.77\.0\.2" % ours.port, LIMIT)
        theirs.wait_for(r"^found taken 4246 10\.77\.0\.1 of=zeroconf", LIMIT)


def a_name_that_avahi_holds_is_left_to_it():
    with avahi_peer(), avahi_publisher("taken", "4247"), node_there(instance="taken") as ours:
        ours.program.wait_for(r"mdns is called taken-2 at", LIMIT)
        with avahi_browser() as browser:
            # Avahi tells one of the addresses of a host, now this one, now that.
            browser.wait_for(r"^=;here0;IPv4;taken-2;.*;(10\.77\.0\.2|fe80:[0-9a-f:]+);%d;" % ours.port, LIMIT)
            browser.wait_for(r"^=;here0;IPv4;taken;.*;(10\.77\.0\.1|fe80:[0-9a-f:]+);4247;", LIMIT)


def a_machine_name_that_avahi_holds_is_left_to_it():
    with avahi_peer("rats-there"), node_there() as ours:
        ours.program.wait_for(r"mdns is called rats-%s at rats-there-2" % ours.peer_id[:8], LIMIT)
        with avahi_browser() as browser:
            browser.wait_for(
                r"^=;here0;IPv4;rats-%s;.*;rats-there-2\.local;(10\.77\.0\.2|fe80:[0-9a-f:]+);" % ours.peer_id[:8], LIMIT)


# -- we see each other -------------------------------------------------------------------------------------------------
def meeting():
    """Seconds from when the second node was ready until it had a link to the first one."""
    with node(name="ratsd here") as first:
        first.program.wait_for(r"mdns announced", LIMIT)
        began = time.monotonic()
        with node_there() as second:
            ready = time.monotonic()
            second.program.wait_for(r"peer %s is connected" % first.peer_id, LIMIT)
            met = time.monotonic()
            first.program.wait_for(r"peer %s is connected" % second.peer_id, LIMIT)
            print("connected %.2f s after the start of the second node, %.2f s after it was ready"
                  % (met - began, met - ready))
            first.program.wait_for(r"mdns sees rats-%s" % second.peer_id[:8], LIMIT)  # Which needs no link to it.
            second.stop()
            first.program.wait_for(r"mdns lost rats-%s" % second.peer_id[:8], LIMIT)
    return met - ready


def two_nodes_meet_at_once():
    """Three attempts, because the machine may be busy with something else."""
    assert any(meeting() < 2 for _ in range(3)), "it takes two seconds and more"


def tshark_understands_all_packets():
    Wire.capture.finish()
    ours = "udp.srcport == 5353 && eth.src == %s" % THERE_MAC
    seen = len(Wire.capture.select(ours + " && mdns"))
    assert seen > 30, seen
    malformed = Wire.capture.select(ours + " && (_ws.malformed || !mdns)")
    assert not malformed, "\n".join(malformed)
    print("tshark: %d packets of ours, none malformed" % seen)


class Wire:
    capture = None


def main():
    lab.enter_own_network()
    with cable():
        Wire.capture = lab.Capture("here0")
        return lab.run_cases([
            two_nodes_meet_at_once, avahi_lists_us_until_we_leave, zeroconf_lists_us_until_we_leave,
            we_see_services_of_avahi, we_see_services_of_zeroconf, we_do_not_dial_other_applications,
            rats_client_lists_and_is_listed, a_name_that_zeroconf_holds_is_left_to_it,
            a_name_that_avahi_holds_is_left_to_it, a_machine_name_that_avahi_holds_is_left_to_it,
            tshark_understands_all_packets])


if __name__ == "__main__":
    sys.exit(main())
