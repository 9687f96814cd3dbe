/** Sync daemons (`ipvsadm -L --daemon`) as text. */

import type { SyncDaemon } from '../ipvs/sync-daemon.ts';

/** One row with its newline. */
export function renderSyncDaemon(daemon: SyncDaemon): string {
  const { role, syncId, maxLength, group, port, ttl } = daemon;
  const facts = `mcast=${daemon.interface}, syncid=${syncId}, maxlen=${maxLength}, group=${group}, port=${port}, ttl=${ttl}`;
  return `${role} sync daemon (${facts})\n`;
}
