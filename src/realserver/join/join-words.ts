/** The words behind `fairlead realserver join` for what is wanted. Pure. */

import type { Wanted } from './wanted.ts';

export function joinWords({ vips, way, device, rips, decapsulate, guePort, lasting }: Wanted): string {
  return [
    ...(way === 'auto' ? [] : [`--arp ${way}`]),
    ...(device === 'lo' ? [] : [`--device ${device}`]),
    ...rips.map((rip) => `--rip ${rip}`),
    ...(decapsulate === 'no' ? [] : [`--decapsulate ${decapsulate}`]),
    ...(decapsulate === 'no' || guePort === 6080 ? [] : [`--gue-port ${guePort}`]),
    ...(lasting ? [] : ['--runtime']),
    ...vips,
  ].join(' ');
}
