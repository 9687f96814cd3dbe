/**
 * /metrics: the figures are gathered when somebody asks, and for him alone. Gathering and writing go by turns, so that a
 * director of 40,000 real servers answers everybody else meanwhile; whoever reads slowly is waited for.
 */

import type { Lazily } from '../api/answer-pieces.ts';
import type { Page, PageRequest } from '../api/page.ts';
import { byTurns, type Turns, takeTurns } from '../api/turns.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Neighbour } from '../ipvs/neighbour.ts';
import { type Figures, gatherFigures, noFigures } from '../metrics/figures.ts';
import { type Group, groups } from '../metrics/metric.ts';
import type { DaemonFigures, HealthFigures, Snapshot } from '../metrics/snapshot.ts';
import { metrics, wantedGroups } from '../metrics/table.ts';
import { contentTypes, metricsText, wantedFormat } from '../metrics/text.ts';
import type { Director } from './director.ts';
import { serverNeighbours } from './neighbours.ts';
import type { Settings } from './settings.ts';

export type MetricsModules = {
  readonly director: Director;
  readonly plane: BpfDataPlane;
  readonly settings: Settings;
  readonly health: () => Lazily<HealthFigures>;
  /** The neighbours of the namespace that is served. */
  readonly neighbours: () => readonly Neighbour[];
  readonly daemon: () => Omit<DaemonFigures, 'adopted' | 'sweeps'>;
};

/** Readers at a time: each has all figures in memory, some 30 MB of 40,000 real servers. */
const mostReaders = 4;

/** Octets that are written at a time. */
const chunkLength = 1 << 16;

/** Answers BAD_REQUEST for a group that does not exist, BUSY where enough are reading already. */
export function createMetricsPage(modules: MetricsModules): (request: PageRequest) => Page {
  let readers = 0;
  async function* text(wanted: ReadonlySet<Group>, format: ReturnType<typeof wantedFormat>) {
    readers++;
    try {
      const turns = takeTurns(() => performance.now());
      const snapshot = await takeSnapshot(modules, wanted, turns);
      const rows = metrics.filter(({ group }) => wanted.has(group));
      let chunk = '';
      for (const line of metricsText(rows, snapshot, format)) {
        chunk += line;
        if (chunk.length < chunkLength) continue;
        yield chunk;
        chunk = '';
        if (turns.isOver()) await turns.next();
      }
      yield chunk;
    } finally {
      readers--;
    }
  }
  return ({ query, headers }) => {
    const wanted = wantedGroups([query['collect[]'] ?? []].flat());
    if ('unknown' in wanted)
      throw new FairleadError('BAD_REQUEST', `collect[]: ${wanted.unknown}; there are ${groups.join(', ')}`);
    if (readers >= mostReaders) throw new FairleadError('BUSY', `${readers} read the metrics already`);
    const format = wantedFormat([headers['accept'] ?? []].flat().join(','));
    return { status: 200, type: contentTypes[format], pieces: text(wanted.groups, format) };
  };
}

async function takeSnapshot(
  modules: MetricsModules,
  wanted: ReadonlySet<Group>,
  turns: Turns,
): Promise<Snapshot> {
  const { director, plane, settings, daemon } = modules;
  const figures =
    wanted.has('services') || wanted.has('servers') ? await figuresOf(modules, turns) : noFigures;
  const neighbours = wanted.has('network')
    ? await allOf(serverNeighbours(plane, modules.neighbours()), turns)
    : [];
  const health = wanted.has('health') ? await healthOf(modules, turns) : { jobs: 0, services: [] };
  const states = wanted.has('connections') ? await statesOf(modules, turns) : [];
  return {
    daemon: { ...daemon(), adopted: plane.adopted, sweeps: director.sweeps() },
    services: plane.serviceKeys().length,
    markRules: settings.markRules().length,
    interfaces: plane.interfaces(),
    notForwarded: Object.fromEntries(
      Object.entries(plane.notForwarded()).map(([reason, { packets }]) => [reason, packets]),
    ),
    table: { ...plane.connectionTable(), ...plane.tableUse() },
    states,
    claims: plane.claims(),
    neighbours,
    health,
    figures,
  };
}

/** Without a sweep beforehand, which takes long where there are many connections: the last one was within a second. */
async function figuresOf({ director, plane }: MetricsModules, turns: Turns): Promise<Figures> {
  const { figures, add } = gatherFigures();
  for await (const service of byTurns(plane.servicesByPieces(), turns))
    if (service) add(director.status(service));
  return figures;
}

async function healthOf({ health }: MetricsModules, turns: Turns): Promise<Snapshot['health']> {
  const { services, jobs } = health();
  const all: Snapshot['health']['services'][number][] = [];
  for (const { servers, ...service } of services) {
    const gathered: Snapshot['health']['services'][number]['servers'][number][] = [];
    for await (const { checks, ...server } of byTurns(servers, turns))
      gathered.push({ ...server, checks: [...checks] });
    all.push({ ...service, servers: gathered });
  }
  return { jobs, services: all };
}

async function statesOf({ plane }: MetricsModules, turns: Turns): Promise<Snapshot['states']> {
  const census = plane.countStates();
  for (;;) {
    const step = census.next();
    if (step.done) return step.value;
    if (turns.isOver()) await turns.next();
  }
}

async function allOf<T>(portions: Iterable<readonly T[]>, turns: Turns): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const some of byTurns(portions, turns)) all.push(...some);
  return all;
}
