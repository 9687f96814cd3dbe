/** Directors of all sorts, for tests: what runs on them is what ipvsadm and fairlead could have made. */

import fc from 'fast-check';
import { noPlan } from '../health/plan.ts';
import { type Address, ipv4FromNumber, type Port, parseAddress, parseIpv6 } from '../ipvs/address.ts';
import { type ApiListener, closedApi, listenerPlaces, listenerText } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import { prefixOf } from '../ipvs/prefix.ts';
import { type SchedulerFlag, schedulerFlags, schedulers } from '../ipvs/schedulers.ts';
import {
  type Destination,
  destinationKeyText,
  fullNetmask,
  type ServiceConfiguration,
  type ServiceKey,
  serviceFamily,
  serviceKeyText,
} from '../ipvs/service.ts';
import { initialSysctls, type SysctlValues, sysctlNames, sysctls } from '../ipvs/sysctl.ts';
import type { Vip } from '../ipvs/vip.ts';
import type { Running } from './configuration.ts';

const ipv4 = fc.nat(0x0fffff).map((host) => ipv4FromNumber(0x0a000001 + host));
const ipv6 = fc
  .tuple(fc.nat(0xffff), fc.nat(0xffff))
  .map(([net, host]) => parseIpv6(`fd00:${net.toString(16)}::${host.toString(16)}`))
  .filter((address) => address !== undefined);
const port = fc.integer({ min: 1, max: 65535 }) as fc.Arbitrary<Port>;

const serviceKey: fc.Arbitrary<ServiceKey> = fc.oneof(
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    address: fc.oneof(ipv4, ipv6),
    port,
  }),
  fc.record({
    kind: fc.constant('mark' as const),
    mark: fc.integer({ min: 1, max: 0xffffffff }),
    family: fc.constantFrom(4, 6),
  }),
);

const forwarding: fc.Arbitrary<Pick<Destination, 'method' | 'tunnel'>> = fc.oneof(
  fc.constant({ method: 'gate' as const }),
  fc.constant({ method: 'masq' as const }),
  fc.constant({ method: 'ipip' as const, tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } as const }),
  fc.record({
    method: fc.constant('ipip' as const),
    tunnel: fc.record({
      type: fc.constant('gue' as const),
      port: port as fc.Arbitrary<number>,
      checksum: fc.constantFrom('nocsum', 'csum', 'remcsum'),
    }),
  }),
  fc.record({
    method: fc.constant('ipip' as const),
    tunnel: fc.record({
      type: fc.constant('gre' as const),
      port: fc.constant(0),
      checksum: fc.constantFrom('nocsum', 'csum'),
    }),
  }),
);

const destinationOf = (key: ServiceKey): fc.Arbitrary<Destination> =>
  forwarding.chain((way) =>
    fc
      .record({
        address: way.method === 'ipip' ? fc.oneof(ipv4, ipv6) : serviceFamily(key) === 4 ? ipv4 : ipv6,
        ownPort: fc.nat(65535) as fc.Arbitrary<Port>,
        weight: fc.oneof(fc.nat(10), fc.nat(0x7fffffff)),
        lowerThreshold: fc.nat(5),
        above: fc.nat(5),
      })
      .map(({ address, ownPort, weight, lowerThreshold, above }) => ({
        ...{ address, weight, lowerThreshold, upperThreshold: lowerThreshold + above },
        port: key.kind === 'address' && way.method !== 'masq' ? key.port : ownPort,
        ...way,
      })),
  );

