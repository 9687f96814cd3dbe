import { describe, expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import type { HeldAddress } from '../linux/rtnetlink-address.ts';
import { createVips } from './vips.ts';

const held = (address: string, more: Partial<HeldAddress> = {}): HeldAddress => ({
  ...{ index: 2, address: address as Address, length: 32, isOurs: false, body: Uint8Array.of(1) },
  ...more,
});

/** Addresses as the kernel keeps them in IPv4: the same one may stand beside another of the same name with a peer. */
function kernelWith(...before: readonly HeldAddress[]) {
  const stuck = new Set<string>();
  let all = [...before];
  const others = ({ address, peer }: Pick<HeldAddress, 'address' | 'peer'>) =>
    all.filter((other) => other.address !== address || other.peer !== peer);
  const put = (address: HeldAddress): void => {
    if (stuck.has(address.address)) throw new Error(`${address.address} is stuck`);
    all = [...others(address), address];
  };
  const vips = createVips({
    inside: (action) => action(),
    kernel: {
      links: () => [{ index: 2, name: 'eth0' }],
      addresses: () => all,
      add: ({ address }) => put(held(address, { isOurs: true })),
      remove: ({ address }) => {
        if (stuck.has(address)) throw new Error(`${address} is stuck`);
        all = others({ address });
      },
      restore: put,
    },
  });
  const text = (): string =>
    all
      .map(({ address, peer, isOurs }) => `${address}${peer ? `>${peer}` : ''}${isOurs ? ' ours' : ''}`)
      .sort()
      .join(', ');
  return { vips, stuck, text };
}

const vip = (address: string) => ({ interface: 'eth0', address: address as Address, length: 32 });

describe('taking addresses back', () => {
  it('takes back one that stands beside another of the same name with a peer', () => {
    const { vips, text } = kernelWith(held('10.0.0.1', { peer: '10.0.0.2' as Address }));
    const undo = vips.keep();
    vips.add(vip('10.0.0.1'));
    expect(text()).toBe('10.0.0.1 ours, 10.0.0.1>10.0.0.2');
    undo();
    expect(text()).toBe('10.0.0.1>10.0.0.2');
  });

  it('goes on behind what cannot be taken back, and says all of that', () => {
    const ours = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => held(address, { isOurs: true }));
    const { vips, stuck, text } = kernelWith(...ours);
    const undo = vips.keep();
    vips.removeAll();
    for (const added of ['10.0.0.8', '10.0.0.9']) vips.add(vip(added));
    for (const address of ['10.0.0.1', '10.0.0.3', '10.0.0.8']) stuck.add(address);
    expect(undo).toThrow(/^10\.0\.0\.8 is stuck; 10\.0\.0\.1 is stuck; 10\.0\.0\.3 is stuck$/);
    expect(text()).toBe('10.0.0.2 ours, 10.0.0.8 ours');
  });
});
