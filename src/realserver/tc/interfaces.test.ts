import { describe, expect, test } from 'vitest';
import type { Link } from '../../linux/rtnetlink.ts';
import { chooseInterfaces } from './interfaces.ts';

const link = (name: string, index: number, more: Partial<Link> = {}): Link => ({
  ...{ name, index, type: 1, mac: new Uint8Array(6), mtu: 1500, isUp: true },
  ...{ kind: undefined, master: undefined },
  ...more,
});
const links = [
  link('lo', 1, { type: 772 }),
  link('eth0', 2),
  link('bond0', 3, { kind: 'bond' }),
  link('eth1', 4, { master: 3 }),
];
const chosen = (...names: string[]): readonly string[] =>
  chooseInterfaces(links, names).map(({ name }) => name);

describe('the decapsulator stands', () => {
  test('without names on every Ethernet interface that is no port of another', () => {
    expect(chosen()).toEqual(['eth0', 'bond0']);
  });

  test('on exactly those that are named, each once', () => {
    expect(chosen('eth1', 'eth0', 'eth1')).toEqual(['eth1', 'eth0']);
  });
});

describe('it is refused', () => {
  test.for([
    ['a name that no interface has', 'eth7', 'No such interface: eth7'],
    ['an interface that is not Ethernet', 'lo', 'Not an Ethernet interface: lo'],
  ] as const)('%s', ([, name, message]) => {
    expect(() => chosen('eth0', name)).toThrow(message);
  });

  test('a host without Ethernet', () => {
    expect(() => chooseInterfaces(links.slice(0, 1), [])).toThrow('there is no Ethernet interface');
  });
});
