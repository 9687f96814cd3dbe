/** The service table as command lines (`ipvsadm -S`). Thresholds are not among them: the real tool forgets them, too. */

import { flagsText } from '../ipvs/flag-names.ts';
import type {
  Destination,
  ForwardingMethod,
  Protocol,
  Service,
  ServiceConfiguration,
  ServiceKey,
  Tunnel,
} from '../ipvs/service.ts';
import { markText, netmaskText } from './format.ts';
import type { Label } from './labels.ts';
import { portProtocol } from './render-services.ts';
import { sortDestinations, sortServices } from './sort.ts';

const protocolFlags: Readonly<Record<Protocol, string>> = { tcp: '-t', udp: '-u', sctp: '--sctp-service' };
const methodFlags: Readonly<Record<ForwardingMethod, string>> = { gate: '-g', ipip: '-i', masq: '-m' };

/** One line for each service and each of its real servers. */
export function renderSave(services: readonly ServiceConfiguration[], label: Label): string {
  const lines: string[] = [];
  for (const service of sortServices(services)) {
    const name = nameWords(service, label);
    lines.push(`-A ${name} ${settingWords(service)}`);
    for (const destination of sortDestinations(service.destinations)) {
      const server = label(destination, portProtocol(service));
      lines.push(`-a ${name} -r ${server} ${serverWords(destination)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The service that a command is about. */
export function nameWords(service: ServiceKey, label: Label): string {
  if (service.kind === 'mark') return `-f ${markText(service.mark)}${service.family === 6 ? ' -6' : ''}`;
  return `${protocolFlags[service.protocol]} ${label(service, service.protocol)}`;
}

/** What -A and -E are told of it. */
export function settingWords(service: Service): string {
  const { scheduler, flags, persistent, engine, onePacket } = service;
  const mask = netmaskText(service);
  return [
    `-s ${scheduler}`,
    persistent > 0 ? ` -p ${persistent}` : '',
    persistent > 0 && mask !== undefined ? ` -M ${mask}` : '',
    engine === undefined ? '' : ` --pe ${engine}`,
    onePacket ? ' -o' : '',
    flags.length > 0 ? ` -b ${flagsText(scheduler, flags)}` : '',
  ].join('');
}

/** What -a and -e are told of a real server but its name. */
export function serverWords({ method, weight, tunnel }: Destination): string {
  return `${methodFlags[method]} -w ${weight}${tunnel ? ` ${tunnelWords(tunnel)}` : ''}`;
}

function tunnelWords({ type, port, checksum }: Tunnel): string {
  const portWords = type === 'gue' ? ` --tun-port ${port}` : '';
  return `--tun-type ${type}${portWords}${type === 'ipip' ? '' : ` --tun-${checksum}`}`;
}
