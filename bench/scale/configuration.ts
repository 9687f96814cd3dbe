/** Many services and real servers: what one more takes, and how long a change of a large service does. */

import type { Address, Port } from '../../src/ipvs/address.ts';
import type { ServiceKey } from '../../src/ipvs/service.ts';
import { workOfSelf } from '../cpu.ts';
import type { Figure } from '../figure.ts';
import { openStage, type Stage } from '../per-packet/stage.ts';
import { spreadOf } from '../statistics.ts';
import { single } from './connections.ts';
import { heapBytes, mapBytes } from './memory.ts';

const connections = 65_536;
const gate = { method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;

/** Rows of what a service and a real server take: maps of the kernel and the daemon's own memory together. */
export function measureMemory(services: number, servers: number, report: (figure: Figure) => void): void {
  on((stage) => {
    const { plane } = stage;
    const taken = (): number => mapBytes(stage.maps()) + heapBytes();
    // What is made once goes into no figure.
    stage.configure({ family: 4, services: 1, servers: 1, service: { scheduler: 'wlc' }, server: {} });
    plane.removeAllServices();
    report(single('a director that does nothing, its maps', mapBytes(stage.maps()), 'B'));
    const empty = taken();
    stage.configure({ family: 4, services, servers: 0, service: { scheduler: 'wlc' }, server: {} });
    const bare = taken();
    report(single(`one service of ${services}`, (bare - empty) / services, 'B'));
    plane.batch(() => {
      for (const [number, key] of plane.serviceKeys().entries())
        addServers(plane, key, number * servers, servers);
    });
    const all = services * servers;
    report(single(`one real server of ${all}`, (taken() - bare) / all, 'B'));
  });
}

function addServers(plane: Stage['plane'], key: ServiceKey, from: number, number: number): void {
  for (let server = from; server < from + number; server++) {
    const address = `10.${64 + (server >> 16)}.${(server >> 8) & 255}.${server & 255}` as Address;
    plane.addDestination(key, { address, port: 80 as Port, ...gate });
  }
}

const serversOfChange = 1000;

/** Rows of one real server more and less in a service of a thousand. */
export function measureChanges(rounds: number, report: (figure: Figure) => void): void {
  for (const scheduler of ['wlc', 'mh'] as const) {
    on((stage) => {
      const { plane } = stage;
      stage.configure({
        family: 4,
        services: 1,
        servers: serversOfChange,
        service: { scheduler },
        server: {},
      });
      const [key] = plane.serviceKeys();
      if (key === undefined) throw new Error('no service was made');
      const place = { address: '10.127.0.1' as Address, port: 80 as Port };
      const timed = (action: () => void): number => {
        const began = workOfSelf();
        action();
        return (workOfSelf() - began) / 1e6;
      };
      const turns = Array.from({ length: rounds }, () => ({
        added: timed(() => plane.addDestination(key, { ...place, ...gate })),
        removed: timed(() => plane.removeDestination(key, place)),
      }));
      for (const change of ['added', 'removed'] as const) {
        report({
          name: `${scheduler}, ${serversOfChange} servers, one ${change}`,
          value: spreadOf(turns.map((turn) => turn[change])),
          unit: 'ms',
          ratios: [],
        });
      }
    });
  }
}

function on<T>(action: (stage: Stage) => T): T {
  const stage = openStage(connections);
  try {
    return stage.inside(() => action(stage));
  } finally {
    stage.remove();
  }
}
