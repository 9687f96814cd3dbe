#!/bin/sh
# Process 1 of a machine with another kernel (scripts/kernel.mjs): runs the tests that OUT/tests names, one a line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CI=1
exec >/dev/console 2>&1
ip link set lo up
cd "$CHECKOUT" || exit
echo "Linux $(uname -r)"
xargs -a "$OUT/tests" "$NODE" node_modules/vitest/vitest.mjs run --project privileged
echo $? >"$OUT/code"
exec busybox poweroff -f
