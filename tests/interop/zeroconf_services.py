#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A DNS-SD peer made with python-zeroconf (package python3-zeroconf).

usage: zeroconf_services.py ADDRESS TYPE [NAME PORT KEY=VALUE...]
Uses the interface with that address. Registers NAME, if given, and prints `registered NAME`. Then prints
`found NAME PORT ADDRESS,... KEY=VALUE ...` for each service of the type that comes or changes, and `removed NAME`. Ends
at SIGTERM, and says good-bye.
"""
import signal
import socket
import sys

from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf


class Listener:
    def __init__(self, kind):
        self.kind = kind

    def short(self, name):
        return name[:-len(self.kind) - 1]

    def add_service(self, zeroconf, kind, name):
        info = zeroconf.get_service_info(kind, name, 3000)
        if info:
            pairs = sorted((key.decode(), value.decode()) for key, value in info.properties.items())
            entries = " ".join("%s=%s" % pair for pair in pairs)
            print("found", self.short(name), info.port, ",".join(info.parsed_addresses()), entries, flush=True)

    update_service = add_service

    def remove_service(self, _zeroconf, _kind, name):
        print("removed", self.short(name), flush=True)


def main():
    address, kind = sys.argv[1], sys.argv[2] + ".local."
    with Zeroconf(interfaces=[address]) as zeroconf:
        if len(sys.argv) > 3:
            name, port = sys.argv[3], int(sys.argv[4])
            zeroconf.register_service(ServiceInfo(
                kind, "%s.%s" % (name, kind), port, addresses=[socket.inet_aton(address)],
                properties=dict(entry.split("=", 1) for entry in sys.argv[5:]), server="zeroconf-host.local."))
            print("registered", name, flush=True)
        ServiceBrowser(zeroconf, kind, Listener(kind))
        signal.sigwait({signal.SIGTERM})


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # Before there is a second thread that could take it.
main()
