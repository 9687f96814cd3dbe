/** Recordings of real IPVS (test/golden/README.md). */

import { readFileSync } from 'node:fs';
import type { Scheduler } from '../../src/ipvs/schedulers.ts';
import type { SysctlName } from '../../src/ipvs/sysctl.ts';

/** Of schedulers.jsonl: which real server each of a number of connections got. */
export type GoldenSequence = {
  readonly scheduler: string;
  /** As `-b` takes them; empty for none. */
  readonly flags: string;
  readonly weights: readonly number[];
  readonly mode: 'closed' | 'open';
  readonly clients: 'one' | 'many';
  /** An error's name stands for a connection that was refused. */
  readonly sequence: readonly string[];
  readonly active_inactive_at_end: Readonly<Record<string, readonly [number, number]>>;
};

/** Of edits.jsonl: the same while real servers are changed. */
export type GoldenEdits = {
  readonly scheduler: Scheduler;
  readonly weights: readonly number[];
  readonly steps: readonly (
    | { readonly connections: number; readonly servers: readonly (string | null)[] }
    | { readonly ipvsadm: string }
  )[];
};

/** Of the files of states: what segments, or chunks, leave of a connection. Sent by the client unless they begin with `s`. */
export type GoldenStates = {
  readonly forward?: 'route' | 'masq';
  readonly sysctl?: Partial<Record<SysctlName, number>>;
  readonly segments?: readonly string[];
  readonly chunks?: readonly string[];
  readonly state: string | null;
  readonly seconds_left: number | null;
};

/** The lines of a JSONL file, each one object. Throws when there are none: an empty golden proves nothing. */
export function readGolden<T>(name: string): readonly T[] {
  const text = readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`test/golden/${name} is empty`);
  return lines.map((line) => JSON.parse(line) as T);
}
