import { beforeEach, describe, expect, it } from 'vitest';
import type { TransactionCall } from '../api/transaction.ts';
import type { Turns } from '../api/turns.ts';
import type { Model } from '../dataplane/model/model.ts';
import type { Address } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type ApiSettings, closedApi } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import { type Destination, parseServiceKeyText, type Service } from '../ipvs/service.ts';
import type { Vip } from '../ipvs/vip.ts';
import type { HeldAddress } from '../linux/rtnetlink-address.ts';
import { createDirector } from './director.ts';
import { canonical, parseDestinationKey, parseServiceKey, parseVipParams } from './keys.ts';
import { createTestPlane, stoppedClocks } from './model-plane.fixture.ts';
import { createSettings } from './settings.ts';
import { runTransaction } from './transaction.ts';
import { createVips } from './vips.ts';

const web = 'tcp:10.0.0.1:80';
const service = (text: string): Service =>
  ({
    ...parseServiceKeyText(text),
    ...{ scheduler: 'rr', flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false },
  }) as Service;
const server = (address: string, weight = 1): Destination =>
  ({
    ...{ address: address as Address, port: 80, method: 'gate', weight },
    ...{ upperThreshold: 0, lowerThreshold: 0 },
  }) as Destination;
const add = (address: string): TransactionCall => ({
  ...{ route: 'addDestination', params: { service: web }, body: server(address) },
});

/** One that is there is replaced. */
const put = (address: HeldAddress): void => {
  held = [...held.filter((other) => other.address !== address.address), address];
};

let plane: Model;
let held: readonly HeldAddress[];
let restoring: (address: HeldAddress) => void;
let api: ApiSettings;
let run: (...calls: readonly TransactionCall[]) => Promise<unknown>;
let others: () => void;

/** A turn for others after each piece. */
const turns: Turns = { isOver: () => true, next: async () => others() };

beforeEach(() => {
  others = () => {};
  plane = createTestPlane();
  const director = createDirector(plane, stoppedClocks);
  const settings = createSettings(plane);
  held = [];
  restoring = put;
  const vips = createVips({
    inside: (action) => action(),
    kernel: {
      links: () => [{ index: 2, name: 'eth0' }],
      addresses: () => held,
      add: (address) => put({ ...address, isOurs: true, body: new Uint8Array() }),
      remove: ({ address }) => {
        held = held.filter((other) => other.address !== address);
      },
      restore: (address) => restoring(address),
    },
  });
  const listeners = {
    set: (settings: ApiSettings) => {
      api = settings;
    },
    keep: () => {
      const before = api;
      return () => listeners.set(before);
    },
  };
  api = closedApi;
  const handlers = {
    setApi: ({ body }: { body: ApiSettings }) => listeners.set(body),
    addService: ({ body }: { body: Service }) => director.addService(canonical(body)),
    editService: ({ params, body }: { params: { service: string }; body: Service }) =>
      director.editService(parseServiceKey(params.service), body),
    deleteService: ({ params }: { params: { service: string } }) =>
      director.removeService(parseServiceKey(params.service)),
    addDestination: ({ params, body }: { params: { service: string }; body: Destination }) =>
      director.addDestination(parseServiceKey(params.service), body),
    editDestination: () => {},
    replaceHealth: () => {},
    enableDestination: () => {},
    deleteDestination: ({ params }: { params: { service: string; destination: string } }) =>
      director.removeDestination(parseServiceKey(params.service), parseDestinationKey(params.destination)),
    setTimeouts: ({ body }: { body: Parameters<typeof director.setTimeouts>[0] }) =>
      director.setTimeouts(body),
    setSysctls: ({ body }: { body: Record<string, number> }) => settings.setSysctls(body),
    addVip: ({ body }: { body: Vip }) => vips.add(body),
    deleteVip: ({ params }: { params: { interface: string; vip: string } }) =>
      vips.remove(parseVipParams(params)),
    replaceMarkRules: ({ body }: { body: readonly MarkRule[] }) => settings.replaceMarkRules(body),
  };
  run = (...calls) => runTransaction({ plane, turns, director, settings, vips, listeners }, calls, handlers);
});

const everything = () => ({
  services: plane.services(),
  timeouts: plane.timeouts(),
  sysctls: plane.sysctls(),
  marks: plane.markRules(),
  held,
  api,
});

