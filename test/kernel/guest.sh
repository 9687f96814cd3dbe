#!/bin/sh
# Process 1 of a machine with another kernel (scripts/kernel.mjs): runs the tests that OUT/tests names, one a line; or, where
# OUT/rounds says how many, rounds of live frames beside this kernel's own IPVS.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CI=1
exec >/dev/console 2>&1
ip link set lo up
cd "$CHECKOUT" || exit
echo "Linux $(uname -r)"
if [ -e "$OUT/rounds" ]; then
  # Idle, so that the kernel's thread for soft interrupts, which the emulation's slowness wakes, has the CPU at once: else the
  # rings of the veths overflow.
  /run/modprobe -a ip_vs ip_vs_rr veth &&
    chrt --idle 0 "$NODE" scripts/bench.mjs live --quick --rounds "$(cat "$OUT/rounds")" --json "$OUT/figures.json"
else
  xargs -a "$OUT/tests" "$NODE" node_modules/vitest/vitest.mjs run --project privileged
fi
echo $? >"$OUT/code"
exec busybox poweroff -f
