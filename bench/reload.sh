#!/bin/sh
# How long a large configuration file takes: applied to an empty director, applied again, with 1 % of its real servers changed, by
# the command and by the daemon itself, exported; how long others waited for the daemon meanwhile, and what memory it has. Root;
# N services of twenty real servers each (2000 if not said). Figures are printed, nothing is judged:
# unshare -n sh bench/reload.sh 2000
set -eu
house=$(dirname "$(dirname "$(readlink -f "$0")")")
services=${1:-2000}
if ip -o link show up | grep -v ': lo:' >/dev/null; then
  echo 'reload.sh: it takes a network namespace of its own: unshare -n sh bench/reload.sh' >&2
  exit 2
fi
work=$(mktemp -d)
trap '"$house/bin/fairlead" unload; rm -rf "$work"' EXIT
ip link set lo up
file() {
  awk -v n="$services" -v changed="$1" 'BEGIN {
    print "services:"
    for (i = 0; i < n; i++) {
      print "  - tcp: 10." int(i / 256) "." i % 256 ".1:80\n    scheduler: wlc\n    servers:"
      for (j = 1; j <= 20; j++)
        print "      - {address: 172." 16 + int(i / 4096) "." int(i / 16) % 256 "." (i % 8) * 32 + j ", weight: " 1 + (changed && (i * 20 + j) % 100 == 0) "}"
    }
  }'
}
measure() {
  name=$1
  shift
  mkfifo "$work/end"
  node "$house/bench/longest-wait.mjs" <"$work/end" >"$work/wait" &
  asking=$!
  exec 3>"$work/end"
  sleep 0.3
  /usr/bin/time -o "$work/time" -f '%e s, %U + %S s of CPU, %M KiB' "$@" >"$work/said"
  exec 3>&-
  wait "$asking"
  rm "$work/end"
  memory=$(awk '/VmRSS/ { print $2 }' "/proc/$daemon/status")
  printf '%-28s %s; others waited %s; daemon %s KiB\n' "$name" "$(cat "$work/time")" "$(cat "$work/wait")" "$memory"
}
file 0 >"$work/before.yaml"
file 1 >"$work/after.yaml"
: >"$work/conf.yaml"
"$house/bin/fairleadd" --config "$work/conf.yaml" 2>"$work/log" &
daemon=$!
until grep -q ready "$work/log"; do sleep 0.1; done
measure 'check' "$house/bin/fairlead" check "$work/before.yaml"
measure 'apply, all of it new' "$house/bin/fairlead" apply "$work/before.yaml"
measure 'apply, nothing changed' "$house/bin/fairlead" apply "$work/before.yaml"
"$house/bin/fairlead" plan "$work/after.yaml" >"$work/plan"
measure 'apply, 1 % changed' "$house/bin/fairlead" apply "$work/after.yaml"
cp "$work/before.yaml" "$work/conf.yaml"
measure 'reload, 1 % changed' "$house/bin/fairlead" reload
measure 'reload, nothing changed' "$house/bin/fairlead" reload
measure 'export' sh -c '"$0" export >"$1"' "$house/bin/fairlead" "$work/export.yaml"
measure 'apply what was exported' "$house/bin/fairlead" apply "$work/export.yaml"
printf '%s\n' "lines of the plan that change something: $(grep -c '^[~+-]' "$work/plan")"
