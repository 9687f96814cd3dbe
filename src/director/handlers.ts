/** The routes, answered: a table from each to the director or the data plane. */

import type { Handlers } from '../api/server.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import type { Director } from './director.ts';
import { parseDestinationKey, parseServiceKey } from './keys.ts';

export type DaemonFacts = { readonly version: string; readonly namespace: number };

export type HandlerModules = {
  readonly director: Director;
  readonly plane: BpfDataPlane;
  /** Runs an action inside the namespace that is served. Throws NAMESPACE_GONE. */
  readonly inside: <T>(action: () => T) => T;
  /** Ends the daemon once the answer has been sent. */
  readonly stop: () => void;
};

export function createHandlers(facts: DaemonFacts, modules: HandlerModules): Handlers {
  const { director, plane, inside, stop } = modules;
  return {
    listServices: () => director.services(),
    addService: ({ body }) => director.addService(body),
    flush: () => director.flush(),
    getService: ({ params }) => director.service(parseServiceKey(params.service)),
    editService: ({ params, body }) => director.editService({ ...parseServiceKey(params.service), ...body }),
    deleteService: ({ params }) => director.removeService(parseServiceKey(params.service)),
    addDestination: ({ params, body }) => director.addDestination(parseServiceKey(params.service), body),
    editDestination: ({ params, body }) =>
      director.editDestination(parseServiceKey(params.service), {
        ...parseDestinationKey(params.destination),
        ...body,
      }),
    deleteDestination: ({ params }) =>
      director.removeDestination(parseServiceKey(params.service), parseDestinationKey(params.destination)),
    zeroAll: () => director.zeroAll(),
    zeroService: ({ params }) => director.zero(parseServiceKey(params.service)),
    getTimeouts: () => director.timeouts(),
    setTimeouts: ({ body }) => director.setTimeouts(body),
    listConnections: () => plane.connections(),
    status: () => ({
      ...facts,
      pid: process.pid,
      interfaces: plane.interfaces(),
      connections: director.connectionTable(),
      notForwarded: plane.notForwarded(),
    }),
    setHookMode: ({ params, body }) => inside(() => plane.setHookMode(params.interface, body.mode)),
    unload: () => {
      inside(() => plane.unload());
      stop();
    },
  };
}
