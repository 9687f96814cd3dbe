/** The topologies that `fairlead lab up` knows, one entry each. */

import type { Host, Topology } from './topology.ts';

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
      hasPage: true,
      interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.2/24'] } },
    },
    server3: {
      about: 'a real server',
      hasPage: true,
      interfaces: { eth0: { segment: 'lan', addresses: ['172.25.138.3/24'] } },
    },
  },
};

/** Both families on one segment. The virtual addresses are 192.0.2.100 and 2001:db8:1::100. */
export const dual: Topology = {
  name: 'dual',
  about: 'direct routing in IPv4 and IPv6: a client, a director and two real servers on one segment',
  segments: ['lan'],
  hosts: {
    client: {
      interfaces: { eth0: { segment: 'lan', addresses: ['192.0.2.250/24', '2001:db8:1::250/64'] } },
    },
    director: {
      interfaces: { eth0: { segment: 'lan', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] } },
    },
    rs1: {
      about: 'a real server',
      hasPage: true,
      interfaces: { eth0: { segment: 'lan', addresses: ['192.0.2.11/24', '2001:db8:1::11/64'] } },
    },
    rs2: {
      about: 'a real server',
      hasPage: true,
      interfaces: { eth0: { segment: 'lan', addresses: ['192.0.2.12/24', '2001:db8:1::12/64'] } },
    },
  },
};

const towardsBack = ['198.51.100.0/24 via 192.0.2.254', '2001:db8:2::/64 via 2001:db8:1::254'];
const towardsFront = ['default via 198.51.100.254', '::/0 via 2001:db8:2::254'];

/** As in a routed set-up: the director has an interface on each side, a router stands beside it. */
export const routed: Topology = {
  name: 'routed',
  about: 'clients on one side of the director, real servers on the other, a router beside it',
  segments: ['front', 'back'],
  hosts: {
    client: {
      interfaces: { eth0: { segment: 'front', addresses: ['192.0.2.250/24', '2001:db8:1::250/64'] } },
      routes: towardsBack,
    },
    router: {
      interfaces: {
        eth0: { segment: 'front', addresses: ['192.0.2.254/24', '2001:db8:1::254/64'] },
        eth1: { segment: 'back', addresses: ['198.51.100.254/24', '2001:db8:2::254/64'] },
      },
      sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 },
    },
    director: {
      interfaces: {
        eth0: { segment: 'front', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
        eth1: { segment: 'back', addresses: ['198.51.100.1/24', '2001:db8:2::1/64'] },
      },
    },
    rs1: {
      about: 'a real server',
      hasPage: true,
      interfaces: { eth0: { segment: 'back', addresses: ['198.51.100.11/24', '2001:db8:2::11/64'] } },
      routes: towardsFront,
    },
    rs2: {
      about: 'a real server',
      hasPage: true,
      interfaces: { eth0: { segment: 'back', addresses: ['198.51.100.12/24', '2001:db8:2::12/64'] } },
      routes: towardsFront,
    },
  },
};

/** Two directors for one virtual address, which one of them holds at a time. */
export const pair: Topology = {
  name: 'pair',
  about: 'a client, two directors and two real servers on one segment',
  segments: ['lan'],
  hosts: {
    ...dual.hosts,
    standby: {
      about: 'the other director',
      interfaces: { eth0: { segment: 'lan', addresses: ['192.0.2.2/24', '2001:db8:1::2/64'] } },
    },
  },
};

/** Real servers get requests from behind the director, and answer clients by an interface on their side. */
export const multihomed: Topology = {
  name: 'multihomed',
  about: 'clients on one side of the director, real servers on both',
  segments: ['front', 'back'],
  hosts: {
    client: { interfaces: { eth0: { segment: 'front', addresses: ['192.0.2.250/24'] } } },
    director: {
      interfaces: {
        eth0: { segment: 'front', addresses: ['192.0.2.1/24'] },
        eth1: { segment: 'back', addresses: ['198.51.100.1/24'] },
      },
    },
    rs1: multihomedServer(11),
    rs2: multihomedServer(12),
  },
};

function multihomedServer(host: number): Host {
  return {
    about: 'a real server',
    hasPage: true,
    interfaces: {
      eth0: { segment: 'back', addresses: [`198.51.100.${host}/24`] },
      eth1: { segment: 'front', addresses: [`192.0.2.${host}/24`] },
    },
  };
}

export const topologies: Readonly<Record<string, Topology>> = { dr, dual, routed, pair, multihomed };
