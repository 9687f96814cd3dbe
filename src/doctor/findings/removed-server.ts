/** Connections whose real server was deleted: their packets are dropped, and clients wait. */

import type { Address } from '../../ipvs/address.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import { destinationKeyText, type ServiceStatus, serviceKeyText } from '../../ipvs/service.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorState } from '../view.ts';

export const removedServer: Disorder = {
  code: 'removed-server',
  title: 'Connections to a real server that was deleted',
  breaks: 'Their packets are dropped without an answer: clients wait until they give up.',
  onDirector({ state }) {
    if (state.sysctls.expire_nodest_conn === 1) return [];
    const orphans = state.connections.filter((connection) => isOrphan(connection, state));
    const servers = new Set(orphans.map(({ destination }) => destination.address));
    return [...servers].map((server) => caseOf(server, orphans, state));
  },
};

/** Connections by mark are left out: an entry does not tell its mark. */
function isOrphan(connection: ConnectionStatus, { services }: DirectorState): boolean {
  const service = services.find((one) => isOf(connection, one));
  if (!service || isOver(connection)) return false;
  return !service.destinations.some(({ address }) => address === connection.destination.address);
}

function isOf({ template, protocol, virtual }: ConnectionStatus, service: ServiceStatus): boolean {
  if (template || service.kind !== 'address') return false;
  return (
    service.protocol === protocol && service.address === virtual.address && service.port === virtual.port
  );
}

/** Nobody waits for the answer to a connection that has ended. */
function isOver({ state }: ConnectionStatus): boolean {
  return state === 'FIN_WAIT' || state === 'TIME_WAIT' || state === 'CLOSE' || state === 'LAST_ACK';
}

function caseOf(server: Address, orphans: readonly ConnectionStatus[], state: DirectorState): Case {
  const its = orphans.filter(({ destination }) => destination.address === server);
  const dropped = state.notForwarded['server_removed']?.packets ?? 0;
  const [example] = its;
  const services = state.services.filter((service) => its.some((one) => isOf(one, service)));
  return {
    problem: `${its.length} ${its.length === 1 ? 'connection is' : 'connections are'} bound to ${server}, which is no real server any more`,
    evidence: [
      ...(example
        ? [
            `${example.protocol} ${destinationKeyText(example.client)} > ${destinationKeyText(example.virtual)} at ${server}: ${example.state}, ${example.expiresInSeconds} s left`,
          ]
        : []),
      `packets dropped because their real server was deleted: ${dropped}`,
    ],
    host: { role: 'real server', address: server },
    services: services.map(serviceKeyText),
    cure: {
      on: 'director',
      commands: ['fairlead sysctl -w expire_nodest_conn=1'],
      note: 'or add it again with weight 0, until its connections have ended (ipvsadm -a … -w 0)',
    },
  };
}
