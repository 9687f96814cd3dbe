/** Scheduler flags by the names of `-b`: sh and mh have words of their own for theirs (ipvsadm(8)). */

import { type SchedulerFlag, schedulerFlags } from './schedulers.ts';

const ownNames: Readonly<Record<string, Readonly<Partial<Record<SchedulerFlag, FlagName>>>>> = {
  sh: { 'flag-1': 'sh-fallback', 'flag-2': 'sh-port' },
  mh: { 'flag-1': 'mh-fallback', 'flag-2': 'mh-port' },
};

/** Every name that some scheduler has for a flag. */
export const flagNames = [
  ...(['flag-1', 'flag-2', 'flag-3'] as const satisfies readonly SchedulerFlag[]),
  ...(['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port'] as const),
] as const;
export type FlagName = (typeof flagNames)[number];

/** The flags behind the names, or the first name that no scheduler knows, or only another one. */
export function flagsNamed(
  scheduler: string,
  names: readonly string[],
):
  | { readonly flags: readonly SchedulerFlag[] }
  | { readonly unknown: string; readonly isOfAnother: boolean } {
  const flagOf = (name: string): SchedulerFlag | undefined =>
    schedulerFlags.find((flag) => flag === name || ownNames[scheduler]?.[flag] === name);
  const unknown = names.find((name) => flagOf(name) === undefined);
  if (unknown !== undefined) return { unknown, isOfAnother: flagNames.some((name) => name === unknown) };
  return { flags: schedulerFlags.filter((flag) => names.some((name) => flagOf(name) === flag)) };
}

/** The flags' names with commas between them. A flag that sh or mh has no word for is not shown. */
export function flagsText(scheduler: string, flags: readonly SchedulerFlag[]): string {
  const own = ownNames[scheduler];
  const names = flags.map((flag) => (own ? own[flag] : flag)).filter((name) => name !== undefined);
  return names.join(',');
}

/** Every flag by the scheduler's own name for it, or its general one. */
export function flagNamesOf(scheduler: string, flags: readonly SchedulerFlag[]): readonly string[] {
  return flags.map((flag) => ownNames[scheduler]?.[flag] ?? flag);
}
