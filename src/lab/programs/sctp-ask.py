"""The asking end of SCTP associations: so many, each from a port of its own, each as far as LAST.

    python3 sctp-ask.py ADDRESS PORT FIRST-PORT COUNT LAST

LAST is a chunk that is sent: INIT, COOKIE-ECHO or SHUTDOWN-COMPLETE. Prints the name that the other end gave for a
cookie, a line for each association; `nothing` where an answer did not come within a second.
"""

import sys

import sctp

# What is sent, and what must come before the next is: RFC 9260 sections 5.1 and 9.2.
STEPS = [("INIT", "INIT-ACK"), ("COOKIE-ECHO", "COOKIE-ACK"), ("SHUTDOWN", "SHUTDOWN-ACK"), ("SHUTDOWN-COMPLETE", None)]


def answer(raw, port, chunk):
    """The body of that chunk to that port; None when nothing comes for a second."""
    raw.settimeout(1)
    try:
        while True:
            packet, _ = sctp.received(raw)
            if packet and packet[1:3] == (port, chunk):
                return packet[3]
    except TimeoutError:
        return None


def associate(raw, address, port, source, last):
    cookie = b""
    for sent, awaited in STEPS:
        body = {"INIT": sctp.init_body(), "COOKIE-ECHO": cookie}.get(sent, b"")
        tag = 0 if sent == "INIT" else sctp.TAG
        raw.sendto(sctp.packet(source, port, tag, sent, body), (address, 0))
        reply = answer(raw, source, awaited) if awaited else b""
        if reply is None:
            return "nothing"
        if awaited == "INIT-ACK":
            cookie = sctp.cookie_in(reply)
        if sent == last:
            break
    return cookie.decode()


address, port, first, count, last = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
raw = sctp.raw_socket(address)
for index in range(count):
    print(associate(raw, address, port, first + index, last), flush=True)
