/** Services between the domain's words and the maps' structs. Pure. */

import type { Family, Port } from '../../../ipvs/address.ts';
import { type Scheduler, type SchedulerFlag, schedulerFlags } from '../../../ipvs/schedulers.ts';
import {
  type Protocol,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
} from '../../../ipvs/service.ts';
import { FlScheduler, FlServiceFlag, type flServiceConfig, type flServiceKey } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { addressFromWords, addressToWords, firstWord, maskToPrefix, prefixToMask } from './address.ts';
import { keyOf } from './key-of.ts';

export const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

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
const { FL_SERVICE_PERSISTENT, FL_SERVICE_ONE_PACKET, FL_SERVICE_SIP } = FlServiceFlag;

export function schedulerNumber(scheduler: Scheduler): number {
  return schedulerNumbers[scheduler];
}

export function schedulerFromNumber(number: number): Scheduler {
  return keyOf(schedulerNumbers, number, 'scheduler');
}

export function encodeServiceKey(key: ServiceKey): Decoded<typeof flServiceKey> {
  const family = serviceFamily(key);
  if (key.kind === 'mark') return { address: firstWord(0), mark: key.mark, port: 0, protocol: 0, family };
  return {
    address: addressToWords(key.address),
    mark: 0,
    port: key.port,
    protocol: protocolNumbers[key.protocol],
    family,
  };
}

export function decodeServiceKey(key: Decoded<typeof flServiceKey>): ServiceKey {
  const { mark, family } = key;
  if (mark !== 0) return { kind: 'mark', mark, family: family as Family };
  return {
    kind: 'address',
    protocol: keyOf(protocolNumbers, key.protocol, 'protocol'),
    address: addressFromWords(family, key.address),
    port: key.port as Port,
  };
}

type SettingFields = 'scheduler' | 'flags' | 'persistenceMs' | 'netmask';

/** What of a service's configuration was asked for; the rest follows from its real servers. */
export function encodeSettings(
  family: Family,
  settings: ServiceSettings,
): Pick<Decoded<typeof flServiceConfig>, SettingFields> {
  const { scheduler, flags, persistent, netmask, engine, onePacket } = settings;
  const bits =
    (persistent > 0 ? FL_SERVICE_PERSISTENT : 0) |
    (onePacket ? FL_SERVICE_ONE_PACKET : 0) |
    (engine === 'sip' ? FL_SERVICE_SIP : 0);
  return {
    scheduler: schedulerNumber(scheduler),
    flags: flags.reduce((sum, flag) => sum | flagBits[flag], bits),
    persistenceMs: persistent * 1000,
    netmask: (family === 4 ? firstWord(netmask) : prefixToMask(family, netmask)).word,
  };
}

export function decodeSettings(
  family: Family,
  config: Pick<Decoded<typeof flServiceConfig>, SettingFields>,
): ServiceSettings {
  const { scheduler, flags, persistenceMs, netmask } = config;
  return {
    scheduler: schedulerFromNumber(scheduler),
    flags: schedulerFlags.filter((flag) => (flags & flagBits[flag]) !== 0),
    persistent: persistenceMs / 1000,
    netmask: family === 4 ? (netmask[0] ?? 0) : maskToPrefix({ word: netmask }),
    ...(flags & FL_SERVICE_SIP ? { engine: 'sip' } : {}),
    onePacket: (flags & FL_SERVICE_ONE_PACKET) !== 0,
  };
}
