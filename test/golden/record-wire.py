#!/usr/bin/env python3
"""Asks real IPVS what it puts on the wire: reads a golden file, prints it with fresh answers.

    record-wire.sh wire.jsonl > fresh.jsonl          as root, on a throw-away machine whose kernel has IPVS

A line with `steps` is a case. It gets a director of its own, with fresh IPVS state (`world` below), and `setup` is
run in it. Each step is one of `run` (a command in the director), `sleep` (seconds), or `in` and `frame` (what arrives
at that device). What the director then sends is the step's `out`, in order; ARP, neighbour discovery and IGMP are
left out. A step with `ack` acknowledges what the director itself sent on its connection: its acknowledgement number
is filled in on sending, as the sequence number of the director's last SYN-ACK plus `ack`. A step with `watch: true`
also records `entries`. At the end, `left` holds what ipvsadm listed. Steps took real time, so seconds_left may be one
or two lower than on an ideal machine, or more after a `sleep`.

What nobody can foresee is set to zero in `out` frames, and its octets are listed in `masked`: the IPv4 identification
(with the header checksum) and IPv6 flow label of packets that the director itself made up, IPv6 fragment
identifications likewise, the UDP source port of GUE (with the UDP checksum unless it is zero), sequence numbers of
its own TCP (with the TCP checksum). What was in an `in` frame of the case is never masked.

A line with `segments` (TCP; S A F R P) or `chunks` (SCTP; + joins bundled chunks) is a sequence from a source port of
its own to a service with one real server. `forward` is route or masq, `sysctl` what was set of net.ipv4.vs; a leading
`c` or `s` says whether client or real server sends it. Recorded: the entry's state and seconds left, or null where
there is no entry.
"""
import ctypes, fcntl, json, os, re, select, socket, struct, subprocess, sys, time

NEIGHBOURS = {  # the last octet of an address and of its MAC address
    "eth0": [0x01, 0x0B, 0x0C, 0x0D, 0x0E, 0xC8, 0xC9],
    "eth1": [0x11, 0x1B, 0x1C, 0x1D, 0x1E],
}
GUE_PORT = 6080


def world(wire):
    links = [
        "link set lo up",
        f"link add eth0 address 02:00:00:00:00:02 type veth peer name w0 netns {wire}",
        f"link add eth1 address 02:00:00:00:00:03 type veth peer name w1 netns {wire}",
        "link set eth0 up", "link set eth1 up",
        "addr add 10.0.0.2/24 brd 10.0.0.255 dev eth0", "addr add fd00::2/64 dev eth0 nodad",
        "addr add 10.1.0.2/24 brd 10.1.0.255 dev eth1", "addr add fd01::2/64 dev eth1 nodad",
        "addr add 10.0.0.100/32 dev eth0", "addr add fd00::100/128 dev eth0 nodad",
        "route add default via 10.0.0.1", "route add default via fd00::1",
        "route add 10.2.0.0/24 via 10.1.0.17", "route add fd02::/64 via fd01::11",
    ]
    for net, (device, hosts) in enumerate(NEIGHBOURS.items()):
        for host in hosts:
            mac = f"02:00:00:00:00:{host:02x}"
            links.append(f"neigh add 10.{net}.0.{host} lladdr {mac} dev {device} nud permanent")
            links.append(f"neigh add fd0{net}::{host:x} lladdr {mac} dev {device} nud permanent")
    return "\n".join(links) + "\n"


SETTINGS = """ipv4/icmp_ratelimit=0 ipv6/icmp/ratelimit=0 ipv6/conf/all/accept_dad=0 ipv6/conf/default/accept_dad=0
ipv6/conf/default/router_solicitations=0 ipv4/conf/all/send_redirects=0 ipv4/conf/default/send_redirects=0
ipv4/conf/all/rp_filter=0 ipv4/conf/default/rp_filter=0""".split()
LIBC = ctypes.CDLL(None)
NEW_NETWORK = 0x40000000


def sh(command, stdin=None):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, input=stdin)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}{done.stdout}")
    return done.stdout


def enter_new_namespace():
    """Its file descriptor."""
    if LIBC.unshare(NEW_NETWORK):
        sys.exit("cannot make a network namespace: not root?")
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def director(command, namespace=None):
    """Runs it in the director of the case, or in an earlier one."""
    LIBC.setns(namespace or worlds[-1], NEW_NETWORK)
    try:
        return sh("sh -e", command)
    finally:
        LIBC.setns(wire, NEW_NETWORK)


def set_system(setting):
    name, value = setting.split("=")
    with open(f"/proc/sys/net/{name}", "w") as file:
        file.write(value)


