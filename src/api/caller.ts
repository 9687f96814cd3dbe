/** Who asks: root on the unix socket, or the holder of a token. */

import type { Role } from './routes.ts';

export type Caller = {
  /** Of the token. */
  readonly name: string;
  readonly role: Role;
  /** The address it comes from. */
  readonly from?: string;
};

/** Nobody else may open the unix socket. */
export const localCaller: Caller = { name: 'root', role: 'local' };

const ranks: Readonly<Record<Role, number>> = { 'read-only': 0, operator: 1, local: 2 };

export function mayCall(caller: Caller, role: Role): boolean {
  return ranks[caller.role] >= ranks[role];
}
