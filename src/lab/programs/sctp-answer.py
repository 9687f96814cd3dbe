"""The answering end of SCTP associations, which gives its name as the cookie, and prints each chunk it gets.

    python3 sctp-answer.py ADDRESS PORT NAME

It keeps no state: each chunk is answered by what follows it (RFC 9260 sections 5.1 and 9.2).
"""

import sys

import sctp

ANSWERS = {"INIT": "INIT-ACK", "COOKIE-ECHO": "COOKIE-ACK", "SHUTDOWN": "SHUTDOWN-ACK"}

address, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
raw = sctp.raw_socket(address)
raw.bind((address, 0))
print("listening", flush=True)
while True:
    packet, sender = sctp.received(raw)
    if not packet or packet[1] != port:
        continue
    source, _, chunk, _ = packet
    print(f"{chunk} from {sender}", flush=True)
    if chunk in ANSWERS:
        body = sctp.init_body(name.encode()) if chunk == "INIT" else b""
        raw.sendto(sctp.packet(port, source, sctp.TAG, ANSWERS[chunk], body), (sender, 0))
