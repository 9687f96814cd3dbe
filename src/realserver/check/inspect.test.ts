import { describe, expect, test } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { address, lines, machineWith } from '../join/machine.fixture.ts';
import { inspect, type Row } from './inspect.ts';

const vip = '192.0.2.100' as Address;
const own = address('eth0', '192.0.2.11/24');
const onLo = address('lo', '192.0.2.100/32');
const switches = ['conf/all/arp_ignore:1', 'conf/all/arp_announce:2'];

function wrong(rows: readonly Row[]): readonly string[] {
  return rows.filter(({ state }) => state !== 'good').map(({ code, state }) => `${code} ${state}`);
}

describe('nothing is wrong with', () => {
  test.for([
    ["the kernel's switches", { addresses: [own, onLo], settings: switches }],
    [
      'switches of the interface alone',
      { addresses: [own, onLo], settings: ['conf/eth0/arp_ignore:2', 'conf/eth0/arp_announce:2'] },
    ],
    [
      'arptables rules as the nft variant saves them',
      {
        addresses: [own, onLo],
        rules: [
          '-A INPUT -j DROP -d 192.0.2.100',
          '-A OUTPUT -j mangle -s 192.0.2.100 --mangle-ip-s 192.0.2.11',
        ],
      },
    ],
    [
      'nftables rules, also on the interface that is asked',
      {
        addresses: [own, address('eth0', '192.0.2.100/32')],
        rules: [
          'arp daddr ip 192.0.2.100 counter packets 7 bytes 196 drop',
          'oifname "eth0" arp saddr ip 192.0.2.100 arp saddr ip set 192.0.2.11',
        ],
      },
    ],
  ] as const)('%s', ([, machine]) => {
    expect(wrong(inspect(machineWith(machine), [vip]))).toEqual([]);
  });

  test("Fairlead's own program", () => {
    const machine = machineWith({ addresses: [own, onLo] });
    expect(wrong(inspect(machine, [vip], (_, device) => device === 'eth0'))).toEqual([]);
  });

  test('an IPv6 address on lo, whatever the switches are', () => {
    const machine = machineWith({ addresses: [own, address('lo', '2001:db8::1/128')] });
    expect(wrong(inspect(machine, ['2001:db8::1' as Address]))).toEqual([]);
  });
});

describe('it says what is wrong', () => {
  test.for([
    ['no address', {}, ['vip-missing wrong']],
    ['no isolation', { addresses: [own, onLo] }, ['answers-arp wrong', 'asks-in-its-name wrong']],
    ['half of it', { addresses: [own, onLo], settings: [switches[0] ?? ''] }, ['asks-in-its-name wrong']],
    [
      'a prefix of the whole network',
      { addresses: [own, address('lo', '192.0.2.100/24')], settings: switches },
      ['vip-prefix wrong'],
    ],
    [
      'switches with the address on the interface that is asked',
      { addresses: [own, address('eth0', '192.0.2.100/32')], settings: switches },
      ['answers-arp wrong'],
    ],
    [
      'a switch that answers more',
      { addresses: [own, onLo], settings: [...switches, 'conf/eth0/arp_ignore:3'] },
      ['answers-arp wrong'],
    ],
    [
      'rules for another address',
      { addresses: [own, onLo], rules: ['-A INPUT -j DROP -d 192.0.2.10'] },
      ['answers-arp wrong', 'asks-in-its-name wrong'],
    ],
    [
      'rules for another interface',
      { addresses: [own, onLo], rules: ['-A INPUT -j DROP -i eth1 -d 192.0.2.100'] },
      ['answers-arp wrong', 'asks-in-its-name wrong'],
    ],
    [
      'rules that it does not understand',
      { addresses: [own, onLo], rules: ['arp daddr ip @vips drop'] },
      ['answers-arp unknown', 'asks-in-its-name unknown'],
    ],
    [
      'a strict filter where answers leave elsewhere',
      {
        links: [lines.lo, lines.eth0, lines.eth1],
        addresses: [own, onLo],
        settings: [...switches, 'conf/eth0/rp_filter:1'],
        routes: ['default via 198.51.100.254 dev eth1'],
      },
      ['reverse-path-filter wrong'],
    ],
  ] as const)('%s', ([, machine, codes]) => {
    const rows = inspect(machineWith(machine), [vip]);
    expect(wrong(rows)).toEqual(codes);
    for (const row of rows.filter(({ state }) => state === 'wrong')) expect(row.cure).not.toEqual([]);
  });

  test('an IPv6 address that the kernel has found elsewhere', () => {
    const line = address('lo', '2001:db8::1/128').replace(' lo\\', ' tentative dadfailed \\');
    const machine = machineWith({ addresses: [own, line] });
    expect(wrong(inspect(machine, ['2001:db8::1' as Address]))).toEqual(['vip-tentative wrong']);
  });
});
