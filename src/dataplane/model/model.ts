/**
 * The data plane once more, in plain TypeScript: what bpf/ does, so that it can be read, and compared with packet by
 * packet. It sends nothing: it is given frames and answers what becomes of them.
 *
 * A file here stands for the header of the same name in bpf/lib/. Where real IPVS was asked, both do as it does.
 */

import { FairleadError } from '../../ipvs/errors.ts';
import { type ServiceKey, serviceKeyText } from '../../ipvs/service.ts';
import { initialTimeouts } from '../../ipvs/state-timeouts.ts';
import { initialSysctls } from '../../ipvs/sysctl.ts';
import type { DataPlane, ServiceSnapshot } from '../dataplane.ts';
import { drain } from '../pieces.ts';
import { changeSysctls, defend } from './defence.ts';
import { leave } from './egress.ts';
import { createGains } from './gains.ts';
import type { Hook, Limits, Memory, World } from './memory.ts';
import { nowOf } from './memory.ts';
import type { Outcome } from './outcome.ts';
import { notForwardedOf } from './reason.ts';
import { receive } from './receive.ts';
import { remember } from './rollback.ts';
import { connectionStatus, serviceSnapshot, templateStatus } from './snapshot.ts';
import { isStateless } from './stateless.ts';
import { evict, sweep } from './sweep.ts';
import * as table from './table.ts';

export type Model = Omit<DataPlane, 'services'> & {
  services(): readonly ServiceSnapshot[];
  /** What becomes of a frame that comes in by an interface, with XDP in front of TC or with TC alone. */
  receive(hook: Hook, ingress: number, frame: Uint8Array): Outcome;
  /** What becomes of a frame that a local process sends out by an interface. */
  leave(egress: number, frame: Uint8Array): Outcome;
};

export function createModel(world: World, limits: Partial<Limits> = {}): Model {
  const memory = newMemory(world, { ...defaultLimits, ...limits });
  const serviceOf = (key: ServiceKey) => memory.services.get(serviceKeyText(key));
  const transaction = (action: () => void): void => {
    const restore = remember(memory);
    try {
      action();
    } catch (error) {
      restore();
      throw error;
    }
  };
  return {
    receive: (hook, ingress, frame) => receive(memory, hook, ingress, frame),
    leave: (egress, frame) => leave(memory, egress, frame),

    services: () => [...memory.services.values()].map(serviceSnapshot),
    batch: (action) => action(),
    transaction: (_, action) => transaction(action),
    *transactionByPieces(_, action, committed) {
      yield; // all of it is one piece here
      transaction(() => {
        drain(action());
      });
      committed?.();
    },
    configuration: () => [...memory.services.values()].map(serviceSnapshot),
    serviceKeys: () => [...memory.services.values()].map(({ config }) => config),
    service: (key) => {
      const service = serviceOf(key);
      return service && serviceSnapshot(service);
    },
    hasService: (key) => serviceOf(key) !== undefined,
    hasDestination: (key, destination) => {
      const service = serviceOf(key);
      return service !== undefined && table.findDestination(service, destination) !== undefined;
    },
    addService: (service) => table.addService(memory, service),
    editService: (service) => table.editService(memory, service),
    removeService: (key) => table.removeService(memory, key),
    removeAllServices: () => {
      for (const { config } of memory.services.values()) table.removeService(memory, config);
    },
    addDestination: (key, destination) => table.addDestination(memory, key, destination),
    editDestination: (key, destination) => table.editDestination(memory, key, destination),
    removeDestination: (key, destination) => table.removeDestination(memory, key, destination),
    lastWeight: (key, destination) => table.destinationAnywhere(memory, key, destination)?.lastWeight ?? 0,
    evict: (key, destination) => {
      const bound = table.destinationAnywhere(memory, key, destination);
      return bound ? evict(memory, bound) : 0;
    },
    *connectionsOn(key, destination) {
      const bound = table.destinationAnywhere(memory, key, destination);
      const now = nowOf(memory);
      for (const connection of memory.connections.values())
        if (connection.destination === bound) yield* present(connectionStatus(connection, now));
    },
    zero: (key) => table.zero(memory, key),
    gains: createGains(memory),
    purge: () => table.purge(memory),

    timeouts: () => memory.timeouts,
    setTimeouts: (timeouts) => {
      memory.timeouts = timeouts;
    },
    sysctls: () => memory.sysctls,
    setSysctls: (values) => changeSysctls(memory, values),
    syncDaemons: () => memory.syncDaemons,
    setSyncDaemons: (daemons) => {
      memory.syncDaemons = daemons;
    },
    markRules: () => memory.markRules,
    setMarkRules: (rules) => {
      const names = new Set([...world.interfaces.values()].map(({ name }) => name));
      const unknown = rules.find((rule) => rule.interface !== undefined && !names.has(rule.interface));
      if (unknown) throw new FairleadError('INTERFACE_NOT_FOUND', unknown.interface);
      memory.markRules = rules;
    },

    hasTemplates: () => memory.templates.size > 0,
    *connections() {
      const now = nowOf(memory);
      for (const connection of memory.connections.values()) yield* present(connectionStatus(connection, now));
      for (const template of memory.templates.values()) yield* present(templateStatus(template, now));
    },
    connectionTable: () => ({
      count: memory.connections.size,
      limit: memory.limits.connections,
      halfOpen: memory.pressure.halfOpen,
      halfOpenLimit: memory.limits.halfOpen,
      stateless: isStateless(memory, nowOf(memory)),
    }),
    notForwarded: () => notForwardedOf(memory),
    sweep: () => sweep(memory),
    *sweepByPieces() {
      sweep(memory);
      yield 'usual';
    },
    defend: (availablePages) => defend(memory, availablePages),
    close: () => {},
  };
}

const defaultLimits: Limits = { connections: 1_048_576, halfOpen: 524_288, fragments: 8192, icmp: 1000 };

function newMemory(world: World, limits: Limits): Memory {
  return {
    world,
    limits,
    sysctls: initialSysctls,
    timeouts: initialTimeouts,
    syncDaemons: [],
    markRules: [],
    defence: { secureTcp: false, dropRate: 0, thins: false, availablePages: Number.POSITIVE_INFINITY },
    services: new Map(),
    destinations: new Map(),
    connections: new Map(),
    templates: new Map(),
    invalidated: 0,
    replies: new Map(),
    fragments: new Map(),
    notForwarded: new Map(),
    pressure: { halfOpen: 0, dropCount: 0, statelessAt: undefined, icmp: { second: -1, sent: 0 } },
  };
}

function* present<T>(value: T | undefined): Generator<T> {
  if (value !== undefined) yield value;
}