describe('a transaction', () => {
  it('makes all its changes', async () => {
    expect(
      await run({ route: 'addService', body: service(web) }, add('10.0.0.11'), {
        ...{ route: 'setSysctls', body: { drop_entry: 1 } },
      }),
    ).toEqual({ refused: null });
    expect(plane.services()).toMatchObject([{ destinations: [{ address: '10.0.0.11' }] }]);
    expect(plane.sysctls().drop_entry).toBe(1);
  });

  it('makes none where one is refused, and says which', async () => {
    await run({ route: 'addService', body: service(web) }, add('10.0.0.11'));
    const before = JSON.stringify(everything());
    expect(
      await run(
        { route: 'deleteDestination', params: { service: web, destination: '10.0.0.11:80' } },
        { route: 'addService', body: service('mark:7') },
        add('224.0.0.1'),
      ),
    ).toEqual({ refused: { index: 2, code: 'DESTINATION_NOT_UNICAST', detail: '224.0.0.1' } });
    expect(JSON.stringify(everything())).toBe(before);
  });

  it('blames none of its changes for what comes of them together', async () => {
    const whole = plane.transactionByPieces;
    plane.transactionByPieces = function* (additions, action) {
      yield* whole(additions, function* () {
        yield* action();
        throw new FairleadError('SYSTEM_CALL', 'no room');
      });
    };
    expect(await run({ route: 'addService', body: service(web) }, add('10.0.0.11'))).toEqual({
      refused: { code: 'SYSTEM_CALL', detail: 'no room' },
    });
    expect(plane.services()).toEqual([]);
  });

  it('takes settings and addresses back where a later change is refused', async () => {
    await run({ route: 'addVip', body: { interface: 'eth0', address: '10.0.0.1' as Address, length: 32 } });
    const before = JSON.stringify(everything());
    const rule: MarkRule = { family: 4, value: 7, mask: 0xffffffff, final: false };
    expect(
      await run(
        { route: 'setTimeouts', body: { tcp: 10, tcpFin: 0, udp: 0 } },
        { route: 'replaceMarkRules', body: [rule] },
        { route: 'deleteVip', params: { interface: 'eth0', vip: '10.0.0.1/32' } },
        { route: 'addVip', body: { interface: 'eth0', address: '10.0.0.2' as Address, length: 32 } },
        { route: 'addService', body: service(web) },
        { route: 'setSysctls', body: { drop_entry: 4 } },
      ),
    ).toMatchObject({ refused: { index: 5, code: 'SYSCTL_OUT_OF_RANGE' } });
    expect(JSON.stringify(everything())).toBe(before);
  });

  it('leaves addresses that others have put there with them where a later change is refused', async () => {
    const theirs = { index: 2, address: '10.0.0.1' as Address, length: 32, isOurs: false };
    held = [{ ...theirs, body: Uint8Array.of(1) }];
    const before = JSON.stringify(everything());
    const refused = await run(
      { route: 'addVip', body: { interface: 'eth0', address: theirs.address, length: 32 } },
      { route: 'addVip', body: { interface: 'eth7', address: '10.0.0.2' as Address, length: 32 } },
    );
    expect(refused).toMatchObject({ refused: { index: 1, code: 'INTERFACE_NOT_FOUND' } });
    expect(JSON.stringify(everything())).toBe(before);
  });

  it('takes back what it can where something cannot be taken back, and says what', async () => {
    const before = JSON.stringify(plane.sysctls());
    held = [{ index: 2, address: '10.0.0.1' as Address, length: 32, isOurs: true, body: new Uint8Array() }];
    restoring = () => {
      throw new FairleadError('SYSTEM_CALL', 'the interface has gone');
    };
    const change = () =>
      run(
        { route: 'setSysctls', body: { drop_entry: 1 } },
        { route: 'deleteVip', params: { interface: 'eth0', vip: '10.0.0.1/32' } },
        { route: 'setSysctls', body: { drop_entry: 4 } },
      );
    await expect(change()).rejects.toThrow(/could not be taken back: .*the interface has gone/);
    expect(JSON.stringify(plane.sysctls())).toBe(before);
  });

  it('gives others their turns, who see nothing of settings before what has gone ahead of them is certain', async () => {
    const seen: unknown[] = [];
    others = () => seen.push([plane.services().length, plane.sysctls().drop_entry]);
    await run(
      { route: 'setSysctls', body: { drop_entry: 1 } },
      { route: 'addService', body: service(web) },
      add('10.0.0.11'),
    );
    expect(seen).toEqual([[0, 0]]);
    expect(plane.sysctls().drop_entry).toBe(1);
  });
});
