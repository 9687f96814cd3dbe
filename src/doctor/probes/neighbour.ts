/** Who has an address: ARP in IPv4, neighbour discovery in IPv6, asked by ourselves and answered by anybody. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import { arpRequest, neighbourSolicitation } from '../frames/build.ts';
import type { Heard, Network } from './network.ts';

/** In whose name is asked: an address of ours on the segment, never a virtual one. */
export type Asker = { readonly interface: string; readonly mac: string; readonly address: Address };

/** How long all of a segment have to answer. */
const everybodyMilliseconds = 500;
const oneMilliseconds = 300;

/** The MACs that say they have it, ours left out, the quickest first. */
export async function answerers(network: Network, asker: Asker, target: Address): Promise<readonly string[]> {
  const answers = await network.ask({
    interface: asker.interface,
    frames: [question(asker, target)],
    take: (heard) => macOf(heard, asker, target),
    isEnough: () => false,
    attempts: 2,
    milliseconds: everybodyMilliseconds,
  });
  return [...new Set(answers)];
}

/** The MAC of the first that answers; `undefined` where nobody does. */
export async function resolve(
  network: Network,
  asker: Asker,
  target: Address,
  attempts = 3,
): Promise<string | undefined> {
  const [mac] = await network.ask({
    interface: asker.interface,
    frames: [question(asker, target)],
    take: (heard) => macOf(heard, asker, target),
    isEnough: (answers) => answers.length > 0,
    attempts,
    milliseconds: oneMilliseconds,
  });
  return mac;
}

/**
 * The MAC that answers a question asked in nobody's name, as duplicate address detection asks (RFC 5227): a host
 * that holds the address answers even if it takes our own for forged. IPv4 only.
 */
export async function resolveNamelessly(
  network: Network,
  asker: Asker,
  target: Address,
): Promise<string | undefined> {
  if (familyOf(target) === 6) return undefined;
  return await resolve(network, { ...asker, address: '0.0.0.0' as Address }, target, 2);
}

function question({ mac, address }: Asker, target: Address): Uint8Array {
  return familyOf(target) === 6
    ? neighbourSolicitation(mac, address, target)
    : arpRequest(mac, address, target);
}

function macOf({ content, interface: name }: Heard, asker: Asker, target: Address): string | undefined {
  if (content.kind !== 'neighbour' || !content.isAnswer || name !== asker.interface) return undefined;
  return content.claimed === target && content.mac !== asker.mac ? content.mac : undefined;
}
