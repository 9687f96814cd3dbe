/**
 * How long a connection lasts in each state without another packet, in seconds, as IPVS starts with it
 * (ip_vs_proto_tcp.c, ip_vs_proto_udp.c, ip_vs_proto_sctp.c). `ipvsadm --set` changes three of them.
 */

import type { SctpState, TcpState } from './connection.ts';
import type { Timeouts } from './timeouts.ts';

export const tcpTimeouts: Readonly<Record<TcpState, number>> = {
  NONE: 2,
  ESTABLISHED: 900,
  SYN_SENT: 120,
  SYN_RECV: 60,
  FIN_WAIT: 120,
  TIME_WAIT: 120,
  CLOSE: 10,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  LISTEN: 120,
  SYNACK: 120,
};

export const udpTimeout = 300;

/** Most last as long as an INIT is repeated: a second more than RTO.Max (RFC 9260 §16). */
export const sctpTimeouts: Readonly<Record<SctpState, number>> = {
  NONE: 2,
  INIT1: 4,
  INIT: 61,
  'C-SENT': 61,
  'C-REPLIED': 61,
  'C-WAIT': 61,
  COOKIE: 61,
  'C-ECHOED': 61,
  ESTABLISHED: 900,
  'S-SENT': 61,
  'S-RECEIVED': 61,
  'S-ACK-SENT': 61,
  REJECTED: 4,
  CLOSED: 61,
};

/** Those that can be set. */
export const initialTimeouts: Timeouts = {
  tcp: tcpTimeouts.ESTABLISHED,
  tcpFin: tcpTimeouts.FIN_WAIT,
  udp: udpTimeout,
};
