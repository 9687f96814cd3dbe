/**
 * IPVS's sync daemons: one that sends connections to other directors and one that takes them, as `--start-daemon` makes
 * them and `-L --daemon` lists them (ip_vs_sync.c, start_sync_thread()). They are kept; nothing is sent yet.
 */

import { type Address, type Family, familyOf, type Ipv4, type Port } from './address.ts';
import type { ErrorCode } from './errors.ts';

export const syncRoles = ['master', 'backup'] as const;
export type SyncRole = (typeof syncRoles)[number];

export type SyncDaemon = {
  readonly role: SyncRole;
  readonly interface: string;
  /** A backup takes messages with its own id only; 0 takes all. */
  readonly syncId: number;
  /** The multicast group messages go to. */
  readonly group: Address;
  readonly port: Port;
  readonly ttl: number;
  /** Octets that a message has at most, without its IP and UDP headers. */
  readonly maxLength: number;
};

/** What is left out is at its default. */
export type SyncDaemonRequest = Pick<SyncDaemon, 'role' | 'interface' | 'syncId'> & Partial<SyncDaemon>;

export const maxSyncLength = 65507;

const defaultGroup = '224.0.0.81' as Ipv4;
const defaultPort = 8848 as Port;
const headerLength: Readonly<Record<Family, number>> = { 4: 20 + 8, 6: 40 + 8 };

/** What a master assumes of every network, and a backup of those that are smaller. */
const usualMtu = 1500;
const maxPacket = 65535;
const leastBackupLength = 1024;

/** The daemon that a request starts on an interface of this MTU. */
export function syncDaemonOf(request: SyncDaemonRequest, mtu: number): SyncDaemon {
  const { role, interface: name, syncId, group = defaultGroup, port = defaultPort, ttl = 1 } = request;
  const headers = headerLength[familyOf(group)];
  const largest = role === 'master' ? usualMtu : clamp(mtu, usualMtu, maxPacket);
  const least = role === 'master' ? 1 : leastBackupLength;
  const maxLength =
    request.maxLength === undefined
      ? largest - headers
      : clamp(request.maxLength, least, maxPacket - headers);
  return { role, interface: name, syncId, group, port, ttl, maxLength };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

export type SyncLink = { readonly mtu: number; readonly isUp: boolean; readonly isLoopback: boolean };

/** What the decision to start one goes by. */
export type SyncSurroundings = {
  readonly running: readonly SyncDaemon[];
  /** The interface it asks for, where there is one. */
  readonly link: SyncLink | undefined;
  /** Whether some service has a real server of the other address family. */
  readonly isMixed: boolean;
};

/** The daemon that a request starts, or the code of its refusal, in the order in which IPVS looks. */
export function startedSyncDaemon(
  request: SyncDaemonRequest,
  { running, link, isMixed }: SyncSurroundings,
): SyncDaemon | ErrorCode {
  if (isMixed) return 'SYNC_MIXED_FAMILIES';
  if (!link) return 'SYNC_INTERFACE_NOT_FOUND';
  if (running.some(({ role }) => role === request.role)) return 'SYNC_DAEMON_EXISTS';
  if (request.role === 'master' && !reaches(link, request.group)) return 'SYNC_INTERFACE_DOWN';
  return syncDaemonOf(request, link.mtu);
}

/** The kernel has no route for multicasts of IPv6 over a loopback interface. */
function reaches({ isUp, isLoopback }: SyncLink, group: Address = defaultGroup): boolean {
  return isUp && !(isLoopback && familyOf(group) === 6);
}
