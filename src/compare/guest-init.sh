#!/bin/sh
# Process 1 of the guest (guest.ts): a Linux of its own whose root is the host's files, read only.
# JOBS is the one directory that is written through; PLAYER and WORKERS say what to run.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sys /sys
# modprobe looks under lib/modules; Debian keeps this kernel's modules elsewhere.
mount -t tmpfs scratch /mnt
# iptables takes a lock there.
mount -t tmpfs run /run
mkdir -p /mnt/lib /mnt/jobs
ln -s /usr/lib/uml/modules /mnt/lib/modules
mount -t hostfs -o "$JOBS" none /mnt/jobs
{
  schedulers='rr wrr lc wlc sed nq fo ovf lblc lblcr dh sh mh'
  marks='iptable_mangle ip6table_mangle xt_mark xt_tcpudp xt_sctp'
  modprobe -d /mnt -a veth ip_vs ip_vs_pe_sip $marks $(for name in $schedulers; do echo "ip_vs_$name"; done) &&
    ip link set lo up &&
    python3 "$PLAYER" /mnt/jobs "$WORKERS" kernel
} >/mnt/jobs/log 2>&1
echo $? >/mnt/jobs/ended
exec busybox poweroff -f
