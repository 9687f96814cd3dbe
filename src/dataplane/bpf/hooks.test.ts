import { describe, expect, it } from 'vitest';
import { type HookMode, hookModes } from '../../ipvs/interface.ts';
import { ARPHRD_ETHER, type Link } from '../../linux/rtnetlink.ts';
import { type HookPlan, planHooks } from './hooks.ts';

const card: Link = {
  index: 2,
  name: 'eth0',
  type: ARPHRD_ETHER,
  mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  mtu: 1500,
  isUp: true,
  kind: undefined,
  master: undefined,
};
const tc = { tc: true, xdp: false };
const both = { tc: true, xdp: true };
const neither = { tc: false, xdp: false };
const noEthernet = { ...neither, note: 'not an Ethernet interface' };
const port = { ...neither, note: 'a port: its bridge or bond carries the director' };

const rows: readonly (readonly [string, Partial<Link>, Readonly<Record<HookMode, HookPlan>>])[] = [
  ['a network card', {}, { auto: both, tc, xdp: both, off: neither }],
  ['a veth', { kind: 'veth' }, { auto: tc, tc, xdp: both, off: neither }],
  ['a bridge', { kind: 'bridge' }, { auto: tc, tc, xdp: both, off: neither }],
  ['a port of a bridge', { kind: 'veth', master: 9 }, { auto: port, tc, xdp: both, off: neither }],
  ['a card in a bond', { master: 9 }, { auto: port, tc, xdp: both, off: neither }],
  ['loopback', { type: 772 }, { auto: noEthernet, tc: noEthernet, xdp: noEthernet, off: noEthernet }],
  [
    'a tunnel',
    { type: 768, kind: 'ipip' },
    { auto: noEthernet, tc: noEthernet, xdp: noEthernet, off: noEthernet },
  ],
];

describe.each(rows)('%s', (_, link, plans) => {
  it.each(hookModes)('in mode %s', (mode) => {
    expect(planHooks({ ...card, ...link }, mode)).toEqual(plans[mode]);
  });
});
