/**
 * Connections and the destination they are bound to: ActiveConn, InActConn, PersistConn, and the thresholds that go
 * by the first two (ip_vs_bind_dest() and ip_vs_unbind_dest() in ip_vs_conn.c). As bpf/lib/bound.h.
 */

import type { Destination } from './memory.ts';

export function bindConnection(destination: Destination, active: boolean): void {
  if (active) destination.active++;
  else destination.inactive++;
  overloadIfFull(destination);
}

export function unbindConnection(destination: Destination, active: boolean): void {
  if (active) destination.active--;
  else destination.inactive--;
  relieveIfEmptier(destination);
}

export function rebindConnection(destination: Destination, wasActive: boolean, isActive: boolean): void {
  if (wasActive === isActive) return;
  destination.active += isActive ? 1 : -1;
  destination.inactive += isActive ? -1 : 1;
}

export function bindTemplate(destination: Destination): void {
  destination.persistent++;
  overloadIfFull(destination);
}

export function unbindTemplate(destination: Destination): void {
  destination.persistent--;
  relieveIfEmptier(destination);
}

/** The limit itself is too many; templates do not count. */
function overloadIfFull(destination: Destination): void {
  const { upperThreshold } = destination.config;
  if (upperThreshold > 0 && boundTo(destination) >= upperThreshold) destination.overloaded = true;
}

/** Without a lower threshold, three quarters of the upper one will do. */
function relieveIfEmptier(destination: Destination): void {
  const { upperThreshold, lowerThreshold } = destination.config;
  const isEmptier =
    lowerThreshold > 0
      ? boundTo(destination) < lowerThreshold
      : upperThreshold === 0 || boundTo(destination) * 4 < upperThreshold * 3;
  if (isEmptier) destination.overloaded = false;
}

function boundTo({ active, inactive }: Destination): number {
  return active + inactive;
}
