/** Services and real servers for a bench, in few words. */

import { parseDestinationKey, parseServiceKey } from '../../src/director/keys.ts';
import type { Scheduler, SchedulerFlag } from '../../src/ipvs/schedulers.ts';
import type { Destination, ServiceKey } from '../../src/ipvs/service.ts';
import type { Bench } from './bench.ts';

export type Arrangement = {
  /** `tcp:10.0.0.100:80` */
  readonly service: string;
  readonly scheduler?: Scheduler;
  readonly flags?: readonly SchedulerFlag[];
  /** Weights by address, in the order of addition. Real servers listen on the service's port. */
  readonly servers: Readonly<Record<string, number>>;
};

export const web = 'tcp:10.0.0.100:80';
export const dns = 'udp:10.0.0.100:53';

/** The service of most cases: one real server. */
export const oneServer: Arrangement = { service: web, scheduler: 'rr', servers: { '10.0.0.11': 1 } };

export function arrange({ plane }: Pick<Bench, 'plane'>, arrangement: Arrangement): void {
  const { service, scheduler = 'rr', flags = [], servers } = arrangement;
  plane.addService({ ...parseServiceKey(service), scheduler, flags });
  for (const [address, weight] of Object.entries(servers)) addServer({ plane }, service, address, weight);
}

export function addServer(
  { plane }: Pick<Bench, 'plane'>,
  service: string,
  address: string,
  weight = 1,
): void {
  const key = parseServiceKey(service);
  plane.addDestination(key, destination(key, address, weight));
}

export function setWeight(
  { plane }: Pick<Bench, 'plane'>,
  service: string,
  address: string,
  weight: number,
): void {
  const key = parseServiceKey(service);
  plane.editDestination(key, destination(key, address, weight));
}

export function setScheduler({ plane }: Pick<Bench, 'plane'>, service: string, scheduler: Scheduler): void {
  plane.editService({ ...parseServiceKey(service), scheduler, flags: [] });
}

export function removeServer({ plane }: Pick<Bench, 'plane'>, service: string, address: string): void {
  const key = parseServiceKey(service);
  plane.removeDestination(key, destination(key, address, 0));
}

export function removeService({ plane }: Pick<Bench, 'plane'>, service: string): void {
  plane.removeService(parseServiceKey(service));
}

function destination(service: ServiceKey, address: string, weight: number): Destination {
  return { ...parseDestinationKey(`${address}:${service.port}`), method: 'gate', weight };
}
