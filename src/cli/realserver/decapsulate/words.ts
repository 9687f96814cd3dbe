/** What the commands of `fairlead realserver decapsulate` have in common. */

import { InvalidArgumentError } from 'commander';
import { type Address, isUnicast, type Port, parseAddress, parsePort } from '../../../ipvs/address.ts';
import { FairleadError } from '../../../ipvs/errors.ts';

/** Port 6080, which is registered for GUE. */
export const defaultGuePort = 6080 as Port;

/** One more `--interface`. */
export function oneMore(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** One more virtual address. */
export function virtualAddress(text: string, before: readonly Address[] = []): readonly Address[] {
  const address = parseAddress(text);
  if (!address) throw new InvalidArgumentError('It is not an IP address.');
  if (!isUnicast(address)) throw new InvalidArgumentError('It is not a unicast address.');
  return before.includes(address) ? before : [...before, address];
}

export function guePort(text: string): Port {
  const port = parsePort(text);
  if (!port) throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return port;
}

/** Throws NOT_ROOT. */
export function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
}
