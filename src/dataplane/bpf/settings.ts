/** What a fresh data plane starts with: IPVS's timeouts (ip_vs_proto_tcp.c, ip_vs_proto_udp.c). */

import { tcpStates } from '../../ipvs/connection.ts';
import type { Timeouts } from '../../ipvs/timeouts.ts';
import { FlLimit, FlTcpState, type flSettings } from './abi.gen.ts';
import type { Decoded } from './layout.ts';

const tcpTimeoutSeconds: Readonly<Record<(typeof tcpStates)[number], number>> = {
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

export const defaultSettings: Decoded<typeof flSettings> = {
  abiVersion: FlLimit.FL_LIMIT_ABI_VERSION,
  udpTimeoutMs: 300_000,
  tcpTimeoutMs: tcpStates.map((state) => tcpTimeoutSeconds[state] * 1000),
  flags: 0,
};

export function timeoutsOf({ tcpTimeoutMs, udpTimeoutMs }: Decoded<typeof flSettings>): Timeouts {
  const seconds = (milliseconds = 0): number => Math.floor(milliseconds / 1000);
  return {
    tcp: seconds(tcpTimeoutMs[FlTcpState.FL_TCP_ESTABLISHED]),
    tcpFin: seconds(tcpTimeoutMs[FlTcpState.FL_TCP_FIN_WAIT]),
    udp: seconds(udpTimeoutMs),
  };
}

export function withTimeouts(
  settings: Decoded<typeof flSettings>,
  { tcp, tcpFin, udp }: Timeouts,
): Decoded<typeof flSettings> {
  return {
    ...settings,
    tcpTimeoutMs: settings.tcpTimeoutMs
      .with(FlTcpState.FL_TCP_ESTABLISHED, tcp * 1000)
      .with(FlTcpState.FL_TCP_FIN_WAIT, tcpFin * 1000),
    udpTimeoutMs: udp * 1000,
  };
}
