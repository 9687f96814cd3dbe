import { beforeEach, describe, expect, it } from 'vitest';
import type { ServiceRequest } from '../api/routes.ts';
import type { Address, Port } from '../ipvs/address.ts';
import type { ErrorCode } from '../ipvs/errors.ts';
import { type Destination, parseServiceKeyText, type ServiceKey } from '../ipvs/service.ts';
import { createDirector, type Director } from './director.ts';
import { createTestPlane, stoppedClocks } from './model-plane.fixture.ts';

let director: Director;

beforeEach(() => {
  director = createDirector(createTestPlane(), stoppedClocks);
});

function key(text: string): ServiceKey {
  const read = parseServiceKeyText(text);
  if (!read) throw new Error(text);
  return read;
}

function service(text: string, part: Partial<ServiceRequest> = {}): ServiceRequest {
  const netmask = text.includes('[') || text.startsWith('mark6') ? 128 : 0xffffffff;
  const settings = { scheduler: 'rr', flags: [], persistent: 0, netmask, onePacket: false };
  return { ...key(text), ...settings, ...part } as ServiceRequest;
}

function server(address: string, part: Partial<Destination> = {}): Destination {
  return {
    ...{ address: address as Address, port: 80 as Port, method: 'gate', weight: 1 },
    ...{ upperThreshold: 0, lowerThreshold: 0 },
    ...part,
  };
}

const refusal = (code: ErrorCode) => expect.objectContaining({ code });
const web = 'tcp:10.0.0.1:80';
const tunnel = { type: 'ipip', port: 0, checksum: 'nocsum' } as const;

describe('a service', () => {
  it.each([web, 'udp:[fd00::1]:53', 'sctp:10.0.0.1:9', 'mark:7', 'mark6:7'])('may be %s', (text) => {
    director.addService(service(text));
    expect(director.service(key(text))).toMatchObject({ ...service(text), destinations: [] });
  });

  it('by mark is another one in the other family', () => {
    director.addService(service('mark:7'));
    director.addService(service('mark6:7'));
    expect([...director.services()].length).toBe(2);
  });

  it('is refused for being there before its scheduler is looked for', () => {
    director.addService(service(web));
    expect(() => director.addService(service(web, { scheduler: 'bogus' }))).toThrow(
      refusal('SERVICE_EXISTS'),
    );
    expect(() => director.editService(key('mark:9'), service(web, { scheduler: 'bogus' }))).toThrow(
      refusal('SERVICE_NOT_FOUND'),
    );
  });

  it.each<[string, Partial<ServiceRequest>, ErrorCode]>([
    [web, { scheduler: 'bogus' }, 'SCHEDULER_NOT_FOUND'],
    [web, { engine: 'SIP' }, 'SCHEDULER_NOT_FOUND'],
    ['tcp:10.0.0.1:0', {}, 'SERVICE_INVALID'],
    [web, { onePacket: true }, 'SERVICE_INVALID'],
    ['tcp:[fd00::1]:80', { netmask: 0 }, 'SERVICE_INVALID'],
    ['tcp:[fd00::1]:80', { netmask: 129 }, 'SERVICE_INVALID'],
  ])('%s with %j is refused: %s', (text, part, code) => {
    expect(() => director.addService(service(text, part))).toThrow(refusal(code));
    expect([...director.services()]).toEqual([]);
  });

  it('gets all its settings anew when it is edited', () => {
    director.addService(service(web, { persistent: 60, engine: 'sip', flags: ['flag-1'] }));
    director.editService(key(web), service(web, { scheduler: 'wlc' }));
    const edited = director.service(key(web));
    expect(edited).toMatchObject({ scheduler: 'wlc', persistent: 0, flags: [] });
    expect(edited.engine).toBeUndefined();
  });

  it('is gone with all others after a flush', () => {
    for (const text of [web, 'mark:7']) director.addService(service(text));
    director.flush();
    expect([...director.services()]).toEqual([]);
  });
});

