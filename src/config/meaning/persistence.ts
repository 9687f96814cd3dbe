/** Persistence: how long, and of which clients together. */

import { type Family, ipv4ToNumber, parseIpv4 } from '../../ipvs/address.ts';
import { fullNetmask, type ServiceSettings } from '../../ipvs/service.ts';
import type { Path, Report } from '../problem.ts';
import type { ServiceEntry } from '../schema/service.ts';
import { secondsOf } from './duration.ts';

type Persistence = Pick<ServiceSettings, 'persistent' | 'netmask' | 'engine'>;

/** What ipvsadm -p means without a number, in seconds. */
const usualSeconds = 360;

/** A time, or a mapping with a time. Without either there is none. */
export function readPersistence(
  entry: ServiceEntry['persistence'],
  family: Family,
  path: Path,
  report: Report,
): Persistence {
  if (entry === undefined) return { persistent: 0, netmask: fullNetmask(family) };
  if (typeof entry !== 'object')
    return { persistent: secondsOf(entry, 0, path, report), netmask: fullNetmask(family) };
  const { timeout = usualSeconds, netmask, engine } = entry;
  return {
    persistent: secondsOf(timeout, 0, [...path, 'timeout'], report),
    netmask:
      netmask === undefined
        ? fullNetmask(family)
        : readNetmask(netmask, family, [...path, 'netmask'], report),
    ...(engine && { engine }),
  };
}

/** IPv4: a mask of any bits, or the length of one; IPv6: a length. */
function readNetmask(netmask: number | string, family: Family, path: Path, report: Report): number {
  const wrong = (message: string): number => {
    report({ path, message });
    return fullNetmask(family);
  };
  if (typeof netmask === 'string') {
    const mask = parseIpv4(netmask);
    if (mask === undefined) return wrong(`\`${netmask}\` is not a netmask: write 255.255.255.0, or 24`);
    if (family === 6)
      return wrong(`\`${netmask}\` is a netmask of IPv4: for IPv6 write the length of the prefix, like 64`);
    return ipv4ToNumber(mask);
  }
  if (family === 6) return netmask;
  if (netmask > 32) return wrong(`an IPv4 address has 32 bits, not ${netmask}`);
  return (0xffffffff << (32 - netmask)) >>> 0;
}
