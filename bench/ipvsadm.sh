#!/bin/sh
# How long ipvsadm takes: its start against Node's, and a large table saved, restored and listed. Root; N services of
# ten real servers each (1000 if not said). Timings are printed, nothing is judged: unshare -n sh bench/ipvsadm.sh 10000
set -eu
house=$(dirname "$(dirname "$(readlink -f "$0")")")
services=${1:-1000}
work=$(mktemp -d)
trap '"$house/bin/fairlead" unload; rm -rf "$work"' EXIT
ip link set lo up
awk -v n="$services" 'BEGIN {
  for (i = 0; i < n; i++) {
    vip = "10." int(i / 256) % 256 "." i % 256 ".1:80"
    print "-A -t " vip " -s wlc"
    for (j = 1; j <= 10; j++) print "-a -t " vip " -r 172." 16 + int(i / 16384) "." int(i / 4) % 256 "." (i % 4) * 16 + j ":80 -g -w 1"
  }
}' >"$work/rules"

measure() {
  name=$1
  shift
  /usr/bin/time -o "$work/time" -f '%e s, %U + %S s of CPU, %M KiB' "$@"
  printf '%-28s %s\n' "$name" "$(cat "$work/time")"
}

"$house/bin/ipvsadm" -C
for round in 1 2 3; do
  measure "node -e 0 ($round)" node -e 0
  measure "ipvsadm -Ln ($round)" sh -c '"$0" -Ln >/dev/null' "$house/bin/ipvsadm"
done
measure "ipvsadm -R" "$house/bin/ipvsadm" -R <"$work/rules"
for view in -Sn -Ln; do
  measure "ipvsadm $view" sh -c '"$0" "$1" >"$2"' "$house/bin/ipvsadm" "$view" "$work/out"
done
measure "ipvsadm -C" "$house/bin/ipvsadm" -C
