import { expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import { isolatedByArptables, isolatedByNftables } from './isolation.ts';

const vips = ['192.0.2.100', '192.0.2.10'] as Address[];

it('arptables keep an address out of ARP by two rules, one for questions and one for what is sent', () => {
  const drop = '-A INPUT -j DROP -d 192.0.2.100\n';
  const hide = '-A OUTPUT -j mangle -s 192.0.2.100 --mangle-ip-s 192.0.2.11\n';
  expect(isolatedByArptables(`*filter\n:INPUT ACCEPT [0:0]\n${drop}${hide}`, vips)).toEqual(['192.0.2.100']);
  expect(isolatedByArptables(drop, vips)).toEqual([]);
});

it('nftables keep it out likewise, by rules of the arp family', () => {
  const drop = 'arp daddr ip 192.0.2.100 drop\n';
  const change = 'oifname "eth0" arp saddr ip 192.0.2.100 arp saddr ip set 192.0.2.11\n';
  expect(isolatedByNftables(`table arp fairlead {\n${drop}${change}}\n`, vips)).toEqual(['192.0.2.100']);
  expect(isolatedByNftables(drop, vips)).toEqual([]);
  const sets =
    'arp daddr ip { 192.0.2.10, 192.0.2.100 } drop\narp saddr ip { 192.0.2.10, 192.0.2.100 } drop\n';
  expect(isolatedByNftables(sets, vips)).toEqual(vips);
});
