/** The service table (`ipvsadm -L`) as text. */

import type { ServiceConfiguration, ServiceKey, ServiceStatus } from '../ipvs/service.ts';
import type { ViewName } from './command.ts';
import type { Label, LabelRequest, PortProtocol } from './labels.ts';
import { sortDestinations, sortServices, tableOrder } from './sort.ts';
import { views } from './views.ts';

/** `size` is IPVS's default connection table; scripts match the line as it is. */
const versionLine = 'IP Virtual Server version 1.2.1 (size=4096)';

export type ServiceTableStyle = {
  readonly view: ViewName;
  readonly exact: boolean;
  /** Otherwise the director's own order: services as added, real servers as scheduled. */
  readonly sort: boolean;
  /** A single service is listed without the line that names the version. */
  readonly single: boolean;
  readonly label: Label;
};

/** The table, header included. */
export function renderServices(
  services: readonly ServiceStatus[],
  { view: viewName, exact, sort, single, label }: ServiceTableStyle,
): string {
  const view = views[viewName];
  const lines = single ? [...view.header] : [versionLine, ...view.header];
  for (const service of sort ? sortServices(services) : tableOrder(services)) {
    lines.push(view.service(service, serviceLabel(service, label), exact));
    const { destinations } = service;
    for (const destination of sort ? sortDestinations(destinations) : destinations) {
      lines.push(view.destination(destination, label(destination, portProtocol(service)), exact));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Nothing for a service by mark, which has no address. */
function serviceLabel(service: ServiceKey, label: Label): string {
  return service.kind === 'mark' ? '' : label(service, service.protocol);
}

/** The protocol by which its real servers' ports are named. */
export function portProtocol(service: ServiceKey): PortProtocol {
  return service.kind === 'mark' ? undefined : service.protocol;
}

/** Every endpoint the table shows. */
export function* labelsOfServices(services: readonly ServiceConfiguration[]): Generator<LabelRequest> {
  for (const service of services) {
    const protocol = portProtocol(service);
    if (service.kind === 'address') yield { endpoint: service, protocol };
    for (const endpoint of service.destinations) yield { endpoint, protocol };
  }
}
