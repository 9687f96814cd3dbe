/** A client, one server, and one director of each kind between them, all on one segment. Pure. */

import type { Topology } from '../../src/lab/topology.ts';

/** The ways to the server. */
export const ways = ['direct', 'ceiling', 'fairlead', 'haproxy', 'nginx'] as const;
export type Way = (typeof ways)[number];

export const server = '172.25.138.2';
const client = '172.25.138.250';

/** The address that clients ask, which the server holds as well. */
export const targets: Readonly<Record<Way, string>> = {
  direct: server,
  ceiling: '172.25.138.111',
  fairlead: '172.25.138.112',
  haproxy: '172.25.138.113',
  nginx: '172.25.138.114',
};

/** The directors that leave the packet's addresses alone. */
export const routing = ['ceiling', 'fairlead'] as const;

const host = (address: string) => ({
  interfaces: { eth0: { segment: 'lan', addresses: [`${address}/24`] } },
  // Programs that open a connection for each of their clients' run out of ports otherwise.
  sysctls: {
    'net.ipv4.ip_local_port_range': '1024 65535',
    'net.ipv4.tcp_tw_reuse': 1,
    'net.core.somaxconn': 4096,
    // Loss alone holds senders back, and there is none. Some machines' default paces by a timer and by what it takes the path
    // for: what is measured of bulk would be its guesses.
    'net.ipv4.tcp_congestion_control': 'reno',
  },
});

export const endToEnd: Topology = {
  name: 'end-to-end',
  about: 'the ways from a client to a server that are compared',
  segments: ['lan'],
  hosts: {
    client: host(client),
    server: host(server),
    ceiling: host('172.25.138.11'),
    fairlead: host('172.25.138.12'),
    haproxy: host('172.25.138.13'),
    nginx: host('172.25.138.14'),
  },
};
