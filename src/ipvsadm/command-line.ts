/** Commands as one would type them: what parse.ts reads, written. */

import type { Destination, Service, ServiceKey } from '../ipvs/service.ts';
import { numericLabel } from './labels.ts';
import { nameWords, serverWords, settingWords } from './render-save.ts';

/** `ipvsadm -A -t 192.0.2.10:80 -s wrr` */
export function serviceLine(flag: '-A' | '-E', service: Service): string {
  return `ipvsadm ${flag} ${nameOf(service)} ${settingWords(service)}`;
}

/** `ipvsadm -D -t 192.0.2.10:80` */
export function deletionLine(service: ServiceKey): string {
  return `ipvsadm -D ${nameOf(service)}`;
}

/** `ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11:80 -g -w 1` */
export function serverLine(flag: '-a' | '-e', service: ServiceKey, server: Destination): string {
  const { upperThreshold, lowerThreshold } = server;
  const thresholds = [
    upperThreshold > 0 ? ` -x ${upperThreshold}` : '',
    lowerThreshold > 0 ? ` -y ${lowerThreshold}` : '',
  ];
  return `ipvsadm ${flag} ${nameOf(service)} -r ${numericLabel(server, undefined)} ${serverWords(server)}${thresholds.join('')}`;
}

/** `ipvsadm -d -t 192.0.2.10:80 -r 10.0.0.11:80` */
export function removalLine(service: ServiceKey, server: Destination): string {
  return `ipvsadm -d ${nameOf(service)} -r ${numericLabel(server, undefined)}`;
}

/** `-S` writes large marks as negative numbers, which `-f` does not read. */
function nameOf(service: ServiceKey): string {
  if (service.kind === 'address') return nameWords(service, numericLabel);
  return `-f ${service.mark}${service.family === 6 ? ' -6' : ''}`;
}
