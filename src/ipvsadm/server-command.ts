/** The commands about a real server, from what the flags have said. */

import { familyOf, type Port } from '../ipvs/address.ts';
import { type Destination, serviceFamily, type Tunnel } from '../ipvs/service.ts';
import type { ServerCommand } from './command.ts';
import { describesTunnel, tunnelLegalityError } from './legality.ts';
import type { OptionName } from './options.ts';
import type { Settings } from './readers.ts';

/** Or what is wrong. What is not given is at its default, in `-e` as in `-a`. */
export function serverCommand(
  kind: ServerCommand['kind'],
  settings: Settings,
  given: ReadonlySet<OptionName>,
): ServerCommand | string {
  const { service, realServer, method = 'gate', tunnelType = 'ipip' } = settings;
  if (!service || !realServer) throw new Error('the matrix requires more');
  if (kind === 'delete-server') return { kind, service, destination: realServer };
  if (familyOf(realServer.address) !== serviceFamily(service) && method !== 'ipip')
    return 'Different address family is allowed only for tunneling servers';
  if (method !== 'ipip' && describesTunnel(given)) return 'Tunnel options conflict with forward method';
  const mistake = method === 'ipip' ? tunnelLegalityError(tunnelType, given) : undefined;
  if (mistake !== undefined) return mistake;
  // Only translation can change a port, so ipvsadm silently replaces any other port than the service's.
  const port = service.kind === 'address' && method !== 'masq' ? service.port : realServer.port;
  const { weight = 1, upperThreshold = 0, lowerThreshold = 0 } = settings;
  const destination: Destination = {
    ...{ address: realServer.address, port, method, weight, upperThreshold, lowerThreshold },
    ...(method === 'ipip' && { tunnel: tunnelOf(settings) }),
  };
  return { kind, service, destination };
}

function tunnelOf({ tunnelType = 'ipip', tunnelPort = 0 as Port, checksum = 'nocsum' }: Settings): Tunnel {
  return { type: tunnelType, port: tunnelPort, checksum };
}