const service: fc.Arbitrary<ServiceConfiguration> = serviceKey.chain((key) =>
  fc
    .record({
      scheduler: fc.constantFrom(...schedulers),
      flags: fc.subarray([...schedulerFlags]) as fc.Arbitrary<SchedulerFlag[]>,
      persistent: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_678_400 })),
      netmask: fc.oneof(
        fc.constant(fullNetmask(serviceFamily(key))),
        serviceFamily(key) === 4 ? fc.nat(0xffffffff) : fc.integer({ min: 1, max: 128 }),
      ),
      engine: fc.constantFrom(undefined, 'sip' as const),
      onePacket: fc.boolean(),
      destinations: fc.uniqueArray(destinationOf(key), { maxLength: 4, selector: destinationKeyText }),
    })
    .map(({ engine, onePacket, ...rest }) => ({
      ...key,
      ...rest,
      ...(engine && { engine }),
      onePacket: onePacket && (key.kind === 'mark' || key.protocol === 'udp'),
    })),
);

const prefix = (family: 4 | 6) =>
  fc
    .tuple(family === 4 ? ipv4 : ipv6, fc.integer({ min: 1, max: family === 4 ? 32 : 128 }))
    .map(([address, length]) => prefixOf(address, length));
const range = fc
  .tuple(fc.nat(65535), fc.nat(65535))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

const markRule: fc.Arbitrary<MarkRule> = fc.constantFrom(4 as const, 6 as const).chain(
  (family) =>
    fc.record(
      {
        family: fc.constant(family),
        protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
        target: prefix(family),
        source: prefix(family),
        targetPorts: range,
        sourcePorts: range,
        interface: fc.constantFrom('eth0', 'bond0.7', 'veth-a@if3', '12', 'true', '-x'),
        value: fc.nat(0xffffffff),
        mask: fc.oneof(fc.constant(0xffffffff), fc.nat(0xffffffff)),
        final: fc.boolean(),
      },
      { requiredKeys: ['family', 'value', 'mask', 'final'] },
    ) as fc.Arbitrary<MarkRule>,
);

const path = fc.constantFrom('/etc/fairlead/api.crt', '/srv/a: b', '/0', '/x#y');
const listener: fc.Arbitrary<ApiListener> = fc
  .record({
    port,
    place: fc.constantFrom(...listenerPlaces),
    certificate: path,
    key: path,
    clientCa: fc.option(path),
  })
  .chain(({ certificate, key, clientCa, ...rest }) =>
    fc.oneof(
      fc.record({ address: fc.oneof(ipv4, ipv6) }).map(({ address }) => ({
        ...{ address, ...rest },
        tls: { certificate, key, ...(clientCa !== null && { clientCa }) },
      })),
      fc.constant({ ...rest, address: parseAddress('127.0.0.1') as Address, plainText: true as const }),
    ),
  );

const vip: fc.Arbitrary<Vip> = fc.oneof(
  fc.record({
    interface: fc.constantFrom('eth0', 'bond0.7', '1e5'),
    address: ipv4,
    length: fc.constantFrom(24, 32),
  }),
  fc.record({ interface: fc.constantFrom('eth0', 'null'), address: ipv6, length: fc.constantFrom(64, 128) }),
);

const sysctlValues: fc.Arbitrary<SysctlValues> = fc.subarray([...sysctlNames]).map((names) => ({
  ...initialSysctls,
  ...Object.fromEntries(names.map((name) => [name, sysctls[name].maximum])),
}));

const seconds = fc.integer({ min: 1, max: 2_678_400 });

export const anyRunning: fc.Arbitrary<Running> = fc.record({
  services: fc.uniqueArray(service, { maxLength: 5, selector: serviceKeyText }),
  vips: fc.uniqueArray(vip, { maxLength: 3, selector: ({ address }) => address }),
  sysctls: sysctlValues,
  timeouts: fc.record({ tcp: seconds, tcpFin: seconds, udp: seconds }),
  marks: fc.array(markRule, { maxLength: 3 }),
  api: fc.record({
    listeners: fc.uniqueArray(listener, { maxLength: 3, selector: listenerText }),
    tokens: fc.constantFrom(closedApi.tokens, '/srv/my tokens'),
    rate: fc.constantFrom(closedApi.rate, 1, 10_000),
  }),
  health: fc.constant(noPlan),
});
