"""The wire on which player.py plays: frames that are sent to the director, and all that leaves it."""
import ctypes, fcntl, select, socket, struct

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
PROBE_SECONDS = 10  # how long a director may take to answer


def no_checksum_offload(interface):
    """Frames that this end sends have their checksums filled in (ethtool -K tx off)."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCETHTOOL, request)


class Wire:
    """The other ends of the director's interfaces."""

    def __init__(self, ends):
        self.links = []
        for end in ends:
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            link.bind((end, ETH_P_ALL))
            link.setblocking(False)
            self.links.append(link)

    def exchange(self, interface, frame, probe):
        """Sends a frame; answers what leaves the director until it answers `probe`, which waits behind the frame in
        every queue: [interface, frame]."""
        self.links[interface].send(frame)
        self.links[interface].send(probe)
        frames, answered = [], False
        while not answered:
            if not select.select(self.links, [], [], PROBE_SECONDS)[0]:
                raise TimeoutError("the director does not answer ARP")
            frames += self.received()
            answered = any(frame[:6] == probe[6:12] for _, frame in frames)
        frames += self.received()
        return [[index, frame.hex()] for index, frame in frames if frame[:6] != probe[6:12]]

    def received(self):
        frames = []
        for index, link in enumerate(self.links):
            try:
                while True:
                    frame, address = link.recvfrom(65536)
                    if address[2] != PACKET_OUTGOING:
                        frames.append((index, frame))
            except BlockingIOError:
                continue
        return frames

    def close(self):
        for link in self.links:
            link.close()
