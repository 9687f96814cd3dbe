/** Packets that were not forwarded, with how many there are a second. */

import type { NotForwardedStatus } from '../api/status.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import { shownAverage, stepAverage } from './estimator.ts';

export type Drops = {
  /** To be called every two seconds (estimator.ts). */
  step(): void;
  status(): NotForwardedStatus;
};

type Estimate = { readonly packets: number; readonly average: number };

const scale = 1024;

export function createDrops(
  plane: Pick<DataPlane, 'notForwarded'> & { interfaces(): readonly InterfaceStatus[] },
): Drops {
  let estimates = new Map<string, Estimate>();
  return {
    step() {
      const reasons = Object.entries(plane.notForwarded());
      estimates = new Map(
        reasons.map(([reason, { packets }]) => [reason, stepped(estimates.get(reason), packets)]),
      );
    },
    status() {
      const names = new Map(plane.interfaces().map(({ index, name }) => [index, name]));
      const reasons = Object.entries(plane.notForwarded()).map(([reason, { packets, example }]) => {
        const perSecond = shownAverage(estimates.get(reason)?.average ?? 0, scale);
        if (!example) return [reason, { packets, perSecond }] as const;
        const name = names.get(example.interface);
        const { interface: _, ...rest } = example;
        return [
          reason,
          { packets, perSecond, example: { ...rest, ...(name && { interface: name }) } },
        ] as const;
      });
      return Object.fromEntries(reasons);
    },
  };
}

/** The first time there is nothing to compare with. */
function stepped(old: Estimate | undefined, packets: number): Estimate {
  if (!old) return { packets, average: 0 };
  return { packets, average: stepAverage(old.average, packets - old.packets, scale) };
}