describe('a real server', () => {
  beforeEach(() => {
    for (const text of [web, 'tcp:[fd00::1]:80', 'mark:7']) director.addService(service(text));
  });

  it.each<[string, Destination, ErrorCode]>([
    ['tcp:10.0.0.9:80', server('224.0.0.1', { lowerThreshold: 1 }), 'SERVICE_NOT_DEFINED'],
    [web, server('fd00::11'), 'DESTINATION_FAMILY'],
    [web, server('fd00::11', { method: 'masq' }), 'DESTINATION_FAMILY'],
    [web, server('224.0.0.1', { upperThreshold: 5, lowerThreshold: 10 }), 'THRESHOLDS_OUT_OF_RANGE'],
    [web, server('224.0.0.1'), 'DESTINATION_NOT_UNICAST'],
    ['tcp:[fd00::1]:80', server('fe80::1'), 'DESTINATION_NOT_UNICAST'],
    ['tcp:[fd00::1]:80', server('::ffff:10.0.0.1'), 'DESTINATION_NOT_UNICAST'],
    [web, server('10.0.0.11', { method: 'ipip' }), 'TUNNEL_INVALID'],
    [web, server('10.0.0.11', { tunnel }), 'TUNNEL_INVALID'],
    [web, server('10.0.0.11', { method: 'ipip', tunnel: { ...tunnel, type: 'gue' } }), 'TUNNEL_INVALID'],
    [web, server('10.0.0.11', { method: 'ipip', tunnel: { ...tunnel, port: 5 } }), 'TUNNEL_INVALID'],
  ])('of %s, %j, is refused: %s', (text, destination, code) => {
    expect(() => director.addDestination(key(text), destination)).toThrow(refusal(code));
  });

  it('of the other family may be reached by a tunnel', () => {
    const far = server('fd00::11', { method: 'ipip', tunnel });
    director.addDestination(key(web), far);
    expect(director.service(key(web)).destinations).toMatchObject([far]);
  });

  it('is refused for its thresholds before it is looked for, and then for being there or not', () => {
    director.addDestination(key(web), server('10.0.0.11'));
    const wrong = { upperThreshold: 1, lowerThreshold: 2 };
    const [there, missing] = [server('10.0.0.11'), server('10.0.0.12')];
    for (const attempt of [
      () => director.addDestination(key(web), { ...there, ...wrong }),
      () => director.editDestination(key(web), { ...missing, ...wrong }),
    ])
      expect(attempt).toThrow(refusal('THRESHOLDS_OUT_OF_RANGE'));
    expect(() => director.addDestination(key(web), there)).toThrow(refusal('DESTINATION_EXISTS'));
    expect(() => director.editDestination(key(web), missing)).toThrow(refusal('DESTINATION_NOT_FOUND'));
    expect(() => director.removeDestination(key(web), missing)).toThrow(refusal('DESTINATION_NOT_FOUND'));
  });

  it('is enabled with the last weight above 0 that it had', () => {
    director.addDestination(key(web), server('10.0.0.11', { weight: 5, upperThreshold: 9 }));
    director.editDestination(key(web), server('10.0.0.11', { weight: 0, upperThreshold: 9 }));
    director.addDestination(key(web), server('10.0.0.12', { weight: 0 }));
    for (const address of ['10.0.0.11', '10.0.0.12'])
      director.enableDestination(key(web), { address: address as Address, port: 80 as Port });
    expect(director.service(key(web)).destinations).toMatchObject([
      { address: '10.0.0.12', weight: 1 },
      { address: '10.0.0.11', weight: 5, upperThreshold: 9 },
    ]);
    expect(() => director.enableDestination(key(web), server('10.0.0.13'))).toThrow(
      refusal('DESTINATION_NOT_FOUND'),
    );
  });

  it('stands before those that were there', () => {
    for (const address of ['10.0.0.11', '10.0.0.12']) director.addDestination(key(web), server(address));
    const addresses = director.service(key(web)).destinations.map(({ address }) => address);
    expect(addresses).toEqual(['10.0.0.12', '10.0.0.11']);
  });
});

it('a timeout of 0 keeps what was', () => {
  director.setTimeouts({ tcp: 0, tcpFin: 7, udp: 0 });
  expect(director.timeouts()).toEqual({ tcp: 900, tcpFin: 7, udp: 300 });
});
