/** A service that is looked after: its plan, its real servers as they are wanted, and what the table holds of them. */

import type { Member } from '../../health/member.ts';
import type { ServicePlan } from '../../health/plan.ts';
import { type Destination, type ServiceKey, sameDestinationSettings } from '../../ipvs/service.ts';

/** Members and destinations by `10.0.0.11:80`. */
export type Post = {
  readonly key: ServiceKey;
  readonly plan: ServicePlan;
  readonly scheduler: string;
  readonly members: Map<string, Member>;
  /** The sorry server among them where it serves. */
  readonly applied: Map<string, Destination>;
  readonly hasQuorum: boolean;
  /** Of the real servers that are up, and what is needed for a quorum. */
  readonly weight: number;
  readonly needed: number;
};

export function copyOf(post: Post): Post {
  return { ...post, members: new Map(post.members), applied: new Map(post.applied) };
}

export type Write =
  | { readonly kind: 'add' | 'edit'; readonly destination: Destination }
  | { readonly kind: 'remove'; readonly destination: Destination };

/** The least that makes a table the wanted one. */
export function writesOf(
  applied: ReadonlyMap<string, Destination>,
  table: ReadonlyMap<string, Destination>,
): readonly Write[] {
  const writes: Write[] = [];
  for (const [key, destination] of table) {
    const before = applied.get(key);
    if (!before) writes.push({ kind: 'add', destination });
    else if (!sameDestinationSettings(before, destination)) writes.push({ kind: 'edit', destination });
  }
  for (const [key, destination] of applied) if (!table.has(key)) writes.push({ kind: 'remove', destination });
  return writes;
}
