/** A threshold is reached by connections that are over, and still count. */

import { type DestinationStatus, destinationKeyText, serviceKeyText } from '../../ipvs/service.ts';
import type { Disorder } from '../finding.ts';
import { destinationWords } from './ipvsadm.ts';

/** Room for as many finished ones as have piled up now, and more. */
const roomier = 4;

export const fullOfFinished: Disorder = {
  code: 'full-of-finished',
  title: 'A real server is full of connections that are over',
  breaks: 'It gets no new ones. Where all are full, clients are refused.',
  onDirector: ({ state }) =>
    state.services.flatMap((service) =>
      service.destinations.filter(isFull).map((destination) => {
        const { activeConnections, inactiveConnections, upperThreshold } = destination;
        const room = roomier * Math.max(upperThreshold, activeConnections + inactiveConnections);
        return {
          problem: `${destination.address} counts as full for ${serviceKeyText(service)}, with ${activeConnections} of at most ${upperThreshold} connections active`,
          evidence: [
            `${destinationKeyText(destination)}: ${activeConnections} active and ${inactiveConnections} inactive connections, upper threshold ${upperThreshold}`,
            'a connection counts for two minutes after its end (ipvsadm -L --timeout: tcpfin)',
          ],
          host: { role: 'real server', address: destination.address } as const,
          services: [serviceKeyText(service)],
          cure: {
            on: 'director',
            commands: [`ipvsadm -e ${destinationWords(service, { ...destination, upperThreshold: room })}`],
            note: 'or let them count for less time: ipvsadm --set 0 10 0',
          } as const,
        };
      }),
    ),
};

function isFull({ activeConnections, inactiveConnections, upperThreshold }: DestinationStatus): boolean {
  if (upperThreshold === 0 || activeConnections >= upperThreshold) return false;
  return activeConnections + inactiveConnections >= upperThreshold;
}
