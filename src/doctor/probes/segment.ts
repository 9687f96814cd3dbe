/**
 * The neighbours of a virtual address: who is on its segment, and whether their answers to it arrive here.
 *
 * A host whose ARP entry for the address is of another time answers somebody else, or nobody.
 */

import { type Address, addressFromBytes, addressToBytes, familyOf } from '../../ipvs/address.ts';
import { prefixOf } from '../../ipvs/prefix.ts';
import type { LocalInterface } from '../../linux/iproute.ts';
import { arpRequest, echo, ethernet } from '../frames/build.ts';
import { type Asker, resolve } from './neighbour.ts';
import type { Network } from './network.ts';

export type Neighbouring = { readonly address: Address; readonly mac: string };

/** What a neighbour answered when it was pinged. */
export type Hearing = Neighbouring & {
  readonly vip: Address;
  readonly interface: string;
  /** By this host's own address. */
  readonly own: boolean;
  /** By the virtual address. */
  readonly virtual: boolean;
  /** As the virtual address: then it holds it itself, and never answers it. */
  readonly holdsIt: boolean;
};

const sweepMilliseconds = 250;
const pingMilliseconds = 250;
/** A larger network is not swept. */
const largestSweep = 256;
const smallestFree = 8;

/** Everybody of a small IPv4 network, ourselves left out; nobody of a large one. */
export async function sweep(
  network: Network,
  asker: Asker,
  { addresses }: LocalInterface,
): Promise<readonly Neighbouring[]> {
  const own = addresses.find(({ address }) => address === asker.address);
  if (own?.family !== 4) return [];
  const all = addressesOf(own.address, own.prefix);
  const heard = await network.ask<Neighbouring>({
    interface: asker.interface,
    frames: all.map((address) => arpRequest(asker.mac, asker.address, address)),
    take: ({ content }) =>
      content.kind === 'neighbour' && content.isAnswer && content.claimed && content.mac !== asker.mac
        ? { address: content.claimed, mac: content.mac }
        : undefined,
    isEnough: () => false,
    attempts: all.length === 0 ? 0 : 1,
    milliseconds: sweepMilliseconds,
  });
  return heard.filter(({ address }) => all.includes(address));
}

function addressesOf(address: Address, prefix: number): readonly Address[] {
  const count = 2 ** (32 - prefix);
  if (count > largestSweep || count < 4) return [];
  const network = addressToBytes(prefixOf(address, prefix).address);
  const base = new DataView(network.buffer).getUint32(0);
  return Array.from({ length: count - 2 }, (_, at) => ipv4At(base + at + 1)).filter((one) => one !== address);
}

function ipv4At(number: number): Address {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return addressFromBytes(bytes);
}

/** Pings a neighbour: in our own name, in that of the virtual address, and as the virtual address. `id` tells pings apart. */
export async function hear(
  network: Network,
  asker: Asker,
  neighbour: Neighbouring,
  vip: Address,
  id: { readonly port: number; readonly number: number },
): Promise<Hearing> {
  const [own, virtual, holds] = [0, 1, 2].map((at) => (id.number * 3 + at) & 0xffff) as [
    number,
    number,
    number,
  ];
  const ping = (from: Address, to: Address, sequence: number): Uint8Array =>
    ethernet(asker.mac, neighbour.mac, echo({ from, to }, id.port, sequence));
  const answers = await network.ask({
    interface: asker.interface,
    frames: [
      ping(asker.address, vip, holds),
      ping(vip, neighbour.address, virtual),
      ping(asker.address, neighbour.address, own),
    ],
    take: ({ content, source }) =>
      content.kind === 'echo' && content.isAnswer && content.id === id.port && source === neighbour.mac
        ? content.sequence
        : undefined,
    isEnough: (sequences) => sequences.includes(own) && sequences.includes(virtual),
    attempts: 2,
    milliseconds: pingMilliseconds,
  });
  return {
    ...neighbour,
    ...{ vip, interface: asker.interface },
    own: answers.includes(own),
    virtual: answers.includes(virtual),
    holdsIt: answers.includes(holds),
  };
}

/** An address of the interface's network that nobody answers for, as far as can be told. */
export async function freeAddress(
  network: Network,
  asker: Asker,
  { addresses }: LocalInterface,
  taken: ReadonlySet<Address>,
): Promise<Address | undefined> {
  const own = addresses.find(({ address }) => address === asker.address);
  if (!own) return undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    const candidate = someAddress(own.address, own.prefix);
    if (candidate === undefined) return undefined;
    if (taken.has(candidate) || (await resolve(network, asker, candidate, 1))) continue;
    return candidate;
  }
  return undefined;
}

/** Any of a network, neither its first nor its last; `undefined` of one that is too small. */
function someAddress(address: Address, prefix: number): Address | undefined {
  const hostBits = (familyOf(address) === 4 ? 32 : 128) - prefix;
  if (2 ** hostBits < smallestFree) return undefined;
  const bytes = addressToBytes(prefixOf(address, prefix).address);
  const view = new DataView(bytes.buffer);
  const random = 2 + Math.floor(Math.random() * (2 ** Math.min(hostBits, 30) - 4));
  view.setUint32(bytes.length - 4, (view.getUint32(bytes.length - 4) | random) >>> 0);
  return addressFromBytes(bytes);
}