def wire_link():
    global wire
    set_system("ipv4/icmp_msgs_per_sec=1000000")
    set_system("ipv4/icmp_msgs_burst=1000000")
    wire = enter_new_namespace()
    set_system("ipv6/conf/all/disable_ipv6=1")
    set_system("ipv6/conf/default/disable_ipv6=1")
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    return link


def control(number, interface, argument):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, number, struct.pack("16s24s", interface.encode(), argument))


def set_up(interface, up):
    control(0x8914, interface, struct.pack("H", up))


def compute_checksums(interface):
    """Has the director fill in the checksums of its own packets, which veth would leave out."""
    off = ctypes.create_string_buffer(struct.pack("II", 0x17, 0))
    control(0x8946, interface, struct.pack("P", ctypes.addressof(off)))


worlds = []


def open_world(link, setup):
    """A new director, wired up; the last of `worlds`."""
    worlds.append(enter_new_namespace())
    for setting in SETTINGS:
        set_system(setting)
    sh("ip -batch -", world(f"/proc/{os.getpid()}/fd/{wire}"))
    compute_checksums("eth0")
    compute_checksums("eth1")
    LIBC.setns(wire, NEW_NETWORK)
    set_up("w0", True)
    set_up("w1", True)
    director("\n".join(setup))
    receive(link, 0.02)


def close_world():
    """Only puts the links aside: to delete them would wait for everything in the director that still refers to one."""
    for interface in ("w0", "w1"):
        set_up(interface, False)
        control(0x8923, interface, f"{interface}-{len(worlds)}".encode())


# What comes out.


def is_noise(frame):
    kind = frame[12:14]
    if kind == b"\x08\x06" or kind == b"\x08\x00" and frame[23] == 2:
        return True
    body = frame[54:]
    if kind == b"\x86\xdd" and frame[20] == 0:
        body = body[8:]
    return kind == b"\x86\xdd" and frame[20] in (0, 58) and body[0] in (130, 131, 132, 133, 134, 135, 136, 137, 143)


def receive(link, seconds=0.004):
    """Frames that left the director until nothing more comes for so long: [(device, frame)]."""
    found = []
    while select.select([link], [], [], seconds)[0]:
        frame, (interface, _, kind, _, _) = link.recvfrom(70000)
        if kind != 4 and interface in ("w0", "w1") and not is_noise(frame):  # 4: we sent it ourselves
            found.append(("eth" + interface[1], frame))
    return found


class Known:
    """Numbers the client and the real servers have used, so that the director has not made them up."""

    def __init__(self):
        self.ids, self.labels, self.sequences = set(), {0}, {0}

    def add(self, frame):
        if frame[12:14] == b"\x08\x00":
            self.ids.add(frame[18:20])
            self.add_transport(frame[23], frame[14 + (frame[14] & 15) * 4 :])
        elif frame[12:14] == b"\x86\xdd":
            self.labels.add((frame[15] & 15) << 16 | frame[16] << 8 | frame[17])
            if frame[20] == 44:
                self.ids.add(frame[58:62])
            self.add_transport(frame[20], frame[54:])

    def add_transport(self, protocol, body):
        if protocol == 6 and len(body) >= 20:
            sequence, acknowledged = struct.unpack("!II", body[4:12])
            self.sequences |= {sequence, acknowledged}

    def mask(self, frame):
        offsets = []
        at, protocol = 54, frame[20]
        if frame[12:14] == b"\x08\x00":
            at, protocol = 14 + (frame[14] & 15) * 4, frame[23]
            if frame[18:20] != b"\0\0" and frame[18:20] not in self.ids:
                offsets += [18, 19, 24, 25]
            if frame[20] & 0x1F or frame[21]:
                protocol = None
        elif ((frame[15] & 15) << 16 | frame[16] << 8 | frame[17]) not in self.labels:
            offsets += [15, 16, 17]
        if frame[12:14] == b"\x86\xdd" and protocol == 44:
            if frame[58:62] not in self.ids:
                offsets += [58, 59, 60, 61]
            at, protocol = 62, frame[54] if frame[56:58] in (b"\0\0", b"\0\1") else None
        if protocol == 17 and frame[at + 2 : at + 4] == struct.pack("!H", GUE_PORT):
            offsets += [at, at + 1]
            if frame[at + 6 : at + 8] != b"\0\0":
                offsets += [at + 6, at + 7]
        if protocol == 6 and struct.unpack("!I", frame[at + 4 : at + 8])[0] not in self.sequences:
            offsets += [at + 4, at + 5, at + 6, at + 7, at + 16, at + 17]
        return offsets


