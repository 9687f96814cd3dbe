import { expect, test } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import { renderDecapsulation } from './status.ts';

test('the status says where, what for, and what became of the packets', () => {
  const none = { gre: 0, fragment: 0, options: 0, malformed: 0, congestion: 0, failed: 0 };
  const text = renderDecapsulation({
    interfaces: ['eth0', 'eth1'],
    isEverywhere: true,
    vips: ['192.0.2.100', '2001:db8:1::100'] as readonly string[] as readonly Address[],
    guePort: 6080 as Port,
    counts: { ipip: 1234567, gue: 8, ...none },
  });
  expect(text.split('\n').slice(0, 6)).toEqual([
    'Interfaces         eth0 eth1',
    'Virtual addresses  192.0.2.100 2001:db8:1::100',
    'GUE port           6080',
    'Packets in tunnels to them',
    '  ipip           1234567  decapsulated: IP in IP',
    '  gue                  8  decapsulated: GUE over UDP',
  ]);
});
