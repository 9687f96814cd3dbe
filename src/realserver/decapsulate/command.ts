/** The words of `fairlead realserver decapsulate` that bring a state about, always the same for the same state. Pure. */

import { type Address, inOrder, type Port } from '../../ipvs/address.ts';

/** Without interfaces: on every Ethernet interface. */
export function decapsulateWords(
  vips: readonly Address[],
  guePort: Port,
  interfaces: readonly string[] = [],
): string {
  const where = interfaces.map((name) => `--interface ${name}`);
  return ['start', ...where, `--gue-port ${guePort}`, ...inOrder(vips)].join(' ');
}
