/** The routes, answered: a table from each to the director, its settings or the data plane. */

import type { BatchedRoute } from '../api/batch.ts';
import { describeApi } from '../api/openapi.ts';
import type { BatchAnswer, ReloadAnswer, RouteInput } from '../api/routes.ts';
import type { Handlers } from '../api/server.ts';
import type { DirectorStatus } from '../api/status.ts';
import { takeTurns } from '../api/turns.ts';
import { objectSha256 } from '../dataplane/bpf/abi.gen.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { removeCheckPrograms } from '../health/direct/programs.ts';
import type { HealthPlan } from '../health/plan.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { closedApi } from '../ipvs/listener.ts';
import { listNeighbours } from '../linux/neighbours.ts';
import { announcing } from './announce.ts';
import { counted, wantedConnections } from './connections.ts';
import { configurationOf, type Director } from './director.ts';
import type { Drops } from './drops.ts';
import type { Events } from './events.ts';
import type { Farewell } from './farewell.ts';
import type { Health } from './health/health.ts';
import {
  canonical,
  canonicalGroup,
  parseDestinationKey,
  parseServiceKey,
  parseSyncRole,
  parseVipParams,
} from './keys.ts';
import type { Listeners } from './listeners.ts';
import { serverNeighbours } from './neighbours.ts';
import type { Pages } from './pages.ts';
import type { Settings } from './settings.ts';
import { summaries } from './summary.ts';
import type { SyncDaemons } from './sync-daemons.ts';
import { runTransaction } from './transaction.ts';
import type { Vips } from './vips.ts';

export type DaemonFacts = Pick<
  DirectorStatus,
  'version' | 'namespace' | 'isSupervised' | 'configurationFile'
>;

export type HandlerModules = {
  readonly director: Director;
  readonly settings: Settings;
  readonly drops: Drops;
  readonly events: Events;
  readonly farewell: Farewell;
  readonly health: Health;
  readonly syncDaemons: SyncDaemons;
  readonly vips: Vips;
  readonly listeners: Pick<Listeners, 'settings' | 'set' | 'keep'>;
  readonly plane: BpfDataPlane;
  /** Runs an action inside the namespace that is served. Throws NAMESPACE_GONE. */
  readonly inside: <T>(action: () => T) => T;
  /** Reads the configuration file again. */
  readonly reload: () => Promise<ReloadAnswer>;
  readonly pages: Pages;
  /** The ETag of the configuration. */
  readonly tag: () => string;
  /** Ends the daemon once the answer has been sent. */
  readonly stop: () => void;
};

