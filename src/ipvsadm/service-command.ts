/** The commands about a virtual service, from what the flags have said. */

import { flagsNamed } from '../ipvs/flag-names.ts';
import { defaultScheduler } from '../ipvs/schedulers.ts';
import { fullNetmask, serviceFamily } from '../ipvs/service.ts';
import type { ServiceCommand } from './command.ts';
import type { Settings } from './readers.ts';

/** Or what is wrong. What is not given is at its default, in `-E` as in `-A`. */
export function serviceCommand(kind: ServiceCommand['kind'], settings: Settings): ServiceCommand | string {
  const { service, scheduler = defaultScheduler, flagNames = [], persistent = 0, engine } = settings;
  if (!service) throw new Error('the matrix requires more');
  if (kind === 'delete-service') return { kind, service };
  const named = flagsNamed(scheduler, flagNames);
  if ('unknown' in named) throw new Error('parse.ts looks at them first');
  const { onePacket = false, netmask = fullNetmask(serviceFamily(service)) } = settings;
  if (service.kind === 'address') {
    if (service.port === 0 && persistent === 0) return 'Zero port specified for non-persistent service';
    if (onePacket && service.protocol !== 'udp')
      return 'One-Packet Scheduling is only for UDP virtual services';
  }
  const { flags } = named;
  return {
    kind,
    service: {
      ...service,
      ...{ scheduler, flags, persistent, netmask, onePacket },
      ...(engine !== undefined && { engine }),
    },
  };
}
