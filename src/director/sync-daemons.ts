/**
 * The sync daemons that were started: kept in the data plane, so that they are listed after this daemon was killed.
 * Nothing is sent or received yet, which the log says.
 */

import type { DataPlane } from '../dataplane/dataplane.ts';
import { familyOf } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { serviceFamily } from '../ipvs/service.ts';
import {
  type SyncDaemon,
  type SyncDaemonRequest,
  type SyncRole,
  startedSyncDaemon,
} from '../ipvs/sync-daemon.ts';
import { ARPHRD_LOOPBACK, type Link } from '../linux/rtnetlink.ts';

export type SyncModules = {
  readonly plane: Pick<DataPlane, 'configuration' | 'syncDaemons' | 'setSyncDaemons'>;
  /** The interfaces of the namespace that is served. */
  readonly links: () => readonly Pick<Link, 'name' | 'type' | 'mtu' | 'isUp'>[];
  readonly log: Pick<Logger, 'warning'>;
};

export type SyncDaemons = ReturnType<typeof createSyncDaemons>;

export function createSyncDaemons({ plane, links, log }: SyncModules) {
  return {
    list: (): readonly SyncDaemon[] => plane.syncDaemons(),

    /** Throws SYNC_MIXED_FAMILIES, SYNC_INTERFACE_NOT_FOUND, SYNC_INTERFACE_DOWN or SYNC_DAEMON_EXISTS. */
    start(request: SyncDaemonRequest): void {
      const running = plane.syncDaemons();
      const found = links().find(({ name }) => name === request.interface);
      const link = found && { ...found, isLoopback: found.type === ARPHRD_LOOPBACK };
      const started = startedSyncDaemon(request, { running, link, isMixed: hasMixedService(plane) });
      if (typeof started === 'string') throw new FairleadError(started, request.interface);
      plane.setSyncDaemons([...running, started]);
      log.warning(
        `the ${started.role} sync daemon is kept and listed, but this version synchronises no connections: nothing is sent`,
      );
    },

    /** Throws NO_SYNC_DAEMON. */
    stop(role: SyncRole): void {
      const running = plane.syncDaemons();
      const left = running.filter((daemon) => daemon.role !== role);
      if (left.length === running.length) throw new FairleadError('NO_SYNC_DAEMON', role);
      plane.setSyncDaemons(left);
    },
  };
}

function hasMixedService(plane: Pick<DataPlane, 'configuration'>): boolean {
  for (const service of plane.configuration()) {
    const family = serviceFamily(service);
    if (service.destinations.some(({ address }) => familyOf(address) !== family)) return true;
  }
  return false;
}
