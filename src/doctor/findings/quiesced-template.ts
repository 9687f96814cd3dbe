/** A real server that is to get no new connections, and gets those of persistent clients. */

import { destinationKeyText, serviceKeyText } from '../../ipvs/service.ts';
import type { Disorder } from '../finding.ts';

export const quiescedTemplate: Disorder = {
  code: 'quiesced-template',
  title: 'A real server with weight 0 keeps its persistent clients',
  breaks:
    'New connections of these clients still go there, and renew the template: the server is never idle.',
  onDirector({ state }) {
    if (state.sysctls.expire_quiescent_template === 1) return [];
    return state.services
      .filter(({ persistent }) => persistent > 0)
      .flatMap((service) =>
        service.destinations
          .filter(({ weight, persistentConnections }) => weight === 0 && persistentConnections > 0)
          .map((destination) => ({
            problem: `${destination.address} has weight 0, and persistent clients of ${serviceKeyText(service)} still go there`,
            evidence: [
              `${destinationKeyText(destination)}: weight 0, ${destination.persistentConnections} templates, ${destination.activeConnections} active connections`,
              `persistence ${service.persistent} s, renewed by every new connection; expire_quiescent_template = 0`,
            ],
            host: { role: 'real server', address: destination.address } as const,
            services: [serviceKeyText(service)],
            cure: {
              on: 'director',
              commands: ['fairlead sysctl -w expire_quiescent_template=1'],
              note: 'their next connections choose another real server; those that are open go on',
            } as const,
          })),
      );
  },
};
