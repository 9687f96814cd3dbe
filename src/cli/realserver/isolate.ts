/** `fairlead realserver isolate`: no ARP in virtual addresses' names, without switches and packet filters. */

import type { Command } from 'commander';
import { register as start } from './isolate/start.ts';
import { register as status } from './isolate/status.ts';
import { register as stop } from './isolate/stop.ts';

const help = `
What \`join --arp tc\` uses. Two programs on every Ethernet interface drop whoever asks for the addresses, and put an
address of the machine's own into what it asks itself. There is no daemon: it goes on until it is stopped, or the
interface or the machine goes down.

Examples:
  fairlead realserver isolate start 192.0.2.100
  fairlead realserver isolate status
  fairlead realserver isolate stop`;

export function register(realserver: Command): void {
  const isolate = realserver
    .command('isolate')
    .description("neither answer nor ask ARP in virtual addresses' names, by a TC program")
    .addHelpText('after', help);
  for (const register of [start, stop, status]) register(isolate);
}
