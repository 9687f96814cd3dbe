/** What scenarios may use beyond TCP and UDP over IPv4 by direct routing. Pure. */

import { open } from './known.ts';

export const features = [
  'ipv6',
  'sctp',
  'nat',
  'tunnel',
  'persistence',
  'ops',
  'thresholds',
  'fragments',
  'icmp',
  'sysctl',
  'timeouts',
  'expiry',
  'ttl',
  'reuse',
  'emptied',
  'marks',
  'mixed',
  'local',
  'sip',
  'ftp',
  'defence',
] as const;
export type Feature = (typeof features)[number];

/** A comma-separated list; `all`, or what no open difference needs where nothing is said. Throws RangeError. */
export function parseFeatures(text: string | undefined): readonly Feature[] {
  if (text === undefined) return features.filter((name) => open.every(({ feature }) => feature !== name));
  if (text === 'all') return features;
  return text
    .split(',')
    .filter((word) => word !== '')
    .map((word) => {
      const feature = features.find((name) => name === word);
      if (!feature) throw new RangeError(`no feature ${word}: there are ${features.join(', ')}`);
      return feature;
    });
}
