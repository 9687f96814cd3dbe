/** A service without a real server that may have new connections. */

import { serviceKeyText } from '../../ipvs/service.ts';
import type { Disorder } from '../finding.ts';
import { destinationWords, serviceWords } from './ipvsadm.ts';

export const noRealServer: Disorder = {
  code: 'no-real-server',
  title: 'A service has no real server for new connections',
  breaks: 'Every client is refused.',
  onDirector: ({ state }) =>
    state.services
      .filter(({ destinations }) => destinations.every(({ weight }) => weight === 0))
      .map((service) => ({
        problem:
          service.destinations.length === 0
            ? `${serviceKeyText(service)} has no real server`
            : `all real servers of ${serviceKeyText(service)} have weight 0`,
        evidence: [`ipvsadm -Ln: ${service.destinations.length} real servers, none with a weight above 0`],
        host: { role: 'director' } as const,
        ...(service.kind === 'address' && { vip: service.address }),
        services: [serviceKeyText(service)],
        cure: {
          on: 'director' as const,
          commands: service.destinations.map(
            (destination) => `ipvsadm -e ${destinationWords(service, { ...destination, weight: 1 })}`,
          ),
          ...(service.destinations.length === 0 && { note: `ipvsadm -a ${serviceWords(service)} -r …` }),
        },
      })),
};
