/** Which interfaces are to carry the decapsulator. Pure. */

import { FairleadError } from '../../ipvs/errors.ts';
import { ARPHRD_ETHER, type Link } from '../../linux/rtnetlink.ts';

/**
 * The named ones, each once; without names every Ethernet interface that is no port of a bridge or bond, since what
 * comes in by a port comes in by its master as well. Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET.
 */
export function chooseInterfaces(links: readonly Link[], names: readonly string[]): readonly Link[] {
  if (names.length > 0) return [...new Set(names)].map((name) => ethernetNamed(links, name));
  const chosen = links.filter(({ type, master }) => type === ARPHRD_ETHER && master === undefined);
  if (chosen.length === 0) throw new FairleadError('INTERFACE_NOT_FOUND', 'there is no Ethernet interface');
  return chosen;
}

/** Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET. */
export function ethernetNamed(links: readonly Link[], name: string): Link {
  const link = links.find((candidate) => candidate.name === name);
  if (!link) throw new FairleadError('INTERFACE_NOT_FOUND', name);
  if (link.type !== ARPHRD_ETHER) throw new FairleadError('INTERFACE_NOT_ETHERNET', name);
  return link;
}
