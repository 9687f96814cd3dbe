/** ipvsadm command lines in cures. */

import { endpointText, ipv4FromNumber } from '../../ipvs/address.ts';
import {
  type Destination,
  destinationKeyText,
  fullNetmask,
  type Service,
  type ServiceKey,
  serviceFamily,
} from '../../ipvs/service.ts';
import type { Cure } from '../finding.ts';
import type { ServerProbe } from '../view.ts';

const methods = { gate: '-g', ipip: '-i', masq: '-m' } as const;

/** `-t 10.0.0.1:80`, `-f 7 -6`. */
export function serviceWords(service: ServiceKey): string {
  if (service.kind === 'mark') return `-f ${service.mark}${service.family === 6 ? ' -6' : ''}`;
  const flag = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[service.protocol];
  return `${flag} ${endpointText(service.address, service.port)}`;
}

/** A real server with all its settings, since `ipvsadm -e` gives those that are left out their defaults. */
export function destinationWords(service: ServiceKey, destination: Destination): string {
  const { method, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  return [
    ...[serviceWords(service), `-r ${destinationKeyText(destination)}`, methods[method], `-w ${weight}`],
    ...(upperThreshold > 0 ? [`-x ${upperThreshold}`] : []),
    ...(lowerThreshold > 0 ? [`-y ${lowerThreshold}`] : []),
    ...(tunnel && tunnel.type !== 'ipip' ? [`--tun-type ${tunnel.type}`] : []),
    ...(tunnel?.type === 'gue' ? [`--tun-port ${tunnel.port}`] : []),
    ...(tunnel && tunnel.type !== 'ipip' ? [`--tun-${tunnel.checksum}`] : []),
  ].join(' ');
}

/** Keeps new connections away from a real server, where its health checks do not already. `until`: how long, and more. */
export function outOfRotation({ service, destination, keptOut }: ServerProbe, until: string): Cure {
  if (keptOut !== undefined)
    return { on: 'director', commands: [], note: `its health checks keep it out of rotation${until}` };
  return {
    on: 'director',
    commands: [`ipvsadm -e ${destinationWords(service, { ...destination, weight: 0 })}`],
    note: `that takes it out of rotation${until}`,
  };
}

/** All settings of a service, since `ipvsadm -E` gives those that are left out their defaults. */
export function settingsWords(service: Service): string {
  const { scheduler, flags, persistent, netmask, engine, onePacket } = service;
  const family = serviceFamily(service);
  const mask = family === 4 ? ipv4FromNumber(netmask) : netmask;
  return [
    `-s ${scheduler}`,
    ...(persistent > 0 ? [`-p ${persistent}`] : []),
    ...(persistent > 0 && netmask !== fullNetmask(family) ? [`-M ${mask}`] : []),
    ...(engine ? [`--pe ${engine}`] : []),
    ...(onePacket ? ['-o'] : []),
    ...(flags.length > 0 ? [`-b ${flags.join(',')}`] : []),
  ].join(' ');
}
