/** The director and the entries that a command is about. */

import { InvalidArgumentError } from 'commander';
import type { Client } from '../../api/client.ts';
import { connectDirector } from '../../api/connect.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { ServiceConfiguration } from '../../ipvs/service.ts';
import { type Member, membersOf, parseRealServer, type RealServer, realServerText } from './members.ts';

export type Found = {
  readonly client: Client;
  readonly members: readonly Member[];
  readonly services: readonly ServiceConfiguration[];
};

/** Throws DESTINATION_NOT_FOUND where no service has it. */
export async function findMembers(server: RealServer, wanted: readonly string[] | undefined): Promise<Found> {
  const client = await connectDirector();
  const services = await client.call('getWanted', {});
  const members = membersOf(services, server, wanted);
  if (members.length === 0) {
    const where = wanted ? wanted.join(', ') : 'any service';
    throw new FairleadError('DESTINATION_NOT_FOUND', `${realServerText(server)} in ${where}`);
  }
  return { client, members, services };
}

/** For commander. */
export function realServer(text: string): RealServer {
  const server = parseRealServer(text);
  if (!server) throw new InvalidArgumentError('It is an address, or an address with a port.');
  return server;
}

/** For commander: several services. */
export function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
