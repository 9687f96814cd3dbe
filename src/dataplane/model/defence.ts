/**
 * IPVS's defences against a flood (update_defense_level() and ip_vs_random_dropentry()): fewer entries, fewer new
 * connections, less trust in half-open ones. Modes 1 and 2 of each take turns as memory runs low and recovers. As
 * bpf/lib/pressure.h.
 */

import type { SysctlValues } from '../../ipvs/sysctl.ts';
import { endConnection } from './connection.ts';
import { type Connection, type Memory, nowOf, type Template } from './memory.ts';
import { endTemplate } from './template.ts';

const modes = ['drop_entry', 'drop_packet', 'secure_tcp'] as const;
type Mode = (typeof modes)[number];

/** A mode that changes takes effect at once, by what was last known of the memory. */
export function changeSysctls(memory: Memory, values: SysctlValues): void {
  const before = memory.sysctls;
  memory.sysctls = values;
  if (modes.some((mode) => before[mode] !== values[mode])) look(memory, memory.defence.availablePages);
}

/** Once a second. Whether the next sweep thins entries out. */
export function defend(memory: Memory, availablePages: number): boolean {
  memory.defence.thins = look(memory, availablePages);
  return memory.defence.thins;
}

/** Whether drop_entry is at work. */
function look(memory: Memory, availablePages: number): boolean {
  memory.defence.availablePages = availablePages;
  const { amemthresh, am_droprate } = memory.sysctls;
  const isLow = availablePages < amemthresh;
  const { defence } = memory;
  const dropPacket = modeOf(memory, 'drop_packet', isLow);
  defence.secureTcp = modeOf(memory, 'secure_tcp', isLow) >= 2;
  defence.dropRate = 0;
  if (dropPacket === 2) defence.dropRate = Math.floor(amemthresh / (amemthresh - availablePages));
  if (dropPacket === 3) defence.dropRate = am_droprate;
  return modeOf(memory, 'drop_entry', isLow) >= 2;
}

/** The mode in force, which the sysctl then says, too: 1 waits for memory to run low, 2 for it to recover. */
function modeOf(memory: Memory, name: Mode, isLow: boolean): number {
  const mode = memory.sysctls[name];
  if (mode !== 1 && mode !== 2) return mode;
  const next = isLow ? 2 : 1;
  memory.sysctls = { ...memory.sysctls, [name]: next } satisfies SysctlValues;
  return next;
}

/** drop_packet: of those that would open a connection, the first of each n; another n holds from the next drop on. */
export function isDroppedByRate({ defence, pressure }: Memory): boolean {
  if (defence.dropRate === 0 || --pressure.dropCount > 0) return false;
  pressure.dropCount = defence.dropRate;
  return true;
}

/** Of the entries, one in so many is looked at in a second. */
const entriesPerLook = 32;

/** drop_entry, in one sweep after each look: ends entries at random, of those that were never confirmed or have hardly been used. */
export function thinOut(memory: Memory): void {
  if (!memory.defence.thins) return;
  memory.defence.thins = false;
  const now = nowOf(memory);
  const isLookedAt = (): boolean => memory.world.draw(entriesPerLook) === 0;
  for (const template of memory.templates.values()) {
    if (isLookedAt() && isUnconfirmed(template)) endTemplate(memory, template);
  }
  for (const connection of memory.connections.values()) {
    if (isLookedAt() && isExpendable(memory, connection, now)) dropConnection(memory, connection);
  }
}

function isUnconfirmed({ controlled, assured }: Template): boolean {
  return controlled === 0 && !assured;
}

function isExpendable(memory: Memory, connection: Connection, now: number): boolean {
  switch (connection.state) {
    case 'SYN_RECV':
    case 'SYNACK':
    case 'INIT1':
    case 'INIT':
      return true;
    case 'ESTABLISHED':
    case 'UDP':
      return isHardlyUsed(memory, connection, now);
    default:
      return false;
  }
}

const idleNanoseconds = 60e9;
const fewPackets = 8;

/** Idle for a minute, and with so few packets that one in as many may go. */
function isHardlyUsed({ world }: Memory, { lastSeen, packets }: Connection, now: number): boolean {
  return (
    lastSeen + idleNanoseconds <= now && packets > 0 && packets <= fewPackets && world.draw(packets) === 0
  );
}

/** Its template goes with it, if it was the last one under it and none was ever established. */
function dropConnection(memory: Memory, connection: Connection): void {
  endConnection(memory, connection);
  const { template } = connection;
  if (template && isUnconfirmed(template)) endTemplate(memory, template);
}
