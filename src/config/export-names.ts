/**
 * Services that have a name in common: one entry of the file that was applied stood for them, and one entry does again, as a
 * name is of one entry. Pure.
 */

import type { ServiceEntry } from './schema/service.ts';

export type Titled = { readonly entry: ServiceEntry; readonly name?: string };

/** Where somebody has changed one of them by hand, so that they are no longer alike, the first keeps the name. */
export function withNames(titled: readonly Titled[]): ServiceEntry[] {
  const entries: ServiceEntry[] = [];
  const places = new Map<string, number>();
  for (const { entry, name } of titled) {
    const place = name === undefined ? undefined : places.get(name);
    const one = place === undefined ? undefined : together(entries[place], entry);
    if (place !== undefined && one) entries[place] = one;
    else if (place !== undefined || name === undefined) entries.push(entry);
    else {
      places.set(name, entries.length);
      entries.push({ name, ...entry });
    }
  }
  return entries;
}

/** `undefined` where they differ in more than what they listen on. */
function together(one: ServiceEntry | undefined, other: ServiceEntry): ServiceEntry | undefined {
  if (!one) return undefined;
  const [{ name, ...first }, { name: _, ...second }] = [one, other];
  if (JSON.stringify(commonOf(first)) !== JSON.stringify(commonOf(second))) return undefined;
  const areMarks = first.mark !== undefined && second.mark !== undefined;
  if (areMarks && first.family !== second.family) return undefined;
  const family = first.family ?? second.family;
  return {
    ...(name !== undefined && { name }),
    ...joined('tcp', first, second),
    ...joined('udp', first, second),
    ...joined('sctp', first, second),
    ...joined('mark', first, second),
    ...(family !== undefined && { family }),
    ...commonOf(first),
  };
}

function commonOf({ name: _, tcp, udp, sctp, mark, family, ...common }: ServiceEntry): object {
  return common;
}

type Listening = 'tcp' | 'udp' | 'sctp' | 'mark';

function joined(key: Listening, one: ServiceEntry, other: ServiceEntry): Pick<ServiceEntry, Listening> {
  const all = [one[key] ?? [], other[key] ?? []].flat();
  return all.length === 0 ? {} : { [key]: all.length === 1 ? all[0] : all };
}
