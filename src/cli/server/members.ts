/** Which entries of the table a real server means: one for each service that has it. Pure. */

import { type Address, endpointText, type Port, parseAddress, parseEndpoint } from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
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

/** The real server in each of these services that has it. */
export function membersOf(
  services: readonly ServiceConfiguration[],
  { address, port }: RealServer,
): readonly Member[] {
  return services.flatMap((service) =>
    service.destinations
      .filter((server) => server.address === address && (port === undefined || server.port === port))
      .map((server) => ({ service: serviceKeyOf(service), server })),
  );
}

/**
 * All services, or those that `wanted` names: `tcp:192.0.2.10:80`, `mark:7`, without the protocol `192.0.2.10:80`, or by the
 * name that the configuration has given them (`names`, by `tcp:192.0.2.10:80`), which may be that of several. Throws
 * SERVICE_NOT_FOUND where one names none.
 */
export function servicesNamed(
  services: readonly ServiceConfiguration[],
  wanted: readonly string[],
  names: ReadonlyMap<string, string>,
): readonly ServiceConfiguration[] {
  const isNamed = (service: ServiceKey, text: string): boolean => {
    const key = serviceKeyText(service);
    return [key, key.slice(key.indexOf(':') + 1), names.get(key)].includes(text);
  };
  for (const text of wanted)
    if (!services.some((service) => isNamed(service, text)))
      throw new FairleadError('SERVICE_NOT_FOUND', text);
  return wanted.length === 0
    ? services
    : services.filter((service) => wanted.some((text) => isNamed(service, text)));
}

/** How the API names them. */
export function paramsOf({ service, server }: Member): {
  readonly service: string;
  readonly destination: string;
} {
  return { service: serviceKeyText(service), destination: destinationKeyText(server) };
}
