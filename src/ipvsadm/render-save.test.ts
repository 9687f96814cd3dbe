import fc from 'fast-check';
import { expect, it } from 'vitest';
import { goldenHosts, goldenNames } from '../../test/golden/subset.ts';
import { addressFromBytes, type Port } from '../ipvs/address.ts';
import { schedulerFlags, schedulers } from '../ipvs/schedulers.ts';
import {
  type Destination,
  fullNetmask,
  protocols,
  type Service,
  serviceFamily,
  serviceKeyOf,
  type Tunnel,
  tunnelChecksums,
} from '../ipvs/service.ts';
import { noConnections, noCounters, noRates } from './fake-director.ts';
import { numericLabel } from './labels.ts';
import { parse } from './parse.ts';
import { renderSave } from './render-save.ts';

const names = goldenNames(goldenHosts);
const address = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(addressFromBytes);
const port = fc.integer({ min: 1, max: 0xffff }).map((value) => value as Port);

/** Marks above 2147483647 are saved as negative numbers, which nothing reads again; the real tool has it so. */
const key = fc.oneof(
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom(...protocols),
    address,
    port,
  }),
  fc.record({
    kind: fc.constant('mark' as const),
    mark: fc.integer({ min: 1, max: 0x7fffffff }),
    family: fc.constantFrom(4 as const, 6 as const),
  }),
);

const service: fc.Arbitrary<Service> = fc
  .tuple(
    key,
    fc.record({
      // sh and mh do not show every flag they have.
      scheduler: fc.constantFrom(...schedulers.filter((name) => name !== 'sh' && name !== 'mh')),
      flags: fc.subarray([...schedulerFlags]),
      persistent: fc.integer({ min: 1, max: 2_678_400 }),
      prefix: fc.integer({ min: 1, max: 32 }),
      engine: fc.option(fc.constant('sip' as const)),
      onePacket: fc.boolean(),
    }),
  )
  .map(([key, { prefix, engine, onePacket, ...settings }]) => ({
    ...key,
    ...settings,
    ...(engine && { engine }),
    netmask: serviceFamily(key) === 6 ? prefix : (-1 << (32 - prefix)) >>> 0,
    onePacket: onePacket && (key.kind === 'mark' || key.protocol === 'udp'),
  }));

const tunnel: fc.Arbitrary<Tunnel> = fc.oneof(
  fc.constant({ type: 'ipip', port: 0, checksum: 'nocsum' } as const),
  fc.record({ type: fc.constant('gue' as const), port, checksum: fc.constantFrom(...tunnelChecksums) }),
  fc.record({
    type: fc.constant('gre' as const),
    port: fc.constant(0),
    checksum: fc.constantFrom('nocsum' as const, 'csum' as const),
  }),
);

it('what is saved reads as what was there, but for thresholds', async () => {
  await fc.assert(
    fc.asyncProperty(
      service,
      address,
      port,
      tunnel,
      fc.nat(),
      async (virtual, server, number, wrap, weight) => {
        const keyPort = virtual.kind === 'mark' ? number : virtual.port;
        const destination: Destination = {
          ...{ address: server, port: keyPort, method: 'ipip', weight, upperThreshold: 0, lowerThreshold: 0 },
          tunnel: wrap,
        };
        const rest = { counters: noCounters, rates: noRates };
        const status = { ...virtual, ...rest, destinations: [{ ...destination, ...noConnections, ...rest }] };
        const [add = '', addServer = ''] = renderSave([status], numericLabel).split('\n');
        expect(await parse(add.split(' '), names)).toEqual({ kind: 'add-service', service: virtual });
        const read = await parse(addServer.split(' '), names);
        expect(read).toEqual({ kind: 'add-server', service: serviceKeyOf(virtual), destination });
      },
    ),
  );
});

it('without a mask and persistence a service is saved in few words', () => {
  const plain = {
    scheduler: 'rr',
    flags: [],
    persistent: 0,
    netmask: fullNetmask(4),
    onePacket: false,
  } as const;
  const rest = { counters: noCounters, rates: noRates, destinations: [] };
  const text = renderSave([{ kind: 'mark', mark: 7, family: 4, ...plain, ...rest }], numericLabel);
  expect(text).toBe('-A -f 7 -s rr\n');
});