export function createHandlers(facts: DaemonFacts, modules: HandlerModules): Handlers {
  const { director, settings, drops, events, farewell, health } = modules;
  const { syncDaemons, vips, listeners, plane, inside, pages, tag, stop, reload } = modules;
  const { wishes } = health;
  /** What has counts in it. */
  const listed = async <T>(answer: () => T): Promise<T> => {
    await director.swept();
    return answer();
  };
  /** An entry says itself whether it has expired, but when a template ends depends on the connections under it. */
  const listedConnections = async ({ query }: RouteInput<'listConnections'>) => {
    if (plane.hasTemplates()) await director.swept();
    return wantedConnections(director.connections, query);
  };
  const replaceHealth = ({ body }: { readonly body: HealthPlan }): void => health.replacePlan(body);
  const handlers: Handlers = {
    listServices: () => listed(() => director.services()),
    getServiceConfiguration: ({ params }) =>
      configurationOf(director.service(parseServiceKey(params.service))),
    getConfiguration: () => plane.configuration(),
    getWanted: () => health.wanted(),
    getHealth: () => health.status(),
    summarizeHealth: () => health.summary(),
    getHealthPlan: () => health.plan(),
    replaceHealth: async ({ body }) => {
      await health.foresee(body);
      replaceHealth({ body });
    },
    batch: ({ body }) => answerBatch(health, body, handlers),
    transaction: async ({ body }) => {
      const turns = takeTurns(() => performance.now());
      const modules = { plane: health, turns, director, settings, vips, listeners };
      for (const { route, body: plan } of body)
        if (route === 'replaceHealth') await health.foresee(plan as HealthPlan);
      const answer = await runTransaction(modules, body, { ...handlers, replaceHealth });
      if (!answer.refused) events.emit({ kind: 'configuration-applied', changes: body.length });
      return answer;
    },
    addService: ({ body }) => wishes.addService(canonical(body)),
    flush: () => wishes.flush(),
    getService: ({ params }) => listed(() => director.service(parseServiceKey(params.service))),
    editService: ({ params, body }) => wishes.editService(parseServiceKey(params.service), body),
    deleteService: ({ params }) => wishes.removeService(parseServiceKey(params.service)),
    addDestination: ({ params, body }) =>
      wishes.addDestination(parseServiceKey(params.service), canonical(body)),
    editDestination: ({ params, body }) =>
      wishes.editDestination(parseServiceKey(params.service), {
        ...parseDestinationKey(params.destination),
        ...body,
      }),
    deleteDestination: ({ params }) =>
      wishes.removeDestination(parseServiceKey(params.service), parseDestinationKey(params.destination)),
    enableDestination: ({ params }) =>
      wishes.enableDestination(parseServiceKey(params.service), parseDestinationKey(params.destination)),
    resetDestination: ({ params }) => ({
      connections: farewell(parseServiceKey(params.service), parseDestinationKey(params.destination)),
    }),
    zeroAll: () => director.zeroAll(),
    zeroService: ({ params }) => director.zero(parseServiceKey(params.service)),
    getTimeouts: () => director.timeouts(),
    setTimeouts: ({ body }) => director.setTimeouts(body),
    listSyncDaemons: () => syncDaemons.list(),
    startSyncDaemon: ({ body }) => syncDaemons.start(canonicalGroup(body)),
    stopSyncDaemon: ({ params }) => syncDaemons.stop(parseSyncRole(params.role)),
    getSysctls: () => settings.sysctls(),
    setSysctls: ({ body }) => settings.setSysctls(body),
    listMarkRules: () => settings.markRules(),
    // Interfaces of rules are looked up by name, which only makes sense in there.
    addMarkRules: ({ body }) => inside(() => settings.addMarkRules(body)),
    replaceMarkRules: ({ body }) => inside(() => settings.replaceMarkRules(body)),
    deleteMarkRule: ({ params }) => inside(() => settings.deleteMarkRule(Number(params.number))),
    listVips: () => vips.list(),
    addVip: ({ body }) => vips.add(canonical(body)),
    deleteVip: ({ params }) => vips.remove(parseVipParams(params)),
    getApi: () => listeners.settings(),
    setApi: ({ body }) => listeners.set({ ...body, listeners: body.listeners.map(canonical) }),
    listConnections: listedConnections,
    countConnections: async (input) => counted(await listedConnections(input)),
    summarizeServices: () => listed(() => summaries(director.services())),
    listNeighbours: () => serverNeighbours(plane, inside(listNeighbours)),
    notForwarded: () => drops.status(),
    getDescription: () => describeApi(facts.version),
    status: () =>
      listed(() => ({
        ...facts,
        pid: process.pid,
        configuration: tag(),
        object: objectSha256,
        interfaces: plane.interfaces(),
        services: plane.serviceKeys().length,
        markRules: settings.markRules().length,
        sysctls: settings.notableSysctls(),
        connections: director.connectionTable(),
        notForwarded: drops.status(),
        claims: plane.claims(),
      })),
    setHookMode: ({ params, body }) => inside(() => plane.setHookMode(params.interface, body.mode)),
    reload: () => reload(),
    unload: () => {
      vips.removeAll();
      listeners.set(closedApi);
      inside(() => {
        removeCheckPrograms();
        plane.unload();
      });
      stop();
    },
    ...pages,
  };
  return announcing(handlers, { plane, events });
}

/** The schema has seen to it that the calls are those of a batch. */
function answerBatch(
  { batch }: Pick<Health, 'batch'>,
  calls: RouteInput<'batch'>['body'],
  handlers: Handlers,
): readonly BatchAnswer[] {
  const answers: BatchAnswer[] = [];
  batch(() => {
    for (const { route, params, body } of calls) {
      const handle = handlers[route as BatchedRoute] as (input: unknown) => unknown;
      answers.push(refusalOf(() => handle({ params, body })));
    }
  });
  return answers;
}

function refusalOf(action: () => unknown): BatchAnswer {
  try {
    action();
    return null;
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    const { code, detail } = error;
    return detail === undefined ? { code } : { code, detail };
  }
}
