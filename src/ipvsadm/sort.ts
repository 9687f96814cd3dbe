/**
 * The order of a listing. ipvsadm compares marks and addresses by subtracting them as signed 32-bit numbers, which
 * is no order at all where they lie more than half the range apart: 192.168.0.1 < 10.0.0.1 < 127.0.0.1 <
 * 192.168.0.1. What it prints then depends on glibc's qsort, a merge sort, so that is what runs here.
 */

import { type Address, addressToBytes, familyOf } from '../ipvs/address.ts';
import { type DestinationKey, type Protocol, type ServiceKey, serviceFamily } from '../ipvs/service.ts';

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** Services by mark (none is 0), family, protocol, address, port. */
export function sortServices<T extends ServiceKey>(services: readonly T[]): readonly T[] {
  return mergeSort(services, (a, b) => {
    const order = (markOf(a) - markOf(b)) | 0 || serviceFamily(a) - serviceFamily(b);
    if (order !== 0 || a.kind === 'mark' || b.kind === 'mark') return order;
    return protocolNumbers[a.protocol] - protocolNumbers[b.protocol] || compareEndpoints(a, b);
  });
}

/** Real servers by address, port. */
export function sortDestinations<T extends DestinationKey>(destinations: readonly T[]): readonly T[] {
  return mergeSort(destinations, compareEndpoints);
}

function markOf(key: ServiceKey): number {
  return key.kind === 'mark' ? key.mark : 0;
}

function compareEndpoints(a: DestinationKey, b: DestinationKey): number {
  return compareAddresses(a.address, b.address) || a.port - b.port;
}

/** The first family decides how many words are looked at; an IPv4 address is the first, before words that are 0. */
function compareAddresses(a: Address, b: Address): number {
  const [words, others] = [wordsOf(a), wordsOf(b)];
  const looked = familyOf(a) === 4 ? 1 : 4;
  for (let index = 0; index < looked; index++) {
    const difference = ((words[index] ?? 0) - (others[index] ?? 0)) | 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

function wordsOf(address: Address): readonly number[] {
  const bytes = addressToBytes(address);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4));
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
