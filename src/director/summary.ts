/** Services at a glance. */

import type { ServiceSummary } from '../api/status.ts';
import { type DestinationCounts, type ServiceStatus, serviceKeyText } from '../ipvs/service.ts';

export function* summaries(services: Iterable<ServiceStatus>): Generator<ServiceSummary> {
  for (const service of services) {
    const { scheduler, destinations, counters, rates } = service;
    const sum = (name: keyof DestinationCounts): number =>
      destinations.reduce((total, each) => total + each[name], 0);
    yield {
      service: serviceKeyText(service),
      scheduler,
      servers: destinations.length,
      available: destinations.filter(({ weight }) => weight > 0).length,
      activeConnections: sum('activeConnections'),
      inactiveConnections: sum('inactiveConnections'),
      persistentConnections: sum('persistentConnections'),
      counters,
      rates,
    };
  }
}
