/** IPVS's sysctls and the rules of firewall marks: changes as a whole, or none. */

import type { MarkRulesRequest } from '../api/routes.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type MarkRule, markRuleProblem, maxMarkRules, tidyMarkRule } from '../ipvs/mark-rule.ts';
import { changedSysctls, initialSysctls, type SysctlValues, sysctlNames } from '../ipvs/sysctl.ts';

export type Settings = ReturnType<typeof createSettings>;

export function createSettings(
  plane: Pick<DataPlane, 'sysctls' | 'setSysctls' | 'markRules' | 'setMarkRules' | 'sweep'>,
) {
  const replaceMarkRules = (rules: readonly MarkRule[]): void => {
    if (rules.length > maxMarkRules)
      throw new FairleadError('MARK_RULES_FULL', `${rules.length} of at most ${maxMarkRules}`);
    for (const rule of rules) {
      const problem = markRuleProblem(rule);
      if (problem !== undefined) throw new FairleadError('MARK_RULE_INVALID', problem);
    }
    plane.setMarkRules(rules.map(tidyMarkRule));
  };
  return {
    sysctls: (): SysctlValues => plane.sysctls(),

    /** Those that are not at their default. */
    notableSysctls(): Partial<SysctlValues> {
      const values = plane.sysctls();
      const notable = sysctlNames.filter((name) => values[name] !== initialSysctls[name]);
      return Object.fromEntries(notable.map((name) => [name, values[name]]));
    },

    /** Throws SYSCTL_UNKNOWN or SYSCTL_OUT_OF_RANGE for the first change that cannot be made. */
    setSysctls(changes: Readonly<Record<string, number>>): void {
      const before = plane.sysctls();
      const changed = changedSysctls(before, changes);
      if ('unknown' in changed) throw new FairleadError('SYSCTL_UNKNOWN', changed.unknown);
      if ('outOfRange' in changed) throw new FairleadError('SYSCTL_OUT_OF_RANGE', changed.outOfRange);
      // Connections whose real server was deleted while it was set are due, though no sweep has come by yet.
      if (before.expire_nodest_conn !== 0 && changed.values.expire_nodest_conn === 0) plane.sweep();
      plane.setSysctls(changed.values);
    },

    markRules: (): readonly MarkRule[] => plane.markRules(),

    replaceMarkRules,

    addMarkRules({ rules, position }: MarkRulesRequest): void {
      const present = plane.markRules();
      const index = position === undefined ? present.length : position - 1;
      if (index > present.length)
        throw new FairleadError('MARK_RULE_NOT_FOUND', `there are ${present.length}`);
      replaceMarkRules(present.toSpliced(index, 0, ...rules));
    },

    /** By its number in the list, from 1. */
    deleteMarkRule(number: number): void {
      const present = plane.markRules();
      if (number > present.length)
        throw new FairleadError('MARK_RULE_NOT_FOUND', `there are ${present.length}`);
      replaceMarkRules(present.toSpliced(number - 1, 1));
    },
  };
}
