/** The one element of `settings`: what a fresh data plane starts with, and what is changed in it by itself. Pure. */

import { sctpStates, tcpStates } from '../../ipvs/connection.ts';
import { sctpTimeouts, tcpTimeouts, udpTimeout } from '../../ipvs/state-timeouts.ts';
import { initialSysctls } from '../../ipvs/sysctl.ts';
import type { Timeouts } from '../../ipvs/timeouts.ts';
import { FlLimit, FlTcpState, type flSettings } from './abi.gen.ts';
import { noSyncDaemons } from './codec/sync-daemon.ts';
import type { Decoded } from './layout.ts';
import { withSysctls } from './sysctls.ts';
import { noHints } from './table/hints.ts';

export type Settings = Decoded<typeof flSettings>;

const milliseconds = (seconds: number): number => seconds * 1000;

/** With the sysctls' initial values, room for the default number of connections, and nothing configured. */
export const defaultSettings: Settings = withConnectionLimit(
  withSysctls(
    {
      abiVersion: FlLimit.FL_LIMIT_ABI_VERSION,
      generation: 1,
      flags: 0,
      udpTimeoutMs: milliseconds(udpTimeout),
      tcpTimeoutMs: tcpStates.map((state) => milliseconds(tcpTimeouts[state])),
      sctpTimeoutMs: sctpStates.map((state) => milliseconds(sctpTimeouts[state])),
      connectionLimit: 0,
      halfOpenLimit: 0,
      markRules: [0, 0],
      markBank: 0,
      markSince: 0,
      ...noHints,
      syncDaemons: noSyncDaemons,
      carryingSince: 0n,
    },
    initialSysctls,
  ),
  FlLimit.FL_LIMIT_CONNECTIONS,
);

/** Half-open connections may take half of the room, so that a flood of SYNs leaves the other half to the rest. */
export function withConnectionLimit(settings: Settings, limit: number): Settings {
  return { ...settings, connectionLimit: limit, halfOpenLimit: Math.floor(limit / 2) };
}

export function timeoutsOf({ tcpTimeoutMs, udpTimeoutMs }: Settings): Timeouts {
  const seconds = (milliseconds = 0): number => Math.floor(milliseconds / 1000);
  return {
    tcp: seconds(tcpTimeoutMs[FlTcpState.FL_TCP_ESTABLISHED]),
    tcpFin: seconds(tcpTimeoutMs[FlTcpState.FL_TCP_FIN_WAIT]),
    udp: seconds(udpTimeoutMs),
  };
}

export function withTimeouts(settings: Settings, { tcp, tcpFin, udp }: Timeouts): Settings {
  return {
    ...settings,
    tcpTimeoutMs: settings.tcpTimeoutMs
      .with(FlTcpState.FL_TCP_ESTABLISHED, tcp * 1000)
      .with(FlTcpState.FL_TCP_FIN_WAIT, tcpFin * 1000),
    udpTimeoutMs: udp * 1000,
  };
}
