/** Checks that say the same become one, with a name after what it does. */

import type { CheckEntry } from '../schema/checks.ts';
import { probeKeys } from '../schema/checks.ts';
import type { ServerEntry, ServiceEntry } from '../schema/service.ts';

export type CheckNames = {
  /** The name of a check; the same for two that are alike. */
  nameOf(check: CheckEntry): string;
  readonly checks: () => Readonly<Record<string, CheckEntry>>;
};

export function createCheckNames(): CheckNames {
  const names = new Map<string, string>();
  const checks: Record<string, CheckEntry> = {};
  return {
    nameOf(check) {
      const text = JSON.stringify(check);
      const known = names.get(text);
      if (known !== undefined) return known;
      const kind = probeKeys.find((key) => check[key] !== undefined) ?? 'check';
      let name: string = kind;
      for (let number = 2; Object.hasOwn(checks, name); number++) name = `${kind}-${number}`;
      names.set(text, name);
      checks[name] = check;
      return name;
    },
    checks: () => checks,
  };
}

/** A service whose real servers all have the same checks has them itself. */
export function withSharedChecks(service: ServiceEntry, servers: readonly ServerEntry[]): ServiceEntry {
  const texts = new Set(servers.map(({ checks = [] }) => JSON.stringify(checks)));
  const [first] = servers;
  if (!first?.checks || texts.size !== 1) return { ...service, servers: servers.map(shortest) };
  const bare = servers.map(({ checks: _, ...server }) => shortest(server));
  return { ...service, checks: first.checks, servers: bare };
}

/** A real server of which only the address is said is its address. */
function shortest(server: ServerEntry): ServerEntry | string {
  return Object.keys(server).length === 1 ? server.address : server;
}
