/** What `-h` and `-v` print. The first line is the real tool's, because scripts tell versions by it. */

export const versionText = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n';

export const helpText = `${versionText}Fairlead's ipvsadm: manages the virtual services of this network namespace.

Usage:
  ipvsadm -A|E SERVICE [-s scheduler] [-b flags] [-p [seconds]] [-M netmask] [--pe sip] [-o]
  ipvsadm -D SERVICE
  ipvsadm -C
  ipvsadm -a|e SERVICE -r SERVER [-g|-i|-m] [-w weight] [-x upper] [-y lower] [TUNNEL]
  ipvsadm -d SERVICE -r SERVER
  ipvsadm -L|l [SERVICE] [-n] [VIEW] [-X] [--nosort]
  ipvsadm -L|l -c [-n] [--persistent-conn]
  ipvsadm -L|l --timeout | --daemon
  ipvsadm -Z [SERVICE]
  ipvsadm --set tcp tcpfin udp
  ipvsadm --start-daemon master|backup [DAEMON]
  ipvsadm --stop-daemon master|backup
  ipvsadm -S [-n] > FILE
  ipvsadm -R < FILE
  ipvsadm -h | -v
  SERVICE is -t|u|--sctp-service host:port or -f mark [-6]; SERVER is host[:port], [v6]:port or v6.
  Without any words, everything is listed.

Commands (exactly one, and first):
  --add-service     -A        a new virtual service
  --edit-service    -E        other settings for a service; what is not given goes back to its default
  --delete-service  -D        remove a service with its real servers
  --clear           -C        remove all services
  --add-server      -a        a new real server for a service
  --edit-server     -e        other settings for a real server; what is not given goes back to its default
  --delete-server   -d        remove a real server
  --list            -L|-l     show services and real servers, connections, timeouts
  --zero            -Z        set the counters of one service, or of all, to zero
  --set                       seconds until idle connections end; 0 keeps what was
  --start-daemon --stop-daemon    a sync daemon: kept and listed, but nothing is synchronised yet
  --save            -S        show services and real servers as command lines for -R
  --restore         -R        carry out command lines from standard input
  --help            -h        show this text
  --version         -v        show the version

Services:
  --tcp-service     -t SERVICE    a TCP service, as address or host name and port or service name
  --udp-service     -u SERVICE    the same for UDP
  --sctp-service    SERVICE       the same for SCTP
  --fwmark-service  -f MARK       packets with a firewall mark (fairlead mark --help)
  --ipv6            -6            after -f: of IPv6
  --scheduler       -s NAME       how real servers are chosen: rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh
                                  twos; wlc if not given
  --sched-flags     -b FLAGS      sh-fallback,sh-port mh-fallback,mh-port flag-1,flag-2,flag-3
  --persistent      -p [SECONDS]  clients come back to their real server within so many seconds, 360 if not given
  --netmask         -M MASK       clients of one network count as one; IPv6: 1 to 128
  --pe              NAME          sip: persistence by Call-ID instead of address
  --ops             -o            each UDP datagram is scheduled by itself

Real servers:
  --real-server     -r SERVER     a real server; without -m it gets the port of the service
  --gatewaying      -g            direct routing, which is also the default
  --ipip            -i            through a tunnel; the real server may have the other address family
  --masquerading    -m            by address translation; replies must come back through this host
  --weight          -w NUMBER     its share, 1 if not given; 0 takes no new connections
  --u-threshold     -x NUMBER     no new connections at so many; 0: no limit
  --l-threshold     -y NUMBER     until there are fewer than that
  --tun-type        TYPE          the tunnel: ipip (if not given), gue, gre
  --tun-port        PORT          gue's destination port
  --tun-nocsum --tun-csum --tun-remcsum    its checksum; gre has the first two

Listings:
  --numeric         -n            show numbers, do not look up names
  --connection      -c            list connections and persistence templates
  --stats --rate                  VIEW: packets and bytes so far; per second
  --thresholds                    VIEW: thresholds of connections
  --persistent-conn               VIEW: templates; with -c: what --pe keeps
  --tun-info                      VIEW: tunnels
  --timeout                       list the timeouts
  --daemon                        list sync daemons
  --exact           -X            counters in full, not rounded to K, M, G, T
  --nosort                        do not sort: real servers in the order in which they are scheduled
  --sort                          does nothing; a listing is sorted anyway

Sync daemons:
  --mcast-interface NAME --syncid ID --mcast-group ADDRESS --mcast-port PORT --mcast-ttl TTL --sync-maxlen OCTETS
                    eth0, 0, 224.0.0.81, 8848, 1, and what the network takes, if not given

Exit codes:
  0 done   1 a listing failed   2 wrong usage, or no director   255 refused

Example:
  ipvsadm -A -t 192.0.2.100:80 -s rr
  ipvsadm -a -t 192.0.2.100:80 -r 192.0.2.11 -g
  ipvsadm -A -t [2001:db8::100]:443 -s mh -b mh-port
  ipvsadm -a -t [2001:db8::100]:443 -r 192.0.2.12 -i --tun-type gue --tun-port 6080
  ipvsadm -Ln
`;
