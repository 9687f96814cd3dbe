/** The way into the namespace a daemon serves, found anew whenever the one it knew has gone. */

import { FairleadError } from '../ipvs/errors.ts';
import { findNamespace, inNamespace, leadsTo } from '../linux/namespace.ts';

/** Runs synchronous actions inside the namespace. Throws NAMESPACE_GONE when no way in is left. */
export type Door = <T>(action: () => T) => T;

export function createDoor(namespace: number): Door {
  let path: string | undefined;
  return (action) => {
    if (path === undefined || !leadsTo(path, namespace)) path = findNamespace(namespace);
    if (path === undefined) throw new FairleadError('NAMESPACE_GONE');
    return inNamespace(path, action, namespace);
  };
}
