/** The kernel's own IPVS on a wire, where this kernel has it loaded. It sends by direct routing to the same servers. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { service } from './source.ts';
import { endStack, type LiveWire, openWire } from './stage.ts';

const realServers = 10;
/** Debian's own, which speaks to the kernel. */
const ipvsadm = '/sbin/ipvsadm';

/** Whether the module is loaded. Nobody loads it for a benchmark on a machine that does without. */
export function hasIpvs(): boolean {
  return existsSync('/proc/net/ip_vs') && existsSync(ipvsadm);
}

/**
 * The stack gets what arrives and IPVS sends it out of eth1. There it is counted and dropped before the veth has it, so
 * that it is spared the cost of the way out, which all others bear.
 */
export function openIpvs(): LiveWire {
  const live = openWire();
  try {
    live.receive('fl_live_pass');
    endStack(live, 'leaving');
    const virtual = ['-t', `${service.address}:${service.port}`];
    const call = (...words: readonly string[]) =>
      live.wire.inside(() => execFileSync(ipvsadm, words, { stdio: ['ignore', 'ignore', 'inherit'] }));
    call('-A', ...virtual, '-s', 'rr');
    for (let number = 1; number <= realServers; number++)
      call('-a', ...virtual, '-r', `10.64.0.${number}:${service.port}`, '-g');
    return live;
  } catch (error) {
    live.close();
    throw error;
  }
}
