"""
Gets a large page several times at once, slowly and evenly, and says ten times a second how that goes.
  slow-download.py ADDRESS PORT PATH COUNT
A line is `OPEN OCTETS`: how many of the connections are alive, and what has arrived on all of them so far. It ends with
the last connection.
"""

import socket
import sys
import time

address, port, path, count = sys.argv[1:]
piece = 8192


def opened():
    connection = socket.socket()
    # So small that the server cannot be far ahead.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * piece)
    connection.settimeout(5)
    connection.connect((address, int(port)))
    connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    connection.setblocking(False)
    return connection


connections = [opened() for _ in range(int(count))]
octets = 0
while connections:
    for connection in list(connections):
        try:
            data = connection.recv(piece)
        except BlockingIOError:
            continue
        except ConnectionResetError:
            data = b""
        octets += len(data)
        if not data:
            connections.remove(connection)
    print(len(connections), octets, flush=True)
    time.sleep(0.1)
