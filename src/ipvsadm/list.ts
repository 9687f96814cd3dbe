/** What is listed: answers of the director as text. */

import type { Client } from '../api/client.ts';
import {
  type ServiceConfiguration,
  type ServiceKey,
  type ServiceStatus,
  serviceKeyText,
} from '../ipvs/service.ts';
import type { Command } from './command.ts';
import { type Label, namedLabels, numericLabel } from './labels.ts';
import type { Names } from './names.ts';
import { connectionHeader, labelsOfConnections, renderConnection } from './render-connections.ts';
import { renderSyncDaemon } from './render-daemons.ts';
import { renderSave } from './render-save.ts';
import { labelsOfServices, renderServices } from './render-services.ts';

export type Listing = Extract<Command, { kind: `list-${string}` | 'save' }>;

export type ListModules = {
  /** Called only by commands that need the director. */
  readonly connect: () => Promise<Client>;
  readonly names: Names;
  /** Takes a piece of standard output; answers whether anybody still reads it. */
  readonly write: (text: string) => Promise<boolean>;
};

/** Writes what is asked for. Rejects with the director's refusal. */
export async function list(command: Listing, modules: ListModules): Promise<void> {
  const { connect, names, write } = modules;
  const client = await connect();
  switch (command.kind) {
    case 'list-timeouts': {
      const { tcp, tcpFin, udp } = await client.call('getTimeouts', {});
      await write(`Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}\n`);
      return;
    }
    case 'list-daemons': {
      const daemons = await client.call('listSyncDaemons', {});
      if (daemons.length > 0) await write(daemons.map(renderSyncDaemon).join(''));
      return;
    }
    case 'list-connections':
      return await listConnections(command, client, modules);
    case 'list-services': {
      const { view, exact, sort, service } = command;
      const services = await servicesOf(client, service);
      const label = await labelsFor(services, command.numeric, names);
      await write(renderServices(services, { view, exact, sort, single: service !== undefined, label }));
      return;
    }
    case 'save': {
      const services = await client.call('getConfiguration', {});
      await write(renderSave(services, await labelsFor(services, command.numeric, names)));
      return;
    }
  }
}

async function servicesOf(
  client: Client,
  service: ServiceKey | undefined,
): Promise<readonly ServiceStatus[]> {
  if (!service) return await client.call('listServices', {});
  return [await client.call('getService', { params: { service: serviceKeyText(service) } })];
}

async function labelsFor(
  services: readonly ServiceConfiguration[],
  numeric: boolean,
  names: Names,
): Promise<Label> {
  return numeric ? numericLabel : await namedLabels(labelsOfServices(services), names);
}

async function listConnections(
  { numeric, engineData }: Extract<Listing, { kind: 'list-connections' }>,
  client: Client,
  { names, write }: ListModules,
): Promise<void> {
  let isHeaded = false;
  for await (const rows of client.stream('listConnections', {})) {
    const label = numeric ? numericLabel : await namedLabels(labelsOfConnections(rows), names);
    const text = rows.map((connection) => renderConnection(connection, label, engineData)).join('');
    if (!(await write(isHeaded ? text : connectionHeader(engineData) + text))) return;
    isHeaded = true;
  }
  if (!isHeaded) await write(connectionHeader(engineData));
}
