/**
 * The changes that people and files make to services and real servers. Of a service that is looked after they are what is
 * wanted (docs/design/0009): the table gets what comes of it together with checks, maintenance and slow starts. Refusals
 * are those of the director.
 */

import type { ServiceRequest, ServiceSettingsRequest } from '../../api/routes.ts';
import {
  type Destination,
  type DestinationKey,
  destinationKeyText,
  type ServiceKey,
  serviceKeyText,
} from '../../ipvs/service.ts';
import type { Director } from '../director.ts';
import type { Book } from './book.ts';

export type Wishes = Pick<
  Director,
  | 'addService'
  | 'editService'
  | 'removeService'
  | 'flush'
  | 'addDestination'
  | 'editDestination'
  | 'removeDestination'
  | 'enableDestination'
>;

/** `change` makes an action and what comes of it one change of the table; it may add so many real servers at most. */
export function createWishes(
  director: Director,
  book: Book,
  change: (additions: number, action: () => void) => void,
): Wishes {
  /** The real server as it is wanted, where it is looked after, and its weight in the table, where it is there. */
  const find = (service: ServiceKey, key: DestinationKey) => {
    const post = book.posts().get(serviceKeyText(service));
    const server = destinationKeyText(key);
    const member = post?.members.get(server);
    return member && { member, server, applied: post?.applied.get(server) };
  };
  return {
    addService: (request: ServiceRequest) =>
      change(0, () => {
        director.addService(request);
        book.open(request, request.scheduler);
      }),
    editService: (key: ServiceKey, request: ServiceSettingsRequest) =>
      change(0, () => {
        director.editService(key, request);
        book.reschedule(serviceKeyText(key), request.scheduler);
      }),
    removeService: (key: ServiceKey) =>
      change(0, () => {
        director.removeService(key);
        book.close(serviceKeyText(key));
      }),
    flush: () =>
      change(0, () => {
        director.flush();
        for (const service of [...book.posts().keys()]) book.close(service);
      }),

    /** One that has failed and left the table waits there with weight 0, until its checks let it have more. */
    addDestination: (service: ServiceKey, destination: Destination) =>
      change(1, () => {
        const isDown = find(service, destination)?.member.isUp === false;
        const weight = isDown ? 0 : destination.weight;
        director.addDestination(service, { ...destination, weight });
        book.want(serviceKeyText(service), destination, weight);
      }),
    editDestination: (service: ServiceKey, destination: Destination) =>
      change(0, () => {
        const found = find(service, destination);
        if (!found) director.editDestination(service, destination);
        else if (found.applied)
          director.editDestination(service, { ...destination, weight: found.applied.weight });
        else director.mayEditDestination(service, destination);
        book.want(serviceKeyText(service), destination, found?.applied?.weight);
      }),
    removeDestination: (service: ServiceKey, key: DestinationKey) =>
      change(0, () => {
        const found = find(service, key);
        if (!found || found.applied) director.removeDestination(service, key);
        book.forget(serviceKeyText(service), destinationKeyText(key));
      }),
    enableDestination: (service: ServiceKey, key: DestinationKey) =>
      change(0, () => {
        const found = find(service, key);
        if (!found) director.enableDestination(service, key);
        else book.want(serviceKeyText(service), found.member.wanted, found.applied?.weight);
      }),
  };
}
