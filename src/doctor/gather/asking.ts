/** What every question of a director's examination needs. */

import type { Address } from '../../ipvs/address.ts';
import type { Network } from '../probes/network.ts';
import type { HostView } from '../view.ts';

export type Asking = {
  readonly network: Network;
  readonly host: HostView;
  readonly vips: ReadonlySet<Address>;
  /** Held: probes are sent from it. */
  readonly port: number;
  /** Held as well. */
  readonly extraPorts: readonly number[];
};

/** Whether an interface here has the address. */
export function isOwn({ interfaces }: HostView, address: Address): boolean {
  return interfaces.some(({ addresses }) => addresses.some((own) => own.address === address));
}
