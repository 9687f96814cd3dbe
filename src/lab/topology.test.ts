import { describe, expect, it } from 'vitest';
import { topologies } from './topologies.ts';
import { addressOf, type Topology, topologyFaults } from './topology.ts';

function withHost(name: string, device: string, segment: string, address: string): Topology {
  const interfaces = { [device]: { segment, addresses: [address] } };
  return { name: 'test', about: '', segments: ['lan'], hosts: { [name]: { interfaces } } };
}

describe('topologyFaults', () => {
  it.each(Object.values(topologies))('finds none in $name', (topology) => {
    expect(topologyFaults(topology)).toEqual([]);
  });

  it.each([
    [
      'Server',
      'eth0',
      'lan',
      '10.0.0.1/24',
      '"Server" is not a name: a small letter, then small letters and digits',
    ],
    ['lan', 'eth0', 'lan', '10.0.0.1/24', '"lan" is there twice: hosts and segments share one set of names'],
    ['server', 'eth0', 'wan', '10.0.0.1/24', 'server eth0: there is no segment "wan"'],
    ['loadbalancer', 'eth0', 'lan', '10.0.0.1/24', 'loadbalancer eth0: the two names are too long together'],
    ['server', 'eth0', 'lan', '10.0.0.1', 'server eth0: "10.0.0.1" is not an address with a prefix length'],
  ])('%s, %s on %s, %s', (name, device, segment, address, fault) => {
    expect(topologyFaults(withHost(name, device, segment, address))).toEqual([fault]);
  });
});

it('a host is known by its first address', () => {
  expect(addressOf(withHost('server', 'eth0', 'lan', '10.0.0.1/24'), 'server')).toBe('10.0.0.1');
  expect(addressOf(withHost('server', 'eth0', 'lan', '10.0.0.1/24'), 'client')).toBeUndefined();
});
