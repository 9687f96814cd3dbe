/**
 * Which of its own addresses this host asks a real server from. That must be none of the virtual addresses: the real
 * server has them, too, and drops what seems to come from itself.
 */

import { createSocket } from 'node:dgram';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Address, familyOf } from '../../ipvs/address.ts';
import { ProbeFailure } from '../attempt.ts';

const keptMilliseconds = 10_000;

export type Sources = {
  /**
   * `undefined`: the one the kernel takes. `local`: the real server is this host. Rejects with what the kernel says
   * where it knows no way, and with a ProbeFailure where there is no address but virtual ones.
   */
  of(rip: Address, vip: Address): Promise<{ readonly address?: Address } | 'local'>;
};

export function createSources(): Sources {
  const vips = new Set<string>();
  const known = new Map<Address, { readonly source: Promise<string>; readonly at: number }>();
  const routed = (rip: Address): Promise<string> => {
    const found = known.get(rip);
    if (found && performance.now() - found.at < keptMilliseconds) return found.source;
    const source = isOwn(rip) ? Promise.resolve('local') : routedSource(rip);
    known.set(rip, { source, at: performance.now() });
    source.catch(() => known.delete(rip));
    return source;
  };
  return {
    async of(rip, vip) {
      vips.add(vip);
      const source = await routed(rip);
      if (source === 'local') return source;
      if (!vips.has(source)) return {};
      const address = ownAddress(rip, vips);
      if (address === undefined)
        throw new ProbeFailure(
          'local',
          `this host would ask from ${source}, which the real server has as well`,
        );
      return { address };
    },
  };
}

/** The kernel would not say: an address that is not its network's first is routed with the first as its source. */
function isOwn(address: Address): boolean {
  return Object.values(networkInterfaces()).some((own) => own?.some((each) => each.address === address));
}

/** The source that the kernel chooses on the way to an address: connecting a datagram socket sends nothing. */
function routedSource(rip: Address): Promise<string> {
  const socket = createSocket(familyOf(rip) === 6 ? 'udp6' : 'udp4');
  return new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(9, rip, () => resolve(socket.address().address));
  }).finally(() => socket.close());
}

/** One that shares a network with the real server, or else any. */
function ownAddress(rip: Address, vips: ReadonlySet<string>): Address | undefined {
  const family = familyOf(rip) === 6 ? 'IPv6' : 'IPv4';
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((each) => each.family === family && !each.internal && !vips.has(each.address))
    .filter(({ address }) => !address.startsWith('fe80:'));
  const near = own.find(({ cidr }) => cidr !== null && contains(cidr, rip));
  return (near ?? own[0])?.address as Address | undefined;
}

function contains(cidr: string, address: Address): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const type = familyOf(address) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(address, type);
}
