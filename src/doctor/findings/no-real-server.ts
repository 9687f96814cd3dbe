/** A service without a real server that may have new connections. */

import { type ServiceStatus, serviceKeyText } from '../../ipvs/service.ts';
import type { Cure, Disorder } from '../finding.ts';
import { destinationWords, serviceWords } from './ipvsadm.ts';

export const noRealServer: Disorder = {
  code: 'no-real-server',
  title: 'A service has no real server for new connections',
  breaks: 'Every client is refused.',
  onDirector: ({ state }) =>
    state.services
      .filter(({ destinations }) => destinations.every(({ weight }) => weight === 0))
      .map((service) => {
        const out = state.keptOut.filter((one) => one.service === service);
        return {
          problem: problemOf(service, out.length),
          evidence: [`ipvsadm -Ln: ${service.destinations.length} real servers, none with a weight above 0`],
          host: { role: 'director' } as const,
          ...(service.kind === 'address' && { vip: service.address }),
          services: [serviceKeyText(service)],
          cure:
            out.length > 0 ? { on: 'real server' as const, commands: [], note: mendThem } : cureOf(service),
        };
      }),
};

const mendThem =
  'what each of them lacks is told beside this; `panic` or `sorry_server` in the configuration file say who serves meanwhile';

function problemOf(service: ServiceStatus, keptOut: number): string {
  const name = serviceKeyText(service);
  if (keptOut > 0) return `${name} has no real server: health checks keep ${keptOut} of them out`;
  if (service.destinations.length === 0) return `${name} has no real server`;
  return `all real servers of ${name} have weight 0`;
}

function cureOf(service: ServiceStatus): Cure {
  return {
    on: 'director',
    commands: service.destinations.map(
      (destination) => `ipvsadm -e ${destinationWords(service, { ...destination, weight: 1 })}`,
    ),
    ...(service.destinations.length === 0 && { note: `ipvsadm -a ${serviceWords(service)} -r …` }),
  };
}
