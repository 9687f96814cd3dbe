/**
 * The order of a listing. ipvsadm compares addresses by subtracting them as signed 32-bit numbers, which
 * is no order at all where they lie more than half the range apart: 192.168.0.1 < 10.0.0.1 < 127.0.0.1 <
 * 192.168.0.1. What it prints then depends on glibc's qsort, a merge sort, so that is what runs here.
 */

import { ipv4ToNumber } from '../ipvs/address.ts';
import type { DestinationKey, Protocol, ServiceKey } from '../ipvs/service.ts';

const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 };

/** Services by protocol, address, port. */
export function sortServices<T extends ServiceKey>(services: readonly T[]): readonly T[] {
  return mergeSort(
    services,
    (a, b) => protocolNumbers[a.protocol] - protocolNumbers[b.protocol] || compareEndpoints(a, b),
  );
}

/** Real servers by address, port. */
export function sortDestinations<T extends DestinationKey>(destinations: readonly T[]): readonly T[] {
  return mergeSort(destinations, compareEndpoints);
}

function compareEndpoints(a: DestinationKey, b: DestinationKey): number {
  return (ipv4ToNumber(a.address) - ipv4ToNumber(b.address)) | 0 || a.port - b.port;
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
