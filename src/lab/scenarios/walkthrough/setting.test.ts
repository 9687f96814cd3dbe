import { describe, expect, it } from 'vitest';
import { counterIn, ipOf, macIn, ownerOf, trafficIn, turnBroken } from './setting.ts';

it('reads connections and packets of real servers from ipvsadm --stats', () => {
  const stats = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  172.25.138.100:80                   6       29        0     1884        0
  -> 172.25.138.2:80                     3       14        0      916        0
  -> 172.25.138.3:80                     3       15        0      968        0
`;
  expect(trafficIn(stats)).toEqual(
    new Map([
      [ipOf('server2'), { connections: 3, packets: 14 }],
      [ipOf('server3'), { connections: 3, packets: 15 }],
    ]),
  );
});

it('knows whose MAC an ARP entry shows', () => {
  expect(ownerOf(macIn('172.25.138.100 lladdr 02:00:ac:19:8a:03 REACHABLE'))).toBe('server3');
  expect(ownerOf(macIn('? (172.25.138.100) at 02:00:ac:19:8a:01 [ether]  on eth0'))).toBe('server1');
  expect(ownerOf(macIn('172.25.138.100 FAILED'))).toBe('nobody');
});

it('reads a counter of nstat', () => {
  expect(
    counterIn('#kernel\nIpInAddrErrors                  2                  0.0\n', 'IpInAddrErrors'),
  ).toBe(2);
  expect(counterIn('', 'IpInAddrErrors')).toBeNaN();
});

describe('turnBroken', () => {
  it.each([
    [['server3', 'server2', 'server3'], undefined],
    [['server2', 'server3'], undefined],
    [['server2', 'server3', 'server3'], 'answer 3 of 3 is "server3" after "server3"'],
    [['server2', 'curl: (28) time-out'], 'answer 2 of 2 is "curl: (28) time-out" after "server2"'],
    [['server1', 'server2'], 'answer 1 of 2 is "server1" after ""'],
    [['server2'], 'only 1 answers'],
  ])('%j', (answers, broken) => {
    expect(turnBroken(answers)).toBe(broken);
  });
});
