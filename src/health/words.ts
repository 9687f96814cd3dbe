/** `{vip}`, `{vport}`, `{rip}` and `{rport}` in the words of a command or in a path. */

import type { Target } from './target.ts';

/** What is not known (a firewall mark has no address) becomes nothing. Other braces stay as they are. */
export function filledIn(text: string, target: Target): string {
  const values: Readonly<Record<string, string>> = {
    ...{ vip: target.vip ?? '', vport: String(target.vport) },
    ...{ rip: target.rip, rport: String(target.rport) },
  };
  return text.replace(/\{(vip|vport|rip|rport)\}/g, (_, name: string) => values[name] ?? '');
}
