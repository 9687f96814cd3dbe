/** What the daemon does once a second: takes out what has expired, so that every count is of this moment. As bpf/lib/sweep.h. */

import { endConnection } from './connection.ts';
import { thinOut } from './defence.ts';
import { type Destination, deadlineOf, type Memory, nowOf } from './memory.ts';
import { endTemplate, endTemplateIfOver } from './template.ts';

/** Connections first: a template does not end before its last one. */
export function sweep(memory: Memory): void {
  const now = nowOf(memory);
  for (const connection of memory.connections.values()) {
    if (now > deadlineOf(connection) || isAbandoned(memory, connection)) endConnection(memory, connection);
  }
  for (const template of memory.templates.values()) {
    if (template.controlled === 0 && isAbandoned(memory, template)) endTemplate(memory, template);
    else endTemplateIfOver(memory, template, now);
  }
  thinOut(memory);
}

/** Ends everything that is bound to a real server. Answers how many connections there were. As bpf/lib/evict.h. */
export function evict(memory: Memory, destination: Destination): number {
  const bound = [...memory.connections.values()].filter(
    (connection) => connection.destination === destination,
  );
  for (const connection of bound) endConnection(memory, connection);
  for (const template of memory.templates.values())
    if (template.destination === destination && template.controlled === 0) endTemplate(memory, template);
  return bound.length;
}

/** expire_nodest_conn: what is bound to a deleted real server does not wait for its time. */
function isAbandoned({ sysctls }: Memory, { destination }: { readonly destination: Destination }): boolean {
  return sysctls.expire_nodest_conn !== 0 && !destination.available;
}
