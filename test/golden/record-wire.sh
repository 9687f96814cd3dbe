#!/bin/sh
# Asks real IPVS again: record-wire.sh wire.jsonl > fresh.jsonl
# Run it as root on a throw-away machine whose kernel has IPVS. It needs ipvsadm, iproute2, iptables and python3, and
# works in network namespaces of its own.
modprobe -a ipv6 ip_vs veth 2>/dev/null
exec python3 "$(dirname "$0")/record-wire.py" "$1"
