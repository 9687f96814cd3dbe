import { expect, it } from 'vitest';
import { readFindings } from './reading.ts';

const report = `address-answered-by-real-server: real server 192.0.2.12 answers ARP for 192.0.2.100
  where     real server 192.0.2.12 (02:00:c0:00:02:0c) eth0
  services  tcp:192.0.2.100:80
  evidence  who has 192.0.2.100: 02:00:c0:00:02:0c
            on eth0
  breaks    Clients that learn it pass the director by.
  cure      on the real server 192.0.2.12:
              arptables -A INPUT -d 192.0.2.100 -j DROP
              true
            (or without arptables)
            on the director:
              arping -U -c 3 -I eth0 192.0.2.100
  more      docs/doctor.md#address-answered-by-real-server

vip-not-here: 192.0.2.101 is on no interface of this director
  where     director eth0
  cure      on the director:
              ip addr add 192.0.2.101/32 dev eth0

cannot tell: udp:192.0.2.100:53: it did not answer
2 findings
`;

it('reads every finding of a report: code, host, and what is to be typed where', () => {
  expect(readFindings(report)).toEqual([
    {
      code: 'address-answered-by-real-server',
      problem: 'real server 192.0.2.12 answers ARP for 192.0.2.100',
      host: { role: 'real server', address: '192.0.2.12', mac: '02:00:c0:00:02:0c' },
      cure: [
        {
          role: 'real server',
          address: '192.0.2.12',
          commands: ['arptables -A INPUT -d 192.0.2.100 -j DROP', 'true'],
        },
        { role: 'director', commands: ['arping -U -c 3 -I eth0 192.0.2.100'] },
      ],
    },
    {
      code: 'vip-not-here',
      problem: '192.0.2.101 is on no interface of this director',
      host: { role: 'director' },
      cure: [{ role: 'director', commands: ['ip addr add 192.0.2.101/32 dev eth0'] }],
    },
  ]);
});

it('finds nothing in a report of good health', () => {
  expect(readFindings('healthy: 192.0.2.100\n')).toEqual([]);
});
