/** The director and the entries that a command is about. */

import { InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../api/client.ts';
import { connectDirector } from '../../api/connect.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { ServiceConfiguration } from '../../ipvs/service.ts';
import {
  type Member,
  membersOf,
  parseRealServer,
  type RealServer,
  realServerText,
  servicesNamed,
} from './members.ts';

export type Found = {
  readonly client: Client;
  readonly members: readonly Member[];
  readonly services: readonly ServiceConfiguration[];
};

/** Throws SERVICE_NOT_FOUND where one of those wanted is none, DESTINATION_NOT_FOUND where none has it. */
export async function findMembers(server: RealServer, wanted: readonly string[] | undefined): Promise<Found> {
  const client = await connectDirector();
  const services = await client.call('getWanted', {});
  const names = wanted ? await namesOf(client) : new Map();
  const members = membersOf(servicesNamed(services, wanted ?? [], names), server);
  if (members.length === 0) {
    const where = wanted ? wanted.join(', ') : 'any service';
    throw new FairleadError('DESTINATION_NOT_FOUND', `${realServerText(server)} in ${where}`);
  }
  return { client, members, services };
}

/** What the configuration calls services, by `tcp:192.0.2.10:80`. */
async function namesOf(client: Client): Promise<ReadonlyMap<string, string>> {
  const { services } = await client.call('getHealthPlan', {});
  return new Map(
    services.flatMap(({ service, name }) => (name === undefined ? [] : [[service, name] as const])),
  );
}

/** For commander. */
export function realServer(text: string): RealServer {
  const server = parseRealServer(text);
  if (!server) throw new InvalidArgumentError('It is an address, or an address with a port.');
  return server;
}

export function serviceOption(): Option {
  return new Option(
    '--service <service>',
    'only there: a name, or such as tcp:192.0.2.10:80; several times for several',
  ).argParser((text, before: readonly string[] = []) => [...before, text]);
}
