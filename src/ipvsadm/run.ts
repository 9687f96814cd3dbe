/** Carrying a command out: requests to the director, answers to text. */

import type { Client } from '../api/client.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { FairleadError } from '../ipvs/errors.ts';
import {
  type DestinationKey,
  destinationKeyText,
  type ServiceKey,
  type ServiceStatus,
  serviceKeyText,
} from '../ipvs/service.ts';
import type { Command } from './command.ts';
import { type Ending, endingOf, exitCode } from './exit-codes.ts';
import { helpText, versionText } from './help.ts';
import { namedLabels, numericLabel } from './labels.ts';
import type { Names } from './names.ts';
import { connectionHeader, labelsOfConnections, renderConnection } from './render-connections.ts';
import { labelsOfServices, renderServices } from './render-services.ts';

export type RunModules = {
  /** Called only by commands that need the director. */
  readonly connect: () => Promise<Client>;
  readonly names: Names;
  /** Takes a piece of standard output; answers whether anybody still reads it. */
  readonly write: (text: string) => Promise<boolean>;
};

type Listing = Extract<Command, { kind: `list-${string}` }>;
type Change = Exclude<Command, Listing | { kind: 'help' | 'version' }>;

/** Rows of a connection listing that are named and written together. */
const batchSize = 512;

/** Carries out `command`. The director's refusals are endings, not rejections. */
export async function run(command: Command, { connect, names, write }: RunModules): Promise<Ending> {
  switch (command.kind) {
    case 'help':
      await write(helpText);
      return done;
    case 'version':
      await write(versionText);
      return done;
    case 'list-services':
      return await listServices(command, { connect, names, write });
    case 'list-timeouts':
      return await listTimeouts({ connect, write });
    case 'list-connections':
      return await listConnections(command, { connect, names, write });
    default:
      try {
        await change(command, await connect());
        return done;
      } catch (error) {
        return endingOf(error);
      }
  }
}

const done: Ending = { stderr: '', code: exitCode.ok };

async function change(command: Change, client: Client): Promise<void> {
  switch (command.kind) {
    case 'set-timeouts':
      return await client.call('setTimeouts', { body: command.timeouts });
    case 'flush':
      return await client.call('flush', {});
    case 'zero':
      if (!command.service) return await client.call('zeroAll', {});
      return await client.call('zeroService', { params: serviceParams(command.service) });
    case 'add-service':
      return await client.call('addService', { body: command.service });
    case 'edit-service': {
      const { scheduler, flags } = command.service;
      return await client.call('editService', {
        params: serviceParams(command.service),
        body: { scheduler, flags },
      });
    }
    case 'delete-service':
      return await client.call('deleteService', { params: serviceParams(command.service) });
    default:
      return await changeServer(command, client).catch(asNotDefined);
  }
}

type ServerChange = Extract<Change, { kind: 'add-server' | 'edit-server' | 'delete-server' }>;

async function changeServer(command: ServerChange, client: Client): Promise<void> {
  switch (command.kind) {
    case 'add-server':
      return await client.call('addDestination', {
        params: serviceParams(command.service),
        body: command.destination,
      });
    case 'edit-server': {
      const { method, weight } = command.destination;
      const params = serverParams(command.service, command.destination);
      return await client.call('editDestination', { params, body: { method, weight } });
    }
    case 'delete-server':
      return await client.call('deleteDestination', {
        params: serverParams(command.service, command.destination),
      });
  }
}

/** To a command about a real server, a service that is missing is one that is not defined. */
function asNotDefined(error: unknown): never {
  const missing = error instanceof FairleadError && error.code === 'SERVICE_NOT_FOUND';
  throw missing ? new FairleadError('SERVICE_NOT_DEFINED') : error;
}

async function listServices(
  command: Extract<Listing, { kind: 'list-services' }>,
  { connect, names, write }: RunModules,
): Promise<Ending> {
  let services: readonly ServiceStatus[];
  try {
    const client = await connect();
    services = command.service
      ? [await client.call('getService', { params: serviceParams(command.service) })]
      : await client.call('listServices', {});
  } catch (error) {
    return endingOf(error, exitCode.listing);
  }
  const label = command.numeric ? numericLabel : await namedLabels(labelsOfServices(services), names);
  const { view, exact, sort } = command;
  await write(renderServices(services, { view, exact, sort, single: command.service !== undefined, label }));
  return done;
}

async function listTimeouts({ connect, write }: Pick<RunModules, 'connect' | 'write'>): Promise<Ending> {
  try {
    const { tcp, tcpFin, udp } = await (await connect()).call('getTimeouts', {});
    await write(`Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}\n`);
    return done;
  } catch (error) {
    return endingOf(error, exitCode.listing);
  }
}

async function listConnections(
  { numeric }: Extract<Listing, { kind: 'list-connections' }>,
  { connect, names, write }: RunModules,
): Promise<Ending> {
  let text = connectionHeader;
  try {
    const client = await connect();
    for await (const batch of batches(client.stream('listConnections', {}), batchSize)) {
      const label = numeric ? numericLabel : await namedLabels(labelsOfConnections(batch), names);
      text += batch.map((connection) => renderConnection(connection, label)).join('');
      if (!(await write(text))) break;
      text = '';
    }
  } catch (error) {
    return endingOf(error, exitCode.listing);
  }
  return done;
}

/** The rows in groups of at most `size`; at least one group, if only an empty one. */
async function* batches(
  rows: AsyncIterable<ConnectionStatus>,
  size: number,
): AsyncGenerator<readonly ConnectionStatus[]> {
  let batch: ConnectionStatus[] = [];
  for await (const row of rows) {
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
    batch.push(row);
  }
  yield batch;
}

function serviceParams(service: ServiceKey): { readonly service: string } {
  return { service: serviceKeyText(service) };
}

function serverParams(service: ServiceKey, destination: DestinationKey) {
  return { ...serviceParams(service), destination: destinationKeyText(destination) };
}
