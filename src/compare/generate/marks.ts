/** Random rules that give packets a firewall mark. Pure. */

import type { MarkRule } from '../scenario.ts';
import { type Making, pickTransport, pickVipOf, ports, type Service } from './state.ts';

/** A rule whose packets are the service's from now on. */
export function addMarkRule(making: Making, service: Service, mark: number): void {
  const { random, steps } = making;
  const transport = service.onePacket ? 'udp' : pickTransport(making);
  const destination = pickVipOf(making, service.ipv6);
  const port = random.chance(0.8) ? random.pick(ports) : undefined;
  const rule: MarkRule = {
    ...{ mark, destination, transport },
    ...(port === undefined ? {} : { port }),
    ...(mark < 256 && random.chance(0.3) ? { mask: random.pick([0xff, 0x7f]) } : {}),
  };
  steps.push({ kind: 'mark', rule });
  for (const each of port === undefined ? [80, 7000] : [port]) {
    service.targets.push({ transport, end: { address: destination, port: each } });
  }
}

/** More rules, or none. */
export function changeMarks(making: Making): void {
  const { random, steps, services, features } = making;
  // What the kernel makes of a reused port whose packets are no service's any more (known.ts) shows only on this host.
  if (!features.includes('local') && random.chance(0.3)) {
    steps.push({ kind: 'unmark' });
    return;
  }
  const service = services.find(({ words }) => words[0] === '-f');
  if (service) addMarkRule(making, service, Number(service.words[1]));
}