def described(outs, known):
    answers = []
    for device, frame in outs:
        masked = known.mask(frame)
        shown = bytes(0 if at in masked else octet for at, octet in enumerate(frame))
        answers.append({"dev": device, "frame": shown.hex()} | ({"masked": masked} if masked else {}))
    return answers


# What is left.

ENTRY = re.compile(r"(\S+) +(\d+):(\d+) +(\S+) +(\S+) +(\S+) +(\S+)(?: +(\S+) +(.*\S))?")


def entries(listing=None):
    found = []
    for line in (listing or director("ipvsadm -Lcn --persistent-conn")).splitlines()[2:]:
        entry = ENTRY.match(line)
        protocol, minutes, seconds, state, client, virtual, destination, engine, data = entry.groups()
        found.append({"protocol": protocol, "state": state, "client": client, "virtual": virtual,
                      "destination": destination, "seconds_left": int(minutes) * 60 + int(seconds)}
                     | ({"pe": engine, "pe_data": data} if engine else {}))
    return sorted(found, key=lambda entry: (entry["protocol"], entry["client"], entry["virtual"], entry["destination"]))


def services(listing, stats_listing):
    """By service and then by real server: the numbers of -Ln and of --stats."""
    found = []
    for plain, stats in zip(listing.splitlines()[3:], stats_listing.splitlines()[3:]):
        words, numbers = plain.split(), stats.split()
        counted = dict(zip(["conns", "in_packets", "out_packets", "in_bytes", "out_bytes"], map(int, numbers[-5:])))
        if words[0] == "->":
            weight, active, inactive = map(int, words[3:6])
            found[-1]["servers"].append({"server": words[1], "forward": words[2], "weight": weight, "active": active,
                                         "inactive": inactive, **counted})
        else:
            found.append({"service": " ".join(words), **counted, "servers": []})
    return found


# Cases.


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def acknowledging(frame, number):
    """The TCP segment over IPv4 or IPv6 without options, with this acknowledgement number."""
    at = 34 if frame[12:14] == b"\x08\x00" else 54
    number = struct.pack("!I", number & 0xFFFFFFFF)
    tcp = frame[at : at + 8] + number + frame[at + 12 : at + 16] + b"\0\0" + frame[at + 18 :]
    addresses = frame[26:34] if at == 34 else frame[22:54]
    total = checksum(addresses + struct.pack("!II", len(tcp), 6) + tcp)
    return frame[:at] + tcp[:16] + struct.pack("!H", total) + tcp[18:]


def own_sequence(outs):
    """Of the SYN-ACK among these frames."""
    for _, frame in outs:
        at = 34 if frame[12:14] == b"\x08\x00" else 54
        if frame[23 if at == 34 else 20] == 6 and frame[at + 13] == 0x12:
            return struct.unpack("!I", frame[at + 4 : at + 8])[0]
    return None


def replay_case(link, case):
    open_world(link, case["setup"])
    known, acknowledge = Known(), 0
    for step in case["steps"]:
        for answer in ("out", "entries", "error"):
            step.pop(answer, None)
        if "in" in step:
            frame = bytes.fromhex(step["frame"])
            known.add(frame)
            if step.get("ack"):
                frame = acknowledging(frame, acknowledge + step["ack"])
            link.sendto(frame, ("w" + step["in"][-1], 0))
            outs = receive(link)
        elif "sleep" in step:
            time.sleep(step["sleep"])
            outs = receive(link)
        else:
            try:
                director(step["run"])
            except RuntimeError as error:
                step["error"] = str(error).split(": ", 1)[1].strip()
            outs = receive(link)
        acknowledge = own_sequence(outs) or acknowledge
        if "in" in step or outs:
            step["out"] = described(outs, known)
        if step.get("watch"):
            step["entries"] = entries()
    connections, listing = director("ipvsadm -Lcn --persistent-conn; echo @; ipvsadm -Ln").split("@\n")
    case["left"] = {"services": listing, "entries": entries(connections)}
    close_world()
    return case, worlds[-1], time.monotonic()


def count(case, namespace, since):
    """The kernel adds its counters up every two seconds, so this is asked later than the rest."""
    time.sleep(max(0, since + 2.2 - time.monotonic()))
    case["left"]["services"] = services(case["left"]["services"], director("ipvsadm -Ln --stats --exact", namespace))
    os.close(namespace)
    print(json.dumps(case), flush=True)


# Sequences.

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}
CHUNKS = {"DATA": (0, 20), "INIT": (1, 20), "INIT-ACK": (2, 20), "SACK": (3, 16), "HEARTBEAT": (4, 12),
          "HEARTBEAT-ACK": (5, 12), "ABORT": (6, 4), "SHUTDOWN": (7, 8), "SHUTDOWN-ACK": (8, 4), "ERROR": (9, 8),
          "COOKIE-ECHO": (10, 12), "COOKIE-ACK": (11, 4), "SHUTDOWN-COMPLETE": (14, 4)}
