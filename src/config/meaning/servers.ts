/** Real servers: what stands with each, and what the service says for all of them. */

import { type Address, familyOf, isUnicast, type Port } from '../../ipvs/address.ts';
import { type ForwardingMethod, type ServiceKey, serviceFamily, type Tunnel } from '../../ipvs/service.ts';
import type { WantedServer } from '../configuration.ts';
import type { Path, Report } from '../problem.ts';
import type { ServerEntry, ServiceEntry } from '../schema/service.ts';
import { addressAndPort } from './endpoint.ts';

/** What holds for all real servers of a service that do not say otherwise. */
type Forwarding = Pick<ServiceEntry, 'method' | 'tunnel'>;

/** A real server as it stands in the file, whichever service it is for. */
export type ReadServer = Omit<WantedServer, 'port' | 'checks'> & {
  readonly port?: Port;
  readonly path: Path;
};

/** Short or long; `undefined` where it makes no sense, which has been reported. */
export function readServer(
  entry: string | ServerEntry,
  forwarding: Forwarding,
  path: Path,
  report: Report,
): ReadServer | undefined {
  const long: ServerEntry = typeof entry === 'string' ? { address: entry } : entry;
  const inside = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
  const endpoint = addressAndPort(long.address, inside('address'), report);
  if (!endpoint) return undefined;
  if (!isUnicast(endpoint.address)) {
    report({ path: inside('address'), message: `${endpoint.address} is no unicast address of a host` });
    return undefined;
  }
  const { upper_threshold: upperThreshold = 0, lower_threshold: lowerThreshold = 0, weight } = long;
  if (lowerThreshold > upperThreshold) {
    report({
      path: inside('lower_threshold'),
      message: `the lower threshold, ${lowerThreshold}, is above the upper one, ${upperThreshold}`,
    });
  }
  const { address, port } = endpoint;
  const { method, tunnel } = readForwarding(long, forwarding, inside('tunnel'), report);
  // Spreads stand last: with one in front, V8 takes thirty times as long.
  return {
    address,
    method,
    upperThreshold,
    lowerThreshold,
    path: inside('address'),
    ...(tunnel && { tunnel }),
    ...(port !== undefined && { port }),
    ...(weight !== undefined && { weight }),
  };
}

/** How packets get there. A tunnel goes with ipip. */
function readForwarding(
  own: Forwarding,
  common: Forwarding,
  path: Path,
  report: Report,
): { readonly method: ForwardingMethod; readonly tunnel?: Tunnel } {
  const method = own.method ?? common.method ?? (own.tunnel ? 'ipip' : undefined) ?? 'gate';
  if (own.tunnel && method !== 'ipip')
    report({ path, message: `a tunnel goes with the method ipip, not with ${method}` });
  if (method !== 'ipip') return { method };
  return { method, tunnel: readTunnel(own.tunnel ?? common.tunnel ?? {}, path, report) };
}

/** The tunnel of a service or a real server; without a word, ipip. */
function readTunnel(entry: NonNullable<ServiceEntry['tunnel']>, path: Path, report: Report): Tunnel {
  const { type = 'ipip', port = 0, checksum = 'nocsum' } = entry;
  if (type === 'gue' && port === 0)
    report({ path, message: 'gue needs the port that the real server listens on: add `port: 6080`' });
  if (type !== 'gue' && port !== 0) report({ path: [...path, 'port'], message: `${type} has no port` });
  const isKnown = checksum === 'nocsum' || type === 'gue' || (type === 'gre' && checksum === 'csum');
  if (!isKnown) report({ path: [...path, 'checksum'], message: `${type} does not know ${checksum}` });
  return { type, port, checksum };
}

/** The real server as a service has it: only masq may have another port than the service's. */
export function serverFor(key: ServiceKey, server: ReadServer, report: Report): WantedServer | undefined {
  const { path, port: ownPort, address, method, upperThreshold, lowerThreshold, tunnel, weight } = server;
  const wanted = (port: Port): WantedServer => ({
    address,
    port,
    method,
    upperThreshold,
    lowerThreshold,
    ...(tunnel && { tunnel }),
    ...(weight !== undefined && { weight }),
  });
  const wrong = (message: string): undefined => {
    report({ path, message });
    return undefined;
  };
  if (familyOf(address) !== serviceFamily(key) && method !== 'ipip')
    return wrong(
      `${address} is of another address family than the service: only the method ipip goes across`,
    );
  if (key.kind === 'mark') return wanted(ownPort ?? (0 as Port));
  if (ownPort !== undefined && ownPort !== key.port && method !== 'masq')
    return wrong(
      `${method} leaves the port as it is: this real server gets port ${key.port}, not ${ownPort}; leave the port out, or use masq`,
    );
  return wanted(ownPort ?? key.port);
}

/** What makes two real servers of a service the same one. */
export function serverText({ address, port }: { readonly address: Address; readonly port: Port }): string {
  return `${address} port ${port}`;
}
