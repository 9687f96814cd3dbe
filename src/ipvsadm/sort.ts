/**
 * The order of a listing. ipvsadm compares marks and addresses by subtracting them as signed 32-bit numbers, which
 * is no order at all where they lie more than half the range apart: 192.168.0.1 < 10.0.0.1 < 127.0.0.1 <
 * 192.168.0.1. What it prints then depends on glibc's qsort, a merge sort, so that is what runs here.
 */

import { addressToBytes, type Family, familyOf, type Ipv4, ipv4ToNumber } from '../ipvs/address.ts';
import { type DestinationKey, type Protocol, type ServiceKey, serviceFamily } from '../ipvs/service.ts';

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** Services by address before those by mark: the kernel has a table of each, and where subtraction is no order, it shows. */
export function tableOrder<T extends ServiceKey>(services: readonly T[]): readonly T[] {
  return [
    ...services.filter(({ kind }) => kind === 'address'),
    ...services.filter(({ kind }) => kind === 'mark'),
  ];
}

/** Services by mark (none is 0), family, protocol, address, port. */
export function sortServices<T extends ServiceKey>(services: readonly T[]): readonly T[] {
  return sortBy(tableOrder(services), serviceOrder, (a, b) => {
    const order = (a.mark - b.mark) | 0 || a.family - b.family;
    return order || a.protocol - b.protocol || comparePlaces(a, b);
  });
}

/** Real servers by address, port. */
export function sortDestinations<T extends DestinationKey>(destinations: readonly T[]): readonly T[] {
  return sortBy(destinations, placeOf, comparePlaces);
}

/** What an endpoint is sorted by: worked out once for each, since a table may have 100,000. */
type Place = { readonly words: readonly number[]; readonly looked: number; readonly port: number };
type ServiceOrder = Place & { readonly mark: number; readonly family: Family; readonly protocol: number };

const nowhere: Place = { words: [], looked: 0, port: 0 };

function serviceOrder(key: ServiceKey): ServiceOrder {
  if (key.kind === 'mark') return { mark: key.mark, family: key.family, protocol: 0, ...nowhere };
  return { mark: 0, family: serviceFamily(key), protocol: protocolNumbers[key.protocol], ...placeOf(key) };
}

function placeOf({ address, port }: DestinationKey): Place {
  if (familyOf(address) === 4) return { words: [ipv4ToNumber(address as Ipv4)], looked: 1, port };
  const view = new DataView(addressToBytes(address).buffer);
  return { words: [0, 4, 8, 12].map((at) => view.getUint32(at)), looked: 4, port };
}

/** The first family decides how many words are looked at; an IPv4 address is the first, before words that are 0. */
function comparePlaces(a: Place, b: Place): number {
  for (let index = 0; index < a.looked; index++) {
    const difference = ((a.words[index] ?? 0) - (b.words[index] ?? 0)) | 0;
    if (difference !== 0) return difference;
  }
  return a.port - b.port;
}

/** Sorted by what each item's place is. */
function sortBy<T, P>(
  items: readonly T[],
  place: (item: T) => P,
  compare: (a: P, b: P) => number,
): readonly T[] {
  if (items.length < 2) return items;
  const placed = items.map((item) => ({ item, place: place(item) }));
  return mergeSort(placed, (a, b) => compare(a.place, b.place)).map(({ item }) => item);
}

/** glibc's msort: halves (the first the shorter), each sorted, then merged; ties keep their order. */
function mergeSort<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (items.length < 2) return items;
  const middle = Math.floor(items.length / 2);
  const first = mergeSort(items.slice(0, middle), compare).values();
  const second = mergeSort(items.slice(middle), compare).values();
  const merged: T[] = [];
  let a = first.next();
  let b = second.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && compare(a.value, b.value) <= 0)) {
      merged.push(a.value as T);
      a = first.next();
    } else {
      merged.push(b.value);
      b = second.next();
    }
  }
  return merged;
}
