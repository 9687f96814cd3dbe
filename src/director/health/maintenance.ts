/**
 * Maintenance by file, as ldirectord has it: a file in a directory, named after a real server or a service, keeps it out.
 * The names: `10.0.0.11`, `10.0.0.11:80`, `web`, `tcp:192.0.2.10:80`, `192.0.2.10:80`, and of a real server in one service
 * alone `10.0.0.11@web`.
 *
 * The directory may be on a network file system that hangs. Nobody waits for it then: what was seen last holds on.
 */

import { join } from 'node:path';
import type { ServicePlan } from '../../health/plan.ts';
import { type Destination, destinationKeyText } from '../../ipvs/service.ts';

export type Maintenance = {
  /** Reads a directory that is to be opened, so that its names are known by then. Resolves after some time at the latest. */
  foresee(directory: string | undefined): Promise<void>;
  /** From now on this one. Its names are those that were seen last; none where it was never seen. */
  open(directory: string | undefined): void;
  /**
   * Resolves with whether its names may be others than at the last look; the first time after it was opened, they may. At once,
   * with no, while it does not answer.
   */
  look(): Promise<boolean>;
  /** The file that keeps a real server out. */
  restsBy(plan: ServicePlan, destination: Destination): string | undefined;
};

export type MaintenanceModules = {
  readonly read: (directory: string) => Promise<readonly string[]>;
  /** Resolves when nobody should wait any longer. */
  readonly patience: () => Promise<unknown>;
  readonly log: (line: string) => void;
};

/** Directories that are looked at at a time: each that hangs holds a thread of libuv's pool, which has four. */
const mostUnderWay = 2;
/** Directories whose names are remembered: the one that is open, and those that were or are to be. */
const mostSeen = 4;

export function createMaintenance({ read, patience, log }: MaintenanceModules): Maintenance {
  let directory: string | undefined;
  /** What the last look has answered for; nothing where the directory was opened since. */
  let told: ReadonlySet<string> | undefined;
  const seen = new Map<string, ReadonlySet<string>>();
  const underWay = new Map<string, Promise<void>>();
  let said = '';
  const say = (line: string): void => {
    if (line !== said && line !== '') log(`maintenance: ${line}`);
    said = line;
  };
  const note = (from: string, names: Iterable<string>): void => {
    seen.delete(from);
    seen.set(from, new Set(names));
    const [oldest] = [...seen.keys()].filter((each) => each !== directory);
    if (seen.size > mostSeen && oldest !== undefined) seen.delete(oldest);
  };
  const readNow = async (from: string): Promise<void> => {
    try {
      note(from, await read(from));
      say('');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Nothing is under maintenance where there is no directory.
      if (code === 'ENOENT') note(from, []);
      say(code === 'ENOENT' ? '' : message);
    } finally {
      underWay.delete(from);
    }
  };
  /** `undefined` where nobody may look now. */
  const begin = (from: string): Promise<void> | undefined => {
    if (underWay.has(from) || underWay.size >= mostUnderWay) {
      say(`${from} does not answer; who was kept out is kept out`);
      return undefined;
    }
    const reading = readNow(from);
    underWay.set(from, reading);
    return reading;
  };
  const names = (): ReadonlySet<string> => seen.get(directory ?? '') ?? new Set();
  return {
    async foresee(wanted) {
      if (wanted !== undefined) await Promise.race([underWay.get(wanted) ?? begin(wanted), patience()]);
    },
    open(wanted) {
      directory = wanted;
      told = undefined;
    },
    async look() {
      const from = directory;
      const reading = from === undefined ? undefined : begin(from);
      if (!reading) return false;
      await reading;
      if (from !== directory) return false;
      // Not what was seen before this look: who foresees a plan sees names, too, and may do without it then.
      const [before, now] = [told, names()];
      told = now;
      return !before || now.size !== before.size || [...now].some((name) => !before.has(name));
    },
    restsBy(plan, destination) {
      const there = names();
      if (directory === undefined || there.size === 0) return undefined;
      const name = namesFor(plan, destination).find((each) => there.has(each));
      return name === undefined ? undefined : join(directory, name);
    },
  };
}

function namesFor({ service, name }: ServicePlan, destination: Destination): readonly string[] {
  const services = [service, service.slice(service.indexOf(':') + 1), ...(name === undefined ? [] : [name])];
  const servers = [destination.address, destinationKeyText(destination)];
  return [
    ...servers,
    ...services,
    ...servers.flatMap((server) => services.map((each) => `${server}@${each}`)),
  ];
}