VIP, CLIENT, SERVER = (socket.inet_aton(text) for text in ("10.0.0.100", "10.0.0.200", "10.1.0.27"))


def castagnoli(data):
    crc = 0xFFFFFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def tcp(src, dst, sport, dport, letters):
    bits = sum(FLAGS[letter] for letter in letters)
    segment = struct.pack("!HHIIBBHHH", sport, dport, 1, 1, 0x50, bits, 1000, 0, 0)
    total = checksum(src + dst + struct.pack("!BBH", 0, 6, 20) + segment)
    return segment[:16] + struct.pack("!H", total) + segment[18:]


def sctp(sport, dport, chunks):
    body = b""
    for name in chunks.split("+"):
        kind, length = CHUNKS[name]
        body += struct.pack("!BBH", kind, 3 if name == "DATA" else 0, length) + bytes(length - 4)
    tag = 0 if chunks == "INIT" else 1
    head = struct.pack("!HHI", sport, dport, tag)
    return head + castagnoli(head + bytes(4) + body) + body


def send_step(link, port, kind, text):
    """One segment or packet of chunks; from the client unless it begins with `s`."""
    sender, what = (text[0], text[1:]) if text[:1] in ("c", "s") else ("c", text)
    if sender == "c":
        device, macs, src, dst, ports = "w0", "0200000000020200000000c8", CLIENT, VIP, (port, 80)
    else:
        device, macs, src, dst, ports = "w1", "02000000000302000000001b", SERVER, CLIENT, (8080, port)
    body = tcp(src, dst, *ports, what) if kind == "segments" else sctp(*ports, what)
    protocol = 6 if kind == "segments" else 132
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, src, dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    link.sendto(bytes.fromhex(macs + "0800") + head + body, (device, 0))


def sequence_setup(line):
    """A service on port 80 with one real server: by route on eth0, or masqueraded on eth1's port 8080."""
    flag = "-t" if "segments" in line else "--sctp-service"
    server = {"route": "10.0.0.11:80 -g", "masq": "10.1.0.27:8080 -m"}[line["forward"]]
    settings = {f"vs/{name}": value for name, value in line.get("sysctl", {}).items()}
    settings["ip_forward"] = int(line["forward"] == "masq")
    return [f"echo {value} >/proc/sys/net/ipv4/{name}" for name, value in settings.items()] + [
        f"ipvsadm -A {flag} 10.0.0.100:80 -s rr", f"ipvsadm -a {flag} 10.0.0.100:80 -r {server}"]


def entries_within_a_second(sent):
    """Entries, and when they were listed, such that no second of their timers began while they were being listed."""
    while True:
        before, listed, after = time.monotonic(), entries(), time.monotonic()
        if all(int(before - then) == int(after - then) for then in sent.values()):
            return listed, after


def replay_sequences(link, setup, lines, batch=20):
    open_world(link, setup)
    for start in range(0, len(lines), batch):
        some, sent = lines[start : start + batch], {}
        for port, line in enumerate(some, 1024 + start):
            kind = "segments" if "segments" in line else "chunks"
            for text in line[kind]:
                send_step(link, port, kind, text)
            sent[port] = time.monotonic()
        time.sleep(0.03)  # an entry that a segment ends goes with the next tick, and a second has begun for all
        listed, now = entries_within_a_second(sent)
        by_port = {int(entry["client"].rsplit(":", 1)[1]): entry for entry in listed}
        for port, line in enumerate(some, 1024 + start):
            entry = by_port.get(port)
            line["state"] = entry and entry["state"]
            # As if the listing had followed at once.
            line["seconds_left"] = entry and entry["seconds_left"] + int(now - sent[port])
            print(json.dumps(line), flush=True)
        receive(link, 0)
    close_world()
    os.close(worlds[-1])


def main(lines):
    link = wire_link()
    groups, waiting = {}, []
    for line in lines:
        if "steps" not in line:
            groups.setdefault(tuple(sequence_setup(line)), []).append(line)
            continue
        try:
            waiting.append(replay_case(link, line))
        except RuntimeError as error:
            sys.exit(f"{line['name']}: {error}")
        if len(waiting) > 5:
            count(*waiting.pop(0))
    for replayed in waiting:
        count(*replayed)
    for setup, sequences in groups.items():
        replay_sequences(link, setup, sequences)


main([json.loads(line) for line in open(sys.argv[1])])
