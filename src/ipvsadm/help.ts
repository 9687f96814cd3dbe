/** What `-h` and `-v` print. The first line is the real tool's, because scripts tell versions by it. */

export const versionText = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n';

export const helpText = `${versionText}Fairlead's ipvsadm: manages the virtual services of this network namespace.

Usage:
  ipvsadm -A|E SERVICE [-s scheduler]
  ipvsadm -D SERVICE
  ipvsadm -C
  ipvsadm -a|e SERVICE -r SERVER [-g] [-w weight]
  ipvsadm -d SERVICE -r SERVER
  ipvsadm -L|l [SERVICE] [-n] [--stats | --rate] [-X] [--nosort]
  ipvsadm -L|l -c [-n]
  ipvsadm -Z [SERVICE]
  ipvsadm -h | -v
  SERVICE is -t|u host:port, SERVER is host[:port]; without any words, everything is listed.

Commands (exactly one, and first):
  --add-service     -A        a new virtual service
  --edit-service    -E        other settings for a service; what is not given goes back to its default
  --delete-service  -D        remove a service with its real servers
  --clear           -C        remove all services
  --add-server      -a        a new real server for a service
  --edit-server     -e        other settings for a real server; what is not given goes back to its default
  --delete-server   -d        remove a real server
  --list            -L|-l     show services and real servers, or connections
  --zero            -Z        set the counters of one service, or of all, to zero
  --help            -h        show this text
  --version         -v        show the version

Options:
  --tcp-service     -t SERVICE    a TCP service, as address or host name and port or service name
  --udp-service     -u SERVICE    the same for UDP
  --scheduler       -s NAME       how real servers are chosen; wlc if not given
  --real-server     -r SERVER     a real server; with direct routing it gets the port of the service
  --gatewaying      -g            direct routing, which is also the default
  --weight          -w NUMBER     share of a real server, 1 if not given; 0 takes no new connections
  --numeric         -n            show numbers, do not look up names
  --connection      -c            list connections
  --stats                         list packets and bytes so far
  --rate                          list connections, packets and bytes per second
  --exact           -X            counters in full, not rounded to K, M, G, T
  --nosort                        do not sort: real servers in the order in which they are scheduled
  --sort                          does nothing; a listing is sorted anyway

Exit codes:
  0 done   1 a listing failed   2 wrong usage, or no director   255 refused

Example:
  ipvsadm -A -t 192.0.2.100:80 -s rr
  ipvsadm -a -t 192.0.2.100:80 -r 192.0.2.11 -g
  ipvsadm -Ln
`;
