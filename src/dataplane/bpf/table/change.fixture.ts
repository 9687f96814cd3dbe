/** What can be done to a table, for tests: done only where a director would let it be done. */

import fc from 'fast-check';
import type { Address, Port } from '../../../ipvs/address.ts';
import { type Scheduler, schedulers } from '../../../ipvs/schedulers.ts';
import {
  type Destination,
  fullNetmask,
  type Service,
  type ServiceKey,
  serviceFamily,
} from '../../../ipvs/service.ts';
import { initialSysctls } from '../../../ipvs/sysctl.ts';
import { encodeMarkRule } from '../codec/mark-rule.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { withTimeouts } from '../settings.ts';
import { withSysctls } from '../sysctls.ts';
import type { Table } from './table.ts';

export const web: ServiceKey = {
  kind: 'address',
  protocol: 'tcp',
  address: '10.0.0.100' as Address,
  port: 80 as Port,
};

/** All sorts: two that share an address, IPv6, FTP, every port, marks of both families. */
export const serviceKeys: readonly ServiceKey[] = [
  web,
  { ...web, protocol: 'udp', port: 0 as Port },
  { ...web, address: 'fd00::100' as Address, port: 21 as Port },
  { kind: 'mark', mark: 7, family: 4 },
  { kind: 'mark', mark: 7, family: 6 },
];

export const changeKinds = [
  'add service',
  'edit service',
  'remove service',
  'flush',
  'add server',
  'edit server',
  'remove server',
  'mark rules',
  'timeouts',
  'sysctls',
] as const;

export type TableChange = {
  readonly kind: (typeof changeKinds)[number];
  readonly service: number;
  readonly server: number;
  /** Whatever else varies. */
  readonly variant: number;
};

export const anyChange: fc.Arbitrary<TableChange> = fc.record({
  kind: fc.constantFrom(
    ...changeKinds,
    ...(['add service', 'add server', 'add server', 'add server', 'edit server'] as const),
  ),
  service: fc.nat(serviceKeys.length - 1),
  server: fc.nat(4),
  variant: fc.nat(30),
});

function serviceOf({ service, variant }: Omit<TableChange, 'kind' | 'server'>): Service {
  const key = serviceKeys[service] ?? web;
  const scheduler = schedulers[variant % schedulers.length] as Scheduler;
  return {
    ...key,
    scheduler,
    flags: variant % 2 ? ['flag-2'] : [],
    persistent: variant % 3 ? 0 : 60 + variant,
    netmask: variant % 5 ? fullNetmask(serviceFamily(key)) : 24,
    ...(variant % 7 ? {} : { engine: 'sip' as const }),
    onePacket: variant % 4 === 0,
  };
}

function serverOf({ service, server, variant }: Omit<TableChange, 'kind'>): Destination {
  const family = serviceFamily(serviceKeys[service] ?? web);
  const method = (['gate', 'masq', 'ipip'] as const)[variant % 3] ?? 'gate';
  return {
    address: (family === 4 ? `10.0.0.${11 + server}` : `fd00::${11 + server}`) as Address,
    port: 80 as Port,
    method,
    weight: variant % 6,
    upperThreshold: variant % 4,
    lowerThreshold: variant % 4 ? 1 : 0,
    ...(method === 'ipip'
      ? { tunnel: { type: 'gue', port: 6000 + variant, checksum: variant % 2 ? 'csum' : 'remcsum' } }
      : {}),
  };
}

/** Returns whether anything was done. */
export function applyTo(table: Table, maps: DirectorMaps, change: TableChange): boolean {
  const { kind, variant } = change;
  const wanted = serviceOf(change);
  const server = serverOf(change);
  const service = table.service(wanted);
  const has = service?.destinations.some(({ address }) => address === server.address) ?? false;
  switch (kind) {
    case 'add service':
      return !service && done(table.addService(wanted));
    case 'edit service':
      return !!service && done(table.editService(wanted));
    case 'remove service':
      return !!service && done(table.removeService(wanted));
    case 'flush':
      return done(table.removeAllServices());
    case 'add server':
      return !!service && !has && done(table.addDestination(wanted, server));
    case 'edit server':
      return has && done(table.editDestination(wanted, server));
    case 'remove server':
      return has && done(table.removeDestination(wanted, server));
    case 'mark rules': {
      const rule = { family: 4, value: variant, mask: 0xffffffff, final: false } as const;
      return done(
        table.setMarkRules(
          Array<typeof rule>(variant % 3)
            .fill(rule)
            .map((each) => encodeMarkRule(each, 0)),
        ),
      );
    }
    case 'timeouts': {
      const timeouts = { tcp: 1 + variant, tcpFin: 2 + variant, udp: 3 + variant };
      return done(maps.settings.set(0, withTimeouts(maps.settings.get(0), timeouts)));
    }
    case 'sysctls': {
      const values = { ...initialSysctls, sync_ports: 1 + variant, conn_reuse_mode: variant % 4 };
      return done(maps.settings.set(0, withSysctls(maps.settings.get(0), values)));
    }
  }
}

function done(_: unknown): true {
  return true;
}
