/** Which entries of the table a real server means: one for each service that has it. Pure. */

import { type Address, endpointText, type Port, parseAddress, parseEndpoint } from '../../ipvs/address.ts';
import {
  type Destination,
  destinationKeyText,
  type ServiceConfiguration,
  type ServiceKey,
  serviceKeyOf,
  serviceKeyText,
} from '../../ipvs/service.ts';

export type Member = { readonly service: ServiceKey; readonly server: Destination };

export type RealServer = { readonly address: Address; readonly port?: Port };

/** `10.0.0.11` on whatever port, `10.0.0.11:80`, `fd00::11`, `[fd00::11]:80`; `undefined` for anything else. */
export function parseRealServer(text: string): RealServer | undefined {
  const address = parseAddress(text);
  return address === undefined ? parseEndpoint(text) : { address };
}

export function realServerText({ address, port }: RealServer): string {
  return port === undefined ? address : endpointText(address, port);
}

/**
 * The real server in all services, or in those that `wanted` names: `tcp:192.0.2.10:80`, `mark:7`, or without the
 * protocol `192.0.2.10:80`.
 */
export function membersOf(
  services: readonly ServiceConfiguration[],
  { address, port }: RealServer,
  wanted: readonly string[] = [],
): readonly Member[] {
  return services
    .filter((service) => wanted.length === 0 || wanted.some((text) => isNamed(service, text)))
    .flatMap((service) =>
      service.destinations
        .filter((server) => server.address === address && (port === undefined || server.port === port))
        .map((server) => ({ service: serviceKeyOf(service), server })),
    );
}

function isNamed(service: ServiceKey, text: string): boolean {
  const key = serviceKeyText(service);
  return key === text || key.slice(key.indexOf(':') + 1) === text;
}

/** How the API names them. */
export function paramsOf({ service, server }: Member): {
  readonly service: string;
  readonly destination: string;
} {
  return { service: serviceKeyText(service), destination: destinationKeyText(server) };
}
