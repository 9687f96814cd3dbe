import { describe, expect, it } from 'vitest';
import { buildPlan, inNamespace, macOf } from './plan.ts';
import { dr } from './topologies.ts';
import type { Topology } from './topology.ts';

describe('buildPlan', () => {
  const [namespaces, segments, sysctls, hosts] = buildPlan('k3f9a', dr);

  it('makes a namespace for each segment and host, in one ip process', () => {
    expect(namespaces).toEqual([
      {
        argv: ['ip', '-batch', '-'],
        stdin: ['lan', 'client', 'server1', 'server2', 'server3']
          .map((name) => `netns add fl-k3f9a-${name}\n`)
          .join(''),
      },
    ]);
  });

  it('wires hosts to the bridge by veth pairs whose ends are born in their namespaces', () => {
    expect(segments).toHaveLength(1);
    expect(segments?.[0]?.argv).toEqual(['ip', '-n', 'fl-k3f9a-lan', '-batch', '-']);
    expect(segments?.[0]?.stdin?.split('\n').slice(0, 4)).toEqual([
      'link add lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
      'link set dev lan up',
      'link add client-eth0 type veth peer name eth0 address 02:00:ac:19:8a:fa netns fl-k3f9a-client',
      'link set dev client-eth0 master lan up',
    ]);
  });

  it("starts every host from the kernel's own ARP settings, whatever the machine has", () => {
    const argv = sysctls?.find(({ argv }) => argv.includes('fl-k3f9a-server2'))?.argv;
    expect(argv?.slice(0, 7)).toEqual(['ip', 'netns', 'exec', 'fl-k3f9a-server2', 'busybox', 'sysctl', '-w']);
    expect(argv).toContain('net.ipv4.conf.all.arp_ignore=0');
    expect(argv).toContain('net.ipv4.conf.eth0.arp_announce=0');
  });

  it('gives the hosts their addresses', () => {
    expect(hosts?.[1]).toEqual({
      argv: ['ip', '-n', 'fl-k3f9a-server1', '-batch', '-'],
      stdin: 'link set dev lo up\naddr add 172.25.138.1/24 dev eth0\nlink set dev eth0 up\n',
    });
  });

  it('names nothing in the namespace of the machine itself', () => {
    const commands = buildPlan('k3f9a', dr).flat();
    const outside = commands.filter(({ argv }) => !argv.some((word) => word.startsWith('fl-k3f9a-')));
    expect(outside.map(({ stdin }) => stdin?.replace(/^netns add fl-k3f9a-\w+\n/gm, ''))).toEqual(['']);
  });

  it('has room for hosts between two segments, with routes and switches of their own', () => {
    const router: Topology = {
      name: 'two',
      about: 'a router',
      segments: ['left', 'right'],
      hosts: {
        router: {
          interfaces: {
            eth0: { segment: 'left', addresses: ['10.0.0.1/24'] },
            eth1: { segment: 'right', addresses: ['10.0.1.1/24'] },
          },
          routes: ['default via 10.0.0.254'],
          sysctls: { 'net.ipv4.ip_forward': 1 },
        },
      },
    };
    const [, wires, settings, configuration] = buildPlan('x', router);
    expect(wires?.map(({ argv }) => argv[2])).toEqual(['fl-x-left', 'fl-x-right']);
    expect(wires?.[1]?.stdin).toContain('peer name eth1 address 02:00:0a:00:01:01 netns fl-x-router');
    expect(settings?.[0]?.argv.at(-1)).toBe('net.ipv4.ip_forward=1');
    expect(configuration?.[0]?.stdin).toMatch(/route add default via 10\.0\.0\.254\n$/);
  });
});

it('a MAC shows the address that it belongs to', () => {
  expect(macOf('172.25.138.3/24')).toBe('02:00:ac:19:8a:03');
});

it('a command in a host is run by ip netns exec', () => {
  expect(inNamespace('k3f9a', 'client', ['curl', '-sS'])).toEqual([
    ...['ip', 'netns', 'exec', 'fl-k3f9a-client'],
    ...['curl', '-sS'],
  ]);
});
