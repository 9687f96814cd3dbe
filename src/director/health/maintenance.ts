/**
 * Maintenance by file, as ldirectord has it: a file in a directory, named after a real server or a service, keeps it out.
 * The names: `10.0.0.11`, `10.0.0.11:80`, `web`, `tcp:192.0.2.10:80`, `192.0.2.10:80`, and of a real server in one service
 * alone `10.0.0.11@web`.
 */

import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServicePlan } from '../../health/plan.ts';
import { type Destination, destinationKeyText } from '../../ipvs/service.ts';

export type Maintenance = {
  /** Reads the directory anew, before anything is decided. */
  open(directory: string | undefined): void;
  /** Resolves with whether its names have changed. */
  look(): Promise<boolean>;
  /** The file that keeps a real server out. */
  restsBy(plan: ServicePlan, destination: Destination): string | undefined;
};

export function createMaintenance(log: (line: string) => void): Maintenance {
  let directory: string | undefined;
  let names: ReadonlySet<string> = new Set();
  let said = '';
  const failed = (error: unknown): readonly string[] => {
    const { code, message } = error as NodeJS.ErrnoException;
    // Nothing is under maintenance where there is no directory.
    if (code !== 'ENOENT' && message !== said) log(`maintenance: ${message}`);
    said = message;
    return code === 'ENOENT' ? [] : [...names];
  };
  return {
    open(wanted) {
      directory = wanted;
      try {
        names = new Set(wanted === undefined ? [] : readdirSync(wanted));
      } catch (error) {
        names = new Set(failed(error));
      }
    },
    async look() {
      const from = directory;
      if (from === undefined) return false;
      const found = new Set(await readdir(from).catch(failed));
      if (from !== directory) return false;
      const isSame = found.size === names.size && [...found].every((name) => names.has(name));
      names = found;
      return !isSame;
    },
    restsBy(plan, destination) {
      if (directory === undefined || names.size === 0) return undefined;
      const name = namesFor(plan, destination).find((each) => names.has(each));
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
