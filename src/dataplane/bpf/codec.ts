/** Services, destinations and connections between the domain's words and the maps' structs. Pure. */

import { ipv4FromNumber, ipv4ToNumber, type Port } from '../../ipvs/address.ts';
import { type ConnectionStatus, tcpStates } from '../../ipvs/connection.ts';
import { type Scheduler, type SchedulerFlag, schedulerFlags } from '../../ipvs/schedulers.ts';
import type { DestinationKey, Protocol, ServiceKey } from '../../ipvs/service.ts';
import {
  FlScheduler,
  FlServiceFlag,
  FlTcpState,
  type flConnection,
  type flConnectionKey,
  type flServiceKey,
} from './abi.gen.ts';
import type { Decoded } from './layout.ts';

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 };

const schedulerNumbers: Readonly<Record<Scheduler, number>> = {
  wlc: FlScheduler.FL_SCHEDULER_WLC,
  rr: FlScheduler.FL_SCHEDULER_RR,
  wrr: FlScheduler.FL_SCHEDULER_WRR,
  lc: FlScheduler.FL_SCHEDULER_LC,
  sed: FlScheduler.FL_SCHEDULER_SED,
  nq: FlScheduler.FL_SCHEDULER_NQ,
  fo: FlScheduler.FL_SCHEDULER_FO,
  ovf: FlScheduler.FL_SCHEDULER_OVF,
  lblc: FlScheduler.FL_SCHEDULER_LBLC,
  lblcr: FlScheduler.FL_SCHEDULER_LBLCR,
  dh: FlScheduler.FL_SCHEDULER_DH,
  sh: FlScheduler.FL_SCHEDULER_SH,
  mh: FlScheduler.FL_SCHEDULER_MH,
  twos: FlScheduler.FL_SCHEDULER_TWOS,
  none: FlScheduler.FL_SCHEDULER_NONE,
};

const flagBits: Readonly<Record<SchedulerFlag, number>> = {
  'flag-1': FlServiceFlag.FL_SERVICE_FLAG_1,
  'flag-2': FlServiceFlag.FL_SERVICE_FLAG_2,
  'flag-3': FlServiceFlag.FL_SERVICE_FLAG_3,
};

export function schedulerNumber(scheduler: Scheduler): number {
  return schedulerNumbers[scheduler];
}

export function schedulerFromNumber(number: number): Scheduler {
  return keyOf(schedulerNumbers, number, 'scheduler');
}

export function flagsToBits(flags: readonly SchedulerFlag[]): number {
  return flags.reduce((bits, flag) => bits | flagBits[flag], 0);
}

export function flagsFromBits(bits: number): readonly SchedulerFlag[] {
  return schedulerFlags.filter((flag) => (bits & flagBits[flag]) !== 0);
}

export function encodeServiceKey(key: ServiceKey): Decoded<typeof flServiceKey> {
  return {
    address: ipv4ToNumber(key.address),
    port: key.port,
    protocol: protocolNumbers[key.protocol],
    pad: 0,
  };
}

export function decodeServiceKey(key: Decoded<typeof flServiceKey>): ServiceKey {
  return {
    protocol: keyOf(protocolNumbers, key.protocol, 'protocol'),
    address: ipv4FromNumber(key.address),
    port: key.port as Port,
  };
}

/** `undefined` for an entry that has expired and is only waiting to be freed. */
export function decodeConnection(
  key: Decoded<typeof flConnectionKey>,
  value: Decoded<typeof flConnection>,
  destination: DestinationKey,
  nowNanoseconds: bigint,
): ConnectionStatus | undefined {
  const left = value.lastSeen + BigInt(value.timeoutMs) * 1_000_000n - nowNanoseconds;
  if (value.state === FlTcpState.FL_STATE_DEAD || left < 0n) return undefined;
  const protocol = keyOf(protocolNumbers, key.protocol, 'protocol');
  return {
    protocol,
    state: protocol === 'udp' ? 'UDP' : (tcpStates[value.state] ?? 'NONE'),
    expiresInSeconds: Number(left / 1_000_000_000n),
    client: { address: ipv4FromNumber(key.clientAddress), port: key.clientPort as Port },
    virtual: { address: ipv4FromNumber(key.virtualAddress), port: key.virtualPort as Port },
    destination,
  };
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, number: number, what: string): K {
  for (const key in table) if (table[key] === number) return key;
  throw new Error(`unknown ${what} number ${number} in a BPF map`);
}
