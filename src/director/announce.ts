/**
 * Tells of changes that are asked for one by one. Changes that travel together are told of as one: the events of a
 * file with 40,000 real servers would push all others out.
 */

import type { Handlers } from '../api/server.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import { destinationKeyText, serviceKeyText } from '../ipvs/service.ts';
import type { Events } from './events.ts';
import { parseDestinationKey, parseServiceKey } from './keys.ts';

type Params = { readonly service: string; readonly destination: string };

/** The handlers, which also tell of what they have done. */
export function announcing(
  handlers: Handlers,
  { plane, events }: { readonly plane: Pick<DataPlane, 'service' | 'serviceKeys'>; readonly events: Events },
): Handlers {
  const serviceName = (text: string): string => serviceKeyText(parseServiceKey(text));
  const names = ({ service, destination }: Params) => ({
    service: serviceName(service),
    server: destinationKeyText(parseDestinationKey(destination)),
  });
  const weightOf = ({ service, destination }: Params): number => {
    const { address, port } = parseDestinationKey(destination);
    const servers = plane.service(parseServiceKey(service))?.destinations;
    return servers?.find((each) => each.address === address && each.port === port)?.weight ?? 0;
  };
  /** Of a change that may give a real server another weight. */
  const weighing = (params: Params, change: () => void): void => {
    const [from, next] = [weightOf(params), events.next()];
    change();
    const [to, { service, server }] = [weightOf(params), names(params)];
    // Where health checks decide about weights, it has been told already.
    const isTold = events
      .since(next - 1)
      .some(
        (event) => event.kind === 'weight-changed' && event.service === service && event.server === server,
      );
    if (from !== to && !isTold) events.emit({ kind: 'weight-changed', service, server, from, to });
  };
  return {
    ...handlers,
    addService(input) {
      handlers.addService(input);
      events.emit({ kind: 'service-added', service: serviceKeyText(input.body) });
    },
    deleteService(input) {
      handlers.deleteService(input);
      events.emit({ kind: 'service-removed', service: serviceName(input.params.service) });
    },
    flush(input) {
      const gone = plane.serviceKeys();
      handlers.flush(input);
      events.emit({ kind: 'services-flushed', services: gone.length });
    },
    addDestination(input) {
      handlers.addDestination(input);
      const service = serviceName(input.params.service);
      events.emit({ kind: 'server-added', service, server: destinationKeyText(input.body) });
    },
    deleteDestination(input) {
      handlers.deleteDestination(input);
      events.emit({ kind: 'server-removed', ...names(input.params) });
    },
    editDestination: (input) => weighing(input.params, () => handlers.editDestination(input)),
    enableDestination: (input) => weighing(input.params, () => handlers.enableDestination(input)),
    batch(input) {
      const answers = handlers.batch(input);
      const changes = [...answers].filter((answer) => answer === null).length;
      if (changes > 0) events.emit({ kind: 'configuration-applied', changes });
      return answers;
    },
  };
}

/** To be called now and then: tells of interfaces that the director has come to stand on, or no longer does. */
export function createInterfaceNews(
  interfaces: () => readonly InterfaceStatus[],
  events: Events,
): () => void {
  let known = hooksOf(interfaces());
  return () => {
    const now = hooksOf(interfaces());
    for (const [name, hooks] of now) {
      if (hooks !== '' && known.get(name) !== hooks)
        events.emit({ kind: 'interface-attached', interface: name, hooks: hooks.split('+') });
    }
    for (const [name, hooks] of known) {
      if (hooks !== '' && (now.get(name) ?? '') === '')
        events.emit({ kind: 'interface-detached', interface: name });
    }
    known = now;
  };
}

function hooksOf(interfaces: readonly InterfaceStatus[]): ReadonlyMap<string, string> {
  return new Map(interfaces.map(({ name, hooks }) => [name, hooks.join('+')]));
}
