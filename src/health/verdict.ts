/** What several checks say together. Pure. */

import type { Check, SingleCheck } from './check.ts';
import type { Verdict } from './standing.ts';

/** Nothing is known yet, and may still go either way. */
type Known = Verdict | undefined;

/** Whether all of the checks, each a single one or a combination, are well. `of` says what is known of a single one. */
export function verdictOf(checks: readonly Check[], of: (check: SingleCheck) => Known): Known {
  return together('all', checks, of);
}

/** What holds before the first answers. */
export function startOf(checks: readonly Check[]): Verdict {
  return verdictOf(checks, ({ start }) => start) ?? 'up';
}

function together(how: 'all' | 'any', checks: readonly Check[], of: (check: SingleCheck) => Known): Known {
  const parts = checks.map((check) =>
    'combine' in check ? together(check.combine, check.checks, of) : of(check),
  );
  const decisive = how === 'all' ? 'down' : 'up';
  if (parts.includes(decisive)) return decisive;
  if (parts.includes(undefined)) return undefined;
  return how === 'all' ? 'up' : 'down';
}

/** Those that are to be asked, each once. */
export function singlesOf(checks: readonly Check[]): readonly SingleCheck[] {
  return [...new Set(checks.flatMap(parts))];
}

function parts(check: Check): readonly SingleCheck[] {
  return 'combine' in check ? check.checks.flatMap(parts) : [check];
}
