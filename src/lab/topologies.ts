/** The topologies that `fairlead lab up` knows, one entry each. */

import type { Topology } from './topology.ts';

/** LVS direct routing on one segment: the addresses are those of the walkthrough. */
export const dr: Topology = {
  name: 'dr',
  about: 'direct routing: a client, a director and two real servers on one segment',
  segments: ['lan'],
  hosts: {
    client: { interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.250/24'] } } },
    server1: {
      about: 'the director',
      interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.1/24'] } },
    },
    server2: {
      about: 'a real server',
      interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.2/24'] } },
    },
    server3: {
      about: 'a real server',
      interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.3/24'] } },
    },
  },
};

export const topologies: Readonly<Record<string, Topology>> = { dr };
