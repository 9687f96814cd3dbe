#!/usr/bin/env python3
"""Asks real IPVS again what it does with hand-made segments: reads a golden file, prints it with fresh answers.

Run it as root on a throw-away machine whose kernel has IPVS:
    python3 test/golden/record-packets.py test/golden/flags.jsonl > fresh.jsonl

A line with `segments` is a sequence from a source port of its own, as in states.jsonl. A line with `steps` is a
service on a port of its own with real servers of these `weights`: `connections` are made one after the other and
kept, and between them `ipvsadm` changes something of it, where SERVICE stands for the service.
"""
import ctypes, json, re, socket, struct, subprocess, sys, time

VIP, CLIENT = "10.0.0.100", "10.0.0.200"
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}


def sh(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def ipvsadm(words):
    return sh(f"ip netns exec director ipvsadm {words}")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


def frame(port, flags, to=80):
    src, dst = socket.inet_aton(CLIENT), socket.inet_aton(VIP)
    bits = sum(FLAGS[letter] for letter in flags)
    tcp = struct.pack("!HHIIBBHHH", port, to, 1, 1, 0x50, bits, 1000, 0, 0)
    tcp = tcp[:16] + checksum(src + dst + struct.pack("!BBH", 0, 6, 20) + tcp) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, src, dst)
    return bytes.fromhex("0200000000020200000000aa0800") + ip[:10] + checksum(ip) + ip[12:] + tcp


def build():
    sh("""ip netns add director; ip netns add client
    ip -n director link add eth0 address 02:00:00:00:00:02 type veth peer name eth0 netns client
    for n in director client; do ip -n $n link set eth0 up; done; ip -n director link set lo up
    ip -n director addr add 10.0.0.2/24 dev eth0; ip -n director addr add 10.0.0.100/32 dev eth0
    for i in b c d e; do
        ip -n director neigh add 10.0.0.$((0x$i)) lladdr 02:00:00:00:00:0$i dev eth0 nud permanent
    done
    ip -n director neigh add 10.0.0.200 lladdr 02:00:00:00:00:aa dev eth0 nud permanent""")
    with open("/run/netns/client") as namespace:
        ctypes.CDLL(None).setns(namespace.fileno(), 0x40000000)
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.bind(("eth0", 0))
    return link


def add_service(port, scheduler, weights):
    ipvsadm(f"-A -t {VIP}:{port} -s {scheduler}")
    for index, weight in enumerate(weights):
        ipvsadm(f"-a -t {VIP}:{port} -r 10.0.0.{11 + index} -g -w {weight}")


def entries():
    """By source port: state, seconds left, real server."""
    found = {}
    for line in ipvsadm("-Lcn").splitlines():
        entry = re.match(rf"TCP (\d+):(\d+) +(\w+) +{CLIENT}:(\d+) +\S+ +10\.0\.0\.(\d+):", line)
        if entry:
            minutes, seconds, state, port, server = entry.groups()
            found[int(port)] = (state, int(minutes) * 60 + int(seconds), f"rs{int(server) - 10}")
    return found


def send(link, port, flags, to=80):
    link.send(frame(port, flags, to))
    time.sleep(0.02)  # an entry that a segment ends goes with the next tick, not at once


def replay_segments(link, lines):
    add_service(80, "rr", [1, 1])
    for port, line in enumerate(lines, 10000):
        for flags in line["segments"]:
            send(link, port, flags)
        state, left, _ = entries().get(port, (None, None, None))
        line |= {"state": state, "seconds_left": left}


def replay_steps(link, to, line):
    add_service(to, line["scheduler"], line["weights"])
    port = to * 4
    for step in line["steps"]:
        if "ipvsadm" in step:
            ipvsadm(step["ipvsadm"].replace("SERVICE", f"-t {VIP}:{to}"))
            continue
        step["servers"] = []
        for _ in range(step["connections"]):
            port += 1
            send(link, port, "S", to)
            step["servers"].append(entries().get(port, (None, None, None))[2])
    ipvsadm("-C")


def main(lines):
    link = build()
    replay_segments(link, [line for line in lines if "segments" in line])
    for index, line in enumerate(line for line in lines if "steps" in line):
        replay_steps(link, 5000 + index * 10, line)
    for line in lines:
        print(json.dumps(line), flush=True)


main([json.loads(line) for line in open(sys.argv[1])])
