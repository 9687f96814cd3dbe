/** Lines of `ipvsadm -S`, or of any script of ipvsadm's, as a configuration: what they would have made. */

import { serviceEntry } from '../../config/export.ts';
import { createNotes, type Imported } from '../../config/import/imported.ts';
import type { FileEntry } from '../../config/schema/file.ts';
import { schedulers } from '../../ipvs/schedulers.ts';
import {
  type Destination,
  type DestinationKey,
  destinationKeyText,
  type ServiceConfiguration,
  type ServiceKey,
  serviceKeyText,
} from '../../ipvs/service.ts';
import type { Command } from '../../ipvsadm/command.ts';
import type { Names } from '../../ipvsadm/names.ts';
import { parse } from '../../ipvsadm/parse.ts';

/** A line is split at blanks, and a word `ipvsadm` counts for nothing, as with `-R`. */
export async function importIpvsadm(text: string, names: Names): Promise<Imported> {
  const { say, notes } = createNotes();
  const table = createTable();
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/\s+/).filter((word) => word !== '' && word !== 'ipvsadm');
    if (words.length === 0 || words[0]?.startsWith('#')) continue;
    const command = await parse(words, names);
    const problem = command.kind === 'error' ? command.message : table.carryOut(command);
    if (problem !== undefined) say(index + 1, `${words.join(' ')}: ${problem}`);
  }
  return { file: table.file(), notes: notes() };
}

const noService = 'there is no such service above';
const noServer = 'there is no such real server above';

/** What the lines make, one after the other. */
function createTable() {
  const services = new Map<string, ServiceConfiguration>();
  let timeouts: FileEntry['timeouts'];
  const change = (key: ServiceKey, how: (old: readonly Destination[]) => readonly Destination[] | string) => {
    const service = services.get(serviceKeyText(key));
    if (!service) return noService;
    const destinations = how(service.destinations);
    if (typeof destinations === 'string') return destinations;
    services.set(serviceKeyText(key), { ...service, destinations });
    return undefined;
  };
  /** `next`: what stands in the place of a real server from now on. */
  const changeServer = (
    { service, destination }: { readonly service: ServiceKey; readonly destination: DestinationKey },
    next: readonly Destination[],
  ) =>
    change(service, (old) =>
      old.some((other) => isSame(other, destination))
        ? old.flatMap((other) => (isSame(other, destination) ? next : [other]))
        : noServer,
    );
  return {
    /** What could not be taken over. */
    carryOut(command: Command): string | undefined {
      switch (command.kind) {
        case 'add-service':
        case 'edit-service': {
          const { scheduler: name, engine, ...rest } = command.service;
          const scheduler = schedulers.find((known) => known === name);
          if (!scheduler) return `there is no scheduler ${name}`;
          if (engine !== undefined && engine !== 'sip') return `there is no persistence engine ${engine}`;
          const { destinations = [] } = services.get(serviceKeyText(rest)) ?? {};
          services.set(serviceKeyText(rest), { ...rest, scheduler, ...(engine && { engine }), destinations });
          return undefined;
        }
        case 'delete-service':
          return services.delete(serviceKeyText(command.service)) ? undefined : noService;
        case 'flush':
          services.clear();
          return undefined;
        case 'add-server':
          return change(command.service, (old) =>
            old.some((other) => isSame(other, command.destination))
              ? 'the real server is there already'
              : [command.destination, ...old],
          );
        case 'edit-server':
          return changeServer(command, [command.destination]);
        case 'delete-server':
          return changeServer(command, []);
        case 'set-timeouts': {
          const { tcp, tcpFin, udp } = command.timeouts;
          timeouts = {
            ...timeouts,
            ...(tcp && { tcp }),
            ...(tcpFin && { tcp_fin: tcpFin }),
            ...(udp && { udp }),
          };
          return undefined;
        }
        case 'start-daemon':
        case 'stop-daemon':
          return 'the synchronisation of connections is not part of this file';
        default:
          return 'it changes nothing that lasts';
      }
    },
    file: (): FileEntry => ({
      ...(timeouts && { timeouts }),
      services: [...services.values()].map(serviceEntry),
    }),
  };
}

function isSame(a: DestinationKey, b: DestinationKey): boolean {
  return destinationKeyText(a) === destinationKeyText(b);
}
