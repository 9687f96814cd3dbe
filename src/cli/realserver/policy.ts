/** Which real server `export` and `push` are about: the one that this machine is, or one in words. */

import type { Command } from 'commander';
import type { Address } from '../../ipvs/address.ts';
import { membership } from '../../realserver/join/realserver.ts';
import type { Wanted } from '../../realserver/join/wanted.ts';
import {
  addPolicyOptions,
  installation,
  type PolicyOptions,
  requireRoot,
  virtualAddress,
  wantedBy,
} from './words.ts';

export type SharedOptions = PolicyOptions & { readonly vip?: readonly Address[] };

export function addSharedOptions(command: Command): Command {
  return addPolicyOptions(
    command.option(
      '--vip <address>',
      'a virtual address; may be repeated; else as this machine has joined',
      virtualAddress,
    ),
  );
}

/** Ends the program, with a sentence, where neither is given, or words without addresses. */
export async function sharedPolicy(command: Command, options: SharedOptions): Promise<Wanted> {
  if (options.vip !== undefined) return wantedBy(options.vip, options);
  const words = ['arp', 'device', 'rip', 'decapsulate', 'guePort', 'runtime'];
  const said = words.find((word) => command.getOptionValueSource(word) === 'cli');
  if (said !== undefined)
    command.error(`error: without --vip it is this machine's own policy, as it is: no --${said}`);
  requireRoot();
  const joined = await membership(installation());
  if (!joined)
    return command.error('error: this machine has not joined: name the addresses, --vip 192.0.2.100');
  return joined.wanted;
}
