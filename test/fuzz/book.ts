/**
 * What is configured, as far as a case has come: which steps make sense. A director checks that before it asks its
 * data plane; here it lets steps be taken out of a case without making nonsense of the others.
 */

import {
  type Destination,
  destinationKeyText,
  parseServiceKeyText,
  type Service,
  type ServiceKey,
  serviceKeyText,
} from '../../src/ipvs/service.ts';
import type { Step } from './step.ts';

export type Entry = { readonly service: Service; readonly servers: ReadonlyMap<string, Destination> };

export type Book = {
  readonly services: ReadonlyMap<string, Entry>;
  /** What the daemon saw of the machine's memory when it last looked. */
  readonly availablePages?: number;
};

export const emptyBook: Book = { services: new Map() };

/** The book after a step, or `undefined` where the step makes no sense. */
export function turned(book: Book, step: Step): Book | undefined {
  switch (step.do) {
    case 'add-service': {
      const key = serviceKeyText(step.service);
      if (book.services.has(key)) return undefined;
      return withEntry(book, key, { service: step.service, servers: new Map() });
    }
    case 'edit-service': {
      const key = serviceKeyText(step.service);
      const entry = book.services.get(key);
      return entry && withEntry(book, key, { ...entry, service: step.service });
    }
    case 'remove-service': {
      if (!book.services.has(step.service)) return undefined;
      return { ...book, services: without(book.services, step.service) };
    }
    case 'remove-all':
      return { ...book, services: new Map() };
    case 'add-server':
    case 'edit-server':
    case 'remove-server':
      return withServer(book, step);
    case 'zero':
      return book.services.has(step.service) ? book : undefined;
    case 'defend':
      return { ...book, availablePages: step.availablePages };
    default:
      return book;
  }
}

function withServer(
  book: Book,
  step: Extract<Step, { readonly do: 'add-server' | 'edit-server' | 'remove-server' }>,
): Book | undefined {
  const entry = book.services.get(step.service);
  if (!entry) return undefined;
  const key = step.do === 'remove-server' ? step.server : destinationKeyText(step.server);
  if (entry.servers.has(key) === (step.do === 'add-server')) return undefined;
  const servers =
    step.do === 'remove-server'
      ? without(entry.servers, key)
      : new Map([...entry.servers, [key, step.server] as const]);
  return withEntry(book, step.service, { ...entry, servers });
}

function withEntry(book: Book, key: string, entry: Entry): Book {
  return { ...book, services: new Map([...book.services, [key, entry] as const]) };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([name]) => name !== key));
}

/** The key that a step names. */
export function keyOf(text: string): ServiceKey {
  const key = parseServiceKeyText(text);
  if (!key) throw new Error(`no service key: ${text}`);
  return key;
}
