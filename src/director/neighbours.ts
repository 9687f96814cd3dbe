/** Real servers as neighbours. */

import type { NeighbourStatus } from '../api/status.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import type { Neighbour } from '../ipvs/neighbour.ts';

/** Those of the neighbours that are real servers; none now and then, where others may have their turns. */
export function* serverNeighbours(
  plane: Pick<BpfDataPlane, 'configuration' | 'interfaces'>,
  neighbours: readonly Neighbour[],
): Generator<readonly NeighbourStatus[]> {
  if (neighbours.length === 0) return;
  const servers = new Set<string>();
  for (const { destinations } of plane.configuration()) {
    for (const { address } of destinations) servers.add(address);
    yield [];
  }
  const names = new Map(plane.interfaces().map(({ index, name }) => [index, name]));
  for (const { index, address, state, mac } of neighbours) {
    const name = names.get(index);
    if (name !== undefined && servers.has(address))
      yield [{ address, interface: name, state, ...(mac !== undefined && { mac }) }];
  }
}
