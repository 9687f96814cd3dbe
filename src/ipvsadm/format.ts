/** Columns as ipvsadm prints them; trailing blanks are real. */

import { familyOf, ipv4FromNumber } from '../ipvs/address.ts';
import {
  type DestinationKey,
  fullNetmask,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
  type Tunnel,
  type TunnelChecksum,
} from '../ipvs/service.ts';

/** Left-aligned (`%-28s`); a longer text shifts what follows. */
export function left(value: string | number, width: number): string {
  return String(value).padEnd(width);
}

/** Right-aligned behind a blank (` %8s`). */
export function right(value: string | number, width: number): string {
  return ` ${String(value).padStart(width)}`;
}

/** First column of a service: `TCP  10.0.0.1:80`, an IPv4 name cut at 28 characters; `FWM  7 IPv6`. */
export function serviceName(key: ServiceKey, label: string): string {
  if (key.kind === 'mark') return `FWM  ${markText(key.mark)}${key.family === 6 ? ' IPv6' : ''}`;
  return `${left(key.protocol.toUpperCase(), 4)} ${cut(key, label)}`;
}

/** First column of a real server: 33 characters; an IPv4 name is cut at 28, another shifts what follows. */
export function serverName(key: DestinationKey, label: string): string {
  return `  -> ${left(cut(key, label), 28)}`;
}

function cut({ address }: Pick<DestinationKey, 'address'>, label: string): string {
  return familyOf(address) === 4 ? label.slice(0, 28) : label;
}

/** A mark, printed as a signed number. */
export function markText(mark: number): string {
  return String(mark | 0);
}

/** Of persistence: `255.255.255.0` or `64`; `undefined` where every client is one of its own. */
export function netmaskText(service: ServiceKey & Pick<ServiceSettings, 'netmask'>): string | undefined {
  const family = serviceFamily(service);
  if (service.netmask === fullNetmask(family)) return undefined;
  return family === 4 ? ipv4FromNumber(service.netmask) : String(service.netmask);
}

const checksumMarks: Readonly<Record<TunnelChecksum, string>> = { nocsum: '-c', csum: '+c', remcsum: 'r+c' };

/** `ipip`, `gue:6080:-c`, `gre:+c`, or `n/a` for what is no tunnel. */
export function tunnelText(tunnel: Tunnel | undefined): string {
  if (!tunnel) return 'n/a';
  const { type, port, checksum } = tunnel;
  switch (type) {
    case 'ipip':
      return type;
    case 'gue':
      return `${type}:${port}:${checksumMarks[checksum]}`;
    case 'gre':
      return `${type}:${checksumMarks[checksum]}`;
  }
}

/** Above each limit a counter is shown in the next unit; thousands are decimal. */
const units = [
  { below: 1e8, divisor: 1, letter: '' },
  { below: 1e9, divisor: 1e3, letter: 'K' },
  { below: 1e11, divisor: 1e6, letter: 'M' },
  { below: 1e14, divisor: 1e9, letter: 'G' },
  { below: Number.POSITIVE_INFINITY, divisor: 1e12, letter: 'T' },
] as const;

/** A counter in nine columns, the first a blank: `12345678`, `123456K`; in full, however wide, if `exact`. */
export function largeNumber(value: number, exact: boolean): string {
  if (exact) return right(value, 8);
  const { divisor, letter } = units.find(({ below }) => value < below) ?? units[4];
  return `${Math.floor(value / divisor)}${letter}`.padStart(9);
}

/** `05:09`: minutes, without an upper bound, and seconds. */
export function minutesAndSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
