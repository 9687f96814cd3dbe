/** `fairlead realserver decapsulate`: packets come out of directors' tunnels without tunnel devices. */

import type { Command } from 'commander';
import { register as start } from './decapsulate/start.ts';
import { register as status } from './decapsulate/status.ts';
import { register as stop } from './decapsulate/stop.ts';

const help = `
A director that forwards by tunnel (ipvsadm -i) sends packets in ipip, GUE or GRE. This takes them out again, where
they are for one of the virtual addresses, as if they had come by the interface itself. The virtual addresses must
still be this host's own: ip addr add 192.0.2.100/32 dev lo. More: docs/tunnels.md

There is no daemon: it goes on until it is stopped, or the interface or the machine goes down.

Examples:
  fairlead realserver decapsulate start 192.0.2.100
  fairlead realserver decapsulate start --interface eth1 --gue-port 6080 192.0.2.100 2001:db8:1::100
  fairlead realserver decapsulate status
  fairlead realserver decapsulate stop`;

export function register(realserver: Command): void {
  const decapsulate = realserver
    .command('decapsulate')
    .description("take packets out of directors' tunnels (ipip, GUE, GRE), without tunnel devices")
    .addHelpText('after', help);
  for (const register of [start, stop, status]) register(decapsulate);
}
