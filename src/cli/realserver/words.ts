/** What the commands of `fairlead realserver` have in common. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Address,
  type Ipv4,
  isUnicast,
  type Port,
  parseAddress,
  parseIpv4,
  parsePort,
} from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { binDirectory, packageRoot } from '../../lab/package-root.ts';
import type { Installation } from '../../realserver/join/realserver.ts';
import { readScripts } from '../../realserver/join/shell.ts';
import {
  type Decapsulator,
  decapsulators,
  type Wanted,
  type Way,
  ways,
} from '../../realserver/join/wanted.ts';

/** Port 6080, which is registered for GUE. */
export const defaultGuePort = 6080 as Port;

/** One more virtual address. */
export function virtualAddress(text: string, before: readonly Address[] = []): readonly Address[] {
  const address = parseAddress(text);
  if (!address) throw new InvalidArgumentError('It is not an IP address.');
  if (!isUnicast(address)) throw new InvalidArgumentError('It is not a unicast address.');
  return [...before, address];
}

/** An address of a host. */
export function oneAddress(text: string): Address {
  const [address] = virtualAddress(text);
  if (!address) throw new InvalidArgumentError('It is not an IP address.');
  return address;
}

/** One more address of the machine's own. */
export function ownAddress(text: string, before: readonly Ipv4[] = []): readonly Ipv4[] {
  const address = parseIpv4(text);
  if (!address || !isUnicast(address)) throw new InvalidArgumentError('It is not an IPv4 address of a host.');
  return before.includes(address) ? before : [...before, address];
}

function deviceName(text: string): string {
  if (!/^[\w.:-]{1,15}$/.test(text)) throw new InvalidArgumentError('It is not the name of an interface.');
  return text;
}

export function guePort(text: string): Port {
  const port = parsePort(text);
  if (!port) throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return port;
}

/** One more `--interface`. */
export function oneMore(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** Throws NOT_ROOT. */
export function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
}

/** As systemctl and the LSB have it for a service that does not run. */
export const notRunning = 3;

export type PolicyOptions = {
  readonly arp: Way | 'auto';
  readonly device: string;
  readonly rip?: readonly Ipv4[];
  readonly decapsulate?: Decapsulator | 'auto';
  readonly guePort: Port;
  readonly runtime?: true;
};

/** The options that say what a real server is to be like. */
export function addPolicyOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-a, --arp <way>', 'how it is kept from answering ARP')
        .choices(['auto', ...ways])
        .default('auto'),
    )
    .option('-d, --device <name>', 'where the addresses go; dummy… is made if need be', deviceName, 'lo')
    .option(
      '--rip <address>',
      'what ARP shows instead; may be repeated; else what each interface has',
      ownAddress,
    )
    .addOption(
      new Option('--decapsulate <by>', "take packets out of the director's tunnels").choices([
        'auto',
        ...decapsulators,
      ]),
    )
    .option('--gue-port <number>', 'the UDP port that GUE comes to', guePort, defaultGuePort)
    .option('--runtime', 'until the next boot only');
}

export function wantedBy(vips: readonly Address[], options: PolicyOptions): Wanted {
  const { arp, device, rip = [], decapsulate, guePort, runtime } = options;
  return {
    ...{ vips, way: arp, device, rips: rip, guePort, lasting: runtime !== true },
    decapsulate: decapsulate ?? 'no',
  };
}

export function installation(): Installation {
  return { scripts: readScripts(packageRoot), bin: binDirectory };
}
