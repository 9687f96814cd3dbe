"""SCTP (RFC 9260) as far as the lab needs it, on raw IP sockets: packets, and the two ends of an association."""

import socket
import struct

PROTOCOL = 132
CHUNKS = {
    "INIT": 1,
    "INIT-ACK": 2,
    "SHUTDOWN": 7,
    "SHUTDOWN-ACK": 8,
    "COOKIE-ECHO": 10,
    "COOKIE-ACK": 11,
    "SHUTDOWN-COMPLETE": 14,
}
NAMES = {number: name for name, number in CHUNKS.items()}
COOKIE_PARAMETER = 7
TAG = 0x0FA1


def crc32c(octets):
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def packet(source, target, tag, chunk, body=b""):
    """One chunk behind the common header, checksum included."""
    length = 4 + len(body)
    octets = struct.pack("!HHII", source, target, tag, 0)
    octets += struct.pack("!BBH", CHUNKS[chunk], 0, length) + body + bytes(-length % 4)
    return octets[:8] + struct.pack("<I", crc32c(octets)) + octets[12:]


def parse(octets):
    """Source port, target port, name of the first chunk, its body; None for what is no such packet."""
    if len(octets) < 16:
        return None
    source, target = struct.unpack_from("!HH", octets)
    kind, _, length = struct.unpack_from("!BBH", octets, 12)
    checked = octets[:8] + bytes(4) + octets[12:]
    if kind not in NAMES or octets[8:12] != struct.pack("<I", crc32c(checked)):
        return None
    return source, target, NAMES[kind], octets[16 : 12 + length]


def init_body(cookie=b""):
    """Of INIT; with a cookie, of INIT-ACK."""
    body = struct.pack("!IIHHI", TAG, 65535, 1, 1, 1)
    if cookie:
        body += struct.pack("!HH", COOKIE_PARAMETER, 4 + len(cookie)) + cookie + bytes(-len(cookie) % 4)
    return body


def cookie_in(body):
    """The cookie of an INIT-ACK: its first parameter."""
    _, length = struct.unpack_from("!HH", body, 16)
    return body[20 : 16 + length]


def raw_socket(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, socket.SOCK_RAW, PROTOCOL)


def received(raw):
    """The next packet and the address it came from. IPv4 raw sockets show the IP header, IPv6's do not."""
    octets, sender = raw.recvfrom(65535)
    if raw.family == socket.AF_INET:
        octets = octets[(octets[0] & 15) * 4 :]
    return parse(octets), sender[0]
